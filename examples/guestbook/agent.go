package main

import (
	"strings"

	"github.com/signet-go/signet/ring"
)

const maxAgent = 200 // bytes of a User-Agent that are kept; a client may send any number

func userAgent(req ring.Request) string {
	agent := req.Header.Get("User-Agent")
	return strings.ToValidUTF8(agent[:min(len(agent), maxAgent)], "")
}

// A sign is a part of a User-Agent that gives a browser or a system away.
type sign struct{ part, name string }

// The order matters: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
var browserSigns = []sign{
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
	{"HeadlessChrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	{"curl/", "curl"},
}

var systemSigns = []sign{
	{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
	{"Mac OS X", "Mac"}, {"Linux", "Linux"},
}

// browserName tells in a few words what a User-Agent is of.
func browserName(agent string) string {
	name, system := find(browserSigns, agent), find(systemSigns, agent)
	switch {
	case name == "":
		return "Unknown browser"
	case system == "":
		return name
	}
	return name + " on " + system
}

func find(signs []sign, agent string) string {
	for _, s := range signs {
		if strings.Contains(agent, s.part) {
			return s.name
		}
	}
	return ""
}
