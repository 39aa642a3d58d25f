package sqltest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/sqlstore"
	"github.com/signet-go/signet/stores/storetest"
)

// brokenVariable names the mistake that a process makes on purpose.
const brokenVariable = "SIGNET_SQLTEST_BROKEN"

// A rewriter executes other statements than it is told to.
type rewriter struct {
	next    sqlstore.Writer
	rewrite func(statement string, args []any) (string, []any)
}

func (w rewriter) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	statement, args = w.rewrite(statement, args)
	return w.next.Exec(ctx, statement, args...)
}

// mistakes are those that somebody might make who writes these statements.
var mistakes = map[string]func(string, []any) (string, []any){
	"a save without its version": func(s string, args []any) (string, []any) {
		if i := strings.LastIndex(s, " AND "); strings.HasPrefix(s, "UPDATE") && len(args) == 7 {
			return s[:i], args[:6]
		}
		return s, args
	},
	"an insert that replaces": func(s string, args []any) (string, []any) {
		if strings.HasPrefix(s, "INSERT") {
			s, _, _ = strings.Cut(s, " ON CONFLICT")
			return "REPLACE" + strings.TrimPrefix(s, "INSERT"), args
		}
		return s, args
	},
	"a delete that spares": func(s string, args []any) (string, []any) {
		if strings.HasPrefix(s, "DELETE") && len(args) == 1 {
			if _, ofHandle := args[0].(string); ofHandle {
				return s + " AND 1 = 0", args
			}
		}
		return s, args
	},
}

// brokenStatements makes each mistake in a process of its own, where the laws must fail.
func brokenStatements(t *testing.T, e Engine) {
	if name := os.Getenv(brokenVariable); name != "" {
		table := e.Writer(t, e.Place(t), func(next sqlstore.Writer) sqlstore.Writer { return rewriter{next, mistakes[name]} })
		storetest.Run(t, func(*testing.T) stores.Table { return table }, storetest.Only("T2", "T4"))
		return
	}
	_ = e.Place(t) // skips the test without a server: a process that skips its tests says nothing about the laws
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := t.Name()
	for name := range mistakes {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(exe, "-test.short", "-test.v", "-test.run=^"+parent+"$")
			cmd.Env = append(os.Environ(), brokenVariable+"="+name)
			out, err := cmd.CombinedOutput()
			if _, failed := err.(*exec.ExitError); !failed || !strings.Contains(string(out), "--- FAIL: "+parent+"/T") {
				t.Errorf("%v, and no law failed:\n%s", err, out)
			}
		})
	}
}
