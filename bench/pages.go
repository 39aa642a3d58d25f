package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// save writes the pages of a part: name.md, name.json, and the pictures, which name.md shows.
func (p pages) save(dir, name string) error {
	text := p.text
	for _, picture := range slices.Sorted(maps.Keys(p.pictures)) {
		if err := os.WriteFile(filepath.Join(dir, picture+".svg"), p.pictures[picture], 0o644); err != nil {
			return err
		}
		text += fmt.Sprintf("\n![%s](%s.svg)\n", picture, picture)
	}
	fmt.Println(p.text)
	if err := os.WriteFile(filepath.Join(dir, name+".md"), []byte(text), 0o644); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, name+".json"), p.raw)
}

func writeJSON(file string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

func readJSON(file string, v any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
