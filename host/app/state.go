package app

import (
	"context"
	"fmt"

	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// DefaultStateTotal is how many keys a connection's plugin may remember in all,
// unless limits.state_total says something else.
const DefaultStateTotal = 1000

// guestState keeps what one connection's plugin remembers.
type guestState struct {
	ledger     *ledger.Ledger
	connection string
	// total is how many keys there may be.
	total int
}

// Get returns the value of key, or nil.
func (s guestState) Get(ctx context.Context, key string) ([]byte, error) {
	return s.ledger.State(ctx, s.connection, key)
}

// Put keeps all writes or none. Once it returns they survive the host's death.
func (s guestState) Put(ctx context.Context, writes []wasm.StateWrite) error {
	if err := s.fits(ctx, writes); err != nil {
		return err
	}
	var c ledger.Change
	for _, w := range writes {
		c.PutState(s.connection, w.Key, w.Value)
	}
	return s.ledger.Commit(ctx, &c)
}

// fits refuses keys beyond the limit, so that a plugin that never tires of new
// ones does not fill the disk.
func (s guestState) fits(ctx context.Context, writes []wasm.StateWrite) error {
	added := 0
	for _, w := range writes {
		old, err := s.Get(ctx, w.Key)
		if err != nil {
			return err
		}
		if old == nil {
			added++
		}
	}
	if added == 0 {
		return nil
	}
	count, err := s.ledger.StateKeys(ctx, s.connection, s.total+1)
	if err != nil {
		return err
	}
	if count+added > s.total {
		return &abi.Error{Kind: abi.Limit, Code: "state_total", Message: fmt.Sprintf(
			"the plugin wants to remember more than %d keys; the connection's setting limits.state_total raises it", s.total)}
	}
	return nil
}
