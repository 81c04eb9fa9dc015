package client

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// spareConns is how many connections are opened besides the first: engines read ten objects at one time.
const spareConns = 9

// connections opens spare ones together with the first. After the first answer of a small plan, many requests go out at one time, and each would
// wait for a connection before it waits for its answer: two round trips instead of one. It is for connections without TLS; one that has
// HTTP/2 carries all requests.
type connections struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	address string     // of the first, and of the spare ones
	spare   []net.Conn // open, and not used yet
	closed  bool       // spare ones are wanted no more
}

// DialContext returns a spare connection, or opens one.
func (c *connections) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	if c.address == "" {
		c.address = address
		for range spareConns {
			go c.open(context.WithoutCancel(ctx), network, address)
		}
	}
	if n := len(c.spare); n > 0 && address == c.address {
		conn := c.spare[n-1]
		c.spare = c.spare[:n-1]
		c.mu.Unlock()
		return conn, nil
	}
	c.mu.Unlock()
	return c.dial(ctx, network, address)
}

// open adds a spare connection, for as long as one that was used is kept. One that cannot be opened is not missed: who needs it gets the error.
func (c *connections) open(ctx context.Context, network, address string) {
	conn, err := c.dial(ctx, network, address)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return
	}
	c.spare = append(c.spare, conn)
	time.AfterFunc(idleTimeout, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if i := slices.Index(c.spare, conn); i >= 0 {
			c.spare = slices.Delete(c.spare, i, i+1)
			_ = conn.Close()
		}
	})
}

// close closes the spare connections, and those that are still being opened.
func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.spare {
		_ = conn.Close()
	}
	c.spare = nil
}
