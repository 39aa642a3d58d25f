package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const prefix = "signet-servers-"

// Folder makes a folder for servers among the temporary files, and returns how to remove it once they are stopped. It also removes
// folders that earlier processes could not remove because they were killed. Tests have testing.T.TempDir.
func Folder() (dir string, remove func(), err error) {
	sweep()
	dir, err = os.MkdirTemp("", prefix)
	if err != nil {
		return "", nil, fmt.Errorf("servers: %w", err)
	}
	unlock, err := lock(context.Background(), filepath.Join(dir, "lock"))
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("servers: %w", err)
	}
	return dir, func() { os.RemoveAll(dir); unlock() }, nil
}

// sweep removes folders whose makers are gone: their locks are free.
func sweep() {
	locks, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*", "lock"))
	for _, path := range locks {
		if unlock, ok := tryLock(path); ok {
			os.RemoveAll(filepath.Dir(path))
			unlock()
		}
	}
}
