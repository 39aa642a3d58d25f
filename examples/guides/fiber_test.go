package guides

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores/memory"
)

const visits session.Counter = "visits"

// ask sends a request to a fiber app and returns its body and cookies.
func ask(t *testing.T, app *fiber.App, method, path string, cookies []*http.Cookie) (string, []*http.Cookie) {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	resp, err := app.Test(r, fiber.TestConfig{Timeout: 0})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), resp.Cookies()
}

// Handlers of net/http and of Signet work on a route of fiber, with their layers inside of the adaptor.
func TestFiberServesHandlersOfNetHTTPWithTheirSession(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /account/login", func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), session.Login("ann"), visits.By(1)); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "hello")
	})
	mux.HandleFunc("POST /account/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := ring.Amend(r.Context(), session.Delete); err != nil {
			t.Error(err)
		}
	})
	mux.Handle("/account/", ring.Adapt(ring.HTTP(func(req ring.Request) ring.Response {
		return ring.Text("owner: " + session.Info(req).Owner)
	})))
	site := ring.Use(session.Wrap(memory.New(), session.Options{}))(mux)
	app := fiber.New()
	app.All("/account/*", adaptor.HTTPHandler(site))
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("fiber") })

	_, cookies := ask(t, app, "POST", "/account/login", nil)
	if len(cookies) == 0 {
		t.Fatal("no cookie")
	}
	if body, _ := ask(t, app, "GET", "/account/", cookies); body != "owner: ann" {
		t.Errorf("after the log-in: %q", body)
	}
	if body, _ := ask(t, app, "GET", "/", cookies); body != "fiber" {
		t.Errorf("beside it: %q", body)
	}
	ask(t, app, "POST", "/account/logout", cookies)
	if body, _ := ask(t, app, "GET", "/account/", cookies); body != "owner: " {
		t.Errorf("after the log-out: %q", body)
	}
}

// adaptor.FiberApp makes a context of its own.
func TestAFiberAppInsideHasNoSession(t *testing.T) {
	app := fiber.New()
	var amended error
	app.Get("/", func(c fiber.Ctx) error {
		amended = errors.Join(ring.Amend(c.RequestCtx(), visits.By(1)), ring.Amend(c.Context(), visits.By(1)))
		return c.SendString("fiber")
	})
	w := httptest.NewRecorder()
	ring.Use(session.Wrap(memory.New(), session.Options{}))(adaptor.FiberApp(app)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if amended == nil || len(w.Result().Cookies()) != 0 || w.Body.String() != "fiber" {
		t.Errorf("a handler of fiber changes the session: %v, %v", amended, w.Result().Cookies())
	}
}

// adaptor.HTTPMiddleware runs a handler of fiber when the middleware has returned, so the session has been committed.
func TestFiberHandlersCanNotChangeTheSession(t *testing.T) {
	app := fiber.New()
	app.Use(adaptor.HTTPMiddleware(ring.Use(session.Wrap(memory.New(), session.Options{}))))
	var amended error
	app.Get("/", func(c fiber.Ctx) error {
		amended = ring.Amend(c.RequestCtx(), visits.By(1))
		return c.SendString("fiber")
	})
	_, cookies := ask(t, app, "GET", "/", nil)
	if amended == nil || len(cookies) != 0 {
		t.Errorf("a handler of fiber changes the session: %v, %v", amended, cookies)
	}
}
