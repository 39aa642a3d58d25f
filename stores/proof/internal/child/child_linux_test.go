package child

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family starts a process with a child in a process group of its own, as PostgreSQL's are.
func family(t *testing.T) (p *Process, grandchild int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait")
	cmd.Stdout = w
	p, err = Start(cmd)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !alive(grandchild) {
		t.Fatalf("the child started %q, which is no running process", line)
	}
	return p, grandchild
}

func TestKillEndsWhatTheChildHasStarted(t *testing.T) {
	p, grandchild := family(t)
	p.Kill()
	if alive(grandchild) {
		t.Error("the child's child runs on")
	}
	p.Kill() // again does nothing
}

func TestASignalReachesWhatTheChildHasStarted(t *testing.T) {
	p, grandchild := family(t)
	p.SignalAll(syscall.SIGTERM)
	p.Wait()
	for deadline := time.Now().Add(10 * time.Minute); alive(grandchild); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the child's child runs on")
		}
	}
}
