package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/rueidis"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redis"
)

// connectRedis takes a URL, or the addresses of a cluster's nodes between commas.
func connectRedis(_ context.Context, where, space string) (stores.Table, func() error, error) {
	o := rueidis.ClientOption{InitAddress: strings.Split(where, ",")}
	if strings.Contains(where, "://") {
		var err error
		if o, err = rueidis.ParseURL(where); err != nil {
			return nil, nil, err
		}
	}
	o.DisableCache = true
	client, err := rueidis.NewClient(o)
	if err != nil {
		return nil, nil, fmt.Errorf("redis: %w", err)
	}
	return redis.NewTable(client, redis.Prefix(space+":")), func() error { client.Close(); return nil }, nil
}
