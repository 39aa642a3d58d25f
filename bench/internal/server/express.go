package server

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed express.js
var expressApp []byte

// The versions are pinned: a newer one is another contestant.
const (
	expressVersion        = "5.1.0"
	expressSessionVersion = "1.18.2"
)

var express = Kind{
	Name: "express-session " + expressSessionVersion + ", memory",
	Missing: func() string {
		return lacks("node and npm (apt-get install nodejs npm)", "node", "npm")
	},
	command: func(dir string) (*exec.Cmd, error) {
		files := map[string][]byte{
			"app.js": expressApp,
			"package.json": fmt.Appendf(nil, `{"private": true, "dependencies": {"express": %q, "express-session": %q}}`,
				expressVersion, expressSessionVersion),
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				return nil, err
			}
		}
		install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm install: %w: %s", err, out)
		}
		cmd := exec.Command("node", "app.js")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "NODE_ENV=production")
		return cmd, nil
	},
}

// lacks returns what to install where one of the commands is missing.
func lacks(install string, commands ...string) string {
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			return install
		}
	}
	return ""
}
