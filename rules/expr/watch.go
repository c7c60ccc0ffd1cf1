package expr

import (
	"math"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/jp"
)

// Clock watches an evaluation: each place that asks what time it is notes when
// its answer may change. What was not asked for at all, because a condition
// before it was enough, cannot matter until then either.
//
// The clock ticks in whole seconds.
type Clock struct {
	now  time.Time
	next time.Time
}

// NewClock returns a clock that shows a time, cut to the second.
func NewClock(now time.Time) *Clock { return &Clock{now: now.Truncate(time.Second).In(jp.Zone)} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time { return c.now }

// Next returns the first instant at which anything that was asked may change.
func (c *Clock) Next() (time.Time, bool) { return c.next, !c.next.IsZero() }

// Today returns the day in Japan.
func (c *Clock) Today() value.Date { return value.DateOf(c.now.In(jp.Zone)) }

// wake notes an instant at which an answer may change.
func (c *Clock) wake(at time.Time) {
	if at.After(c.now) && (c.next.IsZero() || at.Before(c.next)) {
		c.next = at
	}
}

// wakeIn notes a midnight in Japan, so many days from today.
func (c *Clock) wakeIn(days int64) {
	if days > 0 && days < farDays {
		c.wake(c.Today().AddDays(days).In(jp.Zone))
	}
}

// What is further away than a hundred years is never announced.
const (
	farDays  = 36_600
	farTicks = farDays * 24 * time.Hour
)

// watch is how a call is watched: at is told the operands and the result.
type watch struct {
	// moving is which operand moves, and back whether it goes backward.
	moving int
	back   bool
	at     func(c *Clock, w watch, operands []ref.Val)
}

// watched returns the options of a program that reports to a [Clock].
func (a *analysis) watched() []cel.ProgramOption {
	if len(a.watches) == 0 {
		return nil
	}
	return []cel.ProgramOption{cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		w, found := a.watches[i.ID()]
		if !found {
			return i, nil
		}
		call, ok := i.(interpreter.InterpretableCall)
		if !ok {
			return &watchedNode{InterpretableV2: i, watch: w}, nil
		}
		return &watchedNode{InterpretableV2: i, watch: w, operands: call.Args()}, nil
	})}
}

// watchedNode is a part of a program that tells the clock when it may change.
type watchedNode struct {
	interpreter.InterpretableV2
	watch    watch
	operands []interpreter.InterpretableV2
}

// Exec evaluates the node.
func (n *watchedNode) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	if found, ok := frame.ResolveName(clockName); ok {
		if clock, ok := found.(*Clock); ok {
			n.tell(frame, clock)
		}
	}
	return n.InterpretableV2.Exec(frame)
}

// tell evaluates the operands for the clock. If one has no value the node has
// none either, at any time.
func (n *watchedNode) tell(frame *interpreter.ExecutionFrame, clock *Clock) {
	values := make([]ref.Val, len(n.operands))
	for i, operand := range n.operands {
		values[i] = operand.Exec(frame)
		if types.IsUnknownOrError(values[i]) {
			return
		}
	}
	n.watch.at(clock, n.watch, values)
}

// Eval evaluates the node.
func (n *watchedNode) Eval(vars interpreter.Activation) ref.Val {
	return n.Exec(interpreter.AsFrame(vars))
}

// clockName is where programs find their clock; no expression can say it.
const clockName = "@clock"

type clockVars struct {
	interpreter.Activation
	clock *Clock
}

// ResolveName finds a name's value, and the clock.
func (v *clockVars) ResolveName(name string) (any, bool) {
	switch name {
	case clockName:
		return v.clock, true
	case NameNow:
		return types.Timestamp{Time: v.clock.now}, true
	case NameToday:
		return v.clock.Today(), true
	default:
		return v.Activation.ResolveName(name)
	}
}

// EvalAt evaluates an expression that sees a running clock.
func (e *Expr) EvalAt(vars interpreter.Activation, clock *Clock) (ref.Val, error) {
	return e.Eval(&clockVars{vars, clock})
}

// untilTick is told both sides of a comparison of times or durations.
func (c *Clock) untilTick(w watch, operands []ref.Val) {
	distance, ok := distance(operands[w.moving], operands[1-w.moving])
	if !ok {
		return
	}
	if w.back {
		distance = -distance
	}
	if distance < 0 || distance > farTicks {
		return
	}
	meets := c.now.Add(distance)
	c.wake(meets.Add(time.Second - 1).Truncate(time.Second))
	c.wake(meets.Truncate(time.Second).Add(time.Second))
}

