// Withservers runs a command with real servers behind it and throws them away afterwards:
//
//	withservers [-only postgres,mysql,redis,cluster] [-optional] [-print] [-- command args…]
//
// The command finds the servers in its environment:
//
//	SIGNET_TEST_POSTGRES_URL    a URL for pgx
//	SIGNET_TEST_MYSQL_DSN       a DSN for go-sql-driver/mysql
//	SIGNET_TEST_REDIS_URL       redis://host:port
//	SIGNET_TEST_REDIS_CLUSTER   the nodes of a cluster, host:port, separated by commas
//
// A variable that is set already is left as it is and its server not started. As root on Debian, what is missing is installed.
//
//	-only      the servers to have, separated by commas; without it all
//	-optional  go on without those that can't be had, whose variables stay unset
//	-print     print lines for a shell that set the variables; without a command, keep the servers up until interrupted
//
// The exit status is that of the command; 128 and the signal's number if a signal ended it or withservers; 1 if a server can't be
// had; 2 for wrong arguments; 127 if the command can't be started. `go run` turns each of these but 0 into 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/signet-go/signet/stores/proof/internal/child"
)

// grace is how long the command may take to end after a signal.
const grace = 5 * time.Second

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("withservers", flag.ContinueOnError)
	only := flags.String("only", "postgres,mysql,redis,cluster", "the `servers` to have")
	optional := flags.Bool("optional", false, "go on without servers that can't be had")
	show := flags.Bool("print", false, "print lines for a shell that set the variables")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	command := flags.Args()
	wanted, err := choose(*only)
	if err != nil {
		say("%v", err)
		return 2
	}
	if len(command) == 0 && !*show {
		say("a command is missing: withservers -- go test ./...")
		return 2
	}

	// From here on, so that nothing is left behind whenever the signal comes.
	ctx, stop := untilSignal()
	defer stop()

	up, err := start(ctx, wanted, *optional)
	defer up.stop()
	if caught, ok := context.Cause(ctx).(signaled); ok {
		return caught.status()
	}
	if err != nil {
		say("%v", err)
		return 1
	}
	if *show {
		for _, v := range up.variables() {
			name, value, _ := strings.Cut(v, "=")
			fmt.Printf("export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
		}
	}
	if len(command) == 0 {
		<-ctx.Done()
		return 0
	}
	return execute(ctx, command, up.variables())
}

// execute runs the command to its end and returns its exit status.
func execute(ctx context.Context, command, variables []string) int {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), variables...)
	p, err := child.Start(cmd)
	if err != nil {
		say("%v", err)
		return 127
	}
	select {
	case <-p.Done():
		return p.Wait()
	case <-ctx.Done():
	}
	caught := context.Cause(ctx).(signaled)
	p.SignalAll(caught.sig) // all: a shell would leave what it runs behind
	if !p.Within(grace) {
		p.Kill()
	}
	return caught.status()
}

// signaled is why a context ended.
type signaled struct{ sig syscall.Signal }

func (s signaled) Error() string { return s.sig.String() }
func (s signaled) status() int   { return 128 + int(s.sig) }

// untilSignal returns a context that ends with the first signal, the cause being a signaled; further signals are ignored.
func untilSignal() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if sig, ok := (<-signals).(syscall.Signal); ok {
			cancel(signaled{sig})
		}
	}()
	return ctx, func() { signal.Stop(signals) }
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "withservers: "+format+"\n", args...) }
