package plugintest

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Options say how [Program] runs the suite.
type Options struct {
	// Wasm is a plugin that was built already, in whatever language; empty: the
	// folder is built. The folder still brings fixtures, README and sim.
	Wasm string
	// Run picks cases by a pattern, section by section, as go test's -run does: "auth", "actions/item-get". Empty: all.
	Run string
	// Verbose prints every case, not only those that fail.
	Verbose bool
	// Done is told what came of it before the process ends.
	Done func(Result)
}

// Result is what became of the cases.
type Result struct {
	Connector string `json:"connector"`
	OK        bool   `json:"ok"`
	Passed    int    `json:"passed"`
	Failed    int    `json:"failed"`
	Waived    int    `json:"waived"`
	// Failures are the names of those that failed, sorted; what was wrong was printed.
	Failures []string `json:"failures"`
	// Fuel is what the calls of the cases ran.
	Fuel []Fuel `json:"fuel,omitempty"`
}

// Program runs the suite on the connector in dir without go test, so that a
// connector's own module need not require what the suite is made of. It prints
// as go test does and ends the process: 0 if all is well, 1 if not.
func Program(dir string, o Options) {
	name := "connector"
	if whole, err := filepath.Abs(dir); err == nil {
		name = filepath.Base(whole)
	}
	check := func(t *testing.T) {
		var s *suite
		t.Cleanup(func() { o.tell(t, name, s) })
		s = newSuite(t, dir, o.Wasm)
		s.run(t)
	}
	if err := o.setFlags(); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n") //nolint:errcheck // nobody is left to tell
		os.Exit(1)
	}
	testing.Main(regexp.MatchString, []testing.InternalTest{{Name: name, F: check}}, nil, nil)
}

// setFlags sets what go test would on its command line.
func (o Options) setFlags() error {
	testing.Init()
	pattern := ""
	if o.Run != "" { // below the connector's own name, each alternative
		pattern = "/" + strings.ReplaceAll(o.Run, "|", "|/")
	}
	if err := flag.CommandLine.Parse(nil); err != nil {
		return err
	}
	if err := flag.Set("test.run", pattern); err != nil {
		return err
	}
	return flag.Set("test.v", strconv.FormatBool(o.Verbose))
}

// tell sums up. Without a suite, loading the connector failed.
func (o Options) tell(t *testing.T, name string, s *suite) {
	t.Helper()
	if o.Done == nil {
		return
	}
	result := Result{Connector: name, Failed: 1}
	if s != nil {
		result = s.waivers.result
		result.Connector, result.Fuel = s.manifest.ID, s.fuel.list()
	}
	if result.Passed+result.Failed+result.Waived == 0 {
		t.Errorf("no case is named like --run %s; --verbose shows the names", o.Run)
	}
	result.OK = !t.Failed()
	result.Failures = append([]string{}, slices.Sorted(slices.Values(result.Failures))...)
	o.Done(result)
}
