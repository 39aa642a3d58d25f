package faults

import (
	"strconv"
	"sync"
	"testing"
)

// A tally is what browsers were told about their counting.
type tally struct {
	mu      sync.Mutex
	told    map[string]int // by the number that a page showed
	done    int
	unknown int
	failed  int // certainly not counted
	wrong   []string
}

func newTally() *tally { return &tally{told: map[string]int{}} }

func (c *tally) note(a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case a.err == nil && a.status == 200:
		c.done++
		c.told[a.text]++
	case len(a.set) > 0:
		c.wrong = append(c.wrong, strconv.Itoa(a.status)+" with a cookie")
	case a.unknown():
		c.unknown++
	case a.status == 503:
		c.failed++
	default:
		c.wrong = append(c.wrong, strconv.Itoa(a.status)+" "+a.text)
	}
}

func (c *tally) answered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// asked returns how many requests were answered in whatever way.
func (c *tally) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done + c.unknown + c.failed + len(c.wrong)
}

// add takes over what another tally has.
func (c *tally) add(other *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += other.done
	c.unknown += other.unknown
	c.failed += other.failed
	c.wrong = append(c.wrong, other.wrong...)
	for number, times := range other.told {
		c.told[number] += times
	}
}

// count lets eight browsers with one session count, all at once.
func (c *tally) count(s *site, j jar, each int) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range each {
				c.note(s.get(j, "/count"))
			}
		})
	}
	all.Wait()
}

// mustAdd checks that the counter went from before to after by what was told to browsers.
func (c *tally) mustAdd(t *testing.T, before, after int) {
	t.Helper()
	t.Logf("%d counted, %d unknown, %d failed; the counter went up by %d", c.done, c.unknown, c.failed, after-before)
	if got := after - before; got < c.done || got > c.done+c.unknown {
		t.Errorf("the counter went up by %d; want %d, and at most the %d unknown ones more", got, c.done, c.unknown)
	}
	for number, times := range c.told {
		if times > 1 {
			t.Errorf("%d pages showed the number %s", times, number)
		}
	}
	if len(c.wrong) > 0 {
		t.Errorf("answers of neither kind: %q", c.wrong)
	}
}
