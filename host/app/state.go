package app

import (
	"context"

	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/wasm"
)

// guestState keeps what one connection's plugin remembers.
type guestState struct {
	ledger     *ledger.Ledger
	connection string
}

// Get returns the value of key, or nil.
func (s guestState) Get(ctx context.Context, key string) ([]byte, error) {
	return s.ledger.State(ctx, s.connection, key)
}

// Put keeps all writes or none.
func (s guestState) Put(ctx context.Context, writes []wasm.StateWrite) error {
	var c ledger.Change
	for _, w := range writes {
		c.PutState(s.connection, w.Key, w.Value)
	}
	return s.ledger.Commit(ctx, &c)
}
