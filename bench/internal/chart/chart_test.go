package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestPicturesAreWellFormedWhateverTheirNames(t *testing.T) {
	pictures := map[string][]byte{
		"bars":  Bars{Title: "a < b & c", Log: true, Bars: []Bar{{Name: "<x>", Value: 0}, {Name: "y", Value: 1234.5, Ours: true}}}.SVG(),
		"lines": Lines{Title: "a < b", X: "&", LogX: true, Lines: []Line{{Name: "<x>", Points: [][2]float64{{1, 2}, {10, 30}}}, {Name: "none"}}}.SVG(),
		"empty": Lines{}.SVG(),
	}
	for name, svg := range pictures {
		for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

func TestAnAxisOfPowersEndsWhereItsValuesDo(t *testing.T) {
	a := newAxis(true, []float64{1, 50, 1000}, 0, 300)
	if got, want := a.ticks(), []float64{1, 10, 100, 1000}; !slices.Equal(got, want) {
		t.Errorf("ticks %v; want %v", got, want)
	}
	for v, want := range map[float64]float64{1: 0, 10: 100, 1000: 300} {
		if got := num(a.at(v)); got != num(want) {
			t.Errorf("%v is at %s; want %v", v, got, want)
		}
	}
}

func TestNumbersAreShort(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.1234: "0.123", 1.234: "1.23", 56.78: "56.8", 1234: "1234", 12345: "12.3k", 2.5e6: "2.50M"} {
		if got := Short(x); got != want {
			t.Errorf("%v is %q; want %q", x, got, want)
		}
	}
	for x, want := range map[float64]string{1: "1", 0.5: "0.5", 10000: "10k", 100: "100"} {
		if got := round(x); got != want {
			t.Errorf("round %v is %q; want %q", x, got, want)
		}
	}
}
