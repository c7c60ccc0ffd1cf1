package plugintest

import (
	"flag"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
)

// waivers are a connector's, with how often each was used.
type waivers struct {
	list []rig.Waiver

	mu   sync.Mutex
	used []int
	ran  map[string]bool // sections that ran
	// result counts what became of the cases.
	result Result
}

func newWaivers(t *testing.T, list []rig.Waiver) *waivers {
	t.Helper()
	for _, w := range list {
		if w.Section == "" || w.Reason == "" {
			t.Fatalf("waiver %+v: a waiver names its section and its reason", w)
		}
	}
	return &waivers{list: list, used: make([]int, len(list)), ran: map[string]bool{}}
}

// run runs one case as a subtest, unless it is waived.
func (ws *waivers) run(t *testing.T, section, name string, check func(t *testing.T)) {
	t.Helper()
	ws.runIn(t, section, "", name, check)
}

// runIn is run for a case of a group that is a subtest already: it is waived
// and told as group/name, which is how --run finds it.
func (ws *waivers) runIn(t *testing.T, section, group, name string, check func(t *testing.T)) {
	t.Helper()
	short := name
	name = path.Join(group, name)
	t.Run(short, func(t *testing.T) {
		if reason, waived := ws.reason(section, name); waived {
			ws.count(func(r *Result) { r.Waived++ })
			t.Skipf("waived: %s", reason)
		}
		t.Cleanup(func() { ws.ended(t, section+"/"+name) })
		check(t)
	})
}

// ended counts a case that ran. Cleanups run last in, first out: those of the
// case itself, which may fail it, have run.
func (ws *waivers) ended(t *testing.T, name string) {
	t.Helper()
	ws.count(func(r *Result) {
		if !t.Failed() {
			r.Passed++
			return
		}
		r.Failed++
		r.Failures = append(r.Failures, name)
	})
}

// sectionEnded counts a section that failed as a whole: a file of its cases
// cannot be read, say.
func (ws *waivers) sectionEnded(t *testing.T, section string) {
	t.Helper()
	ws.count(func(r *Result) {
		within := func(name string) bool { return strings.HasPrefix(name, section+"/") }
		if t.Failed() && !slices.ContainsFunc(r.Failures, within) {
			r.Failed++
			r.Failures = append(r.Failures, section)
		}
	})
}

func (ws *waivers) count(add func(*Result)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	add(&ws.result)
}

func (ws *waivers) reason(section, name string) (string, bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.ran[section] = true
	for i, w := range ws.list {
		if w.Section == section && (w.Case == "" || w.Case == name) {
			ws.used[i]++
			return w.Reason, true
		}
	}
	return "", false
}

// report prints the waivers, and fails for one of a section that ran that waived nothing.
func (ws *waivers) report(t *testing.T) {
	t.Helper()
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for i, w := range ws.list {
		if ws.used[i] == 0 && ws.ran[w.Section] && whole(t.Name(), flag.Lookup("test.run").Value.String()) {
			t.Errorf("the waiver of %s %s waives nothing: remove it", w.Section, w.Case)
			continue
		}
		t.Logf("waived: %s %s: %s", w.Section, w.Case, w.Reason)
	}
	t.Logf("%d waivers", len(ws.list))
}

// whole says whether a pattern of -run leaves the sections of the suite, which
// runs as name, whole: it does not if it goes on to the names of cases.
func whole(name, pattern string) bool {
	section := strings.Count(name, "/") + 1
	slashes, brackets := 0, 0
	for _, c := range pattern {
		switch c {
		case '(', '[':
			brackets++
		case ')', ']':
			brackets--
		case '|':
			if brackets == 0 { // another pattern begins
				slashes = 0
			}
		case '/':
			if slashes++; slashes > section {
				return false
			}
		}
	}
	return true
}
