package peer

import (
	"net/http"
	"strconv"

	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
)

const ginModule = "github.com/gin-contrib/sessions"

// Gin is gin-contrib/sessions with two of its stores.
var Gin = []Peer{
	{Name: "gin", Module: ginModule, Store: "memory", Open: func(Place) (*Site, error) {
		return ginSite(memstore.NewStore(randomKey(32))), nil
	}},
	{Name: "gin", Module: ginModule, Store: "cookie", Open: func(Place) (*Site, error) {
		return ginSite(cookie.NewStore(randomKey(32), randomKey(32))), nil
	}},
}

func ginSite(store sessions.Store) *Site {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.Use(sessions.Sessions("session", store))
	ginRoutes(g)
	return &Site{HTTP: g}
}

func ginRoutes(g *gin.Engine) {
	var in turn
	saved := func(c *gin.Context, s sessions.Session, text string) {
		if err := s.Save(); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.String(http.StatusOK, text)
	}
	count := func(c *gin.Context) {
		s := sessions.Default(c)
		n, _ := s.Get("visits").(int)
		if c.FullPath() == "/count" {
			wait(c.Query("gate"))
		}
		s.Set("visits", n+1)
		saved(c, s, strconv.Itoa(n+1))
	}
	page := func(c *gin.Context) {
		s := sessions.Default(c)
		text := ""
		for _, f := range s.Flashes() {
			text, _ = f.(string)
		}
		if text == "" {
			c.String(http.StatusOK, text)
			return
		}
		saved(c, s, text)
	}
	get := func(key func(*gin.Context) string) gin.HandlerFunc {
		return func(c *gin.Context) {
			text, _ := sessions.Default(c).Get(key(c)).(string)
			c.String(http.StatusOK, text)
		}
	}
	g.Any("/plain", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	g.Any("/read", get(func(*gin.Context) string { return firstKey }))
	g.Any("/write", func(c *gin.Context) {
		s := sessions.Default(c)
		s.Set(firstKey, in.next())
		saved(c, s, "ok")
	})
	g.Any("/fill", func(c *gin.Context) {
		s := sessions.Default(c)
		n, _ := strconv.Atoi(c.Query("keys"))
		for i := range n {
			s.Set(KeyName(i), value)
		}
		saved(c, s, "ok")
	})
	g.Any("/put", func(c *gin.Context) {
		s := sessions.Default(c)
		s.AddFlash(message)
		if err := s.Save(); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
			return
		}
		c.Redirect(http.StatusSeeOther, "/page")
	})
	g.Any("/page", page)
	g.Any("/poll", page)
	g.Any("/visit", count)
	g.Any("/count", count)
	g.Any("/set", func(c *gin.Context) {
		s := sessions.Default(c)
		_ = s.Get(firstKey) // sessions are loaded when they are first asked for
		wait(c.Query("gate"))
		s.Set(c.Query("key"), value)
		saved(c, s, "ok")
	})
	g.Any("/get", get(func(c *gin.Context) string { return c.Query("key") }))
	g.Any("/login", func(c *gin.Context) {
		s := sessions.Default(c)
		s.Set("user", user) // there is no way to renew
		saved(c, s, "ok")
	})
	g.Any("/logout", func(c *gin.Context) {
		s := sessions.Default(c)
		s.Clear()
		s.Options(sessions.Options{Path: "/", MaxAge: -1})
		saved(c, s, "ok")
	})
	g.Any("/who", get(func(*gin.Context) string { return "user" }))
}
