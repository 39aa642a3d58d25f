package redis

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores/internal/redistest"
	"github.com/signet-go/signet/stores/redistable"
)

// With the client's own retries, a load would go on dialing until its deadline.
func TestT6_AConnectionThatIsRefusedIsAnsweredAfterAFewTries(t *testing.T) {
	redistest.Refused(t, 1+len(pauses), func(t *testing.T, dials *atomic.Int64) redistable.Client {
		c, err := rueidis.NewClient(rueidis.ClientOption{
			InitAddress: []string{"127.0.0.1:1"}, ForceSingleClient: true,
			DialCtxFn: func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
				dials.Add(1)
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			},
		})
		if c == nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return client{c}
	})
}
