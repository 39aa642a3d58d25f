package routers

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/signet-go/signet/ring"
)

// transfers are pages that use more of net/http than a head and a body.
var transfers = []Page{
	{"GET", "/trailer", func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), visits.By(1))
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, "body")
		w.(http.Flusher).Flush()
		w.Header().Set("X-Sum", "1")
		w.Header().Set(http.TrailerPrefix+"X-Unannounced", "2")
	}},
	{"HEAD", "/head", func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), visits.By(1))
		w.Header().Set("Content-Length", "7")
		_, _ = io.WriteString(w, "content")
	}},
	{"POST", "/limited", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 10))
		http.Error(w, fmt.Sprint(err), http.StatusRequestEntityTooLarge)
	}},
	{"POST", "/echo", func(w http.ResponseWriter, r *http.Request) {
		_ = ring.Amend(r.Context(), visits.By(1))
		out := http.NewResponseController(w)
		_ = out.EnableFullDuplex() // HTTP/2 needs no permission
		_ = out.Flush()
		for part := make([]byte, 4); ; {
			n, err := io.ReadFull(r.Body, part)
			_, _ = w.Write(part[:n])
			_ = out.Flush()
			if err != nil {
				return
			}
		}
	}},
	{"GET", "/deadlines", func(w http.ResponseWriter, _ *http.Request) {
		out, later := http.NewResponseController(w), time.Now().Add(time.Hour)
		fmt.Fprint(w, out.SetReadDeadline(later), out.SetWriteDeadline(later))
	}},
	{"GET", "/nothing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
}

func TestAPlainHandlerHasAllOfNetHTTP(t *testing.T) {
	for name, m := range mounts {
		for _, f := range fronts() {
			t.Run(name+" "+f.name, func(t *testing.T) {
				s := newSite(t, f, func(_ []Page, layers ...ring.Middleware) http.Handler { return m(transfers, layers...) }, breakage{})
				b := s.open(t)
				wantTrailers(t, b)
				if a := b.do("HEAD", "/head", ""); a.status != 200 || a.body != "" || a.header.Get("Content-Length") != "7" || len(a.set) != 1 {
					t.Errorf("HEAD: %d %q %v", a.status, a.body, a.header)
				}
				wantIn(t, b.post("/limited", "value", "long enough"), 413, "request body too large")
				wantEcho(t, b)
				wantIn(t, b.get("/deadlines"), 200, "<nil> <nil>")
				wantIn(t, b.get("/nothing"), 204, "")
			})
		}
	}
}

func wantTrailers(t testing.TB, b *browser) {
	t.Helper()
	resp, err := b.site.client.Do(b.request("GET", "/trailer", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if string(body) != "body" || err != nil || resp.Trailer.Get("X-Sum") != "1" || resp.Trailer.Get("X-Unannounced") != "2" || len(resp.Cookies()) != 1 {
		t.Errorf("%q, %v, trailers %v, cookies %d", body, err, resp.Trailer, len(resp.Cookies()))
	}
}

// wantEcho reads the answer to the first part of a body before it sends the second.
func wantEcho(t testing.TB, b *browser) {
	t.Helper()
	body, parts := io.Pipe()
	resp, err := b.site.client.Do(b.request("POST", "/echo", "", func(r *http.Request) { r.Body, r.ContentLength = body, -1 }))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, part := range []string{"ping", "pong"} {
		_, _ = io.WriteString(parts, part)
		got := make([]byte, len(part))
		if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != part {
			t.Fatalf("%q, %v; want %q", got, err, part)
		}
	}
	_ = parts.Close()
	if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
		t.Errorf("the rest: %q, %v", rest, err)
	}
}
