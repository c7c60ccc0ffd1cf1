package app

import (
	"crypto/rand"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
)

// webHooks makes ready where platforms deliver: the unguessable part of each
// address, and the secrets that deliveries are checked with.
func (a *App) webHooks() ([]web.Hook, error) {
	if err := a.hookTokens(); err != nil {
		return nil, err
	}
	var hooks []web.Hook
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Connections)) {
		if a.plugins[a.cfg.Connections[name].Connector].Manifest.Webhook == nil {
			continue
		}
		hook, err := a.webHook(name, *a.secrets.Load())
		if err != nil {
			return nil, unfitConnection(name, err)
		}
		hooks = append(hooks, hook)
	}
	return hooks, nil
}

// webHook is where a connection's platform delivers, with these secrets.
func (a *App) webHook(name string, secrets map[string]string) (web.Hook, error) {
	conn := a.cfg.Connections[name]
	manifest := a.plugins[conn.Connector].Manifest
	settings, err := conn.Effective(manifest)
	if err != nil {
		return web.Hook{}, err
	}
	hook := hookOf(conn, manifest, settings, secrets)
	hook.Token = a.hookToken(name, secrets)
	return hook, nil
}

// hookOf is webHook without its address.
func hookOf(conn *config.Connection, m *abi.Manifest, settings []byte, secrets map[string]string) web.Hook {
	hook := web.Hook{Connection: conn.Name, Webhook: *m.Webhook, Settings: settings, Secrets: make(map[string]string)}
	for _, s := range m.Webhook.Signatures {
		if value, ok := secrets[secretPath(conn.Name, s.Secret)]; ok {
			hook.Secrets[s.Secret] = value
		}
	}
	return hook
}

// hookTokens reads the tokens that are kept, and makes those that are missing.
func (a *App) hookTokens() (err error) {
	if a.hooks, err = config.LoadHookTokens(a.cfg.Data); err != nil {
		return err
	}
	var kept []string
	for name, conn := range a.cfg.Connections {
		if conn.WebhookToken.IsZero() {
			kept = append(kept, name)
		}
	}
	slices.Sort(kept)
	return a.hooks.Ensure(rand.Reader, kept...)
}

func (a *App) hookToken(connection string, secrets map[string]string) string {
	if token, given := secrets[webhookTokenPath(connection)]; given {
		return token
	}
	return a.hooks.Token(connection)
}

// HookPath is the path that a connection's platform delivers to. It is a secret.
func (a *App) HookPath(connection string) (string, error) {
	token := a.hookToken(connection, *a.secrets.Load())
	if token == "" {
		return "", fmt.Errorf("connection %s takes no webhooks", connection)
	}
	return web.HookPath(connection, token), nil
}

// adminToken is what guards the admin API, from then on among the secrets in use.
func (a *App) adminToken() (string, error) {
	if token, given := a.secret(adminTokenPath); given {
		return token, nil
	}
	token, err := config.EnsureAdminToken(a.cfg.Data, rand.Reader)
	if err == nil {
		known := maps.Clone(*a.secrets.Load())
		known[adminTokenPath] = token
		a.secrets.Store(&known)
	}
	return token, err
}

func (a *App) cacheDir() string {
	if a.opts.CacheDir != "" {
		return a.opts.CacheDir
	}
	return filepath.Join(a.cfg.Data, "cache")
}
