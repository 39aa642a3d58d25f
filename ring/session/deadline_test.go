package session

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestADeadlineEndsAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, asked := range []bool{true, false} { // for Done before, or for Err alone
			var d deadline
			d.start(t.Context(), time.Now().Add(time.Second), false)
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
		var d deadline
		d.start(parent, time.Now().Add(time.Hour), onlyAt)
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
