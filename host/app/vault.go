package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// openVault makes what is sealed in the store readable.
func (a *App) openVault(ctx context.Context) error {
	keys, err := a.vaultKeys(ctx)
	if err != nil {
		return err
	}
	a.vault, err = vault.New(vault.Options{Rows: ledger.Sealed{Ledger: a.ledger}, Keys: keys})
	return err
}

// vaultKeys are where the configuration says, or in a file of their own in the
// data folder: safe against a stolen backup of the store, not of the whole
// folder. There are two while the key is being changed.
func (a *App) vaultKeys(ctx context.Context) ([]vault.Key, error) {
	if !a.cfg.VaultKey.IsZero() {
		key, err := keyAt(ctx, vaultKeyPath, a.cfg.VaultKey)
		return []vault.Key{key}, err
	}
	path := keyFile(a.cfg.Data)
	if err := a.checkKeyFile(ctx, path); err != nil {
		return nil, err
	}
	key, made, err := vault.KeyFile(path)
	if err != nil {
		return nil, err
	}
	if made {
		a.log.Warn("vault key made beside the data it seals; keep one elsewhere and set vault_key for production", "file", path)
	}
	if _, err := os.Stat(nextKeyFile(a.cfg.Data)); errors.Is(err, fs.ErrNotExist) {
		return []vault.Key{key}, nil
	}
	next, _, err := vault.KeyFile(nextKeyFile(a.cfg.Data))
	return []vault.Key{key, next}, err
}

// checkKeyFile refuses that a key is made where another one has sealed rows already.
func (a *App) checkKeyFile(ctx context.Context, path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // reading it tells what is wrong
	}
	rows, err := ledger.Sealed{Ledger: a.ledger}.Keys(ctx, "")
	if err != nil || len(rows) == 0 {
		return err
	}
	return &keyGoneError{path: path, rows: len(rows)}
}

// keyGoneError says that the key is missing which sealed what the store holds.
type keyGoneError struct {
	path string
	rows int
}

func (e *keyGoneError) Error() string { return e.Text().EN }

// Text says where the key may be, and the way on if it is lost.
func (e *keyGoneError) Text() abi.Text {
	newKey := "(umask 077; openssl rand -base64 32 > " + e.path + ")"
	return abi.Text{
		EN: fmt.Sprintf("%s is missing, and the store holds secrets and tokens sealed with it (%d): copy vault.key from the old data folder, or from where you keep it. "+
			"If vault_key was in musubi.yaml, write it there again. If the key is lost for good, make another one with %s; "+
			"then list the secrets with musubi vault list and keep each anew with musubi vault set", e.path, e.rows, newKey),
		JA: fmt.Sprintf("%s がありません。保存データには、その鍵で暗号化した値やトークンが%d件あります。元のデータフォルダー、または保管場所から vault.key をコピーしてください。"+
			"musubi.yaml に vault_key を書いていた場合は、元どおりに書いてください。鍵を完全になくした場合は %s で新しい鍵を作り、"+
			"musubi vault list で名前を確かめて、値を1つずつ musubi vault set で保存し直してください", e.path, e.rows, newKey),
	}
}

func keyFile(data string) string { return filepath.Join(data, "vault.key") }

// nextKeyFile holds the key that takes the place of the other when everything
// is sealed with it.
func nextKeyFile(data string) string { return keyFile(data) + ".next" }

// keyAt reads a key from where it is, as path says. The error is a [vault.Fault].
func keyAt(ctx context.Context, path string, r config.Reference) (key vault.Key, err error) {
	text, err := lookUp(ctx, r)
	if err == nil {
		key, err = vault.ParseKey(text)
	}
	if err != nil {
		return key, &vault.Fault{Path: path, Reference: vault.Reference(r), Err: err}
	}
	return key, nil
}

var errKeyInVault = errors.New("the vault's key cannot be in the vault: write env:NAME or file:/path")

// lookUp reads the one secret that must be known before the vault is open.
func lookUp(ctx context.Context, r config.Reference) (string, error) {
	bootstrap, err := vault.New(vault.Options{Keys: []vault.Key{{}}})
	if err != nil {
		return "", err
	}
	if r.Scheme == config.FromVault {
		return "", errKeyInVault
	}
	return bootstrap.Lookup(ctx, vault.Reference(r))
}

// VaultDesk is where people change what the vault of a host holds that does not run.
type VaultDesk struct{ app *App }

