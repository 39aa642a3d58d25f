package servers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestAFolderLastsAsLongAsItsMaker(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what others have left is removed on Linux only")
	}
	t.Setenv("TMPDIR", t.TempDir())
	left := filepath.Join(os.TempDir(), prefix+"left")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	first, removeFirst, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	second, removeSecond, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	if exists(left) {
		t.Error("the folder of one that is gone is still there")
	}
	if !exists(first) || !exists(second) {
		t.Error("a folder in use was removed")
	}
	removeFirst()
	removeSecond()
	if exists(first) || exists(second) {
		t.Error("a folder is still there")
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
