// Alltests runs the tests of all packages of all modules and tells how it goes:
//
//	alltests [-race] [-skip pattern] [-first pattern,pattern] [-- arguments of go test…]
//
// It prints a line for each package as it finishes, with the output of what failed, and in the end what was skipped and why, what
// failed, how long it took, and on the last line
//
//	1234 passed, 0 failed, 7 skipped
//
// A test that has subtests is not counted itself, unless it fails and none of them does.
//
//	-race   run the tests again beside that, with the race detector and -short, if a C compiler is there
//	-skip   the tests that the run with the race detector leaves out: a pattern as go test -skip takes it
//	-first  the packages to begin with, by the ends of their paths: those that take longest
//
// The arguments of go test apply to each run. With -v among them the output of all tests is printed. The exit status is 0 if
// everything passed, 1 if something failed, 2 for wrong arguments, and 128 and the signal's number if a signal ended it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("alltests", flag.ContinueOnError)
	race := flags.Bool("race", false, "run the tests again with the race detector and -short")
	skip := flags.String("skip", "", "the `tests` that the run with the race detector leaves out")
	first := flags.String("first", "", "the `packages` to begin with, by the ends of their paths")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	begin := time.Now()
	packages, err := list(*first)
	if err != nil {
		fmt.Fprintln(os.Stderr, "alltests:", err)
		return 1
	}
	runs := []pass{{"plain", nil, nil}}
	if *race {
		// The first run has vetted what this one compiles.
		runs = append(runs, pass{"race", []string{"-race", "-short", "-vet=off", "-skip", *skip}, []string{"CGO_ENABLED=1"}})
	}
	total := 0
	for _, p := range packages {
		if p.tests {
			total += len(runs)
		}
	}
	r := newReport(os.Stdout, total, slices.Contains(flags.Args(), "-v"))
	r.say("%d packages with tests%s", total/len(runs), map[bool]string{true: ", each of them twice: all tests, and the short ones with the race detector"}[*race])
	status := execute(r, runs, packages, flags.Args())
	r.close(time.Since(begin))
	if status == 0 && r.failed() > 0 {
		return 1
	}
	return status
}

// A pass is one run of go test.
type pass struct {
	name string
	args []string
	env  []string
}

// execute makes all passes beside each other: most tests wait for a server, a disk or a browser most of the time. It returns the
// exit status.
func execute(r *report, passes []pass, packages []pkg, args []string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	var all sync.WaitGroup
	var commands []*exec.Cmd
	for _, p := range passes {
		cmd := exec.Command("go", slices.Concat([]string{"test", "-json", "-timeout", "75m"}, p.args, args, paths(packages))...)
		cmd.Env = append(os.Environ(), p.env...)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			r.fails(p.name, err)
			continue
		}
		commands = append(commands, cmd)
		all.Go(func() {
			r.read(p.name, out)
			r.ended(p.name, cmd.Wait())
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	ticker := time.NewTicker(quiet)
	defer ticker.Stop()
	status := 0
	for {
		select {
		case <-done:
			return status
		case sig := <-signals:
			status = 128 + int(sig.(syscall.Signal))
			for _, cmd := range commands {
				_ = cmd.Process.Signal(sig)
			}
		case <-ticker.C:
			r.still()
		}
	}
}

// quiet is how long nothing may be said.
const quiet = 30 * time.Second

// A pkg is a package of the workspace.
type pkg struct {
	path  string
	tests bool // it has some
}

// list returns all packages of the workspace, those that first names at the beginning.
func list(first string) (all []pkg, err error) {
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{if or .TestGoFiles .XTestGoFiles}}tests{{end}}", "work")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		path, tests, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, pkg{path, tests != ""})
	}
	ends := strings.Split(first, ",")
	place := func(p pkg) int {
		i := slices.IndexFunc(ends, func(end string) bool { return end != "" && strings.HasSuffix(p.path, "/"+end) })
		if i < 0 {
			return len(ends)
		}
		return i
	}
	slices.SortStableFunc(all, func(a, b pkg) int { return place(a) - place(b) })
	return all, nil
}

func paths(packages []pkg) (all []string) {
	for _, p := range packages {
		all = append(all, p.path)
	}
	return all
}
