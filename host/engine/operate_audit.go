package engine

import (
	"context"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// Sign adds to the change who has it done, if that is a person.
func (e *Engine) Sign(ctx context.Context, c *ledger.Change, act host.Act, on, detail string) {
	actor, person := host.ActorOf(ctx)
	if !person {
		return
	}
	c.PutAudit(&host.Audit{
		ID: e.NewID(), Time: e.Now(), Who: actor.Name, Address: actor.Address, Act: act, On: on, Detail: detail,
	})
}

// Record remembers an act that changes nothing in the store by itself.
func (e *Engine) Record(ctx context.Context, act host.Act, on, detail string) error {
	var c ledger.Change
	e.Sign(ctx, &c, act, on, detail)
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return fmt.Errorf("recording %s of %s: %w", act, on, err)
	}
	return nil
}
