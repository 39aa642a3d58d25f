package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	excerpt    = regexp.MustCompile("(?ms)^```(?:go|templ)\n(.*?)^```")
	recipeLink = regexp.MustCompile(`\]\(\.\./examples/recipes/(\w+)/main\.go\)`)
)

// changed returns the parts of a recipe's code that its program doesn't have. The declarations of an excerpt need not be neighbours.
func changed(recipe, program string) []string {
	var parts []string
	for _, m := range excerpt.FindAllStringSubmatch(recipe, -1) {
		for part := range strings.SplitSeq(strings.TrimSpace(m[1]), "\n\n") {
			if !strings.Contains("\n"+program+"\n", "\n"+part+"\n") {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// programs returns the source of each recipe's program by its name, without tests and generated files.
func programs(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"*.go", "*.templ"} {
		files, err := filepath.Glob("../examples/recipes/*/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_templ.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found[filepath.Base(filepath.Dir(file))] += string(text) + "\n"
		}
	}
	return found
}

func TestTheRecipesAreExcerptsOfTheirPrograms(t *testing.T) {
	page, err := os.ReadFile("recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := programs(t)
	var linked []string
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		link := recipeLink.FindStringSubmatch(section)
		if link == nil || sources[link[1]] == "" {
			t.Errorf("%s: no link to a program", title)
			continue
		}
		linked = append(linked, link[1])
		if !excerpt.MatchString(section) {
			t.Errorf("%s: no code", title)
		}
		for _, part := range changed(section, sources[link[1]]) {
			t.Errorf("%s: not in the program %s:\n%s", title, link[1], part)
		}
	}
	for name := range sources {
		if !slices.Contains(linked, name) {
			t.Errorf("no recipe links to the program %s", name)
		}
		if _, err := os.Stat("../examples/recipes/" + name + "/main_test.go"); err != nil {
			t.Errorf("the program has no test: %v", err)
		}
	}
}

func TestAnExcerptThatDiffersIsCaught(t *testing.T) {
	recipe := "```go\nvar a = 1\n\nvar b = 2\n```\n"
	for program, want := range map[string]int{"var b = 2\n\nvar a = 1": 0, "var a = 1\nvar b = 20": 1, "": 2} {
		if got := changed(recipe, program); len(got) != want {
			t.Errorf("the program %q lacks %q; want %d parts", program, got, want)
		}
	}
}
