//go:build !linux

package e2e

import "os"

// fill makes a file as long as bytes say, or as there is room for.
func fill(f *os.File, bytes int64) {
	for zeros := make([]byte, 1<<20); bytes > 0; {
		n, err := f.Write(zeros[:min(bytes, int64(len(zeros)))])
		if err != nil {
			return
		}
		bytes -= int64(n)
	}
}