// distance is how far b is ahead of a. It stops at what a duration can hold.
func distance(a, b ref.Val) (time.Duration, bool) {
	switch a := a.(type) {
	case types.Timestamp:
		if b, ok := b.(types.Timestamp); ok {
			return b.Sub(a.Time), true
		}
	case types.Duration:
		if b, ok := b.(types.Duration); ok {
			return saturated(b.Duration, a.Duration), true
		}
	}
	return 0, false
}

func saturated(b, a time.Duration) time.Duration {
	d := b - a
	switch {
	case a < 0 && b > 0 && d < 0:
		return math.MaxInt64
	case a > 0 && b < 0 && d > 0:
		return math.MinInt64
	}
	return d
}

// untilDay is told both sides of a comparison of dates or of numbers of days.
func (c *Clock) untilDay(w watch, operands []ref.Val) {
	days, ok := daysApart(operands[w.moving], operands[1-w.moving])
	if !ok {
		c.wakeIn(1)
		return
	}
	if w.back {
		days = -days
	}
	if days > 0 {
		c.wakeIn(days)
		return
	}
	c.wakeIn(days + 1)
}

func daysApart(a, b ref.Val) (int64, bool) {
	switch a := a.(type) {
	case value.Date:
		if b, ok := b.(value.Date); ok {
			return a.DaysUntil(b), true
		}
	case types.Int:
		if b, ok := b.(types.Int); ok && b > -farDays && b < farDays && a > -farDays && a < farDays {
			return int64(b - a), true
		}
	}
	return 0, false
}

func (c *Clock) untilMidnight(_ watch, operands []ref.Val) {
	zone := jp.Zone
	if len(operands) == 2 { // now.date('America/New_York')
		if name, ok := operands[1].(types.String); ok {
			if named, err := time.LoadLocation(string(name)); err == nil {
				zone = named
			}
		}
	}
	c.wake(value.DateOf(c.now.In(zone)).AddDays(1).In(zone))
}

// untilMonth is told a day that moves with the clock, maybe some days ahead of it.
func (c *Clock) untilMonth(_ watch, operands []ref.Val) {
	c.untilFirst(operands, func(t time.Time) time.Time { return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC) })
}

func (c *Clock) untilYear(_ watch, operands []ref.Val) {
	c.untilFirst(operands, func(t time.Time) time.Time { return time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC) })
}

func (c *Clock) untilFirst(operands []ref.Val, first func(time.Time) time.Time) {
	if day, ok := operands[0].(value.Date); ok {
		c.wakeIn(day.DaysUntil(value.DateOf(first(day.In(time.UTC)))))
	}
}

// untilSeason is told a day and the first and last day of a part of the year.
func (c *Clock) untilSeason(_ watch, operands []ref.Val) {
	day, ok := operands[0].(value.Date)
	if !ok {
		return
	}
	for i, after := range []int64{0, 1} {
		text, ok := operands[i+1].(types.String)
		bound, err := value.ParseBirthday("--" + string(text))
		if !ok || err != nil {
			return
		}
		if text == "02-29" { // there in some years only
			c.untilMonth(watch{}, operands)
		}
		next := bound.Next(day.AddDays(1 - after)).AddDays(after)
		c.wakeIn(day.DaysUntil(next))
	}
}

// untilAnniversary is told a birthday or date and a day that moves.
func (c *Clock) untilAnniversary(_ watch, operands []ref.Val) {
	born, on, ok := anniversaryOf(operands)
	if !ok {
		c.wakeIn(1)
		return
	}
	next := born.Next(on)
	if next == on {
		c.wakeIn(1)
		return
	}
	c.wakeIn(on.DaysUntil(next))
}

func anniversaryOf(operands []ref.Val) (born value.Birthday, on value.Date, ok bool) {
	on, ok = operands[1].(value.Date)
	switch v := operands[0].(type) {
	case value.Birthday:
		born = v
	case value.Date:
		born = value.BirthdayOf(v)
	default:
		ok = false
	}
	return born, on, ok
}

// untilCountdown is told both sides of x.daysUntilNext(today) <= n: the left
// one goes down by one each day, and up again after the anniversary, which is watched itself.
func (c *Clock) untilCountdown(w watch, operands []ref.Val) {
	w.back = true
	c.untilDay(w, operands)
}
