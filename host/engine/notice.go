package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// notices are what one change tells people, in the commit that makes it true.
// Nothing is announced that no flow is on.
type notices struct {
	*Engine

	windows *ledger.Windows
	told    []string
	opened  []time.Time
}

func (e *Engine) notices() *notices {
	return &notices{Engine: e, windows: e.Ledger.Windows()}
}

// failure is a run that failed, with what there is to say about it.
type failure struct {
	run    *host.Run
	origin string
	flow   *rules.Flow // nil if it can no longer be had
	// connection is the one that the failed step called, or empty.
	connection string
}

// failed tells of a failed run: at once if it is the first of its kind, else
// at the end of the window that the first one opened. Runs that a notice
// started tell nothing, or a failing notification would never end.
func (n *notices) failed(ctx context.Context, c *ledger.Change, f failure) error {
	if f.origin == host.OriginNotice || !n.heard(builtin.RunFailed) {
		return nil
	}
	window := n.window(ledger.NoticeGroup{Flow: f.run.Flow, Connection: f.connection, Kind: f.run.Error.Kind})
	opened, err := n.windows.Join(ctx, c, f.run.ID, window)
	if err != nil {
		return fmt.Errorf("joining the notice window of run %s: %w", f.run.ID, err)
	}
	n.opened = append(n.opened, window.Until)
	if !opened {
		return nil
	}
	data := n.failedRun(f)
	data.Count, data.Since = 1, data.FailedAt
	return n.announce(c, builtin.RunFailed, f.run.ID, window.ID, data)
}

func (e *Engine) window(g ledger.NoticeGroup) ledger.NoticeWindow {
	now := e.Now()
	return ledger.NoticeWindow{NoticeGroup: g, ID: e.NewID(), Opened: now, Until: now.Add(e.NoticeWindow)}
}

// heard says whether some flow is on an event of the host's own.
func (e *Engine) heard(event string) bool {
	return len(e.Rules.Current().On(host.Builtin, event)) > 0
}

// announce adds an event of the host's own to the change. Events of one key
// are announced once.
func (n *notices) announce(c *ledger.Change, typ, subject, dedupe string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", typ, err)
	}
	ev := n.envelope(host.Builtin, host.OriginNotice, &abi.Event{Type: typ, Subject: subject, Dedupe: dedupe, Data: raw})
	c.AcceptEvent(&ev, n.DedupeWindow)
	n.told = append(n.told, ev.ID)
	return nil
}

// committed wakes who waits for what was announced.
func (n *notices) committed() {
	for _, id := range n.told {
		n.inbox.lower(id)
	}
	for _, until := range n.opened {
		n.timers.lower(timeMark(until))
	}
}

func (e *Engine) failedRun(f failure) builtin.FailedRun {
	data := builtin.FailedRun{
		Run: f.run.ID, Flow: f.run.Flow, FlowTitle: f.run.Flow, Step: f.run.FailedStep, StepTitle: f.run.FailedStep,
		Connection: f.connection, Kind: f.run.Error.Kind.String(), Code: f.run.Error.Code, Message: f.run.Error.Message,
		Event:    builtin.Cause{ID: f.run.Event, Connection: f.run.Connection, Type: f.run.Type, Subject: f.run.Subject},
		FailedAt: f.run.Ended, Link: e.RunLink(f.run.ID),
	}
	if f.flow == nil {
		return data
	}
	if f.flow.Title != "" {
		data.FlowTitle = f.flow.Title
	}
	if step := stepAt(f.flow.Steps, f.run.FailedStep); step != nil && step.Title != "" {
		data.StepTitle = step.Title
	}
	return data
}

// stepAt finds the step that a path of the journal names, or nil.
func stepAt(steps []*rules.Step, path string) *rules.Step {
	for _, s := range steps {
		if s.Path == path {
			return s
		}
		if found := stepWithin(s, path); found != nil {
			return found
		}
	}
	return nil
}

func stepWithin(s *rules.Step, path string) *rules.Step {
	switch d := s.Do.(type) {
	case *rules.Switch:
		for i := range d.Cases {
			if found := stepAt(d.Cases[i].Steps, path); found != nil {
				return found
			}
		}
		return stepAt(d.Otherwise, path)
	case *rules.Foreach:
		if item, ok := strings.CutPrefix(path, s.Path+"["); ok {
			_, inner, _ := strings.Cut(item, "].")
			return stepAt(d.Steps, inner)
		}
	case *rules.SubFlow:
		if inner, ok := strings.CutPrefix(path, s.Path+"/"); ok {
			return stepAt(d.Flow.Steps, inner)
		}
	}
	return nil
}

// calledBy is the connection that a step called, or empty.
func calledBy(rec *host.StepRecord) string {
	if rec == nil {
		return ""
	}
	connection, _, _ := strings.Cut(rec.Call, ".")
	return connection
}
