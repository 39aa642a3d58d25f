package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// up starts withservers with all servers and returns when they serve. What stands for tests is a shell with a child.
func up(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := withservers(t, nil, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for range engines {
		if !lines.Scan() {
			_ = cmd.Wait()
			need(t, cmd.ProcessState.ExitCode(), stderr.String())
			t.Fatalf("not all servers are up: %s", stderr.String())
		}
	}
	if n := len(below(t, cmd)); n < 6 {
		t.Fatalf("%d processes are at work; want at least six servers", n)
	}
	return cmd
}

func tmp(cmd *exec.Cmd) string {
	for _, v := range cmd.Env {
		if dir, ok := strings.CutPrefix(v, "TMPDIR="); ok {
			return dir
		}
	}
	return ""
}

// below returns what works in the command's temporary files: its servers.
func below(t *testing.T, cmd *exec.Cmd) (found []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if dir, err := os.Readlink(link); err == nil && strings.HasPrefix(dir, tmp(cmd)) {
			found = append(found, link+" "+dir)
		}
	}
	return found
}

// gone waits until no server is at work.
func gone(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		left := below(t, cmd)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still at work: %q", left)
		}
	}
}

func TestASignalEndsTheCommandAndTheServers(t *testing.T) {
	t.Parallel()
	cmd := up(t, "-print", "--", "sh", "-c", `cd "$TMPDIR" && sleep 1000 & wait`)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 143 {
		t.Errorf("exit status %d; want 143", got)
	}
	gone(t, cmd)
	if left, _ := os.ReadDir(tmp(cmd)); len(left) != 0 {
		t.Errorf("%d files or folders are left", len(left))
	}
}

func TestWithoutACommandTheServersStayUntilInterrupted(t *testing.T) {
	t.Parallel()
	cmd := up(t, "-print")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	gone(t, cmd)
}

func TestNoServerOutlivesAKilledWithservers(t *testing.T) {
	t.Parallel()
	cmd := up(t, "-print", "--", "sleep", "1000")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	gone(t, cmd)
	if left, _ := os.ReadDir(tmp(cmd)); len(left) == 0 {
		t.Error("the folder is gone, so the next check shows nothing")
	}
	next := withservers(t, given()[:3], "--", "true")
	next.Env = append(next.Env, "TMPDIR="+tmp(cmd))
	if status, _, stderr := outcome(next); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	if left, _ := os.ReadDir(tmp(cmd)); len(left) != 0 {
		t.Errorf("after the next run %d files or folders are left", len(left))
	}
}
