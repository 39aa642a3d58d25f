package main

import (
	"testing"
	"time"
)

func TestTimesAreToldInWords(t *testing.T) {
	for _, test := range []struct {
		ago  time.Duration
		want string
	}{
		{-time.Second, "just now"}, // another clock
		{59 * time.Second, "just now"},
		{time.Minute, "1 minute ago"},
		{59 * time.Minute, "59 minutes ago"},
		{time.Hour, "1 hour ago"},
		{47 * time.Hour, "1 day ago"},
		{6 * 24 * time.Hour, "6 days ago"},
		{7 * 24 * time.Hour, "22 February 2026"},
	} {
		if got := (frame{Now: someDay}).Ago(someDay.Add(-test.ago)); got != test.want {
			t.Errorf("%v before: %q; want %q", test.ago, got, test.want)
		}
	}
}

func TestASealShowsTheFirstLetter(t *testing.T) {
	for name, want := range map[string]string{"anna": "A", "¡ñandú!": "Ñ", "42": "4", "🖋": "·", "שרה": "ש"} {
		if got := initial(name); got != want {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
	}
}

func TestBrowsersAreCalledByTheirNames(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36":                  "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":         "Safari on Mac",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0":                                          "Firefox on Mac",
		"curl/8.8.0":              "curl",
		"":                        "Unknown browser",
		"nothing known, by Linux": "Unknown browser",
	} {
		if got := browserName(agent); got != want {
			t.Errorf("%q: %q; want %q", agent, got, want)
		}
	}
}
