// Package child runs processes that don't outlive this one: on Linux not even when it is killed with signal 9.
package child

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A Process is a running or ended child with what it has started itself. Its methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts cmd and waits for its end in the background; use neither cmd.Start nor cmd.Wait beside it.
func Start(cmd *exec.Cmd) (*Process, error) {
	tie(cmd)
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux ends the child when the thread that started it ends, so that thread stays here for as long as the child lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the state tells more than the error
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Done is closed once the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Running reports whether the process has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Wait waits for the end and returns the exit status as a shell tells it: 128 and the signal's number if one ended it.
func (p *Process) Wait() int {
	<-p.done
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Signal sends sig to the process alone. To one that has ended it does nothing.
func (p *Process) Signal(sig os.Signal) { _ = p.cmd.Process.Signal(sig) }

// SignalAll sends sig to the process and, on Linux, to all that it has started.
func (p *Process) SignalAll(sig syscall.Signal) {
	if p.Running() {
		signalAll(p.cmd.Process, sig)
	}
}

// Kill ends the process and, on Linux, all that it has started, with signal 9, and returns when they are gone.
func (p *Process) Kill() {
	if p.Running() {
		killAll(p.cmd.Process)
	}
	<-p.done
}

// Within reports whether the process ends by itself before limit has passed.
func (p *Process) Within(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}
