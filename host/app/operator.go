package app

import (
	"context"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Connections tells how every connection fares, by name, and which of its polls bring nothing.
func (o Operator) Connections(ctx context.Context) ([]api.Connection, error) {
	polls, err := o.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	failing := make(map[string][]api.Cursor)
	for _, c := range polls {
		if c.Trouble != nil {
			failing[c.Connection] = append(failing[c.Connection], c)
		}
	}
	waiting, err := o.waiting(ctx, o.app.opts.Now())
	if err != nil {
		return nil, err
	}
	var all []api.Connection
	for _, name := range slices.Sorted(maps.Keys(o.app.sandboxed)) {
		m := o.app.sandboxed[name].Manifest()
		c := api.Connection{
			Name: name, Connector: m.ID, Version: m.Version,
			ConnectionStatus: o.app.engine.ConnectionStatus(name), Use: o.app.sandboxed[name].Use(), Polls: failing[name],
		}
		if err := waiting.tell(ctx, &c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Rules tells which rules are in force, and why newer ones are not.
func (o Operator) Rules(context.Context) (api.Rules, error) {
	return o.app.rulesInForce(), nil
}

// listener is what a flow in force starts on; one that does not start on an event is refused.
func (a *App) listener(id string) (rules.On, error) {
	set := a.rules.Current()
	flow := set.Flow(id)
	if flow == nil {
		var names []string
		for _, f := range set.Flows() {
			names = append(names, f.ID)
		}
		return rules.On{}, unknown(abi.Text{EN: "flow", JA: "フロー"}, id, names)
	}
	switch {
	case flow.Off:
		return flow.On, refusal(
			"flow "+id+" is switched off (enabled: false): switch it on first",
			"フロー "+id+" は止めてあります(enabled: false)。先に動かしてください")
	case flow.On.Event == "":
		return flow.On, refusal(id+" does not start on an event", id+" はイベントで始まるフローではありません")
	}
	return flow.On, nil
}

// ReloadRules reads the rules folder again, whole or not at all.
func (o Operator) ReloadRules(ctx context.Context) (api.Rules, error) {
	if err := o.app.engine.Record(ctx, host.ActReload, "", ""); err != nil {
		return api.Rules{}, err
	}
	err := o.app.Reload(ctx)
	return o.app.rulesInForce(), err
}

// Resume has a connection that holds its runs tried again at once.
func (o Operator) Resume(ctx context.Context, name string) error {
	if o.app.sandboxed[name] == nil {
		return o.refused(ctx, host.ActResume, name, "", host.ErrNotFound)
	}
	if err := o.app.engine.Record(ctx, host.ActResume, name, ""); err != nil {
		return err
	}
	o.app.engine.Resume(name)
	return nil
}

func (a *App) rulesInForce() api.Rules {
	set := a.rules.Current()
	a.told.Lock() // not reload: to delete old rules takes time
	defer a.told.Unlock()
	r := api.Rules{Version: set.Version(), Loaded: a.loaded}
	for _, f := range set.Flows() {
		r.Flows = append(r.Flows, flowSummary(f))
	}
	for _, t := range set.TagRules() {
		r.Tags = append(r.Tags, api.MemberRule{Name: t.Tag, Title: t.Title, Version: t.Version, File: t.File})
	}
	for _, l := range set.LinkRules() {
		r.Links = append(r.Links, api.MemberRule{Name: l.Name, Title: l.Title, Version: l.Version, File: l.File})
	}
	for _, p := range a.rejected {
		r.Problems = append(r.Problems, api.RuleProblem(p))
	}
	return r
}

func flowSummary(f *rules.Flow) api.Flow {
	s := api.Flow{ID: f.ID, Title: f.Title, Version: f.Version, File: f.File, Connection: f.On.Connection, Event: f.On.Event}
	if f.On.Schedule != nil {
		s.Schedule = f.On.Schedule.Times
	}
	return s
}
