package migrate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/signet-go/signet/stores"
	"github.com/signet-go/signet/stores/memory"
	"github.com/signet-go/signet/stores/migrate"
)

func Example() {
	ctx, now := context.Background(), time.Now()
	old, next := memory.NewTable(), memory.NewTable() // next would be a database

	token, _ := stores.Keep(old).Save(ctx, stores.Token{}, stores.Record{
		Owner: "ann", Created: now, Seen: now, Expires: now.Add(time.Hour),
	}, false)

	store := stores.Keep(migrate.New(old, next))
	rec, err := store.Load(ctx, token, now) // the token that Ann has
	fmt.Println(rec.Owner, err)
	_, err = store.Save(ctx, token, rec, false)
	fmt.Println(old.Len(), next.Len(), err)
	// Output:
	// ann <nil>
	// 0 1 <nil>
}
