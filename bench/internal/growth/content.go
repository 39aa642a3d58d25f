package growth

import (
	"fmt"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/cost"
	"github.com/signet-go/signet/bench/internal/peer"
)

// keys measures sessions of more and more keys.
func (p Plan) keys() ([]Figure, error) {
	return p.readAndWrite("keys", "keys of a session", []int{1, 3, 10, 30, 100, 300, 1000}, contestants,
		func(n int) string { return fmt.Sprintf("/fill?keys=%d", n) })
}

// bytes measures sessions of nine keys with longer and longer values. By hand values are short.
func (p Plan) bytes() ([]Figure, error) {
	return p.readAndWrite("bytes", "bytes of each of nine values", []int{10, 30, 100, 300, 1000, 3000, 6000}, []peer.Peer{peer.Signet[0], peer.SCS[0]},
		func(n int) string { return fmt.Sprintf("/fill?keys=9&size=%d", n) })
}

// readAndWrite measures both for sessions that are filled in one way or another.
func (p Plan) readAndWrite(name, x string, at []int, peers []peer.Peer, fill func(int) string) ([]Figure, error) {
	figures := []Figure{
		{name + "-read", chart.Lines{Title: "Reading one key", X: x, Y: "µs a request", LogX: true, LogY: true}},
		{name + "-write", chart.Lines{Title: "Changing one key", X: x, Y: "µs a request", LogX: true, LogY: true}},
	}
	for _, who := range peers {
		lines := [2]chart.Line{{Name: who.Name}, {Name: who.Name}}
		err := with(who, func(site *peer.Site) error {
			for _, n := range at {
				jar := peer.Jar{}
				if got := site.Do("POST", fill(n), jar); got.Body != "ok" {
					return fmt.Errorf("%s: %s answers %d", who.Title(), fill(n), got.Status)
				}
				for i, step := range []func(){site.Repeat("GET", "/read", jar.Field()), site.Repeat("POST", "/write", jar.Field())} {
					lines[i].Points = append(lines[i].Points, [2]float64{float64(n), p.micros(step)})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i := range figures {
			figures[i].Lines.Lines = append(figures[i].Lines.Lines, lines[i])
		}
	}
	return figures, nil
}

// micros is the time of a step.
func (p Plan) micros(step func()) float64 { return cost.Nanos(step, p.Batch, p.Rounds) / 1e3 }
