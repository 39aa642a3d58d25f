// Package crowd sends a hundred requests of one visitor at once, half of them in each of two processes.
package crowd

import (
	"context"
	"encoding/gob"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/proof/internal/child"
	"github.com/signet-go/signet/stores/proof/internal/engine"
)

const (
	visits session.Counter  = "visits"
	mark   session.Key[int] = "mark"
	owner                   = "ann"
	each                    = 50 // requests of one process
)

// A task is one process's part of a crowd.
type task struct {
	Path    string   // with the number of the request for #
	Cookies []string // one for each request
	First   int      // the number of the first one
}

// An answer is what a browser keeps of one.
type answer struct {
	Status int
	Body   string
	Cookie string // the one that it has afterwards
	Err    string
}

// site gives a site on a table. A POST goes on once gate lets it.
func site(table stores.Table, gate func()) func(method, target, cookie string) answer {
	app := session.Wrap(stores.Keep(table), session.Options{Deadline: time.Hour})(func(req ring.Request) ring.Response {
		if req.Method == "POST" {
			gate()
		}
		switch req.URL.Path {
		case "/begin":
			return ring.Text("").With(mark.Put(1))
		case "/count":
			return session.Attempt(func(s session.Session) (session.Session, ring.Response) {
				s = visits.Add(s, 1)
				return s, ring.Text(fmt.Sprint(visits.Get(s)))
			})
		case "/key":
			key := session.Key[int](req.Query("is"))
			return ring.Text("").With(session.Set(key.Set(session.From(req), 1)))
		case "/login":
			return ring.Text("").With(session.Login(owner))
		case "/logout":
			return ring.Text("").With(session.Delete)
		}
		s := session.From(req)
		return ring.Text(fmt.Sprintf("%s %d keys, %d visits", session.Info(req).State, s.Len(), visits.Get(s)))
	})
	return func(method, target, cookie string) answer {
		req := ring.NewRequest(method, target, nil)
		if cookie != "" {
			req = req.WithHeader("Cookie", cookie)
		}
		resp := app(req)
		a := answer{Status: resp.Status, Cookie: cookie}
		a.Body, _ = resp.Body.Text()
		if resp.Err != nil {
			a.Err = resp.Err.Error()
		}
		for line := range resp.Header.All("Set-Cookie") {
			if c, err := http.ParseSetCookie(line); err == nil && c.MaxAge >= 0 {
				a.Cookie = c.Name + "=" + c.Value
			}
		}
		return a
	}
}

const partVariable = "SIGNET_TEST_CROWD" // engine, place and space of a process that takes part

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		if err := takePart(part); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// takePart sends the requests of one task: all have loaded their session before the first one in any process commits.
func takePart(part string) error {
	words := strings.SplitN(part, "|", 3)
	table, closeTable, err := engine.Named(words[0]).Connect(context.Background(), words[1], words[2])
	if err != nil {
		return err
	}
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	var k task
	if err := in.Decode(&k); err != nil {
		return err
	}
	var loaded sync.WaitGroup
	loaded.Add(len(k.Cookies))
	open := make(chan struct{})
	ask := site(table, func() {
		loaded.Done()
		<-open
	})
	answers := make([]answer, len(k.Cookies))
	var done sync.WaitGroup
	for i, c := range k.Cookies {
		done.Go(func() { answers[i] = ask("POST", strings.ReplaceAll(k.Path, "#", fmt.Sprint(k.First+i)), c) })
	}
	loaded.Wait()
	if err := out.Encode("ready"); err != nil {
		return err
	}
	var word string
	if err := in.Decode(&word); err != nil {
		return err
	}
	close(open)
	done.Wait()
	if err := out.Encode(answers); err != nil {
		return err
	}
	return closeTable()
}

// A process is another one that takes part.
type process struct {
	t   *testing.T
	in  *gob.Encoder
	out *gob.Decoder
}

func start(t *testing.T, part string, k task) process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	c, err := child.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() {
		if code := c.Wait(); code != 0 {
			t.Errorf("a process ended with %d", code)
		}
		_ = out.Close()
	})
	p := process{t, gob.NewEncoder(in), gob.NewDecoder(out)}
	p.send(k)
	return p
}

func (p process) send(v any) {
	p.t.Helper()
	if err := p.in.Encode(v); err != nil {
		p.t.Fatal(err)
	}
}

