package faults

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

// The server is killed while requests are on their way, and started again: all that was acknowledged is there.
func TestH2_AKilledServerHasWhatItAcknowledged(t *testing.T) {
	for _, name := range engines {
		t.Run(name, func(t *testing.T) {
			server := own(t, name)
			table := engine.Named(name).OpenAt(t, server.URL(), engine.Space())
			s := newSite(table, time.Second)
			j := begin(t, newSite(table, time.Minute))
			c := newTally()
			var killed atomic.Bool
			done := make(chan struct{})
			go func() {
				defer close(done)
				for !killed.Load() {
					c.count(s, j, 1)
				}
				c.count(s, j, 2) // while it is down
			}()
			until(t, "enough was counted", func() bool { return c.answered() >= 100 })
			server.Kill()
			killed.Store(true)
			<-done
			if c.unknown+c.failed == 0 {
				t.Error("nobody noticed that the server was killed")
			}
			if err := server.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			reconnected(t, table, j)
			c.mustAdd(t, 1, look(t, table, j).Visits)
			again := newTally()
			again.count(newSite(table, time.Minute), j, 2) // no restart of the application
			if again.done != 16 {
				t.Errorf("after the restart %d of 16 requests were answered: %v", again.done, again.wrong)
			}
		})
	}
}

// reconnected waits until the table's client has found the server again, by itself.
func reconnected(t *testing.T, table stores.Table, j jar) {
	t.Helper()
	s := newSite(table, time.Second)
	until(t, "the client found the server again", func() bool { return s.get(j, "/look").err == nil })
}

// hang is far longer than anything takes, on whatever machine. It ends a test that would wait without end.
const hang = 10 * time.Minute

// until waits for a condition that nothing tells of.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(hang); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
