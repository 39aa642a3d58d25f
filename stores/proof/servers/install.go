package servers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// Install installs what is missing of the named engines, of postgres, mariadb and redis, with apt-get and therefore as root only.
// Nothing that it installs starts by itself. Where nothing is missing it does nothing; where it can't install anything it
// does nothing either, and what is still missing is for the function that starts it to say. Say is told what takes time.
func Install(ctx context.Context, say func(string), names ...string) error {
	if len(toInstall(names)) == 0 || os.Getuid() != 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return nil
	}
	unlock, err := lock(ctx, "/run/signet-install.lock") // the policy below is one for the whole machine
	if err != nil {
		return fmt.Errorf("servers: install: %w", err)
	}
	defer unlock()
	wanted := toInstall(names) // another process may just have done it
	if len(wanted) == 0 {
		return nil
	}
	quiet, err := keepQuiet()
	if err != nil {
		return fmt.Errorf("servers: install: %w", err)
	}
	defer quiet()
	say("installing" + join(wanted))
	if err := apt(ctx, append([]string{"install", "-y", "--no-install-recommends"}, wanted...)...); err == nil {
		return nil
	}
	// Most often there are no lists of packages yet, or old ones.
	if err := apt(ctx, "update"); err != nil {
		return err
	}
	return apt(ctx, append([]string{"install", "-y", "--no-install-recommends"}, wanted...)...)
}

// toInstall returns the packages of the engines that aren't there.
func toInstall(names []string) (wanted []string) {
	for _, name := range names {
		if errors.Is(find(name), ErrMissing) {
			wanted = append(wanted, packages[name]...)
		}
	}
	return wanted
}

func apt(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // killed, it would leave packages half installed
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("servers: apt-get %s: %w: %s", args[0], err, lines[len(lines)-1])
	}
	return nil
}

const (
	policy       = "/usr/sbin/policy-rc.d"
	policyText   = "#!/bin/sh\n# Made by signet's tests while they install servers.\nexit 101\n"
	clusterDir   = "/etc/postgresql-common"
	clusterConf  = clusterDir + "/createcluster.conf"
	noCluster    = "create_main_cluster = false\n"
	inItsDefault = 0o644
)

// keepQuiet makes Debian start no service and create no database while packages are installed. What it returns undoes the former.
func keepQuiet() (undo func(), err error) {
	if _, err := os.Stat(clusterConf); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(clusterDir, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(clusterConf, []byte(noCluster), inItsDefault); err != nil {
			return nil, err
		}
	}
	b, err := os.ReadFile(policy)
	if err == nil && string(b) != policyText {
		return func() {}, nil // the machine's own; ours may be left from a run that was killed
	}
	if err := os.WriteFile(policy, []byte(policyText), 0o755); err != nil {
		return nil, err
	}
	return func() { os.Remove(policy) }, nil
}
