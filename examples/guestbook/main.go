// Guestbook is a whole web application on Signet: pages, forms, log-in and log-out, messages after a redirect, and the
// sessions of a user on other browsers. Its handlers are functions from a request to a response.
//
//	go run ./examples/guestbook
//
// See routes.go for what there is, sign.go and login.go for handlers, and serve.go for what is around them.
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
	snapshot string
	insecure bool
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("guestbook", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&s.store, "store", "memory", "where sessions are kept: "+stores)
	flags.StringVar(&s.snapshot, "snapshot", "",
		"`file` that carries sessions over a planned restart; the entries go to a second file with .entries.json added")
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

// run is main as a function: it serves until ctx ends, and then stores what a planned restart should find.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, err := parse(args, stderr)
	if err != nil {
		return err
	}
	store, err := openStore(set.store, set.snapshot)
	if err != nil {
		return err
	}
	book := new(Book)
	if set.snapshot != "" {
		if err := book.Restore(entriesFile(set.snapshot)); err != nil {
			return err
		}
	}
	save := func() error {
		if set.snapshot == "" {
			return nil
		}
		return errors.Join(store.snapshot(), book.Snapshot(entriesFile(set.snapshot)))
	}
	if err := save(); err != nil { // a file that can't be written should be known now and not at the end
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	site := &site{book: book, sessions: store, footer: footer(store.keeps)}
	app := site.app(session.Options{Idle: sessionIdle, Absolute: sessionLongest, Insecure: set.insecure}, log)
	l, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	announce(stdout, l.Addr())
	go sweep(ctx, store, log)
	return errors.Join(serve(ctx, l, app, log), save())
}

func entriesFile(snapshot string) string { return snapshot + ".entries.json" }
