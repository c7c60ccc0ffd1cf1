package app

import (
	"time"

	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// watchSchedules polls and fires what these rules ask for, and nothing else.
func (a *App) watchSchedules(set *rules.Set) {
	a.poller.Watch(a.sources(set))
	var plans []schedule.Plan
	for _, f := range set.Flows() {
		if s := f.On.Schedule; s != nil {
			plans = append(plans, schedule.Plan{Flow: f.ID, Times: s.Times, Zone: s.Zone, CatchUp: s.CatchUp, Jitter: s.Jitter})
		}
	}
	a.clockwork.Watch(plans)
}

// sources are the polls that the rules need: triggers that some flow is on
// and that come by polling only, and those that the configuration asks for.
func (a *App) sources(set *rules.Set) []schedule.Source {
	var sources []schedule.Source
	for name, conn := range a.cfg.Connections {
		for _, trigger := range a.plugins[conn.Connector].Manifest.Triggers {
			every, configured := conn.Polls[trigger.Name]
			wanted := len(set.On(name, trigger.Name)) > 0
			if !trigger.Poll || !wanted || (trigger.Webhook && !configured) {
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

func defaultInterval(t *abi.Trigger) time.Duration {
	if t.IntervalSeconds == 0 {
		return 10 * time.Minute
	}
	return time.Duration(t.IntervalSeconds) * time.Second
}
