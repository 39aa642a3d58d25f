package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/signet-go/signet/stores/proof/servers"
)

// An engine is a kind of server that can be had.
type engine struct {
	name     string // on the command line
	variable string // where tests look for it
	program  string // as servers calls it
	start    func(ctx context.Context, dir string) (server, error)
}

type server interface {
	URL() string
	Stop() error
}

var engines = []engine{
	{"postgres", "SIGNET_TEST_POSTGRES_URL", "postgres", func(ctx context.Context, dir string) (server, error) { return servers.Postgres(ctx, dir) }},
	{"mysql", "SIGNET_TEST_MYSQL_DSN", "mariadb", func(ctx context.Context, dir string) (server, error) { return servers.MariaDB(ctx, dir) }},
	{"redis", "SIGNET_TEST_REDIS_URL", "redis", func(ctx context.Context, dir string) (server, error) { return servers.Redis(ctx, dir) }},
	{"cluster", "SIGNET_TEST_REDIS_CLUSTER", "redis", func(ctx context.Context, dir string) (server, error) { return servers.RedisCluster(ctx, dir) }},
}

// choose returns the engines of a list of names that the environment doesn't give already.
func choose(names string) (wanted []engine, err error) {
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(engines, func(e engine) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is none of postgres, mysql, redis, cluster", name)
		}
		if os.Getenv(engines[i].variable) == "" {
			wanted = append(wanted, engines[i])
		}
	}
	return wanted, nil
}

// running is what has been started; its zero value is nothing.
type running struct {
	engines []engine
	servers []server // nil for one that could not be had
	remove  func()
}

var errMissing = errors.New("not all servers could be started; -optional goes on without them")

// start starts the engines beside each other and says which can't be had. With optional that is no error.
func start(ctx context.Context, wanted []engine, optional bool) (up running, err error) {
	if len(wanted) == 0 {
		return up, nil
	}
	begin := time.Now()
	var programs []string
	for _, e := range wanted {
		if !slices.Contains(programs, e.program) {
			programs = append(programs, e.program)
		}
	}
	if err := servers.Install(ctx, func(what string) { say("%s", what) }, programs...); err != nil && ctx.Err() == nil {
		say("%v", err) // what is missing now is found out below
	}
	dir, remove, err := servers.Folder()
	if err != nil {
		return up, err
	}
	up = running{engines: wanted, servers: make([]server, len(wanted)), remove: remove}
	errs := make([]error, len(wanted))
	var all sync.WaitGroup
	for i, e := range wanted {
		all.Go(func() {
			s, err := e.start(ctx, dir)
			if err == nil {
				up.servers[i] = s
			}
			errs[i] = e.explain(err)
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return up, ctx.Err()
	}
	for _, err := range errs {
		if err != nil {
			say("%v", err)
		}
	}
	if !optional && len(up.names()) < len(wanted) {
		return up, errMissing
	}
	if names := up.names(); len(names) > 0 {
		say("%s up in %v", strings.Join(names, ", "), time.Since(begin).Round(time.Millisecond))
	} else {
		say("no server is up")
	}
	return up, nil
}

// explain adds to an error what else could be done about it.
func (e engine) explain(err error) error {
	if errors.Is(err, servers.ErrMissing) {
		return fmt.Errorf("%w; or set %s", err, e.variable)
	}
	return err
}

func (r running) names() (names []string) {
	for i, e := range r.engines {
		if r.servers[i] != nil {
			names = append(names, e.name)
		}
	}
	return names
}

// variables returns the environment in which tests find the servers.
func (r running) variables() (env []string) {
	for i, e := range r.engines {
		if r.servers[i] != nil {
			env = append(env, e.variable+"="+r.servers[i].URL())
		}
	}
	return env
}

// stop stops all servers and removes what they have stored.
func (r running) stop() {
	var all sync.WaitGroup
	for _, s := range r.servers {
		if s != nil {
			all.Go(func() {
				if err := s.Stop(); err != nil {
					say("%v", err)
				}
			})
		}
	}
	all.Wait()
	if r.remove != nil {
		r.remove()
	}
}