func (p process) receive(v any) {
	p.t.Helper()
	if err := p.out.Decode(v); err != nil {
		p.t.Fatal(err)
	}
}

// A crowd is what the requests of two processes work on.
type crowd struct {
	table stores.Table
	part  string
	ask   func(method, target, cookie string) answer
}

// send sends half of the requests to one path and half to another, each half from a process of its own.
func (c crowd) send(t *testing.T, one, other string, cookies []string) (answers []answer) {
	t.Helper()
	both := [2]process{
		start(t, c.part, task{one, cookies[:each], 0}),
		start(t, c.part, task{other, cookies[each:], each}),
	}
	var word string
	for _, p := range both {
		p.receive(&word)
	}
	for _, p := range both {
		p.send("go")
	}
	for _, p := range both {
		var some []answer
		p.receive(&some)
		answers = append(answers, some...)
	}
	return answers
}

func (c crowd) visitor() string { return c.ask("GET", "/begin", "").Cookie }

func (c crowd) shows(t *testing.T, cookie, want string) {
	t.Helper()
	if a := c.ask("GET", "/", cookie); a.Body != want || a.Status != http.StatusOK {
		t.Errorf("the session is %q (%d, %s); want %q", a.Body, a.Status, a.Err, want)
	}
}

// owned returns how many sessions the owner has.
func (c crowd) owned(t *testing.T) int {
	t.Helper()
	recs, err := c.table.(stores.Lister).List(context.Background(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return len(recs)
}

func same(cookie string) []string {
	cookies := make([]string, 2*each)
	for i := range cookies {
		cookies[i] = cookie
	}
	return cookies
}

func fine(t *testing.T, answers []answer) {
	t.Helper()
	for i, a := range answers {
		if a.Status != http.StatusOK {
			t.Fatalf("request %d: %d, %s", i, a.Status, a.Err)
		}
	}
}

func TestAHundredRequestsInTwoProcesses(t *testing.T) {
	for _, e := range engine.All {
		if !e.Shared {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			where, space := e.Where(t), engine.Space()
			table := e.OpenAt(t, where, space)
			c := crowd{table, strings.Join([]string{e.Name, where, space}, "|"), site(table, func() {})}
			t.Run("C2 that count, and each is told another number", c.count)
			t.Run("C1 that set different keys", c.keys)
			t.Run("C4 that log in, and then out", c.logins)
			t.Run("C4 that log out beside others that count", c.logoutBeside)
		})
	}
}

func (c crowd) count(t *testing.T) {
	v := c.visitor()
	answers := c.send(t, "/count", "/count", same(v))
	fine(t, answers)
	told := map[string]bool{}
	for _, a := range answers {
		told[a.Body] = true
	}
	if len(told) != 2*each {
		t.Errorf("%d different numbers were told to %d requests", len(told), 2*each)
	}
	c.shows(t, v, fmt.Sprintf("live 2 keys, %d visits", 2*each))
}

func (c crowd) keys(t *testing.T) {
	v := c.visitor()
	fine(t, c.send(t, "/key?is=k#", "/key?is=k#", same(v)))
	c.shows(t, v, fmt.Sprintf("live %d keys, 0 visits", 2*each+1))
}

func (c crowd) logins(t *testing.T) {
	answers := c.send(t, "/login", "/login", same(c.visitor()))
	fine(t, answers)
	cookies := make([]string, 2*each)
	for i, a := range answers {
		if cookies[i] = a.Cookie; !strings.HasPrefix(c.ask("GET", "/", a.Cookie).Body, "live") {
			t.Errorf("log-in %d opens no session", i)
		}
	}
	if n := c.owned(t); n != 2*each {
		t.Errorf("%d sessions; want one for each log-in", n)
	}
	fine(t, c.send(t, "/logout", "/logout", cookies))
	if n := c.owned(t); n != 0 {
		t.Errorf("%d sessions; want none", n)
	}
}

func (c crowd) logoutBeside(t *testing.T) {
	v := c.visitor()
	for i, a := range c.send(t, "/count", "/logout", same(v)) {
		if a.Status != http.StatusOK && a.Status != http.StatusConflict {
			t.Errorf("request %d: %d, %s", i, a.Status, a.Err)
		}
	}
	c.shows(t, v, "unknown 0 keys, 0 visits")
}
