package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
)

// lookAtSecrets is how often secrets are looked at: whoever has mended one waits no longer.
const lookAtSecrets = 2 * time.Second

// watchSecrets notices secrets that were changed, in a file or in the vault,
// until ctx ends: those of connections, and what the host itself is guarded with.
func (a *App) watchSecrets(ctx context.Context) {
	tick := time.NewTicker(lookAtSecrets)
	defer tick.Stop()
	faults := map[string]string{}
	tell := func(whose string, err error) {
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if fault != faults[whose] && fault != "" && ctx.Err() == nil {
			a.log.Error("a changed secret cannot be used, the last good one stays in use", "connection", whose, "error", fault)
		}
		faults[whose] = fault
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for name := range a.sandboxed {
			tell(name, a.lookAtSecrets(ctx, name))
		}
		tell("", a.lookAtGuards(ctx))
	}
}

// lookAtSecrets takes up the secrets of a connection that differ from those in use.
func (a *App) lookAtSecrets(ctx context.Context, name string) error {
	found, err := a.vault.Resolve(ctx, secretsOf(a.cfg.Connections[name]))
	if err != nil {
		return err // a file that is just being written is whole the next time
	}
	a.hooking.Lock() // until the secrets that deliveries are checked with are those in use
	defer a.hooking.Unlock()
	fresh, changed := a.freshSecrets(found)
	if len(changed) == 0 {
		return nil
	}
	if err := a.renew(ctx, name, fresh); err != nil {
		return err
	}
	a.secrets.Store(&fresh)
	if slices.Contains(changed, webhookTokenPath(name)) {
		a.log.Warn("the address of webhooks changed: register at the platform what musubi connections hook prints", "connection", name)
	}
	return nil
}

// lookAtGuards takes up an admin token, and keys of forms, that differ from those in use.
func (a *App) lookAtGuards(ctx context.Context) error {
	found, err := a.vault.Resolve(ctx, guardsOf(a.cfg))
	if err != nil {
		return err
	}
	if a.cfg.AdminToken.IsZero() {
		if found[adminTokenPath], err = config.LoadAdminToken(a.cfg.Data); err != nil {
			return err
		}
	}
	fresh, changed := a.freshSecrets(found)
	if len(changed) == 0 {
		return nil
	}
	a.secrets.Store(&fresh)
	a.web.SetAdminToken(found[adminTokenPath])
	for name := range a.cfg.Forms {
		a.web.SetFormKey(name, a.formKey(name))
	}
	a.log.Info("secrets changed, the host uses them from now on", "secrets", changed)
	return nil
}

// freshSecrets are the secrets in use with those found in their place, and the
// paths of those that differ, in order.
func (a *App) freshSecrets(found map[string]string) (fresh map[string]string, changed []string) {
	fresh = maps.Clone(*a.secrets.Load())
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if fresh[path] != found[path] {
			changed = append(changed, path)
		}
	}
	maps.Copy(fresh, found)
	return fresh, changed
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
		if err := a.rehook(name, secrets); err != nil {
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

// rehook has a connection's deliveries taken with these secrets, at the address
// that is kept now. Whoever calls it holds hooking.
func (a *App) rehook(name string, secrets map[string]string) error {
	hook, err := a.webHook(name, secrets)
	if err != nil {
		return err
	}
	return a.web.SetSecrets(hook)
}

// hookAgain is rehook with the secrets in use.
func (a *App) hookAgain(name string) error {
	a.hooking.Lock()
	defer a.hooking.Unlock()
	return a.rehook(name, *a.secrets.Load())
}

// RenewHook gives the connection another webhook address and returns its path.
// The old one is refused from then on.
func (o Operator) RenewHook(ctx context.Context, name string) (path string, err error) {
	if err := o.app.renewable(name); err != nil {
		return "", o.refused(ctx, host.ActHook, name, "", err)
	}
	if err := o.app.engine.Record(ctx, host.ActHook, name, ""); err != nil {
		return "", err
	}
	if err := o.app.hooks.Renew(rand.Reader, name); err != nil {
		return "", o.refused(ctx, host.ActHook, name, "", err)
	}
	if err := o.app.hookAgain(name); err != nil {
		return "", err
	}
	o.app.log.Warn("the address of webhooks changed: register at the platform what musubi connections hook prints", "connection", name)
	return o.app.HookPath(name)
}

// renewable says why the host cannot make another address for the connection, nil if it can.
func (a *App) renewable(name string) error {
	c := a.sandboxed[name]
	switch {
	case c == nil || c.Manifest().Webhook == nil:
		return host.ErrNotFound
	case !a.cfg.Connections[name].WebhookToken.IsZero():
		return refusal(
			"the address of "+name+" is made of webhook_token in musubi.yaml: change the value that it names; the old address stops when the host takes that up, one of env: at a restart",
			name+" の送り先は musubi.yaml の webhook_token で決まります。その値を変えてください。反映されると元の送り先は使えなくなります(env: の場合は再起動時)")
	}
	return nil
}
