package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Connection is the name under which schedules announce their events, and
// EventDue the type of these events. Their subject is the flow.
const (
	Connection = "musubi"
	EventDue   = "schedule.due"
)

// Plan is one flow's schedule.
type Plan struct {
	Flow    string
	Times   string
	Zone    *time.Location
	CatchUp rules.CatchUp
	Jitter  time.Duration
}

// late is how long after a due time the plan starts: the same for the same due
// time wherever it is asked, and spread over the jitter.
func (p Plan) late(due time.Time) time.Duration {
	if p.Jitter <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%s@%d", p.Flow, due.Unix()))
	return time.Duration(h.Sum64() % uint64(p.Jitter)) //nolint:gosec // below Jitter, which fits
}

// Clockwork fires schedules: each due time once, as a commit that also moves
// the schedule's own cursor. Its methods may be called from any goroutine.
type Clockwork struct {
	Options

	plans *roster[Plan]
}

// NewClockwork returns a clockwork without schedules.
func NewClockwork(o Options) *Clockwork {
	c := &Clockwork{Options: o}
	c.plans = newRoster(c.watch)
	return c
}

// Watch fires these plans from now on and no others. A plan that was watched
// before goes on undisturbed; how far a flow's schedule has come outlives a
// change of its plan and the host, but not the flow: one that was switched off
// begins anew, and does not catch up with what it was not to do.
func (c *Clockwork) Watch(ctx context.Context, plans []Plan) {
	c.plans.watch(plans)
	if err := c.forget(ctx, plans); err != nil && ctx.Err() == nil {
		c.Logger.Error("how far schedules came that are switched off could not be forgotten", "error", err)
	}
}

// Idle fires nothing until Watch says what, and forgets nothing.
func (c *Clockwork) Idle() { c.plans.watch(nil) }

// forget has schedules of flows that have none any more begin anew, should they be back.
func (c *Clockwork) forget(ctx context.Context, plans []Plan) error {
	wanted := make(map[string]bool, len(plans))
	for _, p := range plans {
		wanted[cursorOf(p)] = true
	}
	cursors, err := c.Cursors.Cursors(ctx)
	if err != nil {
		return fmt.Errorf("listing cursors: %w", err)
	}
	for i := range cursors {
		name := cursors[i].Trigger
		if cursors[i].Connection != Connection || !strings.HasPrefix(name, cursorPrefix) || wanted[name] {
			continue
		}
		if err := c.Cursors.ForgetCursor(ctx, Connection, name); err != nil {
			return fmt.Errorf("forgetting %s: %w", name, err)
		}
	}
	return nil
}

// Stop ends all schedules. It may be called twice.
func (c *Clockwork) Stop() { c.plans.stop() }

// longestSleep bounds how long the machine's clock is trusted.
const longestSleep = time.Minute

func (c *Clockwork) watch(ctx context.Context, p Plan) {
	times, err := timesOf(p.Times)
	if err != nil {
		c.Logger.Error("schedule cannot be read", "flow", p.Flow, "times", p.Times, "error", err)
		return
	}
	for ctx.Err() == nil {
		wait, err := c.turn(ctx, p, times)
		if err != nil && ctx.Err() == nil {
			c.Logger.Error("schedule could not be fired, repeating", "flow", p.Flow, "error", err)
		}
		rest(ctx, min(max(wait, time.Millisecond), longestSleep))
	}
}

// turn fires what is due and returns how long it is until the next due time.
func (c *Clockwork) turn(ctx context.Context, p Plan, times rules.Times) (time.Duration, error) {
	read, err := c.Cursors.Cursor(ctx, Connection, cursorOf(p))
	if err != nil {
		return shortest, fmt.Errorf("reading how far the schedule has come: %w", err)
	}
	now := c.Now().In(p.Zone)
	if read.Value == nil {
		next := times.Next(now)
		return next.Sub(now), c.move(ctx, p, read, nil, next)
	}
	due := p.due(read.Cursor, times, now)
	if start := due.Add(p.late(due)); start.After(now) {
		if !due.Equal(read.Next) { // kept, or it would be the one after it once it has come
			err = c.move(ctx, p, read, nil, due)
		}
		return start.Sub(now), err
	}
	fire, next := p.dueTimes(times, due, now)
	return next.Add(p.late(next)).Sub(now), c.move(ctx, p, read, fire, next)
}

// due returns what is due next: what the cursor says, unless the plan was
// changed since the cursor was moved.
func (p Plan) due(read host.Cursor, times rules.Times, now time.Time) time.Time {
	due := read.Next.In(p.Zone)
	planned := times.Next(due.Add(-time.Second)).Equal(due)
	switch {
	case planned && now.Before(read.Updated) && read.Updated.Sub(now) < mistaken: // the clock was set back: nothing is due twice
		return due
	case due.After(now):
		return times.Next(now)
	case planned:
		return due
	default:
		return times.Next(due)
	}
}

// mistaken is by how much a clock that was set back had been wrong. Then what
// was due by it tells nothing: a schedule must not be silent for a year because
// the clock was that much ahead for a minute. What was fired early is known by its key.
const mistaken = 24 * time.Hour

// onTime is how late a due time may be fired and still count as on time.
const onTime = 5 * time.Minute

// catchUpBatch bounds how many missed due times are fired in one commit.
const catchUpBatch = 100

// dueTimes returns which due times from due on to fire now, and the one after them.
func (p Plan) dueTimes(times rules.Times, due, now time.Time) (fire []time.Time, next time.Time) {
	for next = due; !next.Add(p.late(next)).After(now); next = times.Next(next) {
		switch p.CatchUp {
		case rules.CatchUpAll:
			if fire = append(fire, next); len(fire) == catchUpBatch {
				return fire, times.Next(next)
			}
		case rules.CatchUpOnce:
			fire = []time.Time{next}
		default:
			if now.Sub(next) <= onTime+p.Jitter {
				fire = []time.Time{next}
			}
		}
	}
	return fire, next
}

const cursorPrefix = "schedule:"

func cursorOf(p Plan) string { return cursorPrefix + p.Flow }

// move announces the due times and remembers the next one, in one commit.
func (c *Clockwork) move(ctx context.Context, p Plan, read ledger.CursorRow, fire []time.Time, next time.Time) error {
	var events []abi.Event
	for _, due := range fire {
		data, err := json.Marshal(map[string]any{"due": due.Format(time.RFC3339)})
		if err != nil {
			return fmt.Errorf("encoding a due time: %w", err)
		}
		events = append(events, abi.Event{
			Type: EventDue, Subject: p.Flow, Dedupe: p.Flow + "@" + due.UTC().Format(time.RFC3339), Time: due, Data: data,
		})
	}
	value, err := json.Marshal(next.UTC().Format(time.RFC3339))
	if err != nil {
		return fmt.Errorf("encoding the next due time: %w", err)
	}
	_, err = c.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginSchedule, Events: events}, read, host.Cursor{
		Connection: Connection, Trigger: cursorOf(p), Value: value, Updated: c.Now(), Next: next,
	})
	return err
}
