package app_test

import (
	"net"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/hosttest"
)

// A client may hold a connection on which it never says anything. The host
// stops without a fault, and long before its grace is over.
func TestSilentConnectionDoesNotHoldUpTheStop(t *testing.T) {
	h := hosttest.Start(t, hosttest.Options{
		Connections: map[string]hosttest.Connection{"crm": {Connector: "salesforce", Quiet: true}},
	})
	silent, err := net.Dial("tcp", h.URL[len("http://"):])
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	began := time.Now()
	h.Stop()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopping took %s", took)
	}
}
