package embedded

import (
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// A process is a child with the last of what it said.
type process struct {
	cmd  *exec.Cmd
	tail *tail
	done chan struct{} // closed once it has ended and was waited for
}

// A step of stopping: a signal, and how long it may take to help.
type step struct {
	signal syscall.Signal
	wait   time.Duration
}

// spawn starts cmd in a process group of its own, so that Ctrl-C reaches only
// steward, which then stops its children in order. What the child prints goes
// to log and into its tail.
func spawn(cmd *exec.Cmd, log io.Writer) (*process, error) {
	p := &process{cmd: cmd, tail: &tail{next: log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.tail, p.tail
	cmd.WaitDelay = time.Second
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
	started := make(chan error, 1)
	go p.run(started)
	return p, <-started
}

// run keeps its thread until the child has ended: Linux takes the death of the
// thread that started a child for the death of the parent.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // how it ended is in its tail
	}
}

// stop sends the signals one after the other until the process has ended.
func (p *process) stop(steps ...step) {
	for _, s := range steps {
		_ = p.cmd.Process.Signal(s.signal) // it may have ended already
		select {
		case <-p.done:
			return
		case <-time.After(s.wait):
		}
	}
}

// A tail passes on what is written and remembers the end of it.
type tail struct {
	mu   sync.Mutex
	next io.Writer
	last []byte
}

const tailBytes = 16 << 10

// Write never refuses: a log that cannot be written must not stop a server.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if extra := len(t.last) - tailBytes; extra > 0 {
		t.last = append(t.last[:0], t.last[extra:]...)
	}
	if t.next != nil {
		_, _ = t.next.Write(b)
	}
	return len(b), nil
}

// String is what was written last, 16 KiB at most.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}
