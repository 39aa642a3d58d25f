package server

import (
	"fmt"
	"io"
)

// StartAll starts what can be started, and says on log and in skipped why the rest can't.
func StartAll(kinds []Kind, log io.Writer) (servers []*Server, skipped []string) {
	for _, k := range kinds {
		why := ""
		if lack := k.Missing(); lack != "" {
			why = fmt.Sprintf("%s needs %s", k.Name, lack)
		} else if s, err := k.Start(); err != nil {
			why = err.Error()
		} else {
			servers = append(servers, s)
			continue
		}
		fmt.Fprintln(log, "left out:", why)
		skipped = append(skipped, why)
	}
	return servers, skipped
}
