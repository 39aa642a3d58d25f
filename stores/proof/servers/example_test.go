package servers_test

import (
	"context"
	"fmt"
	"time"

	"github.com/signet-go/signet/stores/proof/servers"
)

func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, remove, err := servers.Folder()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	redis, err := servers.Redis(ctx, dir, "--appendonly", "yes")
	if err != nil {
		fmt.Println(err) // what to install, or what the server says
		return
	}
	defer redis.Stop()
	fmt.Println(redis.URL())
}
