package hosttest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

func startLooking(t *testing.T, secrets map[string]string) *hosttest.Host {
	t.Helper()
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{"look.yaml": look},
		Connections: map[string]hosttest.Connection{"shop": {
			Connector: "ecforce", Quiet: true, Secrets: secrets, Settings: map[string]any{"webhook_secret_header": "X-Musubi-Secret"},
		}},
	})
	putCustomer(t, h, 700_000)
	return h
}

// keepSecret writes a secret's file, as an operator does.
func keepSecret(t *testing.T, h *hosttest.Host, name, value string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.Dir, "secrets", "shop."+name), []byte(value+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A shop refuses the token, so the connection is parked and its run waits. When
// the token's file is mended the running host goes on by itself.
func TestAMendedSecretIsTakenUpByTheRunningHost(t *testing.T) {
	t.Parallel()
	h := startLooking(t, map[string]string{"token": "expired-token"})
	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "700000"})
	h.Await("the connection to be parked", func() bool { return connectionState(t, h, "shop") == host.ConnectionParked })
	if run := h.Runs(host.RunFilter{})[0]; !run.State.Open() {
		t.Fatalf("the run is %s: %v", run.State, run.Error)
	}
	keepSecret(t, h, "token", "sim-token")
	if run := h.Settled(1)[0]; run.State != host.RunDone {
		t.Errorf("the run is %s: %v", run.State, run.Error)
	}
	if state := connectionState(t, h, "shop"); state != host.ConnectionReady {
		t.Errorf("the connection is %s", state)
	}
}

// The secret that deliveries are checked with is taken up too; one that is
// taken away leaves the last one in use.
func TestAChangedWebhookSecretIsTakenUpByTheRunningHost(t *testing.T) {
	t.Parallel()
	h := startLooking(t, map[string]string{"webhook_secret": "first"})
	accepted := func(secret string) bool {
		body := []byte(`{"event":"customer_updated","id":700000}`)
		status, _ := h.Send("shop", http.Header{"X-Musubi-Secret": {secret}, "Content-Type": {"application/json"}}, body)
		return status == http.StatusOK
	}
	if !accepted("first") || accepted("second") {
		t.Fatal("deliveries are not checked with the secret")
	}
	keepSecret(t, h, "webhook_secret", "second")
	h.Await("the changed secret to be in use", func() bool { return accepted("second") })
	if accepted("first") {
		t.Error("the last secret is still good")
	}
	if err := os.Remove(filepath.Join(h.Dir, "secrets", "shop.webhook_secret")); err != nil {
		t.Fatal(err)
	}
	h.Await("the missing secret to be told of", func() bool { return strings.Contains(h.Log(), "a changed secret cannot be used") })
	if !accepted("second") {
		t.Error("deliveries are refused since the file is missing")
	}
}
