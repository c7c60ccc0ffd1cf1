package hosttest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
	"github.com/musubi-run/musubi/sdk/abi"
)

// The issue's own number takes a minute to compile, once: go test ./host/hosttest -run Idle -idle 25
var idlePlugins = flag.Int("idle", 4, "how many idle plugins TestIdlePluginsAreCheap has")

const idleResident = 150 << 20

// TestIdlePluginsAreCheap: a host with as many plugins as there are connectors,
// each with a connection, their compiled code cached, holds less than 150 MB
// when nothing happens. How long it took to be ready is told, not judged: it
// should be below a second on a machine with nothing else to do.
func TestIdlePluginsAreCheap(t *testing.T) {
	dir := t.TempDir()
	address := prepareIdle(t, dir)
	measureIdle(t, dir, address) // compiles what is not in the cache
	ready, resident := measureIdle(t, dir, address)
	t.Logf("%d plugins: ready in %s, %d MB resident", *idlePlugins, ready.Round(time.Millisecond), resident>>20)
	if resident > idleResident {
		t.Errorf("more than %d MB", idleResident>>20)
	}
}

// prepareIdle writes the folder of a host whose plugins nobody calls.
func prepareIdle(t *testing.T, dir string) (address string) {
	t.Helper()
	plugin := rig.NewWorkshop(t, "").Plugin(t, "../../plugins/ecforce")
	file := filepath.Join(dir, "ecforce.wasm")
	if err := plugin.CopyTo(file); err != nil {
		t.Fatal(err)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	address = unused(t)
	config := fmt.Sprintf("listen: %s\nconnections:\n", address)
	for n := range *idlePlugins {
		id := fmt.Sprintf("idle-%02d", n)
		write(t, filepath.Join(dir, "plugins", id+".wasm"), another(t, wasm, id))
		config += fmt.Sprintf("  %s: {connector: %s, settings: {base_url: https://shop.example.com}, secrets: {token: env:HOME}}\n", id, id)
	}
	write(t, filepath.Join(dir, "musubi.yaml"), []byte(config))
	write(t, filepath.Join(dir, "rules", ".keep"), nil)
	write(t, filepath.Join(dir, "data", ".keep"), nil)
	cache := rig.CompiledDir(t) + "-idle"
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(cache, filepath.Join(dir, "data", "cache")); err != nil {
		t.Fatal(err)
	}
	return address
}

func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// another returns a plugin that does the same under another id, and whose code
// the host cannot take for the same.
func another(t *testing.T, wasm []byte, id string) []byte {
	t.Helper()
	sections, err := wasmfile.Sections(wasm)
	if err != nil {
		t.Fatal(err)
	}
	out := []byte(wasmfile.Header)
	for _, s := range sections {
		if s.ID == wasmfile.SectionCustom {
			continue
		}
		body := s.Body
		if s.ID == wasmfile.SectionData {
			body = bytes.ReplaceAll(body, []byte("registers two"), []byte("is   " + id + " ")[:13])
			if bytes.Equal(body, s.Body) {
				t.Fatal("nothing changed")
			}
		}
		out = append(wasmfile.AppendU32(append(out, s.ID), uint32(len(body))), body...)
	}
	manifest, err := abi.ReadManifest(wasm)
	if err != nil {
		t.Fatal(err)
	}
	manifest.ID = id
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = abi.AppendManifest(out, text); err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// measureIdle runs the host until it is ready, and stops it.
func measureIdle(t *testing.T, dir, address string) (ready time.Duration, resident int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), program, "-test.run=^$")
	process.Env = append(os.Environ(), "MUSUBI_HOSTTEST_CONFIG="+filepath.Join(dir, "musubi.yaml"))
	began := time.Now()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(process.Process.Signal(syscall.SIGTERM), process.Wait()); err != nil {
			t.Errorf("the host's process: %v", err)
		}
	}()
	awaitReady(t, "http://"+address+"/readyz")
	return time.Since(began), residentBytes(t, process.Process.Pid)
}

// awaitReady asks until the host is ready: it tells nobody by itself.
func awaitReady(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the host is not ready")
		}
	}
}

var rssLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func residentBytes(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := rssLine.FindStringSubmatch(string(status))
	if found == nil {
		t.Fatal("the system does not tell how much memory the process holds")
	}
	kilobytes, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
