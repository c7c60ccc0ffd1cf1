package app

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/musubi-run/musubi/host"
)

// lookAtSecrets is how often secrets are looked at: whoever has mended one waits no longer.
const lookAtSecrets = 2 * time.Second

// watchSecrets notices secrets of connections that were changed, in a file or
// in the vault, until ctx ends. What the host itself is guarded with stays as
// it was at the start.
func (a *App) watchSecrets(ctx context.Context) {
	tick := time.NewTicker(lookAtSecrets)
	defer tick.Stop()
	known, faults := maps.Clone(a.secrets), map[string]string{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for name := range a.sandboxed {
			fault := a.lookAtSecrets(ctx, name, known)
			if fault != faults[name] && fault != "" && ctx.Err() == nil {
				a.log.Error("a changed secret cannot be used, the last good one stays in use", "connection", name, "error", fault)
			}
			faults[name] = fault
		}
	}
}

// lookAtSecrets takes up the secrets of a connection that differ from the known
// ones, and returns what is wrong with them, "" for nothing.
func (a *App) lookAtSecrets(ctx context.Context, name string, known map[string]string) string {
	found, err := a.vault.Resolve(ctx, secretsOf(a.cfg.Connections[name]))
	if err != nil {
		return err.Error() // a file that is just being written is whole the next time
	}
	fresh := maps.Clone(known)
	if maps.Copy(fresh, found); maps.Equal(fresh, known) {
		return ""
	}
	if err := a.renew(ctx, name, fresh); err != nil {
		return err.Error()
	}
	maps.Copy(known, found)
	return ""
}

// renew has a connection use these secrets. One that is parked because its
// credential was refused is tried again at once.
func (a *App) renew(ctx context.Context, name string, secrets map[string]string) error {
	conn, c := a.cfg.Connections[name], a.sandboxed[name]
	settings, err := conn.Effective(c.Manifest())
	if err != nil {
		return err
	}
	out, err := a.egress(conn, c.Manifest(), settings, secrets)
	if err != nil {
		return err
	}
	if c.Manifest().Webhook != nil {
		hook, err := a.webHook(name, secrets)
		if err != nil {
			return err
		}
		if err := a.web.SetSecrets(hook); err != nil {
			return err
		}
	}
	if err := c.out.replace(ctx, out); err != nil {
		return fmt.Errorf("giving back what the last way out had set aside: %w", err)
	}
	a.log.Info("secrets changed, the connection uses them from now on", "connection", name)
	if a.engine.ConnectionStatus(name).State == host.ConnectionParked {
		a.engine.Resume(name)
	}
	return nil
}
