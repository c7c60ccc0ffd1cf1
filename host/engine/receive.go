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
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Receive turns a delivery into durable events. When it returns nil, every
// event of the delivery, or the delivery itself as a dead letter, is on disk:
// the platform may be told 2xx. After an error not everything was kept and the
// platform should deliver again: the error is an *abi.Error of kind
// Unavailable, or ctx's.
func (e *Engine) Receive(ctx context.Context, d host.Delivery) (host.Receipt, error) {
	receipt, state, err := e.parse(ctx, &d)
	switch {
	case ctx.Err() != nil:
		return host.Receipt{}, ctx.Err()
	case err != nil:
		return e.bury(ctx, d, abi.AsError(err))
	}
	events := make([]host.Event, 0, len(receipt.Events))
	for i := range receipt.Events {
		events = append(events, e.envelope(d.Connection, host.OriginWebhook, &receipt.Events[i]))
	}
	accepted, err := e.acceptWith(ctx, events, func(c *ledger.Change) { c.PutState(d.Connection, state) })
	accepted.Reply = receipt.Reply
	return accepted, err
}

// parse asks the connection's plugin what the delivery says, and what to
// remember of it.
func (e *Engine) parse(ctx context.Context, d *host.Delivery) (receipt *abi.Receipt, state []host.StateWrite, err error) {
	output, err := e.Connectors.Invoke(ctx, host.Invocation{
		Connection: d.Connection, Op: abi.OpWebhook, Delivery: d,
		Keep: func(writes []host.StateWrite) { state = writes },
	})
	if err != nil {
		return nil, nil, err
	}
	receipt = new(abi.Receipt)
	if err := sdk.Decode(output, receipt); err != nil {
		return nil, nil, fmt.Errorf("reading the plugin's receipt: %w", err)
	}
	return receipt, state, nil
}

// bury keeps a delivery that says nothing we understand. One that is kept
// already, because its sender repeats it for ever, is only counted, for as long
// as nobody has replayed or dismissed it.
func (e *Engine) bury(ctx context.Context, d host.Delivery, why *abi.Error) (host.Receipt, error) {
	letter := host.DeadLetter{ID: e.NewID(), Delivery: d, Error: why}
	err := retryConflicts(func() error { return e.keepDead(ctx, &letter) })
	if err != nil {
		return host.Receipt{}, unavailable(fmt.Errorf("keeping a delivery that cannot be parsed: %w", err))
	}
	e.Observer.Delivery(d.Connection, OutcomeDead, 1)
	e.Logger.Warn("delivery kept for inspection", "connection", d.Connection, "dead_letter", letter.ID, "error", why)
	return host.Receipt{Dead: letter.ID}, nil
}

// keepDead makes the letter durable, folded into that of the same delivery
// from before if there is one; letter then is that one.
func (e *Engine) keepDead(ctx context.Context, letter *host.DeadLetter) error {
	row, err := e.Ledger.DeadOf(ctx, &letter.Delivery)
	if err != nil {
		return err
	}
	var c ledger.Change
	if !row.Known || !row.Open() {
		row.Known = false
		c.FoldDead(row, letter)
		return e.Ledger.Commit(ctx, &c)
	}
	folded := row.DeadLetter
	folded.Repeats, folded.Last, folded.Error = folded.Repeats+1, letter.Delivery.Received, letter.Error
	c.FoldDead(row, &folded)
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return err
	}
	*letter = folded
	return nil
}

// envelope gives an announced event its identity.
func (e *Engine) envelope(connection, origin string, a *abi.Event) host.Event {
	now := e.Now()
	ev := host.Event{
		ID: e.NewID(), Connection: connection, Source: "musubi:" + connection,
		Type: a.Type, Subject: a.Subject, Dedupe: a.Dedupe, Coarse: time.Duration(a.CoarseMS) * time.Millisecond,
		Time: a.Time, Received: now, Data: a.Data, Origin: origin,
	}
	if ev.Time.IsZero() {
		ev.Time = now
	}
	if len(ev.Data) == 0 {
		ev.Data = json.RawMessage("null")
	}
	if ev.Dedupe == "" {
		ev.Dedupe = contentHash(a)
	}
	if a.Also != ev.Dedupe {
		ev.Also = a.Also
	}
	return ev
}

