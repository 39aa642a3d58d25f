package deadline

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func start(parent context.Context, at time.Time, detached bool) *Context {
	c := &Context{}
	if detached {
		c.StartDetached(parent, at)
	} else {
		c.Start(parent, at)
	}
	return c
}

func TestADeadlineEndsAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, asked := range []bool{true, false} { // for Done before, or for Err alone
			d := start(t.Context(), time.Now().Add(time.Second), false)
			if asked {
				_ = d.Done()
			}
			if err := d.Err(); err != nil {
				t.Errorf("at the beginning: %v", err)
			}
			time.Sleep(999 * time.Millisecond) // the bubble's clock, not a wait
			if err := d.Err(); err != nil {
				t.Errorf("before the time: %v", err)
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if err := d.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("at the time: %v", err)
			}
			<-d.Done()
			d.End()
		}
	})
}

func TestADeadlineEndsWithItsParentUnlessOnlyTheTimeCounts(t *testing.T) {
	for _, detached := range []bool{true, false} {
		parent, cancel := context.WithCancel(t.Context())
		d := start(parent, time.Now().Add(time.Hour), detached)
		cancel()
		if err := d.Err(); (err == nil) != detached {
			t.Errorf("detached %v: %v", detached, err)
		}
		select {
		case <-d.Done():
			if detached {
				t.Error("done with its parent")
			}
		default:
			if !detached {
				t.Error("not done with its parent")
			}
		}
		d.End()
	}
}

type someKey struct{}

// Outside of a bubble, where deadlines share what they can.
func TestASharedDeadlineEndsAtItsTimeOrALittleEarlier(t *testing.T) {
	for _, detached := range []bool{true, false} {
		parent, cancel := context.WithCancel(context.WithValue(t.Context(), someKey{}, "value"))
		defer cancel()
		const patience = 80 * time.Millisecond
		began := time.Now()
		d := start(parent, began.Add(patience), detached)
		derived, release := context.WithCancel(d)
		defer release()
		<-derived.Done()
		took := time.Since(began)
		if took < patience-patience/16 {
			t.Errorf("detached %v: ended after %v; want at least 15/16 of %v", detached, took, patience)
		}
		if err, of := d.Err(), derived.Err(); err != context.DeadlineExceeded || of != context.DeadlineExceeded {
			t.Errorf("detached %v: %v, derived %v", detached, err, of)
		}
		if v := derived.Value(someKey{}); v != "value" {
			t.Errorf("detached %v: the parent's value is %v", detached, v)
		}
		d.End()
	}
}

func TestDeadlinesThatEndTogetherDoNotEndEachOther(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	at := time.Now().Add(time.Hour)
	cancelled, ended := start(parent, at, false), start(parent, at, false)
	other := start(t.Context(), at, true)
	for _, d := range []*Context{cancelled, ended, other} {
		_ = d.Done()
	}
	ended.End()
	cancel()
	<-cancelled.Done()
	if err := cancelled.Err(); err != context.Canceled {
		t.Errorf("with the parent's end: %v", err)
	}
	select {
	case <-other.Done():
		t.Error("ended with another one")
	default:
	}
	if err := other.Err(); err != nil {
		t.Errorf("ended with another one: %v", err)
	}
}

// What is derived is told of the end without a goroutine that waits, and what ends by its time alone needs no timer of its own.
func TestADeadlineThatIsAskedForDoneStartsNothing(t *testing.T) {
	at := time.Now().Add(time.Hour)
	one := start(context.Background(), at, true)
	other := start(context.Background(), at, false)
	if one.Done() != other.Done() {
		t.Error("two that end at one time and with nobody have a timer each")
	}
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := runtime.NumGoroutine()
	for range 100 {
		d := start(parent, at, false)
		_, release := context.WithCancel(d)
		defer release()
		defer d.End()
	}
	if now := runtime.NumGoroutine(); now > before+50 {
		t.Errorf("%d goroutines for 100 contexts", now-before)
	}
}
