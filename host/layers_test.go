package host_test

import (
	"slices"
	"strings"
	"testing"
)

// The layers of the house, the third column of README's "Where things live". A package is named by its
// folder within the module; anything else by its import path.

// home is the only folder that may know a library.
type home struct{ dir, library, advice string }

var homes = []home{
	{"host/store/badger", "github.com/dgraph-io/badger", "take a store.Store"},
	{"host/wasm", "github.com/tetratelabs/wazero", "declare what you call as a small interface, as host/engine does"},
	{"host/web", "github.com/gofiber/fiber", "serve it from host/web, behind a small interface there"},
	{"host/registry", "oras.land/oras-go", "fetch and put plugins by package host/registry"},
	{"rules", "github.com/google/cel-go", "ask package rules for what you need to evaluate"},
}

// layer is one rule: the packages that it binds never import what it forbids.
type layer struct {
	rule, advice  string
	binds         func(pkg string) bool
	forbids       func(pkg, imported string) bool
	reach         bool // over any number of imports
	includesTests bool
}

var layers = slices.Concat(homeLayers(), []layer{
	{
		rule:          "nobody imports plugins",
		advice:        "move what you need to sdk; plugins are found at run time",
		binds:         func(string) bool { return true },
		forbids:       func(pkg, imported string) bool { return within(imported, "plugins") && !sameConnector(pkg, imported) },
		includesTests: true,
	},
	{
		rule:   "a sim and its connector never import each other: a misreading must show as a disagreement",
		advice: "write both from the platform's page; what several need goes to sdk",
		binds:  func(pkg string) bool { return within(pkg, "plugins") },
		forbids: func(pkg, imported string) bool {
			return within(imported, "plugins") && isSim(pkg) != isSim(imported)
		},
	},
	{
		rule:    "sdk imports only the standard library",
		advice:  "write the little that is needed, or do it in the host",
		binds:   func(pkg string) bool { return within(pkg, "sdk") },
		forbids: func(_, imported string) bool { return !standard(imported) && !within(imported, "sdk") },
	},
	{
		rule:    "a connector imports only the standard library and sdk",
		advice:  "write the little that is needed, or put it into sdk if three connectors need it",
		binds:   isConnector,
		forbids: func(_, imported string) bool { return !standard(imported) && !within(imported, "sdk", "plugins") },
	},
	{
		rule:    "a sim knows nothing of the host or of rules",
		advice:  "a sim is the platform: what it needs beside sdk comes from a library made for the job",
		binds:   isSim,
		forbids: func(_, imported string) bool { return within(imported, "host", "rules", "cmd") },
	},
	{
		rule:    "a connector has no file system, environment or process",
		advice:  "settings come from sdk.SettingsOf, what must last goes to Call.SetState",
		binds:   isConnector,
		forbids: func(_, imported string) bool { return within(imported, "os", "syscall", "unsafe", "plugin") },
	},
	{
		rule:    "a connector reaches the network only through the host",
		advice:  "send requests with Call.Get, Call.Post and the like; simkit and sdktest are for sims and tests",
		binds:   isConnector,
		forbids: func(_, imported string) bool { return within(imported, "net/http") || imported == "net" },
		reach:   true,
	},
	{
		rule:          "rules import sdk/abi but nothing of the host",
		advice:        "pass it in as a value: rules know no clock, network or store",
		binds:         func(pkg string) bool { return within(pkg, "rules") },
		forbids:       func(_, imported string) bool { return within(imported, "host", "cmd", "net/http") || imported == "net" },
		includesTests: true,
	},
	{
		rule:   "host/engine knows neither sandbox, web, disk nor network",
		advice: "declare what the engine needs as a small interface in host/engine; host/app fills it",
		binds:  func(pkg string) bool { return within(pkg, "host/engine") },
		forbids: func(_, imported string) bool {
			return within(imported, "host/wasm", "host/web", "host/store/badger", "host/egress")
		},
		reach: true,
	},
	{
		rule:    "the sandbox reaches no network: what plugins send goes through host/egress",
		advice:  "pass the sender in as a function; host/app fills it",
		binds:   func(pkg string) bool { return within(pkg, "host/wasm") },
		forbids: func(_, imported string) bool { return within(imported, "net/http", "host/egress") || imported == "net" },
	},
	{
		rule:    "package host holds words, no I/O, and imports nothing of the host",
		advice:  "put it into the package that does the work",
		binds:   func(pkg string) bool { return pkg == "host" },
		forbids: func(_, imported string) bool { return !standard(imported) && !within(imported, "sdk") },
	},
	{
		rule:    "nothing in the store's contract knows what is stored",
		advice:  "keys and their meaning belong to host/ledger",
		binds:   func(pkg string) bool { return within(pkg, "host/store") },
		forbids: func(_, imported string) bool { return within(imported, "host") && !within(imported, "host/store") },
	},
	{
		rule:    "host/app is the wiring: only programs and test harnesses import it",
		advice:  "declare a small interface and let host/app pass the thing in",
		binds:   func(pkg string) bool { return !within(pkg, "cmd", "host/app", "host/hosttest", "host/plugintest") },
		forbids: func(_, imported string) bool { return within(imported, "host/app") },
	},
})

// homeLayers are the two rules of every home: nobody else imports its library,
// and it reaches no other home. rules/diag and rules/source are free for all:
// the form of a fault with its place, and the mistakes that people make in
// YAML. They know neither rules nor CEL.
func homeLayers() []layer {
	var all []layer
	for _, h := range homes {
		all = append(all, layer{
			rule:          "only " + h.dir + " imports " + h.library,
			advice:        h.advice,
			binds:         func(pkg string) bool { return !within(pkg, h.dir) },
			forbids:       func(_, imported string) bool { return strings.HasPrefix(imported, h.library) },
			includesTests: true,
		}, layer{
			rule:   h.dir + " never imports another of host/store/badger, host/wasm, host/web, rules",
			advice: "let them meet in host types, in an interface that the consumer declares, or in host/app",
			binds:  func(pkg string) bool { return within(pkg, h.dir) },
			forbids: func(_, imported string) bool {
				return slices.ContainsFunc(homes, func(other home) bool { return other != h && within(imported, other.dir) }) &&
					!within(imported, "rules/diag", "rules/source")
			},
			reach: true,
		})
	}
	return all
}

func TestLayersHold(t *testing.T) {
	readTree(t)
	for _, platform := range []string{"", "wasip1"} {
		g := listPackages(t, platform)
		if _, ok := g["sdk/abi"]; !ok {
			t.Fatalf("the go command lists %d packages, sdk/abi not among them", len(g))
		}
		for _, l := range layers {
			for _, fault := range l.faults(g) {
				t.Error(fault)
			}
		}
	}
}

// within says whether the package is one of the folders or lies under one.
func within(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return pkg == folder || strings.HasPrefix(pkg, folder+"/")
	})
}

// standard says whether an import is of the standard library: ours begin with
// one of our folders, others' with a domain.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && !within(imported, "sdk", "rules", "host", "plugins", "cmd")
}

func isSim(pkg string) bool {
	parts := strings.Split(pkg, "/")
	return len(parts) > 2 && parts[0] == "plugins" && parts[2] == "sim"
}

func isConnector(pkg string) bool { return within(pkg, "plugins") && !isSim(pkg) }

func sameConnector(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	return len(x) > 1 && len(y) > 1 && x[0] == y[0] && x[1] == y[1]
}
