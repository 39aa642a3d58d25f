package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test binary is withservers itself when it is told so.
func TestMain(m *testing.M) {
	if os.Getenv("SIGNET_AS_WITHSERVERS") == "1" {
		os.Unsetenv("SIGNET_AS_WITHSERVERS")
		main()
	}
	os.Exit(m.Run())
}

// withservers is the command with temporary files of its own and with no servers given but those of env.
func withservers(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		given := slices.ContainsFunc(engines, func(e engine) bool { return e.variable == name })
		if !given && name != "TMPDIR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.WaitDelay = 10 * time.Second // what was left running may hold the output open
	tmp := t.TempDir()
	for _, dir := range []string{tmp, filepath.Dir(tmp)} { // as /tmp is: servers that root starts are nobody's
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Env = append(cmd.Env, "SIGNET_AS_WITHSERVERS=1", "TMPDIR="+tmp)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// outcome runs the command to its end.
func outcome(cmd *exec.Cmd) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// given is an environment that has all servers already.
func given() (env []string) {
	for _, e := range engines {
		env = append(env, e.variable+"=given "+e.name)
	}
	return env
}

// need skips a test without the servers, or fails it where they are required.
func need(t *testing.T, status int, stderr string) {
	t.Helper()
	if status == 1 && strings.Contains(stderr, "not installed") && os.Getenv("SIGNET_TEST_REQUIRE") != "1" {
		t.Skip(stderr)
	}
}

func TestTheExitStatusIsTheCommands(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"success":                         {[]string{"--", "true"}, 0},
		"failure":                         {[]string{"--", "sh", "-c", "exit 7"}, 7},
		"a command that is ended":         {[]string{"--", "sh", "-c", "kill -TERM $$"}, 143},
		"a command that is none":          {[]string{"--", "/nonexistent"}, 127},
		"no command":                      {nil, 2},
		"a server that is none":           {[]string{"-only", "oracle", "--", "true"}, 2},
		"an option that is none":          {[]string{"-all", "--", "true"}, 2},
		"an option of the command is its": {[]string{"--", "sh", "-c", "exit $#", "sh", "-only", "x"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, stderr := outcome(withservers(t, given(), c.args...)); got != c.want {
				t.Errorf("exit status %d; want %d; it says %s", got, c.want, stderr)
			}
		})
	}
}

func TestAServerThatIsGivenIsNotStarted(t *testing.T) {
	status, stdout, stderr := outcome(withservers(t, given(), "-print", "--", "env"))
	if status != 0 || stderr != "" {
		t.Errorf("exit status %d, and it says %s", status, stderr)
	}
	for _, v := range given() {
		if !strings.Contains(stdout, v+"\n") {
			t.Errorf("the command has not %q", v)
		}
	}
	if strings.Contains(stdout, "export") {
		t.Error("what is in the environment already is printed")
	}
}

func TestTheCommandFindsTheServersThatWereStarted(t *testing.T) {
	status, stdout, stderr := outcome(withservers(t, given()[:2], "-print", "--", "env"))
	need(t, status, stderr)
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	exported := 0
	for line := range strings.Lines(stdout) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if strings.HasPrefix(line, "export ") {
			exported++
			if !strings.Contains(stdout, "\n"+name+"="+strings.Trim(value, "'")+"\n") {
				t.Errorf("the command has another %s than was printed", name)
			}
		}
	}
	if exported != 2 {
		t.Errorf("%d variables printed; want those of redis and cluster", exported)
	}
}

func TestAServerThatCannotBeHadIsSaidInOneLine(t *testing.T) {
	bin := t.TempDir() // a PATH without servers, and without a program that could install them
	sh, err := exec.LookPath("sh")
	if err == nil {
		err = os.Symlink(sh, filepath.Join(bin, "sh"))
	}
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + bin, "SIGNET_TEST_PATH_ONLY=1"}
	status, _, stderr := outcome(withservers(t, env, "-only", "redis", "--", "sh", "-c", "exit 7"))
	if status != 1 {
		t.Errorf("exit status %d; want 1", status)
	}
	line, _, _ := strings.Cut(stderr, "\n")
	if !strings.Contains(line, "apt-get install redis-server") || !strings.Contains(line, "set SIGNET_TEST_REDIS_URL") {
		t.Errorf("it says %q; want what to install and what to set", line)
	}
	status, stdout, stderr := outcome(withservers(t, env, "-only", "redis", "-optional", "--", "sh", "-c", "echo ${SIGNET_TEST_REDIS_URL-unset}; exit 7"))
	if status != 7 || stdout != "unset\n" {
		t.Errorf("optional: exit status %d and URL %q; want 7 and unset", status, stdout)
	}
	if !strings.HasSuffix(stderr, "withservers: no server is up\n") {
		t.Errorf("optional: it says %q; want that no server is up", stderr)
	}
}
