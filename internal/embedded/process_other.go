//go:build !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent does nothing here: only Linux can tell a child of its parent's
// death. The next start copes with what is left running.
func dieWithParent(*syscall.SysProcAttr) {}

// commandLine is what process pid was started with, words separated by
// spaces; empty when there is no such process, or only its remains.
func commandLine(pid int) string {
	out, err := exec.Command("ps", "-o", "stat=,command=", "-p", strconv.Itoa(pid)).Output()
	line := strings.TrimSpace(string(out))
	if err != nil || strings.HasPrefix(line, "Z") {
		return ""
	}
	return line
}

// workingIn finds nobody here: only Linux tells where a process works.
func workingIn(string) []int { return nil }
