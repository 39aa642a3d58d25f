//go:build unix

package sqlite

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

const nobody = 65534

// asSomebody reports whether the test may go on: permissions are nothing to root, who therefore has it done by somebody else.
func asSomebody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	dir, err := os.MkdirTemp("", "signet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	exe := filepath.Join(dir, "test")
	if err := errors.Join(copyFile(exe), os.Chmod(dir, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	return false
}

func copyFile(to string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	in, err := os.Open(exe)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// written gives a file with a session, which nobody has open.
func written(t *testing.T) (path string, h stores.Handle) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "sessions.db")
	table, err := OpenTable(path, sqlstore.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Migrate(ctx); err != nil {
		t.Error(err)
	}
	h = save(t, table)
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	return path, h
}

// fails checks that a file that can't be written to is a failure when it is opened or when it is written to, and that what is in it
// is read or is a failure.
func fails(t *testing.T, path string, h stores.Handle) {
	t.Helper()
	table, err := OpenTable(path, sqlstore.Layout{})
	if err != nil {
		t.Logf("open: %v", err)
		return
	}
	defer table.Close()
	for call, err := range map[string]error{
		"migrate": table.Migrate(ctx),
		"insert":  table.Save(ctx, sqltest.Handle(), 0, sqltest.Record(1, "ann").Row()),
		"save":    table.Save(ctx, h, 1, sqltest.Record(2, "ann").Row()),
		"delete":  table.Delete(ctx, h),
	} {
		if err == nil || errors.Is(err, stores.ErrNotFound) || errors.Is(err, stores.ErrConflict) {
			t.Errorf("%s: %v; want a failure", call, err)
		}
		t.Logf("%s: %v", call, err)
	}
	_, err = table.Load(ctx, h)
	if errors.Is(err, stores.ErrNotFound) {
		t.Errorf("load: %v", err)
	}
	t.Logf("load: %v", err)
}

func TestT6_AFileThatCantBeWrittenToIsAFailure(t *testing.T) {
	if !asSomebody(t) {
		return
	}
	path, h := written(t)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	fails(t, path, h)
}

func TestT6_ADirectoryThatCantBeWrittenToIsAFailure(t *testing.T) {
	if !asSomebody(t) {
		return
	}
	path, h := written(t)
	dir := filepath.Dir(path)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(dir, 0o700) }()
	fails(t, path, h)
	if _, err := OpenTable(filepath.Join(dir, "new"), sqlstore.Layout{}); err == nil {
		t.Error("a new file in it is opened")
	}
}
