package wire

import "fmt"

// Parse reads a stored session, from a database, a file or another program. More than max bytes, nesting deeper than
// MaxDepth, unknown extensions, keys that are out of order or twice, and bytes left over are ErrUndecodable. A format that is
// newer than this package is ErrNewerFormat. A string is not copied.
func Parse[T string | []byte](b T, max int) (Map, error) {
	if err := CheckFormat(b, max); err != nil {
		return Map{}, err
	}
	text := string(b)
	m, end, err := ParseMap(text)
	if err != nil {
		return Map{}, err
	}
	if end != len(text) {
		return Map{}, LeftOver(len(text) - end)
	}
	return m, nil
}

// ParseMap reads the map at the beginning of a text whose format has been checked, and returns where it ends. If the map is
// in canonical spelling, it shares the text; otherwise it is a copy in that spelling.
func ParseMap(text string) (m Map, end int, err error) {
	const pos = 1 // behind the format byte
	n, head, err := MapHead(text, pos)
	if err != nil {
		return Map{}, 0, err
	}
	if n > MaxKeys {
		return Map{}, 0, fmt.Errorf("%w: %d keys", ErrUndecodable, n)
	}
	p := pos + head
	canonical := head == mapHeadSize(n)
	last := ""
	for i := range n {
		key, h, err := StringAt(text, p)
		switch {
		case err != nil:
			return Map{}, 0, err
		case len(key) > MaxKey:
			return Map{}, 0, fmt.Errorf("%w: a key of %d bytes", ErrUndecodable, len(key))
		case i > 0 && key <= last:
			return Map{}, 0, fmt.Errorf("%w: key %q out of order or twice", ErrUndecodable, key)
		}
		last = key
		canonical = canonical && h == stringHeadSize(len(key))
		if p, err = Walk(text, p+h+len(key), 1, true); err != nil {
			return Map{}, 0, fmt.Errorf("%w, in key %q", err, key)
		}
	}
	switch {
	case n == 0:
		return Map{}, p, nil
	case canonical && n <= maxUnindexed:
		return Map{text: text[:p]}, p, nil
	case canonical:
		return buildIndex(text[:p], make([]uint32, 0, n+1)), p, nil
	}
	return respelled(text[:p], pos+head), p, nil
}

// respelled returns the map of a text that has been walked, in canonical spelling. Its entries begin at p.
func respelled(text string, p int) Map {
	b := NewBuilder(len(text))
	for p < len(text) {
		key, head, _ := StringAt(text, p)
		end := skip(text, p+head+len(key))
		b.Add(key, text[p+head+len(key):end])
		p = end
	}
	return b.Map()
}
