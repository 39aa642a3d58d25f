package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
)

// patience is how long requests that have begun may take when the program is asked to end.
const patience = 10 * time.Second

// serve answers requests on a listener until ctx ends, and then those that have begun.
func serve(ctx context.Context, l net.Listener, app http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           app,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("ending")
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(late); err != nil {
		log.Warn("some requests took too long", "error", err)
		return server.Close()
	}
	return nil
}

// sweep removes expired sessions until ctx ends, where the store doesn't do so by itself.
func sweep(ctx context.Context, store session.Store) {
	if s, ok := stores.As[stores.Sweeper](store); ok {
		_ = stores.SweepEvery(ctx, s, time.Minute) // ends with ctx
	}
}

// announce prints where the guest book is. An address of all interfaces is not one that a browser can open.
func announce(w io.Writer, addr net.Addr) {
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	fmt.Fprintf(w, "The guest book is open at http://%s/ (Ctrl-C closes it)\n", net.JoinHostPort(host, port))
}
