package app

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/supply"
	"github.com/musubi-run/musubi/rules/diag"
)

// refused is the fault of a plugin that is not what was accepted.
var refused = diag.Kind{
	Code: "plugin-not-accepted",
	EN:   "plugin %[1]s %[2]s: look at what it can reach now with musubi plugin accept, and accept it there if it is right",
	JA:   "プラグイン %[1]s: %[2]s。musubi plugin accept で違いを確かめ、問題なければ承認してください",
}

// checkAccepted refuses plugins of connections that are not what plugins.lock
// says. Without that file everything is taken; locked is false then.
func checkAccepted(cfg *config.Config, plugins map[string]*Plugin) (locked bool, err error) {
	lock, err := supply.ReadLock(supply.Path(cfg.File))
	if lock == nil || err != nil {
		return false, err
	}
	var problems diag.Problems
	for _, id := range used(cfg) {
		p := plugins[id]
		if p == nil {
			continue // the configuration's check has said so
		}
		entry, err := p.Describe()
		if err != nil {
			return true, err
		}
		differences := lock.Differences(id, entry)
		if lock.Plugins[id] == nil {
			differences = differences[:1] // that it is new: all that it can do is too
		}
		for _, d := range differences {
			problems = append(problems, diag.Problem{
				File: fromHere(lock.File), Line: lock.Line(id), Column: 1, Code: refused.Code, Message: refused.Text(id, d.Text),
			})
		}
	}
	if len(problems) > 0 {
		return true, problems
	}
	return true, nil
}

// used are the connectors that connections are of.
func used(cfg *config.Config) []string {
	ids := map[string]bool{}
	for _, c := range cfg.Connections {
		ids[c.Connector] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func (a *App) openAccepted() error {
	locked, err := checkAccepted(a.cfg, a.plugins)
	if err == nil && !locked {
		a.log.Info("plugins are run as they are found; musubi plugin accept pins them", slog.String("file", supply.Path(a.cfg.File)))
	}
	return err
}

// Describe returns the plugin as plugins.lock would record it.
func (p *Plugin) Describe() (supply.Entry, error) { return supply.Describe(p.wasm, p.Manifest) }
