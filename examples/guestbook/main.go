// Guestbook is a whole web application on Signet: pages, forms, log-in and log-out, messages after a redirect, and the
// sessions of a user on other browsers. Its handlers are functions from a request to a response.
//
//	go run ./examples/guestbook
//	go run ./examples/guestbook -store redis -dsn redis://localhost:6379 -from sqlite=guestbook.db
//
// See routes.go for what there is, sign.go and login.go for handlers, serve.go for what is around them, and
// places.go for where sessions are kept: in a file of SQLite unless -store says otherwise.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/signet-go/signet/ring/session"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		fmt.Fprintln(os.Stderr, "guestbook:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "guestbook:", err)
		os.Exit(1)
	}
}

type settings struct {
	addr     string
	store    string
	dsn      string
	from     string
	insecure bool
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("guestbook", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&s.store, "store", "sqlite", "where sessions are kept: "+strings.Join(kinds(), ", "))
	flags.StringVar(&s.dsn, "dsn", "", "`where` that store is: "+dsnHelp)
	flags.StringVar(&s.from, "from", "",
		"`store=dsn` in which sessions were kept before; who is there stays logged in, for as long as this is given")
	flags.BoolVar(&s.insecure, "insecure", false,
		"let cookies travel over plain http: for a phone on your network, or Safari")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return s, err
		}
		return s, usageError{err}
	}
	if flags.NArg() > 0 {
		return s, usageError{fmt.Errorf("unexpected argument %q", flags.Arg(0))}
	}
	return s, nil
}

// run is main as a function.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, err := parse(args, stderr)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, set.store, set.dsn, set.from)
	if err != nil {
		return err
	}
	return errors.Join(letIn(ctx, set, store, stdout, stderr), store.close())
}

// letIn lets visitors in until ctx ends.
func letIn(ctx context.Context, set settings, store store, stdout, stderr io.Writer) error {
	book, err := OpenBook(store.entries)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	site := &site{book: book, sessions: store.sessions, owners: store.owners, footer: footer(store.keeps)}
	app := site.app(session.Options{Idle: sessionIdle, Absolute: sessionLongest, Insecure: set.insecure}, log)
	l, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	announce(stdout, l.Addr())
	sweeping, stop := context.WithCancel(ctx)
	swept := make(chan struct{})
	go func() {
		defer close(swept)
		sweep(sweeping, store.sessions)
	}()
	err = serve(ctx, l, app, log)
	stop()
	<-swept // before the store is closed
	return err
}
