package embedded

import (
	"context"
	"fmt"
	"net"
	"time"

	"go.temporal.io/sdk/client"
)

// await returns when the server answers for its namespace and has the search
// attributes. It waits as long as the server lives.
func (t *Temporal) await(ctx context.Context) error {
	if err := t.awaitPort(ctx, t.port); err != nil {
		return err
	}
	c, err := t.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := RegisterSearchAttributes(ctx, c, t.opts.Namespace); err != nil {
		return err
	}
	if t.uiPort == 0 {
		return nil
	}
	return t.awaitPort(ctx, t.uiPort)
}

// awaitPort returns when somebody listens on the port.
func (t *Temporal) awaitPort(ctx context.Context, port int) error {
	return t.poll(ctx, func() error {
		conn, err := net.DialTimeout("tcp", address(port), time.Second)
		if err == nil {
			conn.Close()
		}
		return err
	})
}

// dial connects and sees that the namespace answers.
func (t *Temporal) dial(ctx context.Context) (c client.Client, err error) {
	err = t.poll(ctx, func() error {
		c, err = DialTemporal(ctx, t.Address(), t.opts.Namespace)
		return err
	})
	return c, err
}

// poll asks until there is no error, or no server any more to ask.
func (t *Temporal) poll(ctx context.Context, ask func() error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	news := time.NewTicker(5 * time.Second)
	defer news.Stop()
	for began := time.Now(); ; {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("Temporal did not answer in time: %w", ctx.Err())
		case <-t.child.done:
			return t.explain()
		case <-news.C:
			t.opts.Say("Temporal is still starting (%.0f s)", time.Since(began).Seconds())
		case <-tick.C:
		}
	}
}
