// Package inline has a list for the case that there is mostly one element: what a response says about a session, or the
// messages that arrive for a page.
package inline

// A List keeps its first element in itself, so that a list of one takes no allocation of its own. The zero List is empty,
// and so is a nil *List to Len. BenchmarkListOfOne compares it with a slice.
type List[T any] struct {
	first T
	more  []T
	n     int
}

// Of returns a list of one element.
func Of[T any](x T) List[T] { return List[T]{first: x, n: 1} }

// Len returns the number of elements.
func (l *List[T]) Len() int {
	if l == nil {
		return 0
	}
	return l.n
}

// At returns the element i, which must be less than Len.
func (l *List[T]) At(i int) *T {
	if i == 0 {
		return &l.first
	}
	return &l.more[i-1]
}

// Add appends x in place. No copy of the list may be in use; With is for those.
func (l *List[T]) Add(x T) {
	if l.n++; l.n == 1 {
		l.first = x
		return
	}
	l.more = append(l.more, x)
}

// With returns a list that has x too. It leaves l as it is, also if both are extended afterwards.
func (l List[T]) With(x T) List[T] {
	l.more = l.more[:len(l.more):len(l.more)]
	l.Add(x)
	return l
}
