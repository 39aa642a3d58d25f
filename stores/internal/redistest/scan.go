package redistest

import (
	"maps"
	"testing"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/redistable"
)

// scans looks for sessions that a scan takes for its own: those of other prefixes, and other keys of its own prefix.
func scans(t *testing.T, open Open) {
	for name, addrs := range map[string][]string{"one server": {Single(t)}, "a cluster": Cluster(t)} {
		t.Run(name, func(t *testing.T) {
			c := open(t, "", "", addrs...)
			common := Prefix()
			want := map[stores.Handle]string{}
			insert := func(table *redistable.Table, owner string) stores.Handle {
				t.Helper()
				h := newHandle()
				if err := table.Save(ctx, h, 0, record(owner).Row()); err != nil {
					t.Fatal(err)
				}
				return h
			}
			// As a pattern of SCAN, this prefix would match the others too, and not itself.
			mine := redistable.New(c, redistable.Prefix(common+`*?[ab]\c:`))
			for range 600 {
				want[insert(mine, "")] = ""
			}
			want[insert(mine, "ann")] = "ann" // and a list of ann's
			insert(redistable.New(c, redistable.Prefix(common+`xyac:`)), "")
			insert(redistable.New(c, redistable.Prefix(common+`*?[ab]\c:d:`)), "")
			put(t, c, common+`*?[ab]\c:ours`, "a key of the program's own")

			missing := maps.Clone(want)
			for row, err := range mine.Scan(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if owner, ok := want[row.Handle]; !ok || row.Owner != owner || row.Version != 7 {
					t.Errorf("yielded version %d of owner %q, which is not as it was saved", row.Version, row.Owner)
				}
				delete(missing, row.Handle)
			}
			if len(missing) != 0 {
				t.Errorf("%d sessions are missing", len(missing))
			}
		})
	}
}
