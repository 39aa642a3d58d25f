// Package machine says in words on what something was measured.
package machine

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A Machine is what figures depend on.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"` // that this process may use
	Memory string `json:"memory"`
	OS     string `json:"os"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// Here is the machine of this process.
func Here() Machine {
	return Machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.GOMAXPROCS(0), Memory: field("/proc/meminfo", "MemTotal"),
		OS: field("/etc/os-release", "PRETTY_NAME"), Kernel: kernel(), Go: runtime.Version(),
	}
}

// String says it in one sentence.
func (m Machine) String() string {
	return fmt.Sprintf("%d cores of %s, %s of memory, %s, kernel %s, %s", m.Cores, m.CPU, m.Memory, m.OS, m.Kernel, m.Go)
}

// field returns the first value of a name in a file of "name: value" or "name=value" lines; "unknown" where there is none.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			return strings.Trim(rest, "\t :=\"")
		}
	}
	return "unknown"
}

func kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}
