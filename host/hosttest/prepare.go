package hosttest

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// prepare builds the plugins, starts the sims and writes the host's folder.
func (h *Host) prepare() {
	h.tb.Helper()
	workshop := rig.NewWorkshop(h.tb, "")
	connections := map[string]any{}
	for name, c := range h.opts.Connections {
		connections[name] = h.prepareConnection(workshop, name, c)
	}
	h.write("rules/.keep", "")
	h.SetRules(h.opts.Rules)
	for _, name := range h.opts.Library {
		flow, err := library.Flow(name)
		rig.Must(h.tb, err)
		h.SetRules(map[string]string{name + ".yaml": string(flow)})
	}
	h.shareCompiled()
	listen := freeAddress(h.tb)
	h.URL = "http://" + listen
	file := map[string]any{
		"listen": listen, "data": "data", "rules": "rules", "plugins": "plugins", "connections": connections,
	}
	maps.Copy(file, h.opts.Extra)
	text, err := yaml.Marshal(file)
	if err != nil {
		h.tb.Fatal(err)
	}
	h.write("musubi.yaml", string(text))
}

// prepareConnection makes ready what one connection needs and returns its part of musubi.yaml.
func (h *Host) prepareConnection(workshop *rig.Workshop, name string, c Connection) map[string]any {
	h.tb.Helper()
	dir := filepath.Join(moduleRoot(h.tb), "plugins", c.Connector)
	fixture := rig.ReadFixture(h.tb, dir)
	if c.Paced {
		fixture.Limits = nil
	}
	h.write("plugins/.keep", "")
	if err := workshop.Plugin(h.tb, dir).CopyTo(filepath.Join(h.Dir, "plugins", c.Connector+".wasm")); err != nil {
		h.tb.Fatal(err)
	}
	sim := fixture.StartSim(h.tb, workshop.Program(h.tb, filepath.Join(dir, "sim")))
	h.Sims[name] = sim
	part := map[string]any{
		"connector": c.Connector, "allow_private": true,
		"settings": sim.Fill(h.tb, merge(fixture.Settings, c.Settings)),
		"secrets":  expiring(h.writeSecrets(sim, name, merge(fixture.Secrets, c.Secrets)), c.Expires),
	}
	if auth := cmp.Or(c.Auth, fixture.Auth); auth != "" {
		part["auth"] = auth
	}
	limits := map[string]any{}
	if !c.Paced {
		limits = map[string]any{"per_second": 1e6, "burst": 1_000_000, "concurrency": 64}
	}
	if maps.Copy(limits, c.Limits); len(limits) > 0 {
		part["limits"] = limits
	}
	maps.Copy(part, c.Extra)
	return part
}

// writeSecrets puts each secret into a file of its own and returns references to them.
func (h *Host) writeSecrets(sim *rig.Sim, connection string, secrets map[string]string) map[string]string {
	h.tb.Helper()
	references := map[string]string{}
	for name, value := range secrets {
		file := filepath.Join("secrets", connection+"."+name)
		h.write(file, sim.FillText(h.tb, value))
		references[name] = "file:" + filepath.Join(h.Dir, file)
	}
	return references
}

// expiring adds to references the days on which their secrets expire.
func expiring(references, days map[string]string) map[string]any {
	secrets := make(map[string]any, len(references))
	for name, reference := range references {
		secrets[name] = reference
		if day := days[name]; day != "" {
			secrets[name] = map[string]any{"from": reference, "expires": day}
		}
	}
	return secrets
}

func merge[V any](base, top map[string]V) map[string]V {
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[string]V{}
	}
	maps.Copy(merged, top)
	return merged
}

// shareCompiled lets all hosts of all tests share compiled plugins.
func (h *Host) shareCompiled() {
	h.tb.Helper()
	h.write("data/.keep", "")
	shared := rig.CompiledDir(h.tb)
	if err := os.MkdirAll(shared, 0o700); err != nil {
		h.tb.Fatal(err)
	}
	if err := os.Symlink(shared, filepath.Join(h.data(), "cache")); err != nil {
		h.tb.Fatal(err)
	}
}

// hook tells every platform with webhooks where to deliver.
func (h *Host) hook() {
	h.tb.Helper()
	for name, sim := range h.Sims {
		hook, err := h.Client.Hook(h.tb.Context(), name)
		if err != nil {
			continue // the connector takes none
		}
		c := h.opts.Connections[name]
		set := simkit.Hook{URL: h.URL + hook.Path, Template: c.Template}
		if c.Quiet {
			set.Events = []string{"none"}
		}
		rig.Must(h.tb, sim.SetHook(h.tb.Context(), set))
	}
}

// freeAddress finds a port that is free now. The host keeps it over restarts;
// it lies below those that systems give to whoever asks for any, so that no sim
// of a test beside this one takes it meanwhile.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.IntN(12_000))) //nolint:gosec // no secret
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			tb.Fatal(err)
		}
		return address
	}
	tb.Fatal("no port between 20000 and 32000 is free")
	return ""
}

// moduleRoot is the folder above the test's that has the go.mod.
func moduleRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("there is no go.mod above the test's folder")
		}
		dir = parent
	}
}
