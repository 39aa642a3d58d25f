package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// laws are all that docs/laws.md must have a row for.
var laws = strings.Fields("H1 H2 H3 H4 H5 S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 C1 C2 C3 C4 C5 C6 F1 F2 F3 F4 K1 K2 T1 T2 T3 T4 T5 T6")

var testName = regexp.MustCompile("`((?:Test|Fuzz|Example)[A-Za-z0-9_]*)`")

// tests returns the names of all tests of the project's source.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	decl := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)[A-Za-z0-9_]*)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range decl.FindAllStringSubmatch(string(b), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// unproved returns what is wrong with a page of laws: a law without a row, a row without a test that carries its
// number, a test that does not exist.
func unproved(page string, names map[string]bool) []string {
	var wrong []string
	for _, law := range laws {
		row := regexp.MustCompile(`(?m)^\| ` + law + ` \|.*$`).FindString(page)
		if row == "" {
			wrong = append(wrong, law+" has no row")
			continue
		}
		numbered := strings.Contains(row, "storetest") && strings.Contains(row, "`"+law+" ")
		for _, m := range testName.FindAllStringSubmatch(row, -1) {
			if !names[m[1]] {
				wrong = append(wrong, law+" names "+m[1]+", which does not exist")
			}
			numbered = numbered || strings.Contains(m[1]+"_", law+"_")
		}
		if !numbered {
			wrong = append(wrong, law+" has no test that carries its number")
		}
	}
	return wrong
}

func TestEveryLawHasATest(t *testing.T) {
	page, err := os.ReadFile("laws.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range unproved(string(page), tests(t)) {
		t.Error(w)
	}
}

func TestALawWithoutATestIsCaught(t *testing.T) {
	names := map[string]bool{"TestH1_Something": true}
	wrong := unproved("| H1 | `TestH1_Something` |\n| H2 | `TestH2_Nothing` |\n| H3 | |\n", names)
	for _, want := range []string{"H2 names TestH2_Nothing, which does not exist", "H3 has no test that carries its number", "T6 has no row"} {
		found := false
		for _, w := range wrong {
			found = found || w == want
		}
		if !found {
			t.Errorf("%q is not noticed: %q", want, wrong)
		}
	}
	if len(unproved("| H1 | `TestH1_Something` |", names)) != len(laws)-1 {
		t.Error("H1 is right and counted as wrong")
	}
}
