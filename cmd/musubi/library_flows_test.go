package main

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/library"
)

// TestLibraryFlowsPassTheirTests runs the tests of every shipped flow, each as
// a folder of its own, against the connectors that its README names.
func TestLibraryFlowsPassTheirTests(t *testing.T) {
	plugins, workshop := t.TempDir(), rig.NewWorkshop(t, "")
	built := map[string]bool{}
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			g, err := readGuide(name, diag.English)
			if err != nil {
				t.Fatal(err)
			}
			c := &config.Config{Plugins: plugins, Connections: map[string]*config.Connection{}, Rules: filepath.Join("..", "..", "rules", "library", name)}
			for _, n := range g.Needs {
				c.Connections[n.Connection] = &config.Connection{Connector: n.Connector}
				if !built[n.Connector] {
					build(t, workshop, n.Connector, plugins)
				}
				built[n.Connector] = true
			}
			passes(t, c)
		})
	}
}

func build(t *testing.T, workshop *rig.Workshop, connector, dir string) {
	t.Helper()
	plugin := workshop.Plugin(t, filepath.Join("..", "..", "plugins", connector))
	if err := plugin.CopyTo(filepath.Join(dir, connector+".wasm")); err != nil {
		t.Fatal(err)
	}
}

func passes(t *testing.T, c *config.Config) {
	t.Helper()
	folder, err := app.OpenRulesFolder(c)
	if err != nil {
		t.Fatal(err)
	}
	report, err := folder.Test()
	if err != nil {
		t.Fatal((&program{lang: diag.English}).explain(err))
	}
	if report.Failed > 0 || report.Passed == 0 || len(report.Untaken) > 0 {
		t.Error(rendering(t, report))
	}
}

func rendering(t *testing.T, report *rules.TestReport) string {
	t.Helper()
	var w page
	if err := report.Render(&w, diag.English); err != nil {
		t.Fatal(err)
	}
	return w.String()
}

// TestNoticesNameEveryKindOfError holds the words of the notices to those that the program itself says.
func TestNoticesNameEveryKindOfError(t *testing.T) {
	flow, err := library.Flow("notify-run-failure")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, m := range regexp.MustCompile(`'(\w+)': '(.+)'`).FindAllSubmatch(flow, -1) {
		named[string(m[1])] = string(m[2])
	}
	said := map[string]string{}
	for kind, words := range kindWords() {
		said[kind.String()] = words.name.JA
	}
	if d := cmp.Diff(said, named); d != "" {
		t.Errorf("(-program +flow):\n%s", d)
	}
}
