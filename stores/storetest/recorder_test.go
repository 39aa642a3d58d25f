package storetest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A recorder is a tb whose failures are results.
type recorder struct {
	path     []string // law, claim
	parent   *recorder
	mu       sync.Mutex
	failed   bool
	skipped  bool
	messages []string
	cleanups []func()
	parts    []*recorder
}

func (r *recorder) Run(name string, f func(tb)) bool {
	part := &recorder{parent: r, path: append(slices.Clip(r.path), name)}
	r.mu.Lock()
	r.parts = append(r.parts, part)
	r.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer part.cleanup()
		defer func() {
			if p := recover(); p != nil {
				part.Errorf("panic: %v", p)
			}
		}()
		f(part)
	}()
	<-done
	return !part.Failed()
}

func (r *recorder) cleanup() {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
}

func (r *recorder) Fail() {
	for ; r != nil; r = r.parent {
		r.mu.Lock()
		r.failed = true
		r.mu.Unlock()
	}
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
	r.mu.Unlock()
	r.Fail()
}

func (r *recorder) Error(args ...any)                 { r.Errorf("%s", fmt.Sprint(args...)) }
func (r *recorder) FailNow()                          { r.Fail(); runtime.Goexit() }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); runtime.Goexit() }
func (r *recorder) Skipf(format string, args ...any)  { r.Skip(fmt.Sprintf(format, args...)) }
func (r *recorder) Skip(...any)                       { r.SkipNow() }
func (r *recorder) SkipNow()                          { r.skipped = true; runtime.Goexit() }
func (r *recorder) Log(...any)                        {}
func (r *recorder) Logf(string, ...any)               {}
func (r *recorder) Helper()                           {}
func (r *recorder) Name() string                      { return strings.Join(r.path, "/") }
func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }

// failures lists what failed, the parts rather than the whole.
func (r *recorder) failures() []*recorder {
	var all []*recorder
	for _, p := range r.parts {
		all = append(all, p.failures()...)
	}
	if r.failed && len(all) == 0 {
		return []*recorder{r}
	}
	return all
}

func (r *recorder) String() string {
	return r.Name() + ": " + strings.Join(r.messages, "; ")
}

// skips lists what was skipped.
func (r *recorder) skips() []string {
	var all []string
	for _, p := range r.parts {
		all = append(all, p.skips()...)
	}
	if r.skipped {
		all = append(all, r.Name())
	}
	return all
}

// check runs the suite on what open gives.
func check(open func() subject, options ...Option) *recorder {
	c := newConfig(options)
	c.short = true
	r := &recorder{}
	c.run(r, func(tb) subject { return open() })
	return r
}
