package servers

import (
	"net"
	"strconv"
	"testing"
)

// A server that is down must find its port free again.
func TestAPortIsReservedFromOtherServersAndFromClients(t *testing.T) {
	port, err := newPort()
	if err != nil {
		t.Fatal(err)
	}
	if reserve(port) {
		t.Errorf("port %s was handed out twice", port)
	}
	if n, err := strconv.Atoi(port); err != nil || n < firstPort || n >= firstOfClients() {
		t.Errorf("port %s: the kernel may hand it out to a client: its own begin at %d", port, firstOfClients())
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatalf("the server itself can't bind it: %v", err)
	}
	defer l.Close()
	if other, err := newPort(); err != nil || other == port {
		t.Errorf("the next port is %s, %v", other, err)
	}
}
