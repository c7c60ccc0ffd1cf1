package app

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
)

// unfitConnections names the connections for which a host would find that their
// secrets are there and of no use: a private key that is none, a proxy without an
// address. Those whose secrets are not all found are left out, as is everything
// while the configuration itself is wrong.
func unfitConnections(ctx context.Context, cfg *config.Config, found map[string]string) (unfit vault.FaultErrors) {
	plugins, err := Plugins(cfg.Plugins)
	if err != nil || cfg.Check(manifests(plugins)) != nil {
		return nil //nolint:nilerr // Check tells
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Connections)) {
		conn := cfg.Connections[name]
		if !allFound(conn, found) {
			continue
		}
		if err := tryConnection(ctx, conn, plugins[conn.Connector].Manifest, found); err != nil {
			unfit = append(unfit, unfitConnection(name, err))
		}
	}
	return unfit
}

// unfitConnection says of a connection why it cannot be made, in both languages.
func unfitConnection(name string, why error) *vault.Fault {
	if fault, told := errors.AsType[*vault.Fault](why); told {
		return fault
	}
	fault := &vault.Fault{Path: "connections." + name, Err: why}
	if text := fault.Text(); text.EN == text.JA {
		fault.Err = &unfitError{abi.Text{EN: why.Error(), JA: "設定か秘密の値を使えません: " + why.Error()}, why}
	}
	return fault
}

// unfitError says in both languages why something cannot be used.
type unfitError struct {
	text  abi.Text
	cause error
}

func (u *unfitError) Error() string { return u.text.EN }

func (u *unfitError) Unwrap() error { return u.cause }

// Text is the error in both languages.
func (u *unfitError) Text() abi.Text { return u.text }

// allFound says whether everything is there that the connection is made of.
func allFound(conn *config.Connection, found map[string]string) bool {
	for path := range secretsOf(conn) {
		if _, ok := found[path]; !ok {
			return false
		}
	}
	if conn.CAFile == "" {
		return true
	}
	_, err := authorities(conn.CAFile)
	return err == nil
}

// tryConnection makes what a host makes of a connection, and lets go of it.
func tryConnection(ctx context.Context, conn *config.Connection, m *abi.Manifest, found map[string]string) error {
	settings, err := conn.Effective(m)
	if err != nil {
		return err
	}
	o, err := exitOptions(conn, m, settings, found)
	if err != nil {
		return err
	}
	o.Clock = time.Now //nolint:forbidigo // nothing is sent
	client, err := egress.NewClient(o)
	if err != nil {
		return err
	}
	if m.Webhook != nil {
		err = web.CheckHook(hookOf(conn, m, settings, found))
	}
	return errors.Join(err, client.Close(ctx))
}

// unfitFiles names what is there in the data folder and of no use.
func unfitFiles(cfg *config.Config) (unfit vault.FaultErrors) {
	add := func(path, file string, err error) {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			unfit = append(unfit, &vault.Fault{Path: path, Reference: vault.Reference{Scheme: config.FromFile, Name: file}, Err: err})
		}
	}
	info, err := os.Stat(cfg.Data)
	if err == nil && !info.IsDir() {
		err = &unfitError{text: abi.Text{EN: "it is a file, and has to be a folder", JA: "ファイルです。フォルダーを指定してください"}}
	}
	if add("data", cfg.Data, err); err != nil {
		return unfit
	}
	if cfg.VaultKey.IsZero() {
		add(vaultKeyPath, keyFile(cfg.Data), tryKeyFile(keyFile(cfg.Data)))
		add(vaultKeyPath, nextKeyFile(cfg.Data), tryKeyFile(nextKeyFile(cfg.Data)))
	}
	if cfg.AdminToken.IsZero() {
		_, err := config.LoadAdminToken(cfg.Data)
		add(adminTokenPath, config.AdminTokenFile(cfg.Data), err)
	}
	_, err = config.LoadHookTokens(cfg.Data)
	add("data", config.HookTokenFile(cfg.Data), err)
	return unfit
}

// tryKeyFile reads a key and makes none.
func tryKeyFile(file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	_, _, err := vault.KeyFile(file)
	return err
}
