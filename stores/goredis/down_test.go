package goredis

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	redis "github.com/redis/go-redis/v9"
	"github.com/signet-go/signet/stores/internal/redistest"
	"github.com/signet-go/signet/stores/redistable"
)

// The number of tries is the client's: with the options that the package recommends, each is one dial.
func TestT6_AConnectionThatIsRefusedIsAnsweredAfterAFewTries(t *testing.T) {
	redistest.Refused(t, 1+3, func(t *testing.T, dials *atomic.Int64) redistable.Client {
		c := redis.NewClient(&redis.Options{
			Addr: "127.0.0.1:1", ContextTimeoutEnabled: true, DialerRetries: 1,
			Dialer: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			},
		})
		t.Cleanup(func() { _ = c.Close() })
		return client{c}
	})
}
