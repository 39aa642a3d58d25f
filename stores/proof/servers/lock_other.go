//go:build !linux

package servers

import "context"

// lock does nothing here: nothing is installed, and nothing is removed that another process may have left.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }

func tryLock(string) (unlock func(), ok bool) { return nil, false }
