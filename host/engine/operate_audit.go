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

// Refused remembers that a person wanted something that could not be done, and
// returns why. What the host refuses itself is no act of a person.
func (e *Engine) Refused(ctx context.Context, act host.Act, on, detail string, why error) error {
	actor, person := host.ActorOf(ctx)
	if !person || why == nil {
		return why
	}
	var c ledger.Change
	c.PutAudit(&host.Audit{
		ID: e.NewID(), Time: e.Now(), Who: actor.Name, Address: actor.Address, Act: act, On: on, Detail: detail, Refused: why.Error(),
	})
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		e.Logger.Error("an act that was refused could not be recorded", "act", string(act), "on", on, "error", err)
	}
	return why
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
