package e2e

import (
	"os"
	"syscall"
)

// fill makes a file as long as bytes say, or as there is room for.
func fill(f *os.File, bytes int64) {
	_ = syscall.Fallocate(int(f.Fd()), 0, 0, bytes)
}
