package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// TemporalOptions say where Temporal keeps its data and how it runs.
type TemporalOptions struct {
	Dir       string                           // the data folder; "" keeps everything in memory
	Port      int                              // of the frontend, on 127.0.0.1; 0 takes a free one
	UIPort    int                              // of the web UI; 0 takes a free one, -1 means no UI
	Namespace string                           // is made if need be; "" means "default"
	Say       func(format string, args ...any) // told what takes a while, without a line end; may be nil
	Log       io.Writer                        // gets what the server and a build print; may be nil
}

// Temporal is a running dev server.
type Temporal struct {
	opts   TemporalOptions
	dir    string // "" in memory
	made   string // the server version that made the file; "" for a new one
	bin    temporalBinary
	port   int
	uiPort int // 0 without a UI
	child  *process
	unlock func()
	stop   sync.Once
}

// How Temporal is stopped when it has something to write, and when not.
var (
	temporalSteps = []step{{syscall.SIGTERM, 15 * time.Second}, {syscall.SIGKILL, 5 * time.Second}}
	memorySteps   = []step{{syscall.SIGKILL, 5 * time.Second}}
)

// StartTemporal runs a dev server that has its namespace and steward's search
// attributes, and returns when it answers. The server is a `temporal` of
// server 1.29 or newer on PATH, or one built from the Go module proxy the
// first time, which takes minutes and is then kept in the user's cache. A
// server that an earlier, killed steward left running on the same file is
// stopped first. ctx bounds the start only. The errors are sentences for
// people: no binary and no Go, a port taken ([PortTaken]), the file in use or
// made by another version.
func StartTemporal(ctx context.Context, o TemporalOptions) (*Temporal, error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	t := &Temporal{opts: o, unlock: func() {}}
	if err := t.open(ctx); err != nil {
		t.unlock()
		return nil, err
	}
	return t, nil
}

// Address is the frontend's, as host:port.
func (t *Temporal) Address() string { return address(t.port) }

// UIAddress is the web UI's, as a URL; empty without a UI.
func (t *Temporal) UIAddress() string {
	if t.uiPort == 0 {
		return ""
	}
	return "http://" + address(t.uiPort)
}

// Done is closed when the server has ended, be it by [Temporal.Stop] or by
// itself.
func (t *Temporal) Done() <-chan struct{} { return t.child.done }

// Stop ends the server and returns when it is gone. It may be called more than
// once.
func (t *Temporal) Stop() {
	t.stop.Do(func() {
		t.end()
		t.unlock()
	})
}

func (t *Temporal) end() {
	if t.dir == "" {
		t.child.stop(memorySteps...)
		return
	}
	t.child.stop(temporalSteps...)
	_ = removeIfThere(t.pidFile())
}

func (t *Temporal) open(ctx context.Context) (err error) {
	if t.opts.Dir != "" {
		if err := t.openFile(); err != nil {
			return err
		}
	}
	if t.bin, err = findTemporal(ctx, t.opts, t.made); err != nil {
		return err
	}
	return t.start(ctx)
}

// openFile takes the file for this process and sees what made it.
func (t *Temporal) openFile() (err error) {
	if t.dir, err = realDir(t.opts.Dir); err != nil {
		return err
	}
	unlock, err := lockServer(t.dir, "temporal.lock", "Temporal's file")
	if err != nil {
		return err
	}
	t.unlock = unlock
	if err := t.stopOrphan(); err != nil {
		return err
	}
	t.made, err = t.madeBy()
	return err
}

// start tries again when somebody was faster to take a free port: the server
// needs four more than it can be told.
func (t *Temporal) start(ctx context.Context) error {
	const tries = 5
	for try := 1; ; try++ {
		err := t.launch(ctx)
		if !errors.Is(err, syscall.EADDRINUSE) || try == tries {
			return err
		}
	}
}

func (t *Temporal) launch(ctx context.Context) (err error) {
	if t.port, err = choosePort(t.opts.Port, temporalPortSetting); err != nil {
		return err
	}
	if t.opts.UIPort >= 0 {
		if t.uiPort, err = choosePort(t.opts.UIPort, temporalUIPortSetting); err != nil {
			return err
		}
	}
	t.child, err = spawn(t.command(), t.opts.Log)
	if err != nil {
		return fmt.Errorf("%s cannot be started: %w", t.bin.path, err)
	}
	err = t.note()
	if err == nil {
		err = t.await(ctx)
	}
	if err == nil {
		err = t.remember()
	}
	if err != nil {
		t.end()
	}
	return err
}

// explain makes one sentence of what the server said before it gave up.
func (t *Temporal) explain() error {
	said := t.child.tail.String()
	switch {
	case strings.Contains(said, "address already in use"):
		return fmt.Errorf("a port was taken by another program while Temporal started: %w", syscall.EADDRINUSE)
	case strings.Contains(said, "no space left"), strings.Contains(said, "database or disk is full"):
		return fmt.Errorf("the disk that holds %s is full: %w", t.file(), syscall.ENOSPC)
	}
	return fmt.Errorf("Temporal (%s) did not start: %s", t.bin.path, complaint(said))
}

func (t *Temporal) file() string        { return filepath.Join(t.dir, "temporal.db") }
func (t *Temporal) versionFile() string { return filepath.Join(t.dir, "temporal.version") }
func (t *Temporal) pidFile() string     { return filepath.Join(t.dir, "temporal.pid") }
