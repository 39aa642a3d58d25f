package session

import (
	contexts "github.com/signet-go/signet/internal/deadline"
)

// Names of other packages as this one has them.
type deadline = contexts.Context
