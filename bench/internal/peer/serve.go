package peer

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/valyala/fasthttp"
)

// Serve serves the contestant of that title on a free port of the loopback interface, says where, and returns when the
// standard input ends.
func Serve(title string) error {
	for _, p := range All() {
		if p.Title() != title {
			continue
		}
		dir, err := os.MkdirTemp("", "signet-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		site, err := p.Start(Place{Dir: dir})
		if err != nil {
			return err
		}
		defer site.Close()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Printf("http://%s\n", l.Addr())
		if site.Fast != nil {
			go func() { _ = (&fasthttp.Server{Handler: site.Fast}).Serve(l) }()
		} else {
			go func() { _ = http.Serve(l, site.HTTP) }()
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return nil
	}
	return fmt.Errorf("there is no contestant %q", title)
}