// contentHash names an event by what it says, for connectors that have nothing better.
func contentHash(a *abi.Event) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(a.Type), []byte(a.Subject), a.Data} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Accept makes events durable, all that are new; repetitions of accepted events
// are counted and dropped. It is one commit, unless the events are more than
// one takes.
func (e *Engine) Accept(ctx context.Context, events []host.Event) (host.Receipt, error) {
	return e.acceptWith(ctx, events, func(*ledger.Change) {})
}

// AcceptPage makes the events of one page of a poll durable, together with the
// plugin's state and the cursor behind it. An error of kind Unavailable that wraps a moved cursor
// means that somebody else polled meanwhile.
func (e *Engine) AcceptPage(ctx context.Context, page host.Page, read ledger.CursorRow, next host.Cursor) (host.Receipt, error) {
	events := make([]host.Event, 0, len(page.Events))
	for i := range page.Events {
		events = append(events, e.envelope(next.Connection, page.Origin, &page.Events[i]))
	}
	return e.acceptWith(ctx, events, func(c *ledger.Change) {
		c.PutState(next.Connection, page.State)
		c.MoveCursor(read, next)
	})
}

// acceptWith accepts events and commits what extra adds with them.
func (e *Engine) acceptWith(ctx context.Context, events []host.Event, extra func(*ledger.Change)) (host.Receipt, error) {
	fresh, repeated := distinct(events)
	receipt, err := e.acceptEach(ctx, fresh, extra)
	if err != nil {
		return host.Receipt{}, unavailable(err)
	}
	receipt.Duplicates += repeated
	return receipt, nil
}

// acceptEach accepts events that differ. What is more than one commit takes is
// halved, and what extra adds goes with the last: should that fail, the others
// are known when the same events come again.
func (e *Engine) acceptEach(ctx context.Context, events []host.Event, extra func(*ledger.Change)) (host.Receipt, error) {
	receipt, err := e.acceptOnce(ctx, events, extra)
	half := len(events) / 2
	if half == 0 || !errors.Is(err, store.ErrInvalid) {
		return receipt, err
	}
	if receipt, err = e.acceptEach(ctx, events[:half], func(*ledger.Change) {}); err != nil {
		return host.Receipt{}, err
	}
	last, err := e.acceptEach(ctx, events[half:], extra)
	receipt.Accepted = append(receipt.Accepted, last.Accepted...)
	receipt.Duplicates += last.Duplicates
	return receipt, err
}

// acceptOnce accepts events in one commit.
func (e *Engine) acceptOnce(ctx context.Context, fresh []host.Event, extra func(*ledger.Change)) (host.Receipt, error) {
	repeated := 0
	for {
		var c ledger.Change
		for i := range fresh {
			c.AcceptEvent(&fresh[i], e.DedupeWindow)
		}
		extra(&c)
		err := e.Ledger.Commit(ctx, &c)
		if err == nil {
			return e.accepted(fresh, repeated), nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return host.Receipt{}, fmt.Errorf("accepting events: %w", err)
		}
		remaining, known, err := e.sift(ctx, fresh)
		if err != nil {
			return host.Receipt{}, fmt.Errorf("looking for repetitions: %w", err)
		}
		if known == 0 {
			return host.Receipt{}, fmt.Errorf("accepting events: %w", errOvertaken)
		}
		repeated += len(fresh) - len(remaining)
		fresh = remaining
	}
}

// errOvertaken is met when another host has claimed the store, or a cursor was moved meanwhile.
var errOvertaken = errors.New("the store was changed by somebody else meanwhile")

func (e *Engine) accepted(fresh []host.Event, repeated int) host.Receipt {
	receipt := host.Receipt{Duplicates: repeated}
	for i := range fresh {
		e.inbox.lower(fresh[i].ID)
		if fresh[i].Completes != "" {
			receipt.Duplicates++
			e.Observer.Delivery(fresh[i].Connection, OutcomeDuplicate, 1)
			continue
		}
		receipt.Accepted = append(receipt.Accepted, fresh[i].ID)
		e.Observer.Delivery(fresh[i].Connection, OutcomeAccepted, 1)
	}
	return receipt
}

