package app

import (
	"context"
	"maps"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/vault"
)

// secretPath is where a connection's secret stands in the configuration.
func secretPath(connection, name string) string {
	return "connections." + connection + ".secrets." + name
}

// openSecrets looks every secret up. Those that are missing are named here, at
// the start, and not when they are first needed.
func (a *App) openSecrets(ctx context.Context) (err error) {
	wanted := make(map[string]vault.Reference)
	for name, conn := range a.cfg.Connections {
		maps.Copy(wanted, secretsOf(conn))
		if !conn.WebhookToken.IsZero() {
			wanted[webhookTokenPath(name)] = vault.Reference(conn.WebhookToken)
		}
	}
	for name, form := range a.cfg.Forms {
		wanted[formPath(name)] = vault.Reference(form.Key)
	}
	if !a.cfg.AdminToken.IsZero() {
		wanted[adminTokenPath] = vault.Reference(a.cfg.AdminToken)
	}
	a.redactor = vault.NewRedactor()
	a.secrets, err = a.vault.Resolve(ctx, wanted)
	return err
}

// secretsOf are the secrets that a connection's requests and deliveries need.
func secretsOf(conn *config.Connection) map[string]vault.Reference {
	wanted := make(map[string]vault.Reference, len(conn.Secrets))
	for secret, reference := range conn.Secrets {
		wanted[secretPath(conn.Name, secret)] = vault.Reference(reference)
	}
	if !conn.Proxy.Secret.IsZero() {
		wanted[proxyPath(conn.Name)] = vault.Reference(conn.Proxy.Secret)
	}
	return wanted
}

const adminTokenPath = "admin_token"

func proxyPath(connection string) string { return "connections." + connection + ".proxy" }

func webhookTokenPath(connection string) string {
	return "connections." + connection + ".webhook_token"
}
