package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A cluster is Postgres' data, locked for this process, with the binaries and
// the account that can run it.
type cluster struct {
	dir      string // the data folder
	home     string // the folder of the cluster
	away     bool   // home lies outside the data folder
	owner    owner
	bin      binaries
	password string
	unlock   func()
}

func (c *cluster) data() string         { return filepath.Join(c.home, "data") }
func (c *cluster) atFile() string       { return filepath.Join(c.dir, "postgres.at") }
func (c *cluster) passwordFile() string { return filepath.Join(c.dir, "postgres.password") }

// command is one of the cluster's programs, run by its owner in its home.
func (c *cluster) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return c.owner.command(ctx, c.home, filepath.Join(c.bin.dir, program), args...)
}

// openCluster locks the cluster of a data folder and has it ready to start:
// made the first time, and without anybody running on it.
func openCluster(ctx context.Context, o PostgresOptions) (*cluster, error) {
	dir, err := realDir(o.Dir)
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if c.unlock, err = lockServer(dir, "postgres.lock", "the database"); err != nil {
		return nil, err
	}
	if err := c.open(ctx, o); err != nil {
		c.unlock()
		return nil, err
	}
	return c, nil
}

func (c *cluster) open(ctx context.Context, o PostgresOptions) error {
	made, err := c.locate()
	if err != nil {
		return err
	}
	if c.owner, err = ownerOf(c.data()); err != nil {
		return err
	}
	if c.bin, err = chooseBinaries(ctx, c.owner, c.data(), made, o); err != nil {
		return err
	}
	if made == 0 {
		if err := c.settle(ctx, o.Say); err != nil {
			return err
		}
	}
	if err := c.lockAway(); err != nil {
		return err
	}
	if made == 0 {
		return c.initialise(ctx, o)
	}
	if err := c.readPassword(); err != nil {
		return err
	}
	return c.stopOrphans(o.Say)
}

// lockAway guards a cluster outside the data folder a second time, because a
// copy of the data folder leads to it as well.
func (c *cluster) lockAway() error {
	if !c.away {
		return nil
	}
	unlock, err := lockServer(c.home, "lock", "the database")
	if err != nil {
		return err
	}
	first := c.unlock
	c.unlock = func() { unlock(); first() }
	return nil
}

// locate finds the cluster's home, and the major version that made its data:
// 0 while there is none.
func (c *cluster) locate() (made int, err error) {
	c.home = filepath.Join(c.dir, "postgres")
	if at, err := os.ReadFile(c.atFile()); err == nil {
		c.home, c.away = strings.TrimSpace(string(at)), true
		if _, err := os.Stat(c.home); err != nil {
			return 0, fmt.Errorf("the database should lie in %s, says %s, but is not there: put it back, or remove that file to begin with an empty database", c.home, c.atFile())
		}
	}
	if _, err := os.Stat(c.data()); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(c.data(), "PG_VERSION"))
	if err != nil {
		return 0, fmt.Errorf("%s is not a database that Postgres made (%w): move it away to begin with an empty one", c.data(), err)
	}
	if made, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil || made == 0 {
		return 0, fmt.Errorf("%s names no version of Postgres: move %s away to begin with an empty database", filepath.Join(c.data(), "PG_VERSION"), c.data())
	}
	return made, nil
}

func (c *cluster) readPassword() error {
	text, err := os.ReadFile(c.passwordFile())
	if err != nil {
		return fmt.Errorf("the password of the database in %s cannot be read (%w): put %s back, or move both away to begin with an empty database", c.home, err, c.passwordFile())
	}
	c.password = strings.TrimSpace(string(text))
	return nil
}
