package app_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/formlink"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/client"
)

// guarded is a host whose own guards stand in files: the secret part of its
// webhook address, the key of its form and, in the data folder, the admin token.
func guarded(t *testing.T) (*hosttest.Host, string) {
	t.Helper()
	dir := t.TempDir()
	keep(t, filepath.Join(dir, "hook"), "first-hook-token")
	keep(t, filepath.Join(dir, "form"), "first-form-key-0123456789abcdef0123456789")
	return hosttest.Start(t, hosttest.Options{
		Connections: map[string]hosttest.Connection{"shop": {
			Connector: "ecforce", Quiet: true, Extra: map[string]any{"webhook_token": "file:" + filepath.Join(dir, "hook")},
		}},
		Extra: map[string]any{"forms": map[string]any{"about": map[string]any{"key": "file:" + filepath.Join(dir, "form")}}},
	}), dir
}

// farAhead is when the links of the test end.
var farAhead = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)

func keep(t *testing.T, file, value string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAChangedAdminTokenIsTakenUpByTheRunningHost replaces the one in the data
// folder, as somebody does when a colleague leaves.
func TestAChangedAdminTokenIsTakenUpByTheRunningHost(t *testing.T) {
	t.Parallel()
	h, _ := guarded(t)
	file := filepath.Join(h.Dir, "data", "admin.token")
	keep(t, file, "second-admin-token")
	may := func(token string) bool {
		_, err := client.New(h.URL, token, nil).Version(t.Context())
		return err == nil
	}
	old := h.Client
	h.Await("the new admin token to be good", func() bool { return may("second-admin-token") })
	if _, err := old.Version(t.Context()); err == nil {
		t.Error("the old admin token is still good")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	h.Await("the missing token to be told of", func() bool { return strings.Contains(h.Log(), "a changed secret cannot be used") })
	if !may("second-admin-token") {
		t.Error("nobody may administer since the file is missing")
	}
	if _, err := config.LoadAdminToken(filepath.Join(h.Dir, "data")); err == nil {
		t.Error("the host made another token by itself")
	}
}

// TestAChangedWebhookTokenIsTakenUpByTheRunningHost moves the address that a platform delivers to.
func TestAChangedWebhookTokenIsTakenUpByTheRunningHost(t *testing.T) {
	t.Parallel()
	h, dir := guarded(t)
	path := func() string {
		hook, err := h.Client.Hook(t.Context(), "shop")
		if err != nil {
			t.Fatal(err)
		}
		return hook.Path
	}
	first := path()
	keep(t, filepath.Join(dir, "hook"), "second-hook-token")
	h.Await("the address to change", func() bool { return path() == "/hooks/shop/second-hook-token" })
	body := `{"event":"customer_updated","id":1}`
	if status := post(t, h.URL+first, body); status != http.StatusUnauthorized {
		t.Errorf("the old address answers %d", status)
	}
	if status := post(t, h.URL+path(), body); status != http.StatusOK {
		t.Errorf("the new address answers %d", status)
	}
	if !strings.Contains(h.Log(), "the address of webhooks changed") || strings.Contains(h.Log(), "second-hook-token") {
		t.Errorf("the log does not say that the platform needs the new address, or tells it:\n%s", h.Log())
	}
}

// TestAChangedFormKeyIsTakenUpByTheRunningHost makes links that were signed with the old one worthless.
func TestAChangedFormKeyIsTakenUpByTheRunningHost(t *testing.T) {
	t.Parallel()
	h, dir := guarded(t)
	opens := func(key string) bool {
		token := formlink.Token([]byte(key), "about", "m1", farAhead)
		answer, err := http.Get(h.URL + "/forms/about?t=" + token)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}
	const first, second = "first-form-key-0123456789abcdef0123456789", "second-form-key-0123456789abcdef012345678"
	if !opens(first) || opens(second) {
		t.Fatal("the form is not opened by its key")
	}
	keep(t, filepath.Join(dir, "form"), second)
	h.Await("the new key to open the form", func() bool { return opens(second) })
	if opens(first) {
		t.Error("the old key still opens the form")
	}
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// TestALeakedWebhookAddressIsRenewed: the old address stops at once, the new one
// is good, a restart later too, and the audit log says who did it.
func TestALeakedWebhookAddressIsRenewed(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}}})
	posted := func(path string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	old, err := h.Client.Hook(t.Context(), "shop")
	if err != nil || posted(old.Path) == http.StatusUnauthorized {
		t.Fatal("the first address is refused", err)
	}
	fresh, err := h.Client.As("花子").RenewHook(t.Context(), "shop")
	if err != nil || fresh.Path == old.Path {
		t.Fatalf("the new address is %v, %v", fresh.Path == old.Path, err)
	}
	if posted(old.Path) != http.StatusUnauthorized || posted(fresh.Path) == http.StatusUnauthorized {
		t.Error("the old address is taken, or the new one refused")
	}
	if acts, err := h.Client.Audits(t.Context(), host.AuditFilter{}); err != nil || len(acts) != 1 || acts[0].Act != host.ActHook || acts[0].Who != "花子" {
		t.Errorf("the audit log holds %+v, %v", acts, err)
	}
	h.Stop()
	h.Restart()
	if posted(old.Path) != http.StatusUnauthorized || posted(fresh.Path) == http.StatusUnauthorized {
		t.Error("a restart brought the old address back")
	}
}

// meanwhile is a log that calls act when it is told that secrets changed.
type meanwhile struct {
	slog.Handler

	act func()
}

func (meanwhile) Enabled(context.Context, slog.Level) bool { return true }

func (m meanwhile) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "secrets changed") {
		m.act()
	}
	return m.Handler.Handle(ctx, r)
}

// TestAnAddressRenewedWhileASecretChangesKeepsTheNewSecret renews the address just
// when the host has taken up what deliveries are checked with.
func TestAnAddressRenewedWhileASecretChangesKeepsTheNewSecret(t *testing.T) {
	t.Parallel()
	var h *hosttest.Host
	renewed := make(chan error, 1)
	renew := func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, err := h.Client.RenewHook(t.Context(), "shop")
			renewed <- err
		}()
		select { // the host may have it wait for the secret
		case <-done:
		case <-time.After(300 * time.Millisecond):
		}
	}
	h = hosttest.Start(t, hosttest.Options{
		Logger: slog.New(meanwhile{slog.DiscardHandler, renew}),
		Connections: map[string]hosttest.Connection{"shop": {
			Connector: "ecforce", Quiet: true, Settings: map[string]any{"webhook_secret_header": "X-Shop"}, Secrets: map[string]string{"webhook_secret": "first-secret"},
		}},
	})
	keep(t, filepath.Join(h.Dir, "secrets", "shop.webhook_secret"), "second-secret")
	if err := <-renewed; err != nil {
		t.Fatal(err)
	}
	hook, err := h.Client.Hook(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	for secret, want := range map[string]int{"first-secret": http.StatusUnauthorized, "second-secret": http.StatusOK} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+hook.Path, strings.NewReader(`{"event":"customer_updated","id":1}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Shop", secret)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close() != nil || answer.StatusCode != want {
			t.Errorf("a delivery with %s is answered %d, want %d", secret, answer.StatusCode, want)
		}
	}
}

// TestAnAddressOfAConfiguredTokenIsNotRenewed says where its value stands.
func TestAnAddressOfAConfiguredTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	h, _ := guarded(t)
	_, err := h.Client.RenewHook(t.Context(), "shop")
	if err == nil || !strings.Contains(err.Error(), "webhook_token") {
		t.Errorf("renewing it: %v", err)
	}
}
