package config_test

import (
	"encoding/json"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

const day = 24 * time.Hour

func TestEverythingThatTheFileSaysIsRead(t *testing.T) {
	got := parseFile(t, "testdata/complete.yaml", "/srv/musubi.yaml")
	want := &config.Config{
		File: "/srv/musubi.yaml", Listen: "0.0.0.0:9000", PublicURL: "https://hooks.example.com",
		Data: "/srv/var", Rules: "/etc/musubi/rules", Plugins: "/srv/plugins",
		PluginKeys: []string{"/srv/keys/vendor.pub", "/etc/musubi/own.pub"},
		Zone:       time.UTC, DedupeWindow: 14 * day, ShutdownGrace: 90 * time.Second, NoticeWindow: 5 * time.Minute,
		LoopLimit: 100, LoopWindow: 30 * time.Minute,
		Retention:  config.Retention{Runs: 90 * day, DeadLetters: 36 * time.Hour, Audit: 400 * day, Size: 20 << 30},
		Log:        config.Log{Level: slog.LevelDebug, Format: config.LogJSON},
		AdminToken: config.Reference{Scheme: config.FromEnv, Name: "MUSUBI_ADMIN_TOKEN"},
		VaultKey:   config.Reference{Scheme: config.FromFile, Name: "/srv/vault.key"},
		Forms: map[string]*config.Form{"contact": {
			Name: "contact", Key: config.Reference{Scheme: config.FromVault, Name: "form_key"}, Tag: "電話番号入力済み",
			Origins: []string{"https://shop.example.com"}, PerMinute: 5,
		}},
	}
	ignore := cmp.Options{cmpopts.IgnoreUnexported(config.Config{}), cmpopts.IgnoreFields(config.Config{}, "Connections")}
	if diff := cmp.Diff(want, got, ignore, cmp.Comparer(sameZone)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEverythingThatAConnectionSaysIsRead(t *testing.T) {
	got := parseFile(t, "testdata/complete.yaml", "/srv/musubi.yaml").Connections["shop"]
	want := &config.Connection{
		Name: "shop", Connector: "ecforce", Auth: "token",
		PrivateNetworks: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("192.168.0.0/16")},
		Proxy:           config.Proxy{Secret: config.Reference{Scheme: config.FromEnv, Name: "SHOP_PROXY"}},
		SourceAddress:   netip.MustParseAddr("192.0.2.10"), CAFile: "/srv/certs/ca.pem",
		Settings: map[string]any{
			"base_url": "https://shop.example.com", "page_size": json.Number("50"),
			"objects": []any{"a", "b"}, "shop_code": "2024-11-21",
		},
		Secrets: map[string]config.Reference{
			"token":          {Scheme: config.FromEnv, Name: "ECFORCE_TOKEN"},
			"webhook_secret": {Scheme: config.FromFile, Name: "/run/secrets/hook"},
		},
		Expires:      map[string]time.Time{"token": time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
		WebhookToken: config.Reference{Scheme: config.FromVault, Name: "shop_hook"},
		Limits: abi.Limits{
			PerSecond: 0.5, Burst: 2, Concurrency: 3, PerDay: 10_000, DayStart: "09:00+09:00",
			Points: abi.Points{Capacity: 2000, PerSecond: 100},
		},
		CallLimits: config.CallLimits{
			Memory: 32 << 20, Fuel: 2_000_000_000, Time: 30 * time.Second, Recursion: 500, HTTPCalls: 20, RequestBytes: 1 << 20,
			OutputBytes: 2 << 20, LogLines: 7, LogBytes: 1 << 10, StateKeys: 3, StateBytes: 2 << 10, StateTotal: 40,
		},
		RequestLimits: config.RequestLimits{
			Time: 10 * time.Second, RateWait: 2 * time.Second, ResponseBytes: 4 << 20,
			HeaderBytes: 16 << 10, HeaderCount: 50, Redirects: -1,
		},
		Polls: map[string]time.Duration{"customer.updated": 5 * time.Minute},
	}
	same := cmp.Options{cmp.Comparer(sameAddr), cmp.Comparer(sameNetwork)}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func sameAddr(a, b netip.Addr) bool { return a == b }

func sameNetwork(a, b netip.Prefix) bool { return a == b }

func TestARightFilePassesTheConnectors(t *testing.T) {
	if err := parseFile(t, "testdata/complete.yaml", "/srv/musubi.yaml").Check(manifests(t)); err != nil {
		t.Error(err)
	}
}

func TestAnEmptyFileMeansTheDefaults(t *testing.T) {
	got, err := config.Parse("/srv/musubi.yaml", []byte("# nothing yet\n"))
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	if hour := noon.In(got.Zone).Hour(); hour != 21 || got.Listen != "127.0.0.1:8080" || got.Data != "/srv/data" {
		t.Errorf("noon UTC is %d o'clock, listening on %s, data in %s", hour, got.Listen, got.Data)
	}
}

func TestSettingsGetTheConnectorsDefaults(t *testing.T) {
	shop := parseFile(t, "testdata/complete.yaml", "/srv/musubi.yaml").Connections["shop"]
	text, err := shop.Effective(manifests(t)["ecforce"])
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"base_url":"https://shop.example.com","line_id_field":"line_id","objects":["a","b"],"page_size":50,"shop_code":"2024-11-21"}`
	if string(text) != want {
		t.Errorf("settings are %s\nwant %s", text, want)
	}
}

func TestOnlySecretsOfTheChosenAuthAreDemanded(t *testing.T) {
	salesforce := manifests(t)["salesforce"]
	for auth, want := range map[string][]string{
		"":                   {"client_id", "client_secret"},
		"client_credentials": {"client_id", "client_secret"},
		"jwt":                {"client_id", "private_key"},
	} {
		var got []string
		for _, s := range config.Demanded(salesforce, auth) {
			got = append(got, s.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("auth %q (-want +got):\n%s", auth, diff)
		}
	}
}

func TestReferencesAreReadAndSecretsAreNot(t *testing.T) {
	for text, want := range map[string]string{
		"env:TOKEN": "env:TOKEN", "file:/run/x": "file:/run/x", "file:x": "file:/srv/x", "vault:shop_token": "vault:shop_token",
		"env:": "", "env:A B": "", "env:1A": "", "file:": "", "file://x": "", "vault:Ä": "", "abcd": "", "": "", "http://x": "",
	} {
		got, ok := config.ParseReference(text, "/srv")
		if got.String() != want || ok != (want != "") {
			t.Errorf("%q gives %q, %v", text, got, ok)
		}
	}
}

func TestDurationsHaveDaysAndWeeks(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "7d": 7 * day, "2w": 14 * day, "1w2d3h4m": 9*day + 3*time.Hour + 4*time.Minute,
		"": -1, "d": -1, "-1d": -1, "1d-2h": -1, "2d1w": -1, "1 d": -1, "99999999999w": -1, "7": -1,
	} {
		if got, ok := config.ParseDuration(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q gives %v, %v", text, got, ok)
		}
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	files, err := filepath.Glob("testdata/wrong/*/musubi.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/complete.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := config.Parse("musubi.yaml", text)
		if err == nil {
			err = c.Check(nil)
		}
		if problems, ok := err.(diag.Problems); ok { //nolint:errorlint // the promise is this very type
			if err := problems.Render(t.Output(), diag.Japanese); err != nil {
				t.Error(err)
			}
		}
	})
}

func parseFile(t *testing.T, file, as string) *config.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(as, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sameZone(a, b *time.Location) bool { return a.String() == b.String() }
