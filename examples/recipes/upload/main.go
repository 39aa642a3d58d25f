// Upload takes pictures and shows them to the visitor who sent them.
//
//	go run ./examples/recipes/upload
package main

import (
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"os"
	"slices"

	"github.com/signet-go/signet/ring"
	"github.com/signet-go/signet/ring/csrf"
	"github.com/signet-go/signet/ring/flash"
	"github.com/signet-go/signet/ring/route"
	"github.com/signet-go/signet/ring/session"
	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
)

const (
	pictures session.Members[string] = "pictures" // the names of the visitor's files
	notice   flash.Key[string]       = "notice"
)

// limits bound what one request may send. A file is in memory until the handler has stored it.
var limits = ring.Limits{Body: 6 << 20, File: 5 << 20, Parts: 10}

// most is the number of pictures of one visitor.
const most = 20

// types are the pictures that are taken, with what a file's name ends with. SVG isn't one of them, as it can have
// scripts.
var types = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}

type site struct{ folder *os.Root }

// upload stores a picture under a name of its own. Neither the name nor the type that the browser sent is used, as
// anybody can send any: a page of HTML named cat.png, or a name that leads out of the folder.
func (s *site) upload(req ring.Request) ring.Response {
	form, err := req.Form()
	if err != nil {
		return ring.Fail(err) // 413 if it is over the limits
	}
	if pictures.Len(session.From(req)) >= most {
		return ring.Redirect("/").With(notice.Put("There are enough pictures."))
	}
	file, ok := form.File("picture")
	extension := types[sniff(file.Open())]
	if !ok || extension == "" {
		return s.page(notice.Now(req, "Please choose a picture: PNG, JPEG or WebP.")).With(ring.Status(http.StatusUnprocessableEntity))
	}
	name := string(session.Info(req).AppendID(nil)) + extension
	if err := s.store(name, file.Open()); err != nil {
		return ring.Fail(err)
	}
	return ring.Redirect("/").With(pictures.With(name), notice.Put("Thank you."))
}

// sniff returns the type that the content has.
func sniff(r io.Reader) string {
	var head [512]byte
	n, _ := io.ReadFull(r, head[:])
	return http.DetectContentType(head[:n])
}

func (s *site) store(name string, content io.Reader) error {
	f, err := s.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// picture answers with a file if it is the visitor's own.
func (s *site) picture(req ring.Request) ring.Response {
	name := req.Param("name")
	if !pictures.Has(session.From(req), name) {
		return ring.Fail(&ring.Error{Status: http.StatusNotFound})
	}
	return ring.File(s.folder.FS(), name).With(
		ring.SetHeader("X-Content-Type-Options", "nosniff"), // a browser must not find something else in it
		ring.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox"),
	)
}

func (s *site) page(req ring.Request) ring.Response {
	names := slices.Collect(pictures.All(session.From(req)))
	return ring.HTML(page, map[string]any{"Pictures": names, "Notice": notice.Get(req)})
}

var page = template.Must(template.New("").Parse(`<!DOCTYPE html><title>Pictures</title>
{{with .Notice}}<p role="status">{{.}}</p>{{end}}
<form method="post" action="/pictures" enctype="multipart/form-data">
<input type="file" name="picture" accept="image/*"><button>Send</button></form>
{{range .Pictures}}<img src="/pictures/{{.}}">{{end}}`))

func app(store stores.Store, folder *os.Root) http.Handler {
	s := &site{folder}
	layers := ring.Chain(
		ring.Limit(limits),
		session.Wrap(store, session.Options{}),
		flash.Wrap,
		csrf.Wrap(csrf.Options{}),
	)
	return layers(route.New(
		route.Get("/", s.page),
		route.Post("/pictures", s.upload),
		route.Get("/pictures/{name}", s.picture),
	))
}

func main() {
	path, err := os.MkdirTemp("", "pictures")
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.OpenRoot(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://localhost:8080/ takes pictures and stores them in", path)
	log.Fatal(http.ListenAndServe("localhost:8080", app(memory.New(), folder)))
}