// sift drops events that were accepted before and counts those whose key is
// known. One that may be another change all the same gets a key of its own, and
// so does one that tells the projection more than the first did.
func (e *Engine) sift(ctx context.Context, events []host.Event) (remaining []host.Event, known int, err error) {
	for i := range events {
		ev := events[i]
		again, keep, err := e.recognise(ctx, &ev)
		if err != nil {
			return nil, 0, err
		}
		if again {
			known++
			if !keep {
				e.Observer.Delivery(ev.Connection, OutcomeDuplicate, 1)
				continue
			}
		}
		remaining = append(remaining, ev)
	}
	return remaining, known, nil
}

// recognise says whether one of the event's keys is known, and whether to keep
// the event all the same; it then has keys that nobody has.
func (e *Engine) recognise(ctx context.Context, ev *host.Event) (again, keep bool, err error) {
	first, err := e.Ledger.Accepted(ctx, ev.Connection, ev.Type, ev.Dedupe)
	if err == nil && first == "" && ev.Also != "" {
		if first, err = e.Ledger.Accepted(ctx, ev.Connection, ev.Type, ev.Also); first == "" || err != nil {
			return false, true, err
		}
		told, err := e.Ledger.Event(ctx, first)
		if err != nil && !errors.Is(err, host.ErrNotFound) {
			return true, false, err
		}
		if !shows(&told, ev) {
			ev.Also = ""
			return true, true, nil
		}
		ev.Dedupe, ev.Also = ev.Also, ""
	}
	if first == "" || err != nil {
		return false, true, err
	}
	keep, err = e.rename(ctx, ev, first)
	return true, keep, err
}

// shows says that a poll told of the change before its delivery came: it was
// polled when all changes that share its time had happened.
func shows(polled, ev *host.Event) bool {
	return (polled.Origin == host.OriginPoll || polled.Origin == host.OriginBackfill) && polled.Received.Sub(ev.Time) > longestStep+margin
}

// longestStep is that of platforms' times: some tell whole minutes.
const longestStep = time.Minute

// rename gives an event whose key is that of the event first a key of its own,
// if there is a reason to keep it.
func (e *Engine) rename(ctx context.Context, ev *host.Event, first string) (keep bool, err error) {
	if tooFresh(ev) {
		ev.Dedupe, ev.Also = ev.Dedupe+"#"+ev.ID, ""
		return true, nil
	}
	if e.Projection == nil || ev.Completes != "" {
		return false, nil
	}
	rest := ev.Dedupe + restMark
	if id, err := e.Ledger.Accepted(ctx, ev.Connection, ev.Type, rest); id != "" || err != nil {
		return false, err
	}
	told, err := e.Ledger.Event(ctx, first)
	if errors.Is(err, host.ErrNotFound) || (err == nil && !e.Projection.Adds(&told, ev)) {
		return false, nil
	}
	ev.Dedupe, ev.Also, ev.Completes = rest, "", first
	return err == nil, err
}

// restMark ends the key of an event that completes another, of which there is
// one at the most.
const restMark = "#rest"

// margin is how long a delivery may be under way.
const margin = time.Second

// tooFresh says that the event may be another change of the same moment: its
// key is as coarse as a clock's second, and that second is hardly over.
func tooFresh(ev *host.Event) bool {
	return ev.Coarse > 0 && ev.Received.Sub(ev.Time) < ev.Coarse+margin
}

// distinct drops events that repeat an earlier one of the same list.
func distinct(events []host.Event) (fresh []host.Event, repeated int) {
	type mark struct{ connection, typ, dedupe string }
	seen := make(map[mark]bool, len(events))
	for _, ev := range events {
		m := mark{ev.Connection, ev.Type, ev.Dedupe}
		if seen[m] {
			repeated++
			continue
		}
		seen[m] = true
		fresh = append(fresh, ev)
	}
	return fresh, repeated
}

// unavailable says that we cannot keep anything just now. A platform that is
// told so delivers again.
func unavailable(err error) error {
	return &abi.Error{Kind: abi.Unavailable, Message: err.Error(), RetryAfterMS: 30_000}
}
