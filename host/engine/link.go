package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// echoWindow is how long after a write the same values are taken for its echo,
// also where the event does not say that it tells of a write of ours.
const echoWindow = 10 * time.Minute

// findLink reads what the event's record is linked with at the step's connection.
func (x *execution) findLink(ctx context.Context, p *upsertPlan) error {
	if p.step.Link == "" {
		return nil
	}
	if err := x.flushLinks(ctx); err != nil {
		return err
	}
	link, err := x.Ledger.Linked(ctx, p.step.Link, p.from, p.step.Connection)
	if errors.Is(err, host.ErrNotFound) {
		return nil
	}
	if err != nil {
		return &unrecorded{err}
	}
	p.link = &link
	return nil
}

// forward says whether the step writes to the link's To side.
func (p *upsertPlan) forward() bool { return p.link.To.Connection == p.step.Connection }

// linked is the id of the linked record, "" if there is none of the wanted kind.
func (p *upsertPlan) linked() string {
	if p.link == nil {
		return ""
	}
	side := p.link.To
	if !p.forward() {
		side = p.link.From
	}
	if side.Object != "" && side.Object != p.object {
		return ""
	}
	return side.ID
}

// echoes says whether exactly these values were written there last, after a
// time: then the event is our own write coming back, or a neighbour of it, and
// writing again would only send it round once more. It says, too, when they were.
func (p *upsertPlan) echoes(from time.Time) (at time.Time, same bool) {
	hash, at := p.link.Hash, p.link.Written
	if !p.forward() {
		hash, at = p.link.BackHash, p.link.BackWritten
	}
	return at, hash == p.hash && at.After(from)
}

// ends are the link's records, that of the event's side first, named without their objects.
func (p *upsertPlan) ends() (here, there host.Ref) {
	here, there = p.link.From, p.link.To
	if !p.forward() {
		here, there = there, here
	}
	here.Object, there.Object = "", ""
	return here, there
}

// answered says whether we ever wrote the other way, too: without that nothing
// that we wrote comes back.
func (p *upsertPlan) answered() bool { return !p.replied().IsZero() }

// replied is when we wrote the other way last.
func (p *upsertPlan) replied() time.Time {
	if p.forward() {
		return p.link.BackWritten
	}
	return p.link.Written
}

// keepLink journals the step's result, with the link if there is to be one.
func (x *execution) keepLink(ctx context.Context, p *upsertPlan, id string, done *host.StepRecord) error {
	if p.step.Link == "" {
		x.record(done)
		return nil
	}
	now := x.Now()
	link := p.link
	if link == nil {
		link = &host.Link{
			Kind: p.step.Link, From: p.from, Run: x.run.ID, Created: now,
			To: host.Ref{Connection: p.step.Connection, Object: p.object, ID: id},
		}
		p.link = link
	}
	if p.forward() {
		link.To.ID, link.Written, link.Hash = id, now, p.hash
	} else {
		link.From.ID, link.BackWritten, link.BackHash = id, now, p.hash
	}
	if p.answered() {
		fields, err := fieldHashes(p.set)
		if err != nil {
			return err
		}
		_, there := p.ends()
		x.rounds.set(there, fields, now)
	}
	return x.recordLink(ctx, done, &pendingLink{Link: link, back: !p.forward()})
}

// pendingLink is a link that is to be kept: whole, or with what was written to
// its To side, or, back, to its From side.
type pendingLink struct {
	*host.Link

	whole, back bool
}

// recordLink journals a step with the link that it made. Items of a foreach may
// link the same record at once, so no two links wait for one commit.
func (x *execution) recordLink(ctx context.Context, done *host.StepRecord, link *pendingLink) error {
	x.linkMu.Lock()
	defer x.linkMu.Unlock()
	if err := x.flushLinks(ctx); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.put(done)
	x.linking = link
	return nil
}

// putLink adds the link that is pending, seen against what is linked now.
func (x *execution) putLink(ctx context.Context, c *ledger.Change) error {
	if x.linking == nil {
		return nil
	}
	link := x.linking.Link
	seen, err := x.Ledger.LinksBetween(ctx, link.Kind, link.From, link.To)
	if err != nil {
		return err
	}
	c.PutLink(x.linking.beside(seen), seen)
	return nil
}

// beside returns the link with what another run has written the other way
// meanwhile, or that would not be known for our own when it comes back.
func (p *pendingLink) beside(seen ledger.LinkView) *host.Link {
	link := new(*p.Link)
	there := seen.Pair()
	switch {
	case there == nil || p.whole:
	case p.back:
		link.Written, link.Hash = there.Written, there.Hash
	default:
		link.BackWritten, link.BackHash = there.BackWritten, there.BackHash
	}
	return link
}

// fieldsHash names what was written, to tell our own echo from a change.
func fieldsHash(fields map[string]any) (string, error) {
	text, err := json.Marshal(fields) // keys are sorted
	if err != nil {
		return "", fmt.Errorf("hashing the fields: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), nil
}

// fieldHashes names each of the values that are written.
func fieldHashes(fields map[string]any) (map[string]string, error) {
	hashes := make(map[string]string, len(fields))
	for name, value := range fields {
		hash, err := fieldsHash(map[string]any{name: value})
		if err != nil {
			return nil, err
		}
		hashes[name] = hash
	}
	return hashes, nil
}
