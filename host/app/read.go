package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Read calls an action that changes nothing, outside any run. Any other
// action is refused with kind Denied; host.ErrNotFound if there is none of that name.
func (a *App) Read(ctx context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error) {
	c := a.connections[connection]
	if c == nil {
		return nil, host.ErrNotFound
	}
	actions := c.Manifest().Actions
	i := slices.IndexFunc(actions, func(known abi.Action) bool { return known.Name == action })
	switch {
	case i < 0:
		return nil, host.ErrNotFound
	case !actions[i].Reads:
		return nil, &abi.Error{Kind: abi.Denied, Message: fmt.Sprintf("%s.%s changes something: only a run may call it", connection, action)}
	}
	return c.Invoke(ctx, host.Invocation{Connection: connection, Op: abi.OpAction, Name: action, Input: input})
}

// Read calls an action that changes nothing; see [App.Read].
func (o Operator) Read(ctx context.Context, connection, action string, input json.RawMessage) (json.RawMessage, error) {
	return o.app.Read(ctx, connection, action, input)
}

// OpenConnections makes the connections ready without running anything, for
// looking at platforms while the host does not run. Rules need not be right.
func OpenConnections(ctx context.Context, cfg *config.Config, opts Options) (*App, error) {
	return open(ctx, cfg, opts, (*App).openPlugins, (*App).openMetrics, (*App).openStore, (*App).openVault, (*App).openSecrets, (*App).openConnections)
}
