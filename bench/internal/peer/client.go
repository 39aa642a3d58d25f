package peer

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/valyala/fasthttp"
)

// An Answer is what a site said.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Do sends one request in process, with the cookies of the jar, which then has those of the answer.
func (s *Site) Do(method, path string, jar Jar) Answer {
	var a Answer
	if s.Fast != nil {
		a = s.doFast(method, path, jar.Field())
	} else {
		w := httptest.NewRecorder()
		s.HTTP.ServeHTTP(w, request(method, path, jar.Field()))
		res := w.Result()
		body, _ := io.ReadAll(res.Body)
		a = Answer{res.StatusCode, string(body), res.Header}
	}
	jar.Take(a.Header)
	return a
}

// headers are those of a browser, in number and length.
var headers = map[string]string{
	"Accept":          "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	"Accept-Language": "en-GB,en;q=0.7,de;q=0.3",
	"Accept-Encoding": "gzip, deflate, br, zstd",
	"User-Agent":      "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}

func request(method, path, cookie string) *http.Request {
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, nil)
	if err != nil {
		panic(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if cookie != "" {
		r.Header.Set("Cookie", "first=1; "+cookie)
	}
	return r
}

// Repeat returns a function that sends the same request each time, in process. It allocates nothing itself: the answer is
// dropped, and the request is copied over the last one, as some libraries write to it. The request's context can be
// cancelled, as that of each request that a server of net/http serves; clients of databases watch such a context.
func (s *Site) Repeat(method, path, cookie string) func() {
	if s.Fast != nil {
		return s.repeatFast(method, path, cookie)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.done = append(s.done, cancel)
	template := *request(method, path, cookie).WithContext(ctx)
	w, r := &sink{http.Header{}}, new(http.Request)
	return func() {
		clear(w.h)
		*r = template
		s.HTTP.ServeHTTP(w, r)
	}
}

// A sink is a response writer that keeps the header and nothing else.
type sink struct{ h http.Header }

func (s *sink) Header() http.Header               { return s.h }
func (s *sink) Write(b []byte) (int, error)       { return len(b), nil }
func (s *sink) WriteString(b string) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)                   {}

func fastRequest(method, path, cookie string) *fasthttp.Request {
	r := new(fasthttp.Request)
	r.Header.SetMethod(method)
	r.SetRequestURI(path)
	r.Header.SetHost("127.0.0.1")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if cookie != "" {
		r.Header.Set("Cookie", "first=1; "+cookie)
	}
	return r
}

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

func (s *Site) doFast(method, path, cookie string) Answer {
	var ctx fasthttp.RequestCtx
	ctx.Init(fastRequest(method, path, cookie), loopback, nil)
	s.Fast(&ctx)
	a := Answer{ctx.Response.StatusCode(), string(ctx.Response.Body()), http.Header{}}
	for name, value := range ctx.Response.Header.All() {
		a.Header.Add(string(name), string(value))
	}
	return a
}

func (s *Site) repeatFast(method, path, cookie string) func() {
	template := fastRequest(method, path, cookie)
	var ctx fasthttp.RequestCtx
	ctx.Init(template, loopback, nil)
	return func() {
		ctx.Response.Reset()
		ctx.ResetUserValues()
		template.CopyTo(&ctx.Request)
		s.Fast(&ctx)
	}
}

// A Jar keeps cookies by name, as a browser would for one host and one path.
type Jar map[string]string

// Take keeps what a response sets, and forgets what it expires.
func (j Jar) Take(h http.Header) {
	for _, line := range h.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		switch {
		case err != nil:
		case c.MaxAge < 0:
			delete(j, c.Name)
		default:
			j[c.Name] = c.Value
		}
	}
}

// Field is the Cookie field of a request; empty where there are none.
func (j Jar) Field() string {
	var b strings.Builder
	for name, value := range j {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name + "=" + value)
	}
	return b.String()
}

// Copy returns the cookies as they are now.
func (j Jar) Copy() Jar {
	c := Jar{}
	for name, value := range j {
		c[name] = value
	}
	return c
}
