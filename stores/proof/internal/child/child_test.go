package child

import (
	"os/exec"
	"syscall"
	"testing"
)

func start(t *testing.T, args ...string) *Process {
	t.Helper()
	p, err := Start(exec.Command(args[0], args[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestTheExitStatusIsAShells(t *testing.T) {
	if got := start(t, "sh", "-c", "exit 7").Wait(); got != 7 {
		t.Errorf("exit status %d; want 7", got)
	}
	p := start(t, "sleep", "1000")
	p.Signal(syscall.SIGTERM)
	if got := p.Wait(); got != 143 {
		t.Errorf("exit status %d after SIGTERM; want 143", got)
	}
}

func TestWhatCannotBeStartedIsAnError(t *testing.T) {
	if _, err := Start(exec.Command("/nonexistent")); err == nil {
		t.Error("no error")
	}
}
