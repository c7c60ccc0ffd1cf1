package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/vault"
)

// rows is a table in memory.
type rows struct {
	mu  sync.Mutex
	all map[string][]byte
	// meddle, if set, runs once before the next swap, as another host would.
	meddle func()
}

func newRows() *rows { return &rows{all: map[string][]byte{}} }

func (r *rows) Get(_ context.Context, key string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[key], nil
}

func (r *rows) Swap(_ context.Context, key string, old, next []byte) (bool, error) {
	if meddle := r.meddle; meddle != nil {
		r.meddle = nil
		meddle()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !bytes.Equal(r.all[key], old) {
		return false, nil
	}
	if next == nil {
		delete(r.all, key)
		return true, nil
	}
	r.all[key] = next
	return true, nil
}

func (r *rows) Keys(_ context.Context, prefix string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var keys []string
	for key := range r.all {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func open(t *testing.T, r *rows, keys ...vault.Key) *vault.Vault {
	t.Helper()
	v, err := vault.New(vault.Options{Rows: r, Keys: keys, Getenv: func(name string) (string, bool) {
		value, ok := map[string]string{"TOKEN": "from-env\n", "EMPTY": ""}[name]
		return value, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSecretsAreLookedUpWhereTheyAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("from file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := open(t, newRows(), vault.NewKey())
	if err := v.Set(t.Context(), "shop", "from-vault"); err != nil {
		t.Fatal(err)
	}
	for reference, want := range map[vault.Reference]string{
		{Scheme: "env", Name: "TOKEN"}:  "from-env",
		{Scheme: "file", Name: path}:    "from file ",
		{Scheme: "vault", Name: "shop"}: "from-vault",
	} {
		if got, err := v.Lookup(t.Context(), reference); err != nil || got != want {
			t.Errorf("%s is %q, %v", reference, got, err)
		}
	}
}

func TestAllMissingSecretsAreNamedAtOnce(t *testing.T) {
	v := open(t, newRows(), vault.NewKey())
	found, err := v.Resolve(t.Context(), map[string]vault.Reference{
		"connections.shop.secrets.token": {Scheme: "env", Name: "TOKEN"},
		"connections.crm.secrets.id":     {Scheme: "env", Name: "UNSET"},
		"connections.crm.secrets.key":    {Scheme: "file", Name: filepath.Join(t.TempDir(), "none")},
		"connections.crm.secrets.big":    {Scheme: "file", Name: t.TempDir()},
		"connections.crm.secrets.other":  {Scheme: "vault", Name: "nobody"},
		"connections.crm.secrets.empty":  {Scheme: "env", Name: "EMPTY"},
		"vault_key":                      {Scheme: "magic", Name: "x"},
	})
	if found["connections.shop.secrets.token"] != "from-env" {
		t.Errorf("found %v", found)
	}
	var paths []string
	for line := range strings.SplitSeq(fmt.Sprint(err), "\n") {
		path, _, _ := strings.Cut(line, ":")
		paths = append(paths, path)
	}
	want := "connections.crm.secrets.big connections.crm.secrets.empty connections.crm.secrets.id " +
		"connections.crm.secrets.key connections.crm.secrets.other vault_key"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("faults at %s\n%v", got, err)
	}
	if fault, ok := errors.AsType[*vault.Fault](err); !ok || fault.Path != "connections.crm.secrets.big" {
		t.Errorf("the first fault is %+v", fault)
	}
}

func TestWhatIsSealedCannotBeReadMovedOrChanged(t *testing.T) {
	r, key := newRows(), vault.NewKey()
	v := open(t, r, key)
	if err := v.Set(t.Context(), "shop", "a-long-secret"); err != nil {
		t.Fatal(err)
	}
	row := r.all["secret/shop"]
	if bytes.Contains(row, []byte("a-long-secret")) {
		t.Error("the row holds the secret")
	}
	r.all["secret/other"] = row
	if _, err := v.Get(t.Context(), "other"); err == nil {
		t.Error("a row was moved to another name")
	}
	for i := range row {
		changed := slices.Clone(row)
		changed[i] ^= 1
		r.all["secret/shop"] = changed
		if got, err := v.Get(t.Context(), "shop"); err == nil {
			t.Fatalf("with byte %d changed it reads %q", i, got)
		}
	}
	for n := range row {
		r.all["secret/shop"] = row[:n:n]
		if _, err := v.Get(t.Context(), "shop"); err == nil && n > 0 {
			t.Fatalf("cut to %d bytes it reads", n)
		}
	}
}

func TestSameSecretIsNeverSealedTheSameWay(t *testing.T) {
	r := newRows()
	v := open(t, r, vault.NewKey())
	seen := map[string]bool{}
	for range 10 {
		if err := v.Set(t.Context(), "shop", "same"); err != nil {
			t.Fatal(err)
		}
		seen[string(r.all["secret/shop"])] = true
	}
	if len(seen) != 10 {
		t.Errorf("10 sealings gave %d rows", len(seen))
	}
}

func TestRotationMakesTheOldKeyUseless(t *testing.T) {
	r, old, fresh := newRows(), vault.NewKey(), vault.NewKey()
	v := open(t, r, old)
	if err := errors.Join(v.Set(t.Context(), "a", "1"), v.Set(t.Context(), "b", "2")); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Tokens().Swap(t.Context(), "oauth/crm", nil, []byte("t")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, r, fresh).Get(t.Context(), "a"); err == nil {
		t.Fatal("a key opens what it did not seal")
	}
	both := open(t, r, fresh, old)
	if n, err := both.Rotate(t.Context()); n != 3 || err != nil {
		t.Fatalf("rotated %d, %v", n, err)
	}
	if n, err := both.Rotate(t.Context()); n != 0 || err != nil {
		t.Fatalf("rotated %d again, %v", n, err)
	}
	if got, err := open(t, r, fresh).Get(t.Context(), "b"); got != "2" || err != nil {
		t.Errorf("the new key reads %q, %v", got, err)
	}
	if _, err := open(t, r, old).Get(t.Context(), "b"); err == nil {
		t.Error("the old key still opens")
	}
}

func TestRotationGoesOnPastWhatNoKeyOpensAndNamesIt(t *testing.T) {
	r, lost, old, fresh := newRows(), vault.NewKey(), vault.NewKey(), vault.NewKey()
	gone, v := open(t, r, lost), open(t, r, old)
	if err := errors.Join(gone.Set(t.Context(), "b", "0"), v.Set(t.Context(), "a", "1"), v.Set(t.Context(), "c", "2")); err != nil {
		t.Fatal(err)
	}
	if _, err := gone.Tokens().Swap(t.Context(), "oauth/crm/password", nil, []byte("t")); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Tokens().Swap(t.Context(), "oauth/shop/password", nil, []byte("t")); err != nil {
		t.Fatal(err)
	}
	n, err := open(t, r, fresh, old).Rotate(t.Context())
	if n != 3 || !errors.Is(err, vault.ErrKey) {
		t.Fatalf("rotated %d, %v", n, err)
	}
	if named, ok := errors.AsType[vault.LostError](err); !ok || !slices.Equal(named, []string{"secret/b", "token/oauth/crm/password"}) {
		t.Errorf("names %v", err)
	} else if secrets := named.Secrets(); !slices.Equal(secrets, []string{"b"}) {
		t.Errorf("of these %v are secrets", secrets)
	}
	if got, err := open(t, r, fresh).Get(t.Context(), "c"); got != "2" || err != nil {
		t.Errorf("the new key reads %q, %v", got, err)
	}
	if got, err := gone.Get(t.Context(), "b"); got != "0" || err != nil {
		t.Errorf("the lost key, found again, reads %q, %v", got, err)
	}
}

func TestRotationKeepsWhatChangesMeanwhile(t *testing.T) {
	r, old, fresh := newRows(), vault.NewKey(), vault.NewKey()
	v := open(t, r, old)
	if err := v.Set(t.Context(), "a", "before"); err != nil {
		t.Fatal(err)
	}
	r.meddle = func() {
		if err := v.Set(t.Context(), "a", "after"); err != nil {
			t.Error(err)
		}
	}
	if _, err := open(t, r, fresh, old).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := open(t, r, fresh).Get(t.Context(), "a"); got != "after" || err != nil {
		t.Errorf("reads %q, %v", got, err)
	}
}

func TestTokensAreSwappedOnlyByWhoKnowsTheLast(t *testing.T) {
	tokens := open(t, newRows(), vault.NewKey()).Tokens()
	for i, step := range []struct {
		old, next string
		want      bool
	}{{"", "a", true}, {"", "b", false}, {"x", "b", false}, {"a", "b", true}, {"a", "c", false}} {
		var old []byte
		if step.old != "" {
			old = []byte(step.old)
		}
		if got, err := tokens.Swap(t.Context(), "k", old, []byte(step.next)); got != step.want || err != nil {
			t.Errorf("step %d: %v, %v", i, got, err)
		}
	}
	if got, err := tokens.Load(t.Context(), "k"); string(got) != "b" || err != nil {
		t.Errorf("holds %q, %v", got, err)
	}
}

func TestTokenOfALostKeyIsReplaced(t *testing.T) {
	r := newRows()
	if _, err := open(t, r, vault.NewKey()).Tokens().Swap(t.Context(), "k", nil, []byte("lost")); err != nil {
		t.Fatal(err)
	}
	tokens := open(t, r, vault.NewKey()).Tokens()
	if got, err := tokens.Load(t.Context(), "k"); got != nil || !errors.Is(err, vault.ErrKey) {
		t.Errorf("holds %q, %v", got, err)
	}
	if won, err := tokens.Swap(t.Context(), "k", []byte("lost"), []byte("new")); won || err != nil {
		t.Errorf("who cannot know the last one replaced it: %v, %v", won, err)
	}
	if won, err := tokens.Swap(t.Context(), "k", nil, []byte("new")); !won || err != nil {
		t.Errorf("not replaced: %v, %v", won, err)
	}
	if got, err := tokens.Load(t.Context(), "k"); string(got) != "new" || err != nil {
		t.Errorf("holds %q, %v", got, err)
	}
}

func TestNamesAndRemove(t *testing.T) {
	v := open(t, newRows(), vault.NewKey())
	for _, name := range []string{"b", "a"} {
		if err := v.Set(t.Context(), name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(v.Remove(t.Context(), "b"), v.Remove(t.Context(), "b")); err != nil {
		t.Fatal(err)
	}
	if names, err := v.Names(t.Context()); err != nil || strings.Join(names, " ") != "a" {
		t.Errorf("holds %v, %v", names, err)
	}
	if _, err := v.Get(t.Context(), "b"); !errors.Is(err, vault.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}
