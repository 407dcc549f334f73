package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// An owner is the account that Postgres runs as and that owns the cluster.
type owner struct {
	name string
	uid  int
	gid  int
	cred *syscall.Credential // nil: whoever runs steward
}

// ownerOf answers who runs the cluster in data: for root, the user it belongs
// to already, or an account without rights; for anybody else, themselves.
func ownerOf(data string) (owner, error) {
	self := owner{name: "user " + strconv.Itoa(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}
	made, there := fileOwner(data)
	if there && made.uid != self.uid && self.uid != 0 {
		return owner{}, fmt.Errorf("the database in %s belongs to %s and not to %s: run steward as before, or give it another data folder", data, made.name, self.name)
	}
	if self.uid != 0 {
		return self, nil
	}
	own := made
	if !there || made.uid == 0 {
		var err error
		if own, err = unprivileged(); err != nil {
			return owner{}, err
		}
	}
	// Some containers have a root without the right to become somebody else.
	if err := own.command(context.Background(), "/", "/bin/sh", "-c", ":").Run(); err != nil {
		return owner{}, fmt.Errorf("root may not run Postgres, and cannot run it as %s here (%w): run steward as an ordinary user", own.name, err)
	}
	return own, nil
}

// unprivileged finds the account that Postgres gets instead of root.
func unprivileged() (owner, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return newOwner("the user "+name, uid, gid), nil
	}
	return owner{}, errors.New("root may not run Postgres, and there is no user postgres or nobody to run it: add one, or run steward as an ordinary user")
}

func newOwner(name string, uid, gid int) owner {
	return owner{name: name, uid: uid, gid: gid, cred: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func fileOwner(path string) (owner, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return owner{}, false
	}
	s := info.Sys().(*syscall.Stat_t)
	return newOwner(fmt.Sprint("user ", s.Uid), int(s.Uid), int(s.Gid)), true
}

// command is a program run as the owner in folder dir, with messages in
// English and none of the caller's settings for Postgres.
func (o owner) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PG") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	if o.cred != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.cred}
	}
	return cmd
}

// mayUse tells whether the owner can work in folder dir, by doing so.
func (o owner) mayUse(ctx context.Context, dir, program string) bool {
	return o.command(ctx, dir, program, "--version").Run() == nil
}

// give makes path the owner's.
func (o owner) give(path string) error {
	if o.cred == nil {
		return nil
	}
	return os.Chown(path, o.uid, o.gid)
}
