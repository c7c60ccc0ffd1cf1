package app

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/vault"
)

// secretPath is where a connection's secret stands in the configuration.
func secretPath(connection, name string) string {
	return "connections." + connection + ".secrets." + name
}

// openSecrets looks every secret up. Those that are missing are named here, at
// the start, and not when they are first needed.
func (a *App) openSecrets(ctx context.Context) error {
	a.redactor = vault.NewRedactor()
	known, err := a.vault.Resolve(ctx, allSecrets(a.cfg))
	a.secrets.Store(&known)
	return err
}

// allSecrets are those that the configuration names, by their path in it, but for the vault's key.
func allSecrets(cfg *config.Config) map[string]vault.Reference {
	wanted := guardsOf(cfg)
	for _, conn := range cfg.Connections {
		maps.Copy(wanted, secretsOf(conn))
	}
	return wanted
}

// guardsOf are the secrets that the host itself is guarded with.
func guardsOf(cfg *config.Config) map[string]vault.Reference {
	wanted := make(map[string]vault.Reference)
	for name, form := range cfg.Forms {
		wanted[formPath(name)] = vault.Reference(form.Key)
	}
	if !cfg.AdminToken.IsZero() {
		wanted[adminTokenPath] = vault.Reference(cfg.AdminToken)
	}
	return wanted
}

// secret is the value in use of a reference, by its path in the configuration.
func (a *App) secret(path string) (value string, given bool) {
	value, given = (*a.secrets.Load())[path]
	return value, given
}

// MissingSecrets names the secrets of the configuration, the authorities and the files of the data folder that
// are not to be had on this machine, or are of no use, so that a host would not start here. Whether a vault that is
// there holds what it should is not looked at: that needs its store and its key.
func MissingSecrets(ctx context.Context, cfg *config.Config) (vault.FaultErrors, error) {
	wanted := allSecrets(cfg)
	maps.DeleteFunc(wanted, func(_ string, r vault.Reference) bool { return r.Scheme == "" }) // told as a fault of the file
	if _, err := os.Stat(storeIn(cfg.Data)); !errors.Is(err, fs.ErrNotExist) {
		maps.DeleteFunc(wanted, func(_ string, r vault.Reference) bool { return r.Scheme == config.FromVault })
	}
	v, err := vault.New(vault.Options{Rows: noRows{}, Keys: []vault.Key{{}}})
	if err != nil {
		return nil, err
	}
	found, err := v.Resolve(ctx, wanted)
	missing, ok := errors.AsType[vault.FaultErrors](err)
	if err != nil && !ok {
		return nil, err
	}
	return slices.Concat(missing, missingFiles(ctx, cfg), unfitFiles(cfg), unfitConnections(ctx, cfg, found)), nil
}

// missingFiles names what else a host does not start without: authorities, and the vault's key.
func missingFiles(ctx context.Context, cfg *config.Config) (missing vault.FaultErrors) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Connections)) {
		conn := cfg.Connections[name]
		if conn.CAFile == "" {
			continue
		}
		if _, err := authorities(conn.CAFile); err != nil {
			missing = append(missing, caFault(conn, err))
		}
	}
	if cfg.VaultKey.IsZero() {
		return missing
	}
	_, err := keyAt(ctx, vaultKeyPath, cfg.VaultKey)
	if fault, ok := errors.AsType[*vault.Fault](err); ok {
		missing = append(missing, fault)
	}
	return missing
}

// noRows is a vault that nothing was ever kept in.
type noRows struct{ vault.Rows }

// Get finds nothing.
func (noRows) Get(context.Context, string) ([]byte, error) { return nil, nil }

// secretsOf are the secrets that a connection's requests and deliveries need.
func secretsOf(conn *config.Connection) map[string]vault.Reference {
	wanted := make(map[string]vault.Reference, len(conn.Secrets))
	for secret, reference := range conn.Secrets {
		wanted[secretPath(conn.Name, secret)] = vault.Reference(reference)
	}
	if !conn.Proxy.Secret.IsZero() {
		wanted[proxyPath(conn.Name)] = vault.Reference(conn.Proxy.Secret)
	}
	if !conn.WebhookToken.IsZero() {
		wanted[webhookTokenPath(conn.Name)] = vault.Reference(conn.WebhookToken)
	}
	return wanted
}

const (
	adminTokenPath = "admin_token"
	vaultKeyPath   = "vault_key"
)

func proxyPath(connection string) string { return "connections." + connection + ".proxy" }

func webhookTokenPath(connection string) string {
	return "connections." + connection + ".webhook_token"
}