// OpenVault opens the vault of a host that does not run, and makes one where
// none has run yet.
func OpenVault(ctx context.Context, cfg *config.Config, opts Options) (*VaultDesk, error) {
	a, err := open(ctx, cfg, opts, (*App).openMetrics, (*App).openStore, (*App).openVault)
	if err != nil {
		return nil, err
	}
	return &VaultDesk{a}, nil
}

// Close gives the store back.
func (d *VaultDesk) Close() error { return d.app.Close() }

// SecretNames returns the names of the secrets that the vault holds, in order.
func (d *VaultDesk) SecretNames(ctx context.Context) ([]string, error) {
	return d.app.vault.Names(ctx)
}

// SetSecret keeps a secret under a name, in the place of an older one.
func (d *VaultDesk) SetSecret(ctx context.Context, name, value string) error {
	if err := d.app.record(ctx, host.ActSet, name, ""); err != nil {
		return err
	}
	return d.app.vault.Set(ctx, name, value)
}

// RemoveSecret forgets a secret, or is host.ErrNotFound.
func (d *VaultDesk) RemoveSecret(ctx context.Context, name string) error {
	if _, err := d.app.vault.Get(ctx, name); errors.Is(err, vault.ErrUnknown) {
		return d.app.recordRefused(ctx, host.ActRemove, name, host.ErrNotFound)
	}
	if err := d.app.record(ctx, host.ActRemove, name, ""); err != nil {
		return err
	}
	return d.app.vault.Remove(ctx, name)
}

// Rotate seals everything anew: with the key at to, which vault_key must name
// from then on, or with a new one in the data folder if to is zero. It returns
// how many rows it changed. One that was interrupted is done again. A
// [vault.LostError] names what was not sealed anew; the rotation is done then.
func (d *VaultDesk) Rotate(ctx context.Context, to config.Reference) (changed int, err error) {
	if err := d.app.record(ctx, host.ActRotate, "", to.String()); err != nil {
		return 0, err
	}
	if !to.IsZero() {
		key, err := keyAt(ctx, "--to", to)
		if err != nil {
			return 0, err
		}
		return d.reseal(ctx, key)
	}
	data := d.app.cfg.Data
	key, _, err := vault.KeyFile(nextKeyFile(data))
	if err != nil {
		return 0, err
	}
	changed, err = d.reseal(ctx, key)
	if _, done := errors.AsType[vault.LostError](err); err != nil && !done {
		return changed, err
	}
	if err := os.Rename(nextKeyFile(data), keyFile(data)); err != nil {
		return changed, fmt.Errorf("putting the vault's new key in place: %w", err)
	}
	return changed, err
}

func (d *VaultDesk) reseal(ctx context.Context, key vault.Key) (int, error) {
	old, err := d.app.vaultKeys(ctx)
	if err != nil {
		return 0, err
	}
	v, err := vault.New(vault.Options{Rows: ledger.Sealed{Ledger: d.app.ledger}, Keys: append([]vault.Key{key}, old...)})
	if err != nil {
		return 0, err
	}
	return v.Rotate(ctx)
}

// record remembers what a person does while no engine runs.
func (a *App) record(ctx context.Context, act host.Act, on, detail string) error {
	if a.engine != nil {
		return a.engine.Record(ctx, act, on, detail)
	}
	return record(ctx, a.ledger, a.opts.Now, &host.Audit{Act: act, On: on, Detail: detail})
}

// recordRefused remembers what a person wanted and could not have, while no
// engine runs, too. It returns why.
func (a *App) recordRefused(ctx context.Context, act host.Act, on string, why error) error {
	if a.engine != nil {
		return a.engine.Refused(ctx, act, on, "", why)
	}
	return errors.Join(why, record(ctx, a.ledger, a.opts.Now, &host.Audit{Act: act, On: on, Refused: why.Error()}))
}

// desk changes the vault of the running host, which takes up by itself what a
// connection uses; see watchSecrets.
func (o Operator) desk() *VaultDesk { return &VaultDesk{o.app} }

// SecretNames returns the names of the secrets that the vault holds, in order.
func (o Operator) SecretNames(ctx context.Context) ([]string, error) {
	return o.desk().SecretNames(ctx)
}

// SetSecret keeps a secret under a name; see [VaultDesk.SetSecret].
func (o Operator) SetSecret(ctx context.Context, name, value string) error {
	return o.desk().SetSecret(ctx, name, value)
}

// RemoveSecret forgets a secret; see [VaultDesk.RemoveSecret].
func (o Operator) RemoveSecret(ctx context.Context, name string) error {
	return o.desk().RemoveSecret(ctx, name)
}
