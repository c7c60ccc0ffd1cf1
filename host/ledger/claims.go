package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// claim says who did first what a flow does once only.
type claim struct {
	Owner   string    `json:"owner"`
	Expires time.Time `json:"expires"`
}

// claimed names a claim in the index by expiry.
type claimed struct {
	Scope string `json:"scope"`
	Name  string `json:"name"`
}

// Claim takes a name within a scope for its first owner, until it expires. It
// says whether the owner has it: the first who asked, and however often. Who
// comes after the expiry is first again.
func (l *Ledger) Claim(ctx context.Context, scope, name, owner string, now, expires time.Time) (first bool, err error) {
	for range claimTries {
		var c Change
		taken, err := l.claimed(ctx, &c, scope, name, now)
		if err != nil {
			return false, fmt.Errorf("reading a claim: %w", err)
		}
		if taken != nil {
			return taken.Owner == owner, nil
		}
		c.put(key(tableClaim, scope, name), claim{owner, expires})
		c.put(key(tableClaimEnds, instant(expires), scope, name), claimed{scope, name})
		if err := l.Commit(ctx, &c); !errors.Is(err, store.ErrConflict) {
			return err == nil, err
		}
	}
	return false, errors.New("keeping a claim: somebody else changes it all the time")
}

// claimTries is how often a claim is tried again that somebody else took meanwhile.
const claimTries = 5

// claimed returns the claim that holds now; nil if the name is free. The change
// expects it so, and drops one that expired.
func (l *Ledger) claimed(ctx context.Context, c *Change, scope, name string, now time.Time) (*claim, error) {
	k := key(tableClaim, scope, name)
	old, err := l.store.Get(ctx, k)
	if isNotFound(err) {
		c.expect(k, nil)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var has claim
	if err := decode(old, &has); err != nil {
		return nil, err
	}
	if now.Before(has.Expires) {
		return &has, nil
	}
	c.expect(k, old)
	c.batch.Delete(key(tableClaimEnds, instant(has.Expires), scope, name))
	return nil, nil
}

// Disclaim gives a name back, if the owner has it.
func (l *Ledger) Disclaim(ctx context.Context, c *Change, scope, name, owner string) error {
	k := key(tableClaim, scope, name)
	old, err := l.raw(ctx, k)
	if err != nil || old == nil {
		return err
	}
	var has claim
	if err := decode(old, &has); err != nil || has.Owner != owner {
		return err
	}
	c.expect(k, old)
	c.batch.Delete(k)
	c.batch.Delete(key(tableClaimEnds, instant(has.Expires), scope, name))
	return nil
}

// SweepClaims deletes claims that expired. It returns how many.
func (l *Ledger) SweepClaims(ctx context.Context, now time.Time) (int, error) {
	total, prefix := 0, under(tableClaimEnds)
	for {
		var c Change
		n := 0
		r := store.Range{Prefix: prefix, To: key(tableClaimEnds, instant(now)), Limit: sweepBatch}
		err := l.store.Scan(ctx, r, func(k string, value []byte) error {
			n++
			c.batch.Delete(k)
			return l.condemnClaim(ctx, &c, value, now)
		})
		if err == nil {
			err = l.Commit(ctx, &c)
		}
		if errors.Is(err, store.ErrConflict) { // one of them was renewed just now
			continue
		}
		if err != nil {
			return total, err
		}
		if total += n; n < sweepBatch {
			return total, nil
		}
	}
}

// condemnClaim has a claim go that the index says is over, unless it was renewed.
func (l *Ledger) condemnClaim(ctx context.Context, c *Change, entry []byte, now time.Time) error {
	var over claimed
	if err := decode(entry, &over); err != nil {
		return err
	}
	k := key(tableClaim, over.Scope, over.Name)
	kept, err := l.raw(ctx, k)
	if err != nil || kept == nil {
		return err
	}
	var has claim
	if err := decode(kept, &has); err != nil || now.Before(has.Expires) {
		return err
	}
	c.expect(k, kept)
	c.batch.Delete(k)
	return nil
}
