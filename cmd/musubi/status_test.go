package main

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestAMomentsRateLimitIsNoTrouble keeps a monitor from crying at each of them.
func TestAMomentsRateLimitIsNoTrouble(t *testing.T) {
	paused := func(kind abi.Kind, wait time.Duration) *api.Status {
		status := host.ConnectionStatus{State: host.ConnectionPaused, Error: &abi.Error{Kind: kind}, Until: morning.Add(wait)}
		return &api.Status{Now: morning, Connections: []api.Connection{{Name: "shop", ConnectionStatus: status, Held: host.Count{N: 3}}}}
	}
	for _, c := range []struct {
		kind abi.Kind
		wait time.Duration
		want bool
	}{{abi.RateLimited, time.Second, true}, {abi.RateLimited, time.Hour, false}, {abi.Unavailable, time.Second, false}} {
		if got := quiet(paused(c.kind, c.wait)); got != c.want {
			t.Errorf("%s for %s: nobody has anything to do is %v", c.kind, c.wait, got)
		}
	}
}
