package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// watchSchedules polls and fires what these rules ask for, and nothing else.
func (a *App) watchSchedules(ctx context.Context, set *rules.Set) {
	a.poller.Watch(ctx, a.sources(set))
	var plans []schedule.Plan
	for _, f := range set.Flows() {
		if s := f.On.Schedule; s != nil {
			plans = append(plans, schedule.Plan{Flow: f.ID, Times: s.Times, Zone: s.Zone, CatchUp: s.CatchUp, Jitter: s.Jitter})
		}
	}
	if !holds(set) { // more likely a folder whose files are not there yet
		a.clockwork.Idle()
		return
	}
	a.clockwork.Watch(ctx, plans)
}

// sources are the polls that the rules need: triggers that some flow is on
// and that come by polling only, those that the configuration asks for, and
// those by which members hear of a cart's customers and orders.
func (a *App) sources(set *rules.Set) []schedule.Source {
	var sources []schedule.Source
	for name, conn := range a.cfg.Connections {
		triggers := a.plugins[conn.Connector].Manifest.Triggers
		told := membersFollow(set, name, triggers)
		for _, trigger := range triggers {
			every, configured := conn.Polls[trigger.Name]
			wanted := len(set.On(name, trigger.Name)) > 0 && (!trigger.Webhook || configured)
			if !trigger.Poll || (!wanted && !told[trigger.Name]) {
				continue
			}
			if !configured {
				every = defaultInterval(&trigger)
			}
			if every > 0 {
				sources = append(sources, schedule.Source{Connection: name, Trigger: trigger.Name, Interval: every})
			}
		}
	}
	return sources
}

// membersFollow picks the triggers by which members hear of a cart that a link
// rule names: for each type of the model the one for changes, or else the
// first. They are polled beside webhooks, too: those may tell no more than an id.
func membersFollow(set *rules.Set, connection string, triggers []abi.Trigger) map[string]bool {
	if !slices.ContainsFunc(set.LinkRules(), func(r *rules.LinkRule) bool { return r.Cart == connection }) {
		return nil
	}
	byModel := make(map[abi.Model]string)
	for i := range triggers {
		t := &triggers[i]
		if !t.Poll || members.Blank(t.Model) == nil {
			continue
		}
		if byModel[t.Model] == "" || strings.HasSuffix(t.Name, ".updated") {
			byModel[t.Model] = t.Name
		}
	}
	names := make(map[string]bool, len(byModel))
	for _, name := range byModel {
		names[name] = true
	}
	return names
}

func defaultInterval(t *abi.Trigger) time.Duration {
	if t.IntervalSeconds == 0 {
		return 10 * time.Minute
	}
	return time.Duration(t.IntervalSeconds) * time.Second
}
