// Package rig sets up what tests of connectors stand on: the plugin, built from
// its folder, its simulated platform as a program, and its fixture that says
// how the two connect. The conformance suite and whole hosts share it.
package rig

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// Workshop builds, from the build cache where nothing has changed. It belongs to one test.
type Workshop struct {
	// Sandbox compiles plugins and keeps the code on disk, in CompiledDir.
	Sandbox  *wasm.Runtime
	builder  *pluginbuild.Builder
	cacheDir string
}

// NewWorkshop returns a workshop that closes with the test. Empty cacheDir means the user's cache.
func NewWorkshop(tb testing.TB, cacheDir string) *Workshop {
	tb.Helper()
	w := &Workshop{cacheDir: cacheDir, Sandbox: wasm.New(wasm.Options{CacheDir: CompiledDir(tb), Seed: []byte("rig")})}
	tb.Cleanup(func() {
		if err := w.Sandbox.Close(context.Background()); err != nil {
			tb.Errorf("closing the sandbox: %v", err)
		}
	})
	var err error
	if w.builder, err = pluginbuild.New(pluginbuild.Options{CacheDir: cacheDir, Describe: w.Sandbox.Describe}); err != nil {
		tb.Fatal(err)
	}
	return w
}

// CompiledDir is where compiled plugins are kept from one test run to the next.
func CompiledDir(tb testing.TB) string {
	tb.Helper()
	cache, err := pluginbuild.DefaultCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(cache, "compiled")
}

// Plugin builds the connector in dir.
func (w *Workshop) Plugin(tb testing.TB, dir string) *pluginbuild.Artifact {
	tb.Helper()
	return w.build(tb, dir, w.builder.Plugin)
}

// Program builds the program in dir and returns its file.
func (w *Workshop) Program(tb testing.TB, dir string) string {
	tb.Helper()
	return w.build(tb, dir, w.builder.Program).Path
}

// built holds, by order, what this process has built or found in a cache:
// source does not change while tests run, and asking Go whether it did takes
// longer than starting a host.
var built sync.Map

// order is what a workshop was asked for. A folder gives a plugin or a program, never both.
type order struct{ cacheDir, dir string }

func (w *Workshop) build(tb testing.TB, dir string, with func(context.Context, string) (*pluginbuild.Artifact, error)) *pluginbuild.Artifact {
	tb.Helper()
	o := order{w.cacheDir, absolute(tb, dir)}
	kept, _ := built.Load(o)
	if artifact, ok := kept.(*pluginbuild.Artifact); ok {
		return artifact
	}
	artifact, err := with(tb.Context(), o.dir)
	if err != nil {
		tb.Fatal(err)
	}
	built.Store(o, artifact)
	return artifact
}

func absolute(tb testing.TB, dir string) string {
	tb.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// Sim is a simulated platform that runs as a process of its own.
type Sim struct{ *simclient.Process }

// StartSim starts a sim's program on a free port, with the same data each time
// and with the limits that the fixture sets. It ends with the test.
func (f *Fixture) StartSim(tb testing.TB, program string) *Sim {
	tb.Helper()
	process, err := simclient.Start(context.WithoutCancel(tb.Context()), program, "-addr", "127.0.0.1:0", "-seed", "1")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(process.Stop)
	s := &Sim{process}
	if len(f.Limits) > 0 {
		Must(tb, s.SetLimits(tb.Context(), f.Limits))
	}
	return s
}

// Must fails the test if steering a sim failed.
func Must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Fill replaces {sim} and {sim:collection.field} in every string of a JSON-like value.
func (s *Sim) Fill(tb testing.TB, value any) any {
	tb.Helper()
	switch v := value.(type) {
	case string:
		return s.FillText(tb, v)
	case []any:
		filled := make([]any, len(v))
		for i := range v {
			filled[i] = s.Fill(tb, v[i])
		}
		return filled
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, inner := range v {
			filled[key] = s.Fill(tb, inner)
		}
		return filled
	}
	return value
}

// FillText is Fill for one text.
func (s *Sim) FillText(tb testing.TB, text string) string {
	tb.Helper()
	text = strings.ReplaceAll(text, "{sim}", s.URL)
	before, rest, found := strings.Cut(text, "{sim:")
	if !found {
		return text
	}
	place, after, _ := strings.Cut(rest, "}")
	collection, field, _ := strings.Cut(place, ".")
	var records []map[string]any
	if err := s.Records(tb.Context(), collection, &records); err != nil || len(records) == 0 {
		tb.Fatalf("%s: the sim has no record in %s (%v)", text, collection, err)
	}
	return before + fmt.Sprint(records[0][field]) + s.FillText(tb, after)
}
