package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Trouble is why a poll brings nothing, for people to see. It lives in a cursor
// of its own, so a restart does not hide it and the poll's cursor stays where it is.
type Trouble struct {
	// Since is when it began, Tries how often the platform was asked in vain since.
	Since time.Time `json:"since"`
	Tries int       `json:"tries"`
	// Error is that of the last try; if there was none yet, why the poll waits.
	Error *abi.Error `json:"error"`
	// Again is when the poll is due again.
	Again time.Time `json:"again"`
	// Told says that people were warned.
	Told bool `json:"told,omitempty"`
}

// People are warned after so many tries in vain over so long: a platform may
// refuse what it does not mean for some minutes.
const (
	warnTries = 3
	warnAfter = 10 * time.Minute
)

// needsPerson says whether the poll will go on failing until somebody mends
// something. A connection that does not work is told of as such.
func (t *Trouble) needsPerson(now time.Time) bool {
	return t.Tries >= warnTries && now.Sub(t.Since) >= warnAfter && t.Error != nil && !t.Error.Kind.Retryable() && t.Error.Kind != abi.Auth
}

const troublePrefix = "trouble:"

// TroubleOf reads a poll's trouble from its cursor, and which trigger it is of;
// ok is false for the cursor of something else.
func TroubleOf(c host.Cursor) (trigger string, t Trouble, ok bool, err error) {
	trigger, ok = strings.CutPrefix(c.Trigger, troublePrefix)
	if !ok {
		return "", t, false, nil
	}
	if err := json.Unmarshal(c.Value, &t); err != nil {
		return trigger, t, true, fmt.Errorf("reading the trouble of %s: %w", trigger, err)
	}
	return trigger, t, true, nil
}

// stumble keeps and logs why a turn brought nothing. That the connection does
// not work was logged when it was found out.
func (p *Poller) stumble(ctx context.Context, s Source, fault error, wait time.Duration) {
	if isHeld(fault) {
		p.Logger.Debug("poll waits for its connection", "connection", s.Connection, "trigger", s.Trigger, "again_in", wait.String())
	} else {
		p.Logger.Warn("poll failed", "connection", s.Connection, "trigger", s.Trigger, "error", fault, "again_in", wait.String())
	}
	if err := p.tell(ctx, s, abi.AsError(fault), wait); err != nil && ctx.Err() == nil {
		p.Logger.Warn("the poll's trouble could not be kept", "connection", s.Connection, "trigger", s.Trigger, "error", err)
	}
}

func (p *Poller) tell(ctx context.Context, s Source, fault *abi.Error, wait time.Duration) error {
	read, err := p.Cursors.Cursor(ctx, s.Connection, troublePrefix+s.Trigger)
	if err != nil {
		return err
	}
	now := p.Now()
	t := Trouble{Since: now}
	if read.Value != nil {
		if _, t, _, err = TroubleOf(read.Cursor); err != nil {
			return err
		}
	}
	t.Again = now.Add(wait)
	if !isHeld(fault) {
		t.Tries++
	}
	if !isHeld(fault) || t.Tries == 0 {
		t.Error = fault
	}
	if !t.Told && t.needsPerson(now) && p.Warn != nil {
		if t.Told, err = p.Warn(ctx, s, t); err != nil {
			return err
		}
	}
	value, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encoding the poll's trouble: %w", err)
	}
	next := host.Cursor{Connection: s.Connection, Trigger: troublePrefix + s.Trigger, Value: value, Updated: now}
	_, err = p.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginPoll}, read, next)
	return err
}

// mended forgets the trouble of a source that was polled.
func (p *Poller) mended(ctx context.Context, s Source) {
	read, err := p.Cursors.Cursor(ctx, s.Connection, troublePrefix+s.Trigger)
	if err == nil && read.Value != nil {
		err = p.Cursors.ForgetCursor(ctx, s.Connection, troublePrefix+s.Trigger)
	}
	if err != nil && ctx.Err() == nil {
		p.Logger.Warn("the poll's trouble could not be forgotten", "connection", s.Connection, "trigger", s.Trigger, "error", err)
	}
}

// forget drops the troubles of sources that are not polled any more.
func (p *Poller) forget(ctx context.Context, sources []Source) error {
	type poll struct{ connection, trigger string }
	wanted := make(map[poll]bool, len(sources))
	for _, s := range sources {
		wanted[poll{s.Connection, troublePrefix + s.Trigger}] = true
	}
	cursors, err := p.Cursors.Cursors(ctx)
	if err != nil {
		return fmt.Errorf("listing cursors: %w", err)
	}
	for i := range cursors {
		c := &cursors[i]
		if !strings.HasPrefix(c.Trigger, troublePrefix) || wanted[poll{c.Connection, c.Trigger}] {
			continue
		}
		if err := p.Cursors.ForgetCursor(ctx, c.Connection, c.Trigger); err != nil {
			return fmt.Errorf("forgetting %s of %s: %w", c.Trigger, c.Connection, err)
		}
	}
	return nil
}
