package members

import (
	"context"
	"errors"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Fact is something that an import tells. Value is a pointer to a type of the
// shared model; Raw is a customer as the cart writes it, for link rules with a condition.
type Fact struct {
	Connection string
	Value      commerce.Modelled
	Raw        []byte
}

// importBatch is how many facts are taken in in one commit.
const importBatch = 256

// Import takes facts in, in their order, and returns when they are on the disk:
// why each was refused, a [RefusedError], nil for those that were not. Many facts at once are
// taken in faster, since one batch is decided while the one before is written.
// After an error some may have been taken in; to tell them again does no harm.
// quiet has nothing announced: what is old is no news.
func (m *Members) Import(ctx context.Context, cause host.Cause, facts []Fact, quiet bool) (refused []error, err error) {
	im := &importing{m: m, cause: cause, quiet: quiet, refused: make([]error, 0, len(facts))}
	for some := range slices.Chunk(facts, importBatch) {
		if err = im.tell(ctx, some); err != nil {
			break
		}
	}
	if fault := im.last.wait(); err == nil {
		err = fault
	}
	return im.refused[:len(facts)], err
}

// importing is an import under way.
type importing struct {
	m     *Members
	cause host.Cause
	quiet bool
	// refused has a place for each fact that was told.
	refused []error
	// last is the newest batch, which may not be on the disk yet.
	last *flight
}

// tell takes facts in in one commit, or in halves if they are too much for one.
func (im *importing) tell(ctx context.Context, facts []Fact) error {
	refused := make([]error, len(facts))
	f, err := im.m.launch(ctx, im.cause, func(t *tx) error {
		t.quiet, t.origin = im.quiet, host.OriginBackfill
		return t.takeAll(ctx, facts, refused)
	})
	if half := len(facts) / 2; half > 0 && errors.Is(err, store.ErrInvalid) {
		if err := im.tell(ctx, facts[:half]); err != nil {
			return err
		}
		return im.tell(ctx, facts[half:])
	}
	if err != nil {
		return err
	}
	im.refused = append(im.refused, refused...)
	before := im.last
	im.last = f
	return before.wait()
}

func (t *tx) takeAll(ctx context.Context, facts []Fact, refused []error) error {
	taken := make([]fact, len(facts))
	for i := range facts {
		taken[i] = fact{connection: facts[i].Connection, value: facts[i].Value, raw: facts[i].Raw}
	}
	if err := t.prefetch(ctx, taken); err != nil {
		return err
	}
	for i := range taken {
		if err := t.take(ctx, &taken[i]); err != nil {
			return err
		}
		refused[i] = taken[i].err
	}
	return nil
}
