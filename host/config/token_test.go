package config_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-run/musubi/host/config"
)

func TestWebhookTokensStayOnceMade(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first := ensure(t, data, "shop", "crm")
	second := ensure(t, data, "shop", "other")
	if first.Token("shop") != second.Token("shop") {
		t.Error("the token of shop changed")
	}
	if second.Token("crm") != first.Token("crm") {
		t.Error("the token of a connection that is not named now was dropped")
	}
	if second.Token("other") == second.Token("shop") || len(second.Token("other")) < 22 {
		t.Errorf("token %q is not 128 unguessable bits", second.Token("other"))
	}
	onlyOwnerReads(t, filepath.Join(data, "hooks.json"))
}

func TestWebhookTokensAreNotReplacedWhenTheFileIsBroken(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "hooks.json"), []byte(`{"shop`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.LoadHookTokens(data); err == nil {
		t.Error("a broken file was taken for an empty one")
	}
}

func TestAdminTokenIsMadeOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if _, err := config.LoadAdminToken(data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error before the first start is %v", err)
	}
	made, err := config.EnsureAdminToken(data, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	again, err := config.EnsureAdminToken(data, rand.Reader)
	if err != nil || again != made {
		t.Errorf("token became %q, error %v", again, err)
	}
	onlyOwnerReads(t, filepath.Join(data, "admin.token"))
}

func TestAnEmptyAdminTokenIsRefused(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "admin.token"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, err := config.EnsureAdminToken(data, rand.Reader); err == nil {
		t.Errorf("an empty file gave the token %q", token)
	}
}

func ensure(t *testing.T, data string, connections ...string) *config.HookTokens {
	t.Helper()
	tokens, err := config.LoadHookTokens(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := tokens.Ensure(rand.Reader, connections...); err != nil {
		t.Fatal(err)
	}
	return tokens
}

func onlyOwnerReads(t *testing.T, file string) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", file, info.Mode())
	}
}
