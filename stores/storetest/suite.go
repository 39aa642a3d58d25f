package storetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-go/signet/stores"
)

// tb is what the checks need of a *testing.T. The suite's own test gives them one that takes failures down, as those of
// a *testing.T can't be taken back.
type tb interface {
	rapid.TB
	Cleanup(func())
	Run(name string, f func(tb)) bool
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(tb)) bool {
	t.Helper()
	return t.T.Run(name, func(t *testing.T) {
		t.Helper()
		f(testingT{t})
	})
}

// patience ends a check that would wait without end. It is far longer than anything takes, on whatever machine.
const patience = 5 * time.Minute

// A suite is one law being checked on one subject.
type suite struct {
	tb
	subject
	*config
	ctx  context.Context
	now  time.Time       // about when the check began, in whole microseconds
	lost map[string]bool // fields that the table does not keep
}

func newSuite(t tb, c *config, sub subject) *suite {
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	t.Cleanup(cancel)
	return &suite{tb: t, subject: sub, config: c, ctx: ctx, now: time.Now().Truncate(time.Microsecond)}
}

// that checks one consequence of the law.
func (s *suite) that(claim string, check func(*suite)) {
	s.Helper()
	s.Run(claim, func(t tb) {
		t.Helper()
		part := *s
		part.tb = t
		check(&part)
	})
}

// require skips what the subject has no methods for: those are not promised.
func (s *suite) require(n need) {
	_, lists := s.table.(stores.Lister)
	_, sweeps := s.table.(stores.Sweeper)
	_, scans := s.table.(stores.Scanner)
	switch {
	case n != aStore && s.table == nil:
		s.Skip("it is a store, but no table")
	case n == aLister && !lists:
		s.Skip("it is no stores.Lister")
	case n == aSweeper && !sweeps:
		s.Skip("it is no stores.Sweeper")
	case n == aScanner && !scans:
		s.Skip("it is no stores.Scanner")
	}
}

// many gives how many times to do something.
func (s *suite) many(full, short int) int {
	if s.short {
		return short
	}
	return full
}

func newHandle() (h stores.Handle) {
	_, _ = rand.Read(h[:])
	return h
}

// newName gives an owner that nobody else has.
func newName() string { return "owner " + rand.Text()[:12] }

// promptly runs a call and fails where it doesn't return.
func promptly[T any](s *suite, what string, call func() T) T {
	s.Helper()
	done := make(chan T, 1)
	go func() { done <- call() }()
	return await(s, what, done)
}

func await[T any](s *suite, what string, from <-chan T) T {
	s.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-from:
		return v
	case <-timer.C:
		s.Fatalf("%s: nothing after %v", what, patience)
		panic("unreachable")
	}
}
