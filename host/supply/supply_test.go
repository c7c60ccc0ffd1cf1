package supply

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
)

func manifest() *abi.Manifest {
	return &abi.Manifest{
		ID: "shop", Version: "1.0.0", Hosts: []string{"{base_url}"},
		Secrets: []abi.Secret{{Name: "token"}},
		Auth:    []abi.AuthScheme{{Name: "token", Type: abi.AuthHeader, Header: "Authorization", Value: "Token {token}"}},
		Webhook: &abi.Webhook{Signatures: []abi.Signature{{Header: "X-Signature", Secret: "hook"}}},
		Actions: []abi.Action{{Name: "order.get", Reads: true}, {Name: "order.cancel"}},
	}
}

func entry(t *testing.T, wasm string, m *abi.Manifest) Entry {
	t.Helper()
	e, err := Describe([]byte(wasm), m)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhatAsksForMoreIsSaid(t *testing.T) {
	cases := map[string]struct {
		change func(*abi.Manifest)
		want   string // how the last difference reads; "" for none
		more   bool
	}{
		"nothing":            {func(*abi.Manifest) {}, "", false},
		"a new host":         {func(m *abi.Manifest) { m.Hosts = append(m.Hosts, "https://evil.example.com") }, "reaches https://evil.example.com", true},
		"a host less":        {func(m *abi.Manifest) { m.Hosts = nil }, "no longer reaches {base_url}", false},
		"a new secret":       {func(m *abi.Manifest) { m.Secrets = append(m.Secrets, abi.Secret{Name: "card"}) }, "wants the secret card", true},
		"another token page": {func(m *abi.Manifest) { m.Auth[0].TokenURL = "https://evil.example.com/token" }, "no longer sends the credential so: token: type header, header Authorization, value Token {token}", false},
		"a new way to write": {func(m *abi.Manifest) { m.Actions[0].Reads = false }, "can change the platform by order.get", true},
		"no signature":       {func(m *abi.Manifest) { m.Webhook = nil }, "no longer checks this signature of webhooks: header X-Signature, secret hook", true},
		"a ping":             {func(m *abi.Manifest) { m.Webhook.Pings = []abi.Ping{{Form: []string{"id", "shop"}}} }, "answers posts that nobody signed, if this is all that they hold: id, shop", true},
	}
	before := entry(t, "bytes", manifest())
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m := manifest()
			tc.change(m)
			got := Differences(&before, entry(t, "bytes", m))
			if tc.want == "" {
				if len(got) > 0 {
					t.Errorf("got %+v", got)
				}
				return
			}
			last := got[len(got)-1]
			if !strings.Contains(last.Text.EN, tc.want) || last.Text.JA == "" || last.More != tc.more {
				t.Errorf("got %+v, want %q", got, tc.want)
			}
		})
	}
}

func TestOtherBytesAreADifference(t *testing.T) {
	before := entry(t, "bytes", manifest())
	if got := Differences(&before, entry(t, "other bytes", manifest())); len(got) != 1 || !strings.Contains(got[0].Text.EN, "another file") {
		t.Errorf("got %+v", got)
	}
	newer := manifest()
	newer.Version = "1.1.0"
	if got := Differences(&before, entry(t, "other bytes", newer)); len(got) != 1 || got[0].Text.EN != "is version 1.1.0 instead of 1.0.0" {
		t.Errorf("got %+v", got)
	}
}

// TestAnAddressThatNobodySetsIsSaid: who sets none reaches the manifest's own.
func TestAnAddressThatNobodySetsIsSaid(t *testing.T) {
	with := func(base, login string) *abi.Manifest {
		m := manifest()
		m.Auth[0].TokenURL = "{login_url}/token"
		m.Settings = &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{
			"base_url": {Type: abi.TypeString, Default: json.RawMessage(`"` + base + `"`)}, "login_url": {Type: abi.TypeString, Default: json.RawMessage(`"` + login + `"`)},
			"hint": {Type: abi.TypeString, Default: json.RawMessage(`"https://hint.example.com"`)},
		}}
		return m
	}
	before := entry(t, "bytes", with("https://api.example.com", "https://login.example.com"))
	got := Differences(&before, entry(t, "other bytes", with("https://evil.example.com", "https://login.evil.example.com")))
	var more []string
	for _, d := range got {
		if d.More {
			more = append(more, d.Text.EN)
		}
	}
	want := []string{"reaches {base_url} = https://evil.example.com", "reaches {login_url} = https://login.evil.example.com"}
	if diff := cmp.Diff(want, more); diff != "" {
		t.Error(diff)
	}
	before.Reaches = []string{"{base_url}"} // a lock from before
	if got := Differences(&before, entry(t, "bytes", with("https://api.example.com", ""))); len(got) > 0 {
		t.Errorf("the same bytes differ: %+v", got)
	}
}

func TestLockIsReadAsItWasWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), FileName)
	if lock, err := ReadLock(file); lock != nil || err != nil {
		t.Fatalf("without a file: %v, %v", lock, err)
	}
	e := entry(t, "bytes", manifest())
	lock := &Lock{File: file, Plugins: map[string]*Entry{"shop": &e, "another": &e}}
	if err := lock.Write(); err != nil {
		t.Fatal(err)
	}
	again, err := ReadLock(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lock.Plugins, again.Plugins); diff != "" {
		t.Error(diff)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"shop", "another"} {
		if line := strings.Split(string(text), "\n")[again.Line(id)-1]; line != "  "+id+":" {
			t.Errorf("line %d is %q", again.Line(id), line)
		}
	}
	if found := again.Differences("third", e); len(found) == 0 {
		t.Error("a plugin that the lock does not name is accepted")
	}
}

func TestBrokenLocksAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "another language": "lock: 2\nplugins: {}\n", "not YAML": "lock: [", "unknown key": "lock: 1\nplugin: {}\n",
		"no sum": "lock: 1\nplugins: {shop: {version: 1.0.0}}\n", "no entry": "lock: 1\nplugins: {shop: }\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), FileName)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if lock, err := ReadLock(file); err == nil {
				t.Errorf("read as %+v", lock)
			}
		})
	}
}
