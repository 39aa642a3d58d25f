package postgres

import (
	"context"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestT6_AConnectionThatIsRefusedIsAnsweredAtOnce(t *testing.T) {
	cfg, err := pgxpool.ParseConfig("postgres://127.0.0.1:1/app?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	var server sqltest.Refusing
	cfg.ConnConfig.DialFunc = func(context.Context, string, string) (net.Conn, error) { return server.Dial() }
	p, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	server.Check(t, NewTable(p, sqlstore.Layout{}))
}
