package route

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A pattern is what a route's pattern means.
type pattern struct {
	forChi string
	shape  string   // without the names: two patterns of one shape match the same paths
	names  []string // of the parameters, in order
}

func parse(s string) (pattern, error) {
	if !strings.HasPrefix(s, "/") {
		return pattern{}, errors.New("a pattern begins with a slash")
	}
	var p pattern
	for rest := s; rest != ""; {
		text, after, err := literal(rest)
		if err != nil {
			return pattern{}, err
		}
		p.forChi += text
		p.shape += text
		if rest, err = p.parameter(after); err != nil {
			return pattern{}, err
		}
	}
	return p, nil
}

// literal cuts off what goes before the first parameter.
func literal(s string) (text, after string, err error) {
	i := strings.IndexAny(s, "{}*")
	if i < 0 {
		return s, "", nil
	}
	if s[i] == '}' {
		return "", "", errors.New("there is a } without a {")
	}
	return s[:i], s[i:], nil
}

// parameter takes a parameter from the beginning of s, unless s is empty, and returns the rest.
func (p *pattern) parameter(s string) (rest string, err error) {
	if s == "" {
		return "", nil
	}
	if s[0] == '*' {
		if s != "*" {
			return "", errors.New("a * is the end of a pattern")
		}
		return "", p.add("*", "*", "*")
	}
	end := closing(s)
	if end < 0 {
		return "", errors.New("there is a { without a }")
	}
	inside, rest := s[1:end], s[end+1:]
	if rest != "" && (rest[0] == '{' || rest[0] == '*') {
		return "", fmt.Errorf("there must be text between {%s} and the next parameter", inside)
	}
	name, re, hasRegexp := strings.Cut(inside, ":")
	if name == "" || strings.ContainsAny(name, "{}*/") {
		return "", fmt.Errorf("{%s} has no name", inside)
	}
	if !hasRegexp {
		return rest, p.add(name, "{}", "{"+name+"}")
	}
	if _, err := regexp.Compile(re); err != nil || re == "" {
		return "", fmt.Errorf("{%s} has a bad regexp", inside)
	}
	// Not left to chi: it puts ^ and $ at the ends, which in a|b bind to one half each.
	return rest, p.add(name, "{:"+re+"}", "{"+name+":^(?:"+re+")$}")
}

func (p *pattern) add(name, shape, forChi string) error {
	if slices.Contains(p.names, name) {
		return fmt.Errorf("{%s} stands there twice", name)
	}
	p.names = append(p.names, name)
	p.shape += shape
	p.forChi += forChi
	return nil
}

// closing finds the brace that closes the one at the beginning of s, or -1.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
