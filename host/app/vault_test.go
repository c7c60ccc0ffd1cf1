package app_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// withVault opens the vault of a host that does not run, for one task.
func withVault(t *testing.T, dir string, task func(*app.VaultDesk) error) {
	t.Helper()
	cfg := config.Default(filepath.Join(dir, "musubi.yaml"))
	desk, err := app.OpenVault(t.Context(), cfg, app.Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := task(desk); err != nil {
		t.Error(err)
	}
	if err := desk.Close(); err != nil {
		t.Error(err)
	}
}

// The machine may stop before the new key has taken the place of the old one.
// Both are at hand then, and the same command ends what was begun.
func TestAnInterruptedRotationIsEnded(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "data", "vault.key")
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "old", "one") })
	first, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(want int) {
		withVault(t, dir, func(d *app.VaultDesk) error {
			changed, err := d.Rotate(t.Context(), config.Reference{})
			if changed != want {
				t.Errorf("%d were sealed anew, want %d", changed, want)
			}
			return err
		})
	}
	rotate(1)
	if err := os.Rename(key, key+".next"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, first, 0o600); err != nil {
		t.Fatal(err)
	}
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "new", "two") }) // sealed with the old key
	rotate(1)
	if _, err := os.Stat(key + ".next"); err == nil {
		t.Error("the new key did not take the place of the old one")
	}
	withVault(t, dir, func(d *app.VaultDesk) error { return d.RemoveSecret(t.Context(), "new") })
	withVault(t, dir, func(d *app.VaultDesk) error { return d.RemoveSecret(t.Context(), "old") })
}

// A key that is made anew opens nothing of what the old one sealed, so only a
// person who has lost that makes one.
func TestNoKeyIsMadeWhereAnotherHasSealed(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "data", "vault.key")
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "kept", "one") })
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default(filepath.Join(dir, "musubi.yaml"))
	desk, err := app.OpenVault(t.Context(), cfg, app.Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err == nil {
		err = errors.Join(errors.New("it opened"), desk.Close())
	}
	if text, ok := errors.AsType[speaker](err); !ok || !strings.Contains(text.Text().EN, key+" is missing") || !strings.Contains(text.Text().JA, key+" がありません") {
		t.Errorf("without the key: %v", err)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("another key was made")
	}
	if err := os.WriteFile(key, []byte(vault.NewKey().Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	withVault(t, dir, func(d *app.VaultDesk) error {
		names, err := d.SecretNames(t.Context())
		if len(names) != 1 {
			t.Errorf("lists %v", names)
		}
		return errors.Join(err, d.SetSecret(t.Context(), "kept", "two"))
	})
	withVault(t, dir, func(d *app.VaultDesk) error {
		_, err := d.Rotate(t.Context(), config.Reference{})
		return err
	})
}

// What no key opens is named, and the rotation is done all the same: the next one
// has one key to begin with, and the lost secret is kept anew under the new key.
func TestARotationIsDoneThoughASecretIsLost(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "data", "vault.key")
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "lost", "one") })
	second := vault.NewKey().Text()
	if err := os.WriteFile(key, []byte(second), 0o600); err != nil {
		t.Fatal(err)
	}
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "kept", "two") })
	withVault(t, dir, func(d *app.VaultDesk) error {
		changed, err := d.Rotate(t.Context(), config.Reference{})
		if lost, ok := errors.AsType[vault.LostError](err); !ok || changed != 1 || len(lost) != 1 || lost[0] != "secret/lost" {
			t.Errorf("sealed anew %d, %v", changed, err)
		}
		return nil
	})
	if now, err := os.ReadFile(key); err != nil || string(now) == second {
		t.Errorf("the key is the old one: %v", err)
	}
	if _, err := os.Stat(key + ".next"); err == nil {
		t.Error("the new key did not take the place of the old one")
	}
	withVault(t, dir, func(d *app.VaultDesk) error { return d.SetSecret(t.Context(), "lost", "three") })
	withVault(t, dir, func(d *app.VaultDesk) error {
		changed, err := d.Rotate(t.Context(), config.Reference{})
		if changed != 2 {
			t.Errorf("then sealed anew %d", changed)
		}
		return err
	})
}

// speaker is an error in both languages.
type speaker interface {
	error
	Text() abi.Text
}
