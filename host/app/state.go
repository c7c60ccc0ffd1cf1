package app

import (
	"context"
	"fmt"

	"github.com/musubi-run/musubi/host"
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

// Put keeps all writes or none: it hands them to the caller's
// [host.Invocation.Keep], or else has them survive the host's death once it returns.
func (s guestState) Put(ctx context.Context, writes []wasm.StateWrite) error {
	if err := s.fits(ctx, writes); err != nil {
		return err
	}
	kept := make([]host.StateWrite, len(writes))
	for i, w := range writes {
		kept[i] = host.StateWrite(w)
	}
	if keep, ok := ctx.Value(keepKey{}).(func([]host.StateWrite)); ok {
		keep(kept)
		return nil
	}
	var c ledger.Change
	c.PutState(s.connection, kept)
	return s.ledger.Commit(ctx, &c)
}

// keepKey leads through the sandbox to the caller's Keep.
type keepKey struct{}

// keeping returns a context for a call whose state the caller commits itself.
func keeping(ctx context.Context, in *host.Invocation) context.Context {
	if in.Keep == nil {
		return ctx
	}
	return context.WithValue(ctx, keepKey{}, in.Keep)
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
