package mysql

import (
	"context"
	"database/sql"
	"net"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/signet-go/signet/stores/internal/sqltest"
	"github.com/signet-go/signet/stores/sqlstore"
)

func TestT6_AConnectionThatIsRefusedIsAnsweredAtOnce(t *testing.T) {
	var server sqltest.Refusing
	cfg := mysql.NewConfig()
	cfg.DialFunc = func(context.Context, string, string) (net.Conn, error) { return server.Dial() }
	complete(cfg)
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	server.Check(t, sqlstore.NewTable(db, Dialect(), sqlstore.Layout{}))
}
