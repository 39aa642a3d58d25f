package inline

import (
	"slices"
	"testing"
)

func elements(l *List[int]) (all []int) {
	for i := range l.Len() {
		all = append(all, *l.At(i))
	}
	return all
}

func TestAListHasWhatWasAdded(t *testing.T) {
	var none *List[int]
	if none.Len() != 0 {
		t.Errorf("a nil list has %d elements", none.Len())
	}
	l := Of(1)
	l.Add(2)
	l.Add(3)
	if got := elements(&l); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("%v; want 1, 2, 3", got)
	}
}

func TestListsWithOneMoreElementDoNotShareIt(t *testing.T) {
	var base List[int]
	for i := range 3 {
		base = base.With(i)
	}
	a, b := base.With(10), base.With(20)
	if got := elements(&a); !slices.Equal(got, []int{0, 1, 2, 10}) {
		t.Errorf("the first of two lists is %v", got)
	}
	if got := elements(&b); !slices.Equal(got, []int{0, 1, 2, 20}) {
		t.Errorf("the second of two lists is %v", got)
	}
	if base.Len() != 3 {
		t.Errorf("the list that both came from has %d elements; want 3", base.Len())
	}
}

func TestAListOfOneAllocatesNothing(t *testing.T) {
	n := testing.AllocsPerRun(100, func() {
		l := Of(1)
		if l.Len() != 1 || *l.At(0) != 1 {
			t.Fail()
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What the type is for: beside it, the same as a slice.
func BenchmarkListOfOne(b *testing.B) {
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			l := Of([8]int{})
			keep(&l)
		}
	})
	b.Run("slice", func(b *testing.B) {
		for b.Loop() {
			l := append([][8]int(nil), [8]int{})
			keep(&l)
		}
	})
}

//go:noinline
func keep[T any](*T) {}
