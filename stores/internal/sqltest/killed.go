package sqltest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
)

const owner = "ann"

// writeOn writes from several goroutines and says what was acknowledged, until it is killed.
func writeOn(table stores.Table) error {
	var say sync.Mutex
	failed := make(chan error)
	for range 8 {
		go func() {
			for {
				h := Handle()
				if err := table.Save(ctx, h, 0, Record(1, owner).Row()); err != nil {
					failed <- err
					return
				}
				say.Lock()
				fmt.Println(h)
				say.Unlock()
			}
		}()
	}
	return <-failed
}

func killed(t *testing.T, e Engine) {
	place := e.Place(t)
	if err := e.Opened(t, place, sqlstore.Layout{}).Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p := start(t, task{Kind: "write", Place: place})
		var acknowledged []string
		for range 200 {
			acknowledged = append(acknowledged, p.line(t))
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for { // what was acknowledged meanwhile
			s, err := p.out.ReadString('\n')
			if err != nil {
				break
			}
			acknowledged = append(acknowledged, s[:len(s)-1])
		}
		if err := p.cmd.Wait(); err == nil {
			t.Fatal("the process ended before it was killed")
		}
		table := e.Opened(t, place, sqlstore.Layout{})
		for _, s := range acknowledged {
			h, err := stores.ParseHandle(s)
			if err != nil {
				t.Fatal(err)
			}
			if rec, err := table.Load(ctx, h); err != nil || rec.Owner != owner {
				t.Errorf("%s: %v", s, err)
			}
		}
		insert(t, table, Record(1, owner)) // and it goes on
	}
}
