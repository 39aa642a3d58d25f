package peer

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
)

// Fiber is the session middleware of fiber. It stands on fasthttp, so it pays for no part of net/http.
var Fiber = Peer{Name: "fiber", Module: "github.com/gofiber/fiber/v3", Store: "memory", Open: func(Place) (*Site, error) {
	app := fiber.New()
	app.Use(session.New())
	fiberRoutes(app)
	return &Site{Fast: app.Handler(), done: []func(){func() { _ = app.Shutdown() }}}, nil
}}

func fiberRoutes(app *fiber.App) {
	var in turn
	text := func(v any) string { s, _ := v.(string); return s }
	query := func(c fiber.Ctx, name string) string { return strings.Clone(c.Query(name)) } // it is valid within the request only
	count := func(c fiber.Ctx) error {
		s := session.FromContext(c)
		n, _ := s.Get("visits").(int)
		if c.Path() == "/count" {
			wait(query(c, "gate"))
		}
		s.Set("visits", n+1)
		return c.SendString(strconv.Itoa(n + 1))
	}
	page := func(c fiber.Ctx) error {
		s := session.FromContext(c)
		m := text(s.Get("flash"))
		if m != "" {
			s.Delete("flash")
		}
		return c.SendString(m)
	}
	app.All("/plain", func(c fiber.Ctx) error { return c.SendString("ok") })
	app.All("/read", func(c fiber.Ctx) error { return c.SendString(text(session.FromContext(c).Get(firstKey))) })
	app.All("/write", func(c fiber.Ctx) error {
		session.FromContext(c).Set(firstKey, in.next())
		return c.SendString("ok")
	})
	app.All("/fill", func(c fiber.Ctx) error {
		n, _ := strconv.Atoi(c.Query("keys"))
		s := session.FromContext(c)
		for i := range n {
			s.Set(KeyName(i), value)
		}
		return c.SendString("ok")
	})
	app.All("/put", func(c fiber.Ctx) error {
		session.FromContext(c).Set("flash", message)
		return c.Redirect().Status(fiber.StatusSeeOther).To("/page")
	})
	app.All("/page", page)
	app.All("/poll", page)
	app.All("/visit", count)
	app.All("/count", count)
	app.All("/set", func(c fiber.Ctx) error {
		s := session.FromContext(c)
		wait(query(c, "gate"))
		s.Set(query(c, "key"), value)
		return c.SendString("ok")
	})
	app.All("/get", func(c fiber.Ctx) error { return c.SendString(text(session.FromContext(c).Get(query(c, "key")))) })
	app.All("/login", func(c fiber.Ctx) error {
		s := session.FromContext(c)
		if err := s.Regenerate(); err != nil {
			return err
		}
		s.Set("user", user)
		return c.SendString("ok")
	})
	app.All("/logout", func(c fiber.Ctx) error {
		if err := session.FromContext(c).Destroy(); err != nil {
			return err
		}
		return c.SendString("ok")
	})
	app.All("/who", func(c fiber.Ctx) error { return c.SendString(text(session.FromContext(c).Get("user"))) })
}
