package session

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestADeadlineEndsAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, asked := range []bool{true, false} { // for Done before, or for Err alone
			d := &deadline{parent: t.Context(), at: time.Now().Add(time.Second)}
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
			d.end()
		}
	})
}

func TestADeadlineEndsWithItsParentUnlessOnlyTheTimeCounts(t *testing.T) {
	for _, onlyAt := range []bool{true, false} {
		parent, cancel := context.WithCancel(t.Context())
		d := &deadline{parent: parent, at: time.Now().Add(time.Hour), onlyAt: onlyAt}
		cancel()
		if err := d.Err(); (err == nil) != onlyAt {
			t.Errorf("only the time counts %v: %v", onlyAt, err)
		}
		select {
		case <-d.Done():
			if onlyAt {
				t.Error("done with its parent")
			}
		default:
			if !onlyAt {
				t.Error("not done with its parent")
			}
		}
		d.end()
	}
}

type someKey struct{}

// Outside of a bubble, where deadlines share what they can.
func TestASharedDeadlineEndsAtItsTimeOrALittleEarlier(t *testing.T) {
	for _, onlyAt := range []bool{true, false} {
		parent, cancel := context.WithCancel(context.WithValue(t.Context(), someKey{}, "value"))
		defer cancel()
		const patience = 80 * time.Millisecond
		began := time.Now()
		d := &deadline{parent: parent, at: began.Add(patience), onlyAt: onlyAt}
		derived, release := context.WithCancel(d)
		defer release()
		<-derived.Done()
		took := time.Since(began)
		if took < patience-patience/16 {
			t.Errorf("only the time counts %v: ended after %v; want at least 15/16 of %v", onlyAt, took, patience)
		}
		if err, of := d.Err(), derived.Err(); err != context.DeadlineExceeded || of != context.DeadlineExceeded {
			t.Errorf("only the time counts %v: %v, derived %v", onlyAt, err, of)
		}
		if v := derived.Value(someKey{}); v != "value" {
			t.Errorf("only the time counts %v: the parent's value is %v", onlyAt, v)
		}
		d.end()
	}
}

func TestDeadlinesThatEndTogetherDoNotEndEachOther(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	at := time.Now().Add(time.Hour)
	cancelled, ended := &deadline{parent: parent, at: at}, &deadline{parent: parent, at: at}
	other := &deadline{parent: t.Context(), at: at, onlyAt: true}
	for _, d := range []*deadline{cancelled, ended, other} {
		_ = d.Done()
	}
	ended.end()
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
	one := &deadline{parent: context.Background(), at: at, onlyAt: true}
	other := &deadline{parent: context.Background(), at: at}
	if one.Done() != other.Done() {
		t.Error("two that end at one time and with nobody have a timer each")
	}
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := runtime.NumGoroutine()
	for range 100 {
		d := &deadline{parent: parent, at: at}
		_, release := context.WithCancel(d)
		defer release()
		defer d.end()
	}
	if now := runtime.NumGoroutine(); now > before+50 {
		t.Errorf("%d goroutines for 100 contexts", now-before)
	}
}
