package webhook

import (
	"net/netip"
	"time"
)

// Impatient is a client that waits no longer than so.
func Impatient(named []netip.Prefix, wait time.Duration) *Client {
	c := NewClient(named)
	c.timeout = wait
	return c
}
