package embedded

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// settle gives a new cluster a home that its owner can reach.
func (c *cluster) settle(ctx context.Context, say func(string, ...any)) error {
	if c.away { // a home was found before, but never filled
		return nil
	}
	err := c.tryHome(ctx)
	if err == nil || c.owner.cred == nil {
		return err
	}
	_ = os.Remove(c.home)
	name := fmt.Sprintf("steward-%x-", sha256.Sum256([]byte(c.dir)))[:len("steward-")+12]
	for _, base := range []string{"/var/lib/steward", "/var/tmp"} {
		_ = os.MkdirAll(base, 0o711)
		if c.home, err = os.MkdirTemp(base, name+"-*"); err != nil {
			continue
		}
		if c.tryHome(ctx) == nil {
			say("%s cannot enter %s: the database lies in %s", c.owner.name, c.dir, c.home)
			c.away = true
			return c.write(c.atFile(), c.home)
		}
		_ = os.Remove(c.home)
	}
	return fmt.Errorf("there is no folder for the database that %s can use, neither %s nor one in /var/lib/steward or /var/tmp: choose another data folder, or run steward as an ordinary user", c.owner.name, c.dir)
}

// tryHome makes the home, and tells whether its owner can work there.
func (c *cluster) tryHome(ctx context.Context) error {
	if err := os.MkdirAll(c.home, 0o700); err != nil {
		return cannotWrite(c.home, err)
	}
	if err := c.owner.give(c.home); err != nil {
		return cannotWrite(c.home, err)
	}
	if !c.owner.mayUse(ctx, c.home, filepath.Join(c.bin.dir, "postgres")) {
		return fmt.Errorf("the folder %s cannot be used by %s", c.home, c.owner.name)
	}
	return nil
}

// initialise makes the data beside its place and moves it there when it is
// whole, so that an initdb that was killed leaves nothing half made.
func (c *cluster) initialise(ctx context.Context, o PostgresOptions) error {
	o.Say("making a Postgres %d database in %s", c.bin.major, c.home)
	unfinished := c.data() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return cannotWrite(c.home, err)
	}
	c.password = rand.Text()
	if err := c.initdb(ctx, unfinished, o); err != nil {
		return err
	}
	if err := c.write(c.passwordFile(), c.password); err != nil {
		return err
	}
	if err := os.Rename(unfinished, c.data()); err != nil {
		return cannotWrite(c.home, err)
	}
	return nil
}

func (c *cluster) initdb(ctx context.Context, data string, o PostgresOptions) error {
	secret := filepath.Join(c.home, "password.new")
	defer os.Remove(secret)
	if err := c.write(secret, c.password); err != nil {
		return err
	}
	if err := c.owner.give(secret); err != nil {
		return cannotWrite(c.home, err)
	}
	var said string
	for _, locale := range c.locales() {
		args := append([]string{"-D", data, "-U", "steward", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8"}, locale...)
		if o.Ephemeral {
			args = append(args, "--no-sync")
		}
		cmd := c.command(ctx, "initdb", args...)
		cmd.WaitDelay = time.Second
		out, err := cmd.CombinedOutput()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		said = fmt.Sprintf("%s\n%v", out, err)
	}
	return c.explain(said, 0)
}

// locales are what initdb may sort by, best first; all sort by code point, and
// not every system has the first.
func (c *cluster) locales() [][]string {
	if c.bin.major >= 17 {
		return [][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}
	}
	return [][]string{{"--locale=C.UTF-8"}, {"--locale=C"}}
}

// write makes a file that only this process' user may read, whole or not at
// all.
func (c *cluster) write(path, text string) error {
	if err := writeWhole(path, text); err != nil {
		return cannotWrite(filepath.Dir(path), err)
	}
	return nil
}

func writeWhole(path, text string) error {
	if err := os.WriteFile(path+".part", []byte(text+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
