// Alltests runs the tests of all packages of all modules and tells how it goes:
//
//	alltests [-race] [-plain pattern] [-once packages] [-first packages] [-- arguments of go test…]
//
// It prints a line for each package as it finishes, with the output of what failed, and in the end what was skipped and why, what
// failed, how long it took, and on the last line
//
//	1234 passed, 0 failed, 7 skipped
//
// A test that has subtests is not counted itself, unless it fails and none of them does. A test that one run skips and another one
// makes was not skipped.
//
//	-race   run the tests again beside that, with the race detector and -short, if a C compiler is there
//	-plain  the tests that the runs with the race detector leave out: a pattern as go test -run takes it
//	-once   with -race, the packages whose other tests are made once, with the race detector and in full
//	-first  the packages to begin with: those that take longest
//
// Packages are named by the ends of their paths, with commas between them. If a name ends with /... all packages below it are
// meant too.
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
	"regexp"
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
	plain := flags.String("plain", "^$", "the `tests` that the runs with the race detector leave out")
	once := flags.String("once", "", "with -race, the `packages` whose other tests are made once")
	first := flags.String("first", "", "the `packages` to begin with")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	only, err := regexp.Compile(*plain)
	if err != nil {
		fmt.Fprintln(os.Stderr, "alltests: -plain:", err)
		return 2
	}
	begin := time.Now()
	packages, err := list(*first)
	if err != nil {
		fmt.Fprintln(os.Stderr, "alltests:", err)
		return 1
	}
	lanes := plan(packages, *race, only, *once)
	total := 0
	for _, lane := range lanes {
		for _, p := range lane {
			for _, pkg := range p.packages {
				if len(pkg.tests) > 0 {
					total++
				}
			}
		}
	}
	r := newReport(os.Stdout, total, slices.Contains(flags.Args(), "-v"))
	r.say("%d runs of packages%s", total, map[bool]string{true: ", with and without the race detector"}[*race])
	status := execute(r, lanes, flags.Args())
	r.close(time.Since(begin))
	if status == 0 && r.failed() > 0 {
		return 1
	}
	return status
}

// A pass is one run of go test.
type pass struct {
	name     string
	args     []string
	env      []string
	packages []pkg
}

// plan returns the passes to be made: those of a lane one after the other, and the lanes beside each other.
func plan(packages []pkg, race bool, plain *regexp.Regexp, once string) [][]pass {
	if !race {
		return [][]pass{{{name: "plain", packages: packages}}}
	}
	var one, two, some []pkg
	for _, p := range packages {
		switch {
		case !matches(once, p.path):
			two = append(two, p)
		case slices.ContainsFunc(p.tests, plain.MatchString):
			some = append(some, p)
			fallthrough
		default:
			one = append(one, p)
		}
	}
	// The first step of .ci/run is go vet.
	detect, env := []string{"-race", "-vet=off", "-skip", plain.String()}, []string{"CGO_ENABLED=1"}
	lanes := [][]pass{
		{{"plain", nil, nil, two}, {"plain", []string{"-run", plain.String()}, nil, some}},
		{{"race", detect, env, one}, {"race", append(slices.Clip(detect), "-short"), env, two}},
	}
	for i, lane := range lanes {
		lanes[i] = slices.DeleteFunc(lane, func(p pass) bool { return len(p.packages) == 0 })
	}
	return lanes
}

// execute makes the passes of all lanes. Most tests wait for a server, a disk or a browser most of the time, so two cores have room
// for both lanes. It returns the exit status.
func execute(r *report, lanes [][]pass, args []string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	var all sync.WaitGroup
	running := &commands{}
	for _, lane := range lanes {
		all.Go(func() {
			for _, p := range lane {
				running.run(r, p, args)
			}
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
			running.stop(sig)
		case <-ticker.C:
			r.still()
		}
	}
}

// commands are those that run. It is safe for concurrent use.
type commands struct {
	mu      sync.Mutex
	running []*exec.Cmd
	stopped bool
}

// run makes a pass, and returns when it has ended.
func (c *commands) run(r *report, p pass, args []string) {
	cmd := exec.Command("go", slices.Concat([]string{"test", "-json", "-timeout", "75m"}, p.args, args, paths(p.packages))...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = c.start(cmd)
	}
	if err != nil {
		r.fails(p.name, err)
		return
	}
	r.read(p.name, out)
	r.ended(p.name, cmd.Wait())
}

func (c *commands) start(cmd *exec.Cmd) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return fmt.Errorf("not started, as a signal came")
	}
	c.running = append(c.running, cmd)
	return cmd.Start()
}

// stop sends a signal to all commands. No other one is started.
func (c *commands) stop(sig os.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	for _, cmd := range c.running {
		if cmd.Process != nil {
			_ = cmd.Process.Signal(sig) // one that has ended gets none
		}
	}
}

// quiet is how long nothing may be said.
const quiet = 30 * time.Second

// A pkg is a package of the workspace.
type pkg struct {
	path  string
	tests []string // the names of its tests, examples and fuzz targets
}

// list returns all packages of the workspace, those that first names at the beginning.
func list(first string) (all []pkg, err error) {
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}}{{$d := .Dir}}{{range .TestGoFiles}}|{{$d}}/{{.}}{{end}}{{range .XTestGoFiles}}|{{$d}}/{{.}}{{end}}`, "work")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		files := strings.Split(strings.TrimSpace(line), "|")
		p := pkg{path: files[0]}
		for _, file := range files[1:] {
			source, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			for _, m := range declared.FindAllSubmatch(source, -1) {
				p.tests = append(p.tests, string(m[1]))
			}
		}
		all = append(all, p)
	}
	names := strings.Split(first, ",")
	place := func(p pkg) int {
		i := slices.IndexFunc(names, func(name string) bool { return matches(name, p.path) })
		if i < 0 {
			return len(names)
		}
		return i
	}
	slices.SortStableFunc(all, func(a, b pkg) int { return place(a) - place(b) })
	return all, nil
}

// declared finds the functions that go test calls.
var declared = regexp.MustCompile(`(?m)^func ((?:Test|Example|Fuzz)\w*)\(`)

// matches reports whether one of the names, which commas separate, is that of the package.
func matches(names, path string) bool {
	for name := range strings.SplitSeq(names, ",") {
		name, below := strings.CutSuffix(name, "/...")
		if name != "" && (strings.HasSuffix(path, "/"+name) || below && strings.Contains(path, "/"+name+"/")) {
			return true
		}
	}
	return false
}

func paths(packages []pkg) (all []string) {
	for _, p := range packages {
		all = append(all, p.path)
	}
	return all
}
