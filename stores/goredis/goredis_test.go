package goredis

import (
	"testing"

	redis "github.com/redis/go-redis/v9"
	"github.com/signet-go/signet/stores/internal/redistest"
	"github.com/signet-go/signet/stores/redistable"
)

func open(t testing.TB, user, password string, addrs ...string) redistable.Client {
	t.Helper()
	return client{dial(t, user, password, addrs...)}
}

func dial(t testing.TB, user, password string, addrs ...string) redis.UniversalClient {
	t.Helper()
	c := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: addrs, Username: user, Password: password, IsClusterMode: len(addrs) > 1,
		DialTimeout: redistest.Patience, ReadTimeout: redistest.Patience, WriteTimeout: redistest.Patience, PoolTimeout: redistest.Patience,
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedis(t *testing.T) { redistest.Run(t, open) }

func TestALoadAllocatesHardlyMoreThanItsCommand(t *testing.T) { redistest.Allocs(t, open) }

func TestMistakesPanicAtSetUp(t *testing.T) {
	for name, mistake := range map[string]func(){
		"no client":   func() { New(nil) },
		"no MaxBytes": func() { MaxBytes(0) },
		"a client that reads from replicas": func() {
			New(redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, ReadOnly: true}))
		},
		"a client that reads from the nearest": func() {
			New(redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteByLatency: true}))
		},
		"a client with a cache": func() {
			New(redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Protocol: 3, ClientSideCacheConfig: &redis.ClientSideCacheConfig{}}))
		},
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
