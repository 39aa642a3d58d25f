package race

import (
	"net/http/httptest"
	"testing"

	"github.com/signet-go/signet/bench/internal/peer"
	"github.com/signet-go/signet/bench/internal/server"
)

func serve(t *testing.T, p peer.Peer) *server.Server {
	site, err := p.Start(peer.Place{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(site.Close)
	srv := httptest.NewServer(site.HTTP)
	t.Cleanup(srv.Close)
	return &server.Server{Name: p.Title(), URL: srv.URL}
}

// The laws C1, C2, C4, F2 and F3, over sockets. That scs loses each time shows that the trials can find it.
func TestSignetLosesNothingWhereAWholeSessionIsStored(t *testing.T) {
	g, err := newGate()
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	signet, scs := serve(t, peer.Signet[0]), serve(t, peer.SCS[0])
	for _, trial := range Trials {
		if lost, err := trial.run(signet, g); err != nil || lost != 0 {
			t.Errorf("%s: lost %v, %v; want nothing", trial.Name, lost, err)
		}
		if lost, err := trial.run(scs, g); err != nil || lost < 0.9 {
			t.Errorf("%s, a store of whole sessions: lost %v, %v; want nearly all", trial.Name, lost, err)
		}
	}
}
