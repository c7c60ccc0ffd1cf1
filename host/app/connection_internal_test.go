package app

import (
	"testing"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What a person wrote for a platform that takes long counts for more than the processors.
func TestInstancesOfAConnection(t *testing.T) {
	for _, c := range []struct{ written, allowed, least, most int }{
		{written: 0, allowed: 0, least: 4, most: 1 << 20},
		{written: 0, allowed: 1, least: 2, most: 2},
		{written: 0, allowed: 1 << 20, least: 4, most: 1<<20 - 1},
		{written: 1, allowed: 25, least: 2, most: 2},
		{written: 40, allowed: 25, least: 40, most: 40},
		{written: 1000, allowed: 25, least: mostInstances, most: mostInstances},
	} {
		conn := &config.Connection{Limits: abi.Limits{Concurrency: c.written}}
		got := instancesFor(conn, &abi.Manifest{Limits: abi.Limits{Concurrency: c.allowed}})
		if got < c.least || got > c.most {
			t.Errorf("written %d, allowed %d: %d instances", c.written, c.allowed, got)
		}
	}
}
