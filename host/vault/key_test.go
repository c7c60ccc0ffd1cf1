package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/vault"
)

func TestKeyFileIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "vault.key")
	var mu sync.Mutex
	keys, makers := map[vault.Key]bool{}, 0
	var hosts sync.WaitGroup
	for range 8 {
		hosts.Go(func() {
			key, made, err := vault.KeyFile(path)
			mu.Lock()
			defer mu.Unlock()
			keys[key] = true
			if err != nil {
				t.Error(err)
			}
			if made {
				makers++
			}
		})
	}
	hosts.Wait()
	if len(keys) != 1 || makers != 1 {
		t.Errorf("8 hosts at once made %d files and have %d keys", makers, len(keys))
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.key")
	if err := os.WriteFile(path, []byte(vault.NewKey().Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := vault.KeyFile(path); err == nil || !strings.Contains(err.Error(), "chmod 0600") {
		t.Errorf("got %v", err)
	}
}

func TestKeysAreReadInTheirUsualForms(t *testing.T) {
	key := vault.NewKey()
	for _, text := range []string{key.Text(), key.Text() + "\n", fmt.Sprintf("%x", key[:]), strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(key.Text()), "=")} {
		if got, err := vault.ParseKey(text); got != key || err != nil {
			t.Errorf("not read: %v", err)
		}
	}
	for _, text := range []string{"", "password", key.Text()[:20], key.Text() + "AAAA"} {
		if _, err := vault.ParseKey(text); err == nil || (text != "" && strings.Contains(err.Error(), text)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	key := vault.NewKey()
	for _, text := range []string{fmt.Sprint(key), fmt.Sprintf("%+v", key), fmt.Sprintf("%#v", key)} {
		if text != vault.Redacted {
			t.Errorf("prints as %s", text)
		}
	}
}
