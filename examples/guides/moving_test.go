package guides

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	ginsessions "github.com/gin-contrib/sessions"
	gincookie "github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	fibersession "github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gorilla/sessions"
	echosession "github.com/labstack/echo-contrib/session"
	"github.com/labstack/echo/v4"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/ring/session/moving/fromgorilla"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/cookie"
	"github.com/signet-go/signet/stores/memory"
)

const theme session.Key[string] = "theme"

var hashKey = []byte(strings.Repeat("k", 32))

// A site that moves: how users log in before, and what finds their sessions after.
type moved struct {
	before http.Handler
	moving *session.Moving
	router http.Handler // after: it shows the owner, and logs out below /logout
}

func byUser(values map[any]any, m session.Moved) session.Moved {
	m.Owner, _ = values["user"].(string)
	return m
}

func ginSite() moved {
	gin.SetMode(gin.ReleaseMode)
	old := gincookie.NewStore(hashKey)
	before := gin.New()
	before.Use(ginsessions.Sessions("app", old))
	before.GET("/login", func(c *gin.Context) {
		s := ginsessions.Default(c)
		s.Set("user", c.Query("name"))
		_ = s.Save()
	})
	after := gin.New()
	after.GET("/", func(c *gin.Context) { c.String(200, session.Info(ring.FromContext(c.Request.Context())).Owner) })
	after.GET("/logout", func(c *gin.Context) { _ = ring.Amend(c.Request.Context(), session.Delete) })
	return moved{before, fromgorilla.Moving(old, "app", memory.NewTable(), byUser), after}
}

func echoSite() moved {
	old := sessions.NewCookieStore(hashKey)
	before := echo.New()
	before.Use(echosession.Middleware(old))
	before.GET("/login", func(c echo.Context) error {
		s, err := echosession.Get("app", c)
		if err != nil {
			return err
		}
		s.Values["user"] = c.QueryParam("name")
		return s.Save(c.Request(), c.Response())
	})
	after := echo.New()
	after.GET("/", func(c echo.Context) error {
		return c.String(200, session.Info(ring.FromContext(c.Request().Context())).Owner)
	})
	after.GET("/logout", func(c echo.Context) error { return ring.Amend(c.Request().Context(), session.Delete) })
	return moved{before, fromgorilla.Moving(old, "app", memory.NewTable(), byUser), after}
}

func fiberSite() moved {
	middleware, old := fibersession.NewWithStore()
	before := fiber.New()
	before.Use(middleware)
	before.Get("/login", func(c fiber.Ctx) error {
		fibersession.FromContext(c).Set("user", c.Query("name"))
		return nil
	})
	after := http.NewServeMux()
	after.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, session.Info(ring.FromContext(r.Context())).Owner)
	})
	after.HandleFunc("GET /logout", func(_ http.ResponseWriter, r *http.Request) { _ = ring.Amend(r.Context(), session.Delete) })
	return moved{adaptor.FiberApp(before), fromFiber(old, memory.NewTable()), after}
}

func fromFiber(old *fibersession.Store, marks stores.Table) *session.Moving {
	return &session.Moving{
		Cookie: http.Cookie{Name: "session_id"},
		Marks:  marks,
		Load: func(ctx context.Context, id string, s session.Session) (session.Moved, error) {
			found, err := old.GetByID(ctx, id)
			if errors.Is(err, fibersession.ErrSessionIDNotFoundInStore) {
				return session.Moved{}, session.ErrAbsent
			}
			if err != nil {
				return session.Moved{}, err
			}
			defer found.Release()
			m := session.Moved{Session: s}
			m.Owner, _ = found.Get("user").(string)
			if v, ok := found.Get("theme").(string); ok {
				m.Session = theme.Set(m.Session, v)
			}
			return m, nil
		},
	}
}

func request(h http.Handler, path string, cookies []*http.Cookie) (string, []*http.Cookie) {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String(), w.Result().Cookies()
}

func TestNobodyIsLoggedOutByTheChange(t *testing.T) {
	for name, site := range map[string]moved{"gin": ginSite(), "echo": echoSite(), "fiber": fiberSite()} {
		t.Run(name, func(t *testing.T) {
			_, old := request(site.before, "/login?name=ann", nil)
			_, other := request(site.before, "/login?name=bob", nil)
			after := ring.Use(session.Wrap(memory.New(), session.Options{Moving: site.moving}))(site.router)
			owner, cookies := request(after, "/", old)
			if owner != "ann" || len(cookies) != 2 {
				t.Fatalf("the first request is that of %q and sets %v", owner, cookies)
			}
			if owner, _ := request(after, "/", cookies[:1]); owner != "ann" {
				t.Errorf("the second request is that of %q", owner)
			}
			if owner, _ := request(after, "/", other); owner != "bob" {
				t.Errorf("another visitor is %q", owner)
			}
			if owner, _ := request(after, "/", nil); owner != "" {
				t.Errorf("a stranger is %q", owner)
			}
			request(after, "/logout", cookies[:1])
			if owner, _ := request(after, "/", old); owner != "" {
				t.Errorf("after the log-out the old cookie is that of %q", owner)
			}
			if owner, _ := request(after, "/", []*http.Cookie{{Name: old[0].Name, Value: "nonsense"}}); owner != "" {
				t.Errorf("nonsense is %q", owner)
			}
		})
	}
}

// The new sessions may be in cookies too.
func TestASessionMovesIntoASealedCookie(t *testing.T) {
	store, err := cookie.New(hashKey)
	if err != nil {
		t.Fatal(err)
	}
	site := ginSite()
	_, old := request(site.before, "/login?name=ann", nil)
	after := ring.Use(session.Wrap(store, session.Options{Moving: site.moving}))(site.router)
	for range 2 { // the first response may be lost
		owner, cookies := request(after, "/", old)
		if owner != "ann" || len(cookies) != 2 {
			t.Fatalf("the old cookie is that of %q; set are %v", owner, cookies)
		}
		if owner, _ := request(after, "/", cookies[:1]); owner != "ann" {
			t.Errorf("the new cookie is that of %q", owner)
		}
	}
}

// The guide shows the function that is tested.
func TestTheGuideHasTheFunctionForFiber(t *testing.T) {
	source, err := os.ReadFile("moving_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, below, _ := strings.Cut(string(source), "\nfunc fromFiber(")
	body, _, _ := strings.Cut(below, "\n}\n")
	if page, _, _ := read(t, "from-gin-echo-fiber.md"); body == "" || !strings.Contains(page, "func fromFiber("+body) {
		t.Error("from-gin-echo-fiber.md shows another function than the one tested here")
	}
}
