package server

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/signet-go/signet/bench/internal/peer"
)

// A Visitor is a browser as far as cookies go. Several of its requests may be under way; cookies are taken in the order in
// which answers arrive.
type Visitor struct {
	url string
	mu  sync.Mutex
	jar peer.Jar
}

// Visitor comes to the server with these cookies, or with none.
func (s *Server) Visitor(jar peer.Jar) *Visitor { return &Visitor{url: s.URL, jar: jar.Copy()} }

var client = &http.Client{
	Timeout:       30 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Cookies are those that the visitor has now.
func (v *Visitor) Cookies() peer.Jar {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.jar.Copy()
}

// Get sends a page's request, as a browser that goes there.
func (v *Visitor) Get(path string) (string, error) { return v.do("GET", path, "navigate", "document") }

// Post sends a form.
func (v *Visitor) Post(path string) (string, error) {
	return v.do("POST", path, "navigate", "document")
}

// Poll sends a request in the background, as a script does.
func (v *Visitor) Poll(path string) (string, error) { return v.do("GET", path, "cors", "empty") }

func (v *Visitor) do(method, path, mode, dest string) (string, error) {
	req, err := http.NewRequest(method, v.url+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", mode)
	req.Header.Set("Sec-Fetch-Dest", dest)
	if c := v.Cookies().Field(); c != "" {
		req.Header.Set("Cookie", c)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode >= 500 {
		return "", fmt.Errorf("%s %s: %s: %.200s", method, path, resp.Status, body)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.jar.Take(resp.Header)
	return string(body), nil
}
