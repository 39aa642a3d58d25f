package redistest

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Single returns the address of the server that tests use, and Cluster those of a cluster's nodes. Without one the test is
// skipped, or fails where SIGNET_TEST_REQUIRE is set.
func Single(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(env(t, "SIGNET_TEST_REDIS_URL"))
	if err != nil {
		t.Fatal("SIGNET_TEST_REDIS_URL is no URL") // which may have a password in it
	}
	return u.Host
}

func Cluster(t testing.TB) []string {
	t.Helper()
	return strings.Split(env(t, "SIGNET_TEST_REDIS_CLUSTER"), ",")
}

func env(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	switch {
	case v != "":
	case os.Getenv("SIGNET_TEST_REQUIRE") == "1":
		t.Fatal(name + " is not set")
	default:
		t.Skip(name + " is not set")
	}
	return v
}

// Prefix gives a prefix that nobody else has. What is left under it expires by itself, and so late that a test which
// fails can be looked into.
func Prefix() string { return "test:" + rand.Text()[:12] + ":" }

// Do sends one command to a server, by a connection of its own, and returns the answer: a string, an int64, a []any, nil or
// an error that the server gave.
func Do(t testing.TB, addr string, args ...string) any {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := io.WriteString(c, b.String()); err != nil {
		t.Fatal(err)
	}
	v, err := readAnswer(bufio.NewReader(c))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readAnswer(in *bufio.Reader) (any, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(line[1:], "\r\n")
	if line[0] == '+' {
		return text, nil
	}
	if line[0] == '-' {
		return fmt.Errorf("%s", text), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || line[0] == ':' {
		return n, err
	}
	if n < 0 {
		return nil, nil
	}
	if line[0] == '$' {
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		return string(b[:n]), err
	}
	all := make([]any, n)
	for i := range all {
		if all[i], err = readAnswer(in); err != nil {
			return nil, err
		}
	}
	return all, nil
}
