package embedded

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"
)

// errRemains is what stands in the way after a kill and goes by itself:
// backends of a dead server that have not noticed yet.
var errRemains = errors.New("processes of a killed Postgres still hold the data")

// explain makes one sentence of what initdb or the server said before it gave
// up.
func (c *cluster) explain(said string, port int) error {
	switch {
	case strings.Contains(said, "No space left on device"):
		return fmt.Errorf("the disk that holds %s is full: %w", c.home, syscall.ENOSPC)
	case strings.Contains(said, "Address already in use"):
		return fmt.Errorf("port %d was taken by another program while Postgres started: %w", port, syscall.EADDRINUSE)
	case strings.Contains(said, "shared memory block") && strings.Contains(said, "still in use"):
		return fmt.Errorf("%w in %s: stop them and start again", errRemains, c.data())
	case strings.Contains(said, "ermission denied"):
		return fmt.Errorf("the folder %s cannot be used by %s: %s", c.home, c.owner.name, complaint(said))
	}
	return fmt.Errorf("the Postgres in %s did not start on %s: %s", c.bin.dir, c.data(), complaint(said))
}

var complaints = regexp.MustCompile(`(?m)(?:FATAL|PANIC|[Ee]rror): +(.+)$`)

// turnedAway is what Postgres tells those who come while it starts, or ends, or
// mends itself. It says nothing of why.
var turnedAway = regexp.MustCompile(`(?m)^.*FATAL: +the database system is .*$\n?`)

// complaint is the line of a log that tells most: the last complaint that is not
// about somebody who came too early, or the last line.
func complaint(said string) string {
	said = turnedAway.ReplaceAllString(said, "")
	if all := complaints.FindAllStringSubmatch(said, -1); len(all) > 0 {
		return all[len(all)-1][1]
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return "it said nothing"
}
