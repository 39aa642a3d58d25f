package sqltest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/signet-go/signet/stores/sqlstore"
)

// taskVariable is set in a process that does a task instead of the tests.
const taskVariable = "SIGNET_SQLTEST_TASK"

// A task is what another process shall do with a place.
type task struct {
	Kind  string
	Place string
}

// Main runs the tests, or does what another process of the tests wants from this one.
func Main(m *testing.M, e Engine) {
	text := os.Getenv(taskVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := e.do(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (e Engine) do(text string) error {
	var k task
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return err
	}
	in := bufio.NewReader(os.Stdin)
	// barrier waits until all processes are there.
	barrier := func() error {
		fmt.Println("ready")
		_, err := in.ReadString('\n')
		return err
	}
	if k.Kind == "migrate" {
		if err := barrier(); err != nil {
			return err
		}
	}
	table, err := e.Open(k.Place, sqlstore.Layout{})
	if err != nil {
		return err
	}
	switch k.Kind {
	case "migrate":
		if err := table.Migrate(ctx); err != nil {
			return err
		}
	case "write":
		return writeOn(table)
	}
	return table.Close()
}

// A process is another one that does a task.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, k task) *process {
	t.Helper()
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), taskVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &process{cmd, in, bufio.NewReader(out)}
}

// line reads what the process says next.
func (p *process) line(t *testing.T) string {
	t.Helper()
	s, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the other process: %v, %v", err, p.cmd.Wait())
	}
	return s[:len(s)-1]
}

// goOn lets all go on, once each is ready.
func goOn(t *testing.T, all ...*process) {
	t.Helper()
	for _, p := range all {
		if s := p.line(t); s != "ready" {
			t.Fatalf("the other process says %q", s)
		}
	}
	for _, p := range all {
		if _, err := io.WriteString(p.in, "\n"); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *process) wait(t *testing.T) {
	t.Helper()
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("the other process: %v", err)
	}
}

func migrateAtOnce(t *testing.T, e Engine) {
	for range 5 {
		place := e.Place(t)
		k := task{Kind: "migrate", Place: place}
		one, other := start(t, k), start(t, k)
		goOn(t, one, other)
		one.wait(t)
		other.wait(t)
		insert(t, e.Opened(t, place, sqlstore.Layout{}), Record(1, "ann"))
	}
}
