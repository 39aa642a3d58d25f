package growth

import (
	"runtime"

	"github.com/signet-go/signet/bench/internal/chart"
	"github.com/signet-go/signet/bench/internal/peer"
)

// sessions measures stores with more and more sessions of one key: reading one of them, and the memory of each.
func (p Plan) sessions() ([]Figure, error) {
	read := Figure{"sessions-read", chart.Lines{
		Title: "Reading one key of one of a thousand sessions", X: "sessions in the store", Y: "µs a request", LogX: true, LogY: true,
	}}
	room := Figure{"sessions-memory", chart.Lines{
		Title: "Memory", X: "sessions in the store", Y: "bytes a session, of one key", LogX: true,
	}}
	for _, who := range contestants {
		reads, rooms := chart.Line{Name: who.Name}, chart.Line{Name: who.Name}
		err := with(who, func(site *peer.Site) error {
			create := site.Repeat("POST", "/write", "")
			empty, has := heap(), 0
			for n := 1000; n <= p.Sessions; n *= 10 {
				for ; has < n; has++ {
					create()
				}
				rooms.Points = append(rooms.Points, [2]float64{float64(n), (heap() - empty) / float64(n)})
				reads.Points = append(reads.Points, [2]float64{float64(n), p.micros(visitors(site))})
				has += visiting
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		read.Lines.Lines, room.Lines.Lines = append(read.Lines.Lines, reads), append(room.Lines.Lines, rooms)
	}
	return []Figure{read, room}, nil
}

const visiting = 1000

// visitors returns a step that comes as one after the other of a thousand visitors: always the same one would be in the cache of
// the processor.
func visitors(site *peer.Site) func() {
	var reads []func()
	for range visiting {
		jar := peer.Jar{}
		site.Do("POST", "/write", jar)
		reads = append(reads, site.Repeat("GET", "/read", jar.Field()))
	}
	i := 0
	return func() {
		i = (i + 1) % len(reads)
		reads[i]()
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
