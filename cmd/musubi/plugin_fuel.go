package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

// inspected is a plugin as one connection has it; as JSON, what plugin inspect
// --connection prints.
type inspected struct {
	Manifest *abi.Manifest `json:"manifest"`
	// Fuel is what calls have used; nil while no host runs that could tell.
	Fuel   *api.Fuel `json:"fuel,omitempty"`
	bounds app.Bounds
}

// inspectConnection shows the plugin of a connection with the limits that hold
// there, and what its calls have used if the host runs.
func (p *program) inspectConnection(ctx context.Context, name string) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	conn := c.Connections[name]
	if conn == nil {
		return p.noConnection(nil, name, slices.Sorted(maps.Keys(c.Connections)))
	}
	plugins, err := app.Plugins(c.Plugins)
	if err != nil {
		return err
	}
	plugin := plugins[conn.Connector]
	if plugin == nil {
		return fault(nil,
			fmt.Sprintf("there is no plugin %s in %s", conn.Connector, c.Plugins),
			fmt.Sprintf("%[2]s にプラグイン %[1]s がありません", conn.Connector, c.Plugins))
	}
	paced := *plugin.Manifest
	paced.Limits = egress.MergeRate(paced.Limits, conn.Limits)
	in := inspected{Manifest: &paced, bounds: app.BoundsOf(conn)}
	if in.Fuel, err = p.usedFuel(ctx, name); err != nil {
		return err
	}
	return p.show(in, func(w *page) {
		p.showManifest(w, in)
		if in.Fuel == nil {
			w.line("\n%s", p.say("The host is not running: what calls use is not known.", "ホストが動いていないため、呼び出しが使う命令数はわかりません。"))
		}
	})
}

// usedFuel asks the running host. It is nil if none runs, or that does not have the connection yet.
func (p *program) usedFuel(ctx context.Context, connection string) (*api.Fuel, error) {
	remote, err := p.host(ctx)
	if p.server == "" && (errors.Is(err, client.ErrUnreachable) || errors.Is(err, fs.ErrNotExist)) {
		return nil, nil //nolint:nilnil // nobody knows
	}
	if err != nil {
		return nil, err
	}
	fuel, err := remote.Fuel(ctx, connection)
	if errors.Is(err, host.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody knows
	}
	return &fuel, err
}

// fuelTable shows for each action and trigger what its calls used, and how near
// the costliest came to the limit.
func (p *program) fuelTable(f *api.Fuel) table {
	if f == nil || len(f.Calls) == 0 {
		return table{}
	}
	t := table{head: []string{
		p.say("CALL", "呼び出し"), "", p.say("CALLS", "回数"), p.say("MEDIAN", "中央値"), p.say("P99", "99%点"), p.say("MOST", "最大"), p.say("OF LIMIT", "上限比"),
	}}
	for _, c := range f.Calls {
		t.row(c.Operation, c.Name, count(c.Calls), instructions(c.Median), instructions(c.P99), instructions(c.Most),
			percent(c.Most, f.Limit))
	}
	return t
}

func percent(part, whole int64) string {
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + "%"
}
