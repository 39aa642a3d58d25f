//go:build !linux

package child

import (
	"os"
	"os/exec"
	"syscall"
)

func tie(*exec.Cmd) {}

// Isolate does nothing here.
func Isolate(*exec.Cmd) {}

// Own does nothing here.
func Own(string) error { return nil }

func signalAll(root *os.Process, sig syscall.Signal) { _ = root.Signal(sig) }

func killAll(root *os.Process) { _ = root.Kill() }
