// Package plugintest is the suite that every connector passes: its real wasm in
// the real sandbox, behind the real way out, against its simulated platform.
//
// A connector's folder brings everything as files, so that a new case needs no Go:
//
//	testdata/conformance.json          how to connect to the sim, see package rig
//	testdata/webhooks/<case>/          a delivery and what becomes of it:
//	    request.json                   {"method", "query", "headers"}
//	    body                           byte for byte
//	    want.json                      {"events": [...], "reply"} or {"error": {"kind"}}
//	testdata/actions/<case>/case.json  one call and what it must do:
//	    {"action", "input", "settings", "seed": [{"collection", "id", "record", "repeat"}], "faults": [...],
//	     "want" | "want_error": {"kind", "code"}, "want_effects": ["create Account", ...], "pages": 3, "total": 25}
//
// "events" and "want" name the fields that must be there at least; "reply" is
// exact, and so is the number of effects. Each case begins with a fresh sim.
//
// What a connector cannot pass it waives in conformance.json, case by case and
// with a reason; waivers are counted, and one that waives nothing is an error.
package plugintest

import (
	"testing"
)

// section is one part of the suite.
type section struct {
	name  string
	check func(*suite, *testing.T)
}

// sections in the order in which they run: secrets come last, because they
// search all that left while the others ran.
var sections = []section{
	{"manifest", (*suite).checkManifest},
	{"module", (*suite).checkModule},
	{"settings", (*suite).checkSettings},
	{"auth", (*suite).checkAuth},
	{"webhook", (*suite).checkWebhooks},
	{"poll", (*suite).checkPolls},
	{"actions", (*suite).checkActions},
	{"faults", (*suite).checkFaults},
	{"secrets", (*suite).checkSecrets},
}

// Run checks the connector in dir, a folder within a Go module. It builds the
// plugin and the program in dir/sim, both from the build cache when nothing has changed.
func Run(t *testing.T, dir string) {
	t.Helper()
	newSuite(t, dir, "").run(t)
}

func (s *suite) run(t *testing.T) {
	t.Helper()
	for _, part := range sections {
		t.Run(part.name, func(t *testing.T) {
			t.Cleanup(func() { s.waivers.sectionEnded(t, part.name) })
			part.check(s, t)
		})
	}
	s.waivers.report(t)
}
