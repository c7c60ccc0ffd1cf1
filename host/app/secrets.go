package app

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/vault"
)

// secretPath is where a connection's secret stands in the configuration.
func secretPath(connection, name string) string {
	return "connections." + connection + ".secrets." + name
}

// openSecrets looks every secret up. Those that are missing are named here, at
// the start, and not when they are first needed.
func (a *App) openSecrets(ctx context.Context) error {
	key, err := a.vaultKey(ctx)
	if err != nil {
		return err
	}
	a.vault, err = vault.New(vault.Options{Rows: ledger.Sealed{Ledger: a.ledger}, Keys: []vault.Key{key}})
	if err != nil {
		return err
	}
	wanted := make(map[string]vault.Reference)
	for name, conn := range a.cfg.Connections {
		for secret, reference := range conn.Secrets {
			wanted[secretPath(name, secret)] = vault.Reference(reference)
		}
		if !conn.Proxy.Secret.IsZero() {
			wanted[proxyPath(name)] = vault.Reference(conn.Proxy.Secret)
		}
		if !conn.WebhookToken.IsZero() {
			wanted[webhookTokenPath(name)] = vault.Reference(conn.WebhookToken)
		}
	}
	if !a.cfg.AdminToken.IsZero() {
		wanted[adminTokenPath] = vault.Reference(a.cfg.AdminToken)
	}
	a.redactor = vault.NewRedactor()
	a.secrets, err = a.vault.Resolve(ctx, wanted)
	return err
}

const adminTokenPath = "admin_token"

func proxyPath(connection string) string { return "connections." + connection + ".proxy" }

func webhookTokenPath(connection string) string {
	return "connections." + connection + ".webhook_token"
}

// vaultKey is where the configuration says, or a file of its own in the data
// folder: safe against a stolen backup of the store, not of the whole folder.
func (a *App) vaultKey(ctx context.Context) (vault.Key, error) {
	if !a.cfg.VaultKey.IsZero() {
		text, err := lookUp(ctx, a.cfg.VaultKey)
		if err != nil {
			return vault.Key{}, fmt.Errorf("vault_key: %w", err)
		}
		return vault.ParseKey(text)
	}
	path := filepath.Join(a.cfg.Data, "vault.key")
	key, made, err := vault.KeyFile(path)
	if made {
		a.log.Warn("vault key made beside the data it seals; keep one elsewhere and set vault_key for production", "file", path)
	}
	return key, err
}

// lookUp reads the one secret that must be known before the vault is open.
func lookUp(ctx context.Context, r config.Reference) (string, error) {
	bootstrap, err := vault.New(vault.Options{Keys: []vault.Key{{}}})
	if err != nil {
		return "", err
	}
	if r.Scheme == config.FromVault {
		return "", fmt.Errorf("%s: the vault's key cannot be in the vault", r)
	}
	return bootstrap.Lookup(ctx, vault.Reference(r))
}
