package server

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed ring.clj
var ringApp []byte

// jars are where Debian puts what Ring on Jetty needs.
var jars = []string{
	"clojure", "ring-core", "ring-servlet", "ring-jetty-adapter", "ring-codec", "crypto-random", "crypto-equality",
	"commons-codec", "commons-io", "commons-fileupload", "servlet-api", "jetty9-server", "jetty9-http", "jetty9-io", "jetty9-util",
}

// missing returns the jars that are not there.
func missing() []string {
	var all []string
	for _, j := range jars {
		if _, err := os.Stat(jar(j)); err != nil {
			all = append(all, j)
		}
	}
	return all
}

func jar(name string) string { return filepath.Join("/usr/share/java", name+".jar") }

var clojure = Kind{
	Name: "Ring (Clojure) on Jetty, memory",
	Missing: func() string {
		const install = "Java, Clojure and Ring (apt-get install openjdk-17-jre-headless clojure libring-core-clojure libring-jetty-adapter-clojure)"
		if len(missing()) > 0 {
			return install
		}
		return lacks(install, "java")
	},
	command: func(dir string) (*exec.Cmd, error) {
		app := filepath.Join(dir, "app.clj")
		if err := os.WriteFile(app, ringApp, 0o600); err != nil {
			return nil, err
		}
		path := make([]string, 0, len(jars))
		for _, j := range jars {
			path = append(path, jar(j))
		}
		return exec.Command("java", "-cp", strings.Join(path, ":"), "clojure.main", app), nil
	},
}
