package redis

import (
	"context"

	"github.com/redis/rueidis"
	"github.com/signet-go/signet/stores/redistable"
)

// client is a redistable.Client of a rueidis.Client, which sends what isn't marked as retryable once.
type client struct{ rueidis.Client }

var _ redistable.Client = client{}

func (c client) Get(ctx context.Context, key string) (string, bool, error) {
	return text(c.Do(ctx, c.B().Get().Key(key).Build()))
}

func text(r rueidis.RedisResult) (string, bool, error) {
	v, err := r.ToString()
	if rueidis.IsRedisNil(err) {
		return "", false, nil
	}
	return v, err == nil, err
}

func (c client) GetAll(ctx context.Context, keys []string, each func(i int, value string)) error {
	gets := make(rueidis.Commands, len(keys))
	for i, key := range keys {
		gets[i] = c.B().Get().Key(key).Build()
	}
	var failed error // the first: where the server is gone, all are the same
	for i, r := range c.DoMulti(ctx, gets...) {
		switch v, ok, err := text(r); {
		case err != nil && failed == nil:
			failed = err
		case ok:
			each(i, v)
		}
	}
	return failed
}

func (c client) Members(ctx context.Context, key string) ([]string, error) {
	return c.Do(ctx, c.B().Zrange().Key(key).Min("0").Max("-1").Build()).AsStrSlice()
}

func (c client) Delete(ctx context.Context, key string) error {
	_, err := c.Do(ctx, c.B().Del().Key(key).Build()).ToInt64()
	return err
}

func (c client) Run(ctx context.Context, s *redistable.Script, key string, args ...string) (int64, error) {
	n, err := c.Do(ctx, c.B().Evalsha().Sha1(s.SHA1).Numkeys(1).Key(key).Arg(args...).Build()).ToInt64()
	if e, ok := rueidis.IsRedisErr(err); ok && e.IsNoScript() {
		return c.Do(ctx, c.B().Eval().Script(s.Source).Numkeys(1).Key(key).Arg(args...).Build()).ToInt64()
	}
	return n, err
}
