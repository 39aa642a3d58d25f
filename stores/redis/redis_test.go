package redis

import (
	"testing"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores/internal/redistest"
	"github.com/signet-go/signet/stores/redistable"
)

func open(t testing.TB, user, password string, addrs ...string) redistable.Client {
	t.Helper()
	return client{dial(t, user, password, addrs...)}
}

func dial(t testing.TB, user, password string, addrs ...string) rueidis.Client {
	t.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: addrs, Username: user, Password: password, PipelineMultiplex: -1, ForceSingleClient: len(addrs) == 1,
		ConnWriteTimeout: redistest.Patience, // also of answers
	})
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestRedis(t *testing.T) { redistest.Run(t, open) }

func TestALoadAllocatesHardlyMoreThanItsCommand(t *testing.T) { redistest.Allocs(t, open) }

func TestMistakesPanicAtSetUp(t *testing.T) {
	for name, mistake := range map[string]func(){
		"no client":   func() { New(nil) },
		"no MaxBytes": func() { MaxBytes(0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			mistake()
		}()
	}
}
