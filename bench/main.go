// Bench measures what sessions cost: Signet, other libraries, and the same written by hand.
//
//	go run ./bench                      every part, in minutes; tables and pictures go to bench/out
//	go run ./bench -full -out bench/results -record
//	go run ./bench -check               the costs in process, compared with the last recorded run
//
// README.md of its folder says how it measures.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/signet-go/signet/bench/internal/peer"
)

// An order is what the command line asks for.
type order struct {
	parts  []string
	full   bool
	check  bool
	record bool
	out    string
	base   string
	margin float64
}

// A part is a measurement of its own, with its own tables and pictures.
type part struct {
	name string
	run  func(order) (pages, error)
}

// pages are what a part leaves: text for people, raw figures, pictures by name.
type pages struct {
	text     string
	raw      any
	pictures map[string][]byte
}

var parts = []part{
	{"cost", costs},
	{"race", races},
	{"load", loads},
	{"growth", growths},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	var o order
	only := flag.String("only", "", "parts to run, with commas between: "+names())
	flag.BoolVar(&o.full, "full", false, "more and longer rounds")
	flag.BoolVar(&o.check, "check", false, "compare the costs in process with the recorded ones, and fail if they are higher")
	flag.BoolVar(&o.record, "record", false, "make this run the one to compare with")
	flag.StringVar(&o.out, "out", "bench/out", "folder for tables, pictures and raw figures")
	flag.StringVar(&o.base, "baseline", "bench/results/baseline.json", "the recorded run")
	flag.Float64Var(&o.margin, "margin", 1.5, "how many times the recorded ratio is still none the worse")
	serve := flag.String("serve", "", "be the server of that contestant until the standard input ends")
	flag.Parse()
	if *serve != "" {
		if err := peer.Serve(*serve); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *only != "" {
		o.parts = strings.Split(*only, ",")
	}
	if o.check {
		o.parts = []string{"cost"}
	}
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func names() string {
	var all []string
	for _, p := range parts {
		all = append(all, p.name)
	}
	return strings.Join(all, ", ")
}

func run(o order) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	known := 0
	for _, p := range parts {
		if !o.wants(p.name) {
			continue
		}
		known++
		fmt.Fprintf(os.Stderr, "== %s\n", p.name)
		made, err := p.run(o)
		if err == nil || made.raw != nil { // figures that are too high are worth looking at too
			err = errors.Join(err, made.save(o.out, p.name))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if known < len(o.parts) {
		return fmt.Errorf("there are these parts: %s", names())
	}
	return nil
}

func (o order) wants(part string) bool {
	for _, p := range o.parts {
		if p == part {
			return true
		}
	}
	return len(o.parts) == 0
}
