package hosttest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
)

// How a connection's requests leave the machine, its token requests included.

func TestRequestsAreSentFromTheFixedAddress(t *testing.T) {
	t.Parallel()
	needAddress(t, "127.0.0.2")
	f := newFront(t)
	h := f.host(t, hosttest.Connection{Extra: map[string]any{"source_address": "127.0.0.2"}}, nil)
	f.carries(t, h)
	f.onlyFrom(t, "127.0.0.2")
}

func TestRequestsGoThroughTheProxy(t *testing.T) {
	t.Parallel()
	needAddress(t, "127.0.0.3")
	f := newFront(t).speakTLS()
	p := newTunnel(t, "Basic b3BzOmh1c2gtaHVzaA==", "127.0.0.3")
	secret := filepath.Join(t.TempDir(), "proxy")
	if err := os.WriteFile(secret, []byte(strings.Replace(p.URL, "://", "://ops:hush-hush@", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	h := f.host(t, hosttest.Connection{Extra: map[string]any{"proxy": "file:" + secret, "ca_file": f.authority(t)}}, nil)
	f.carries(t, h)
	f.onlyFrom(t, "127.0.0.3")
	if strings.Contains(h.Log(), "hush-hush") {
		t.Error("the proxy's password is in the log")
	}
}

func TestPrivateAuthorityIsTrustedWhereTheConnectionSaysSo(t *testing.T) {
	t.Parallel()
	f := newFront(t).speakTLS()
	h := f.host(t, hosttest.Connection{Extra: map[string]any{"ca_file": f.authority(t)}}, nil)
	f.carries(t, h)
}

// Nothing is sent to a platform that cannot prove who it is.
func TestUnknownAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	f := newFront(t).speakTLS()
	h := f.host(t, hosttest.Connection{}, nil)
	announce(t, h, "crm", 1)
	h.Await("the run to wait", func() bool { return len(h.Runs(host.RunFilter{State: host.RunWaiting})) == 1 })
	if err := h.Runs(host.RunFilter{})[0].Error; err == nil || !strings.Contains(err.Message, "certificate") {
		t.Errorf("the run waits because of %v", err)
	}
	f.onlyFrom(t)
}
