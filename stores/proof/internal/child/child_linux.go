package child

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// tie makes the kernel kill the child when the thread that starts it ends.
func tie(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// nobody is in the password file of every distribution, which initdb insists on.
const nobody = 65534

// Isolate keeps cmd out of reach of the terminal's Ctrl-C and, where this process is root, of root's rights: PostgreSQL refuses
// to run with them.
func Isolate(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
}

// Own gives path to the user that isolated processes run as.
func Own(path string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(path, nobody, nobody)
}

func signalAll(root *os.Process, sig syscall.Signal) {
	below := descendants(root.Pid)
	_ = root.Signal(sig)
	for _, pid := range below {
		_ = syscall.Kill(pid, sig)
	}
}

func killAll(root *os.Process) {
	// Stopped, it can't start more while its children are counted. PostgreSQL's are each in a process group of their own.
	_ = root.Signal(syscall.SIGSTOP)
	below := descendants(root.Pid)
	for _, pid := range below {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = root.Kill()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		gone := true
		for _, pid := range below {
			gone = gone && !alive(pid)
		}
		if gone {
			return
		}
	}
}

// descendants returns the processes that root has started, and those that these have started, and so on.
func descendants(root int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			_, parent := stat(pid)
			children[parent] = append(children[parent], pid)
		}
	}
	all := children[root]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// alive tells a running process from one that has ended, whether or not its parent has taken note.
func alive(pid int) bool {
	state, _ := stat(pid)
	return state != 0 && state != 'Z' && state != 'X'
}

// stat returns the state and the parent of a process, zeros if there is none.
func stat(pid int) (state byte, parent int) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	// The name, in parentheses, may contain anything.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 2 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(string(fields[1]))
	return fields[0][0], parent
}
