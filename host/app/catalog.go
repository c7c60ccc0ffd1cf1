package app

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules"
)

// RulesFolder is the rules of a configuration with what they may speak of. It
// needs neither secrets nor a store.
type RulesFolder struct {
	// Dir is the folder; it need not exist.
	Dir     string
	Catalog *rules.Catalog
	// Lacking are the connections whose plugin is not there, by name: to the
	// rules they do not exist.
	Lacking []string
}

// OpenRulesFolder reads the plugins of the configured connections. Settings and
// secrets are not looked at: rules can be written before they are known.
func OpenRulesFolder(cfg *config.Config) (*RulesFolder, error) {
	plugins, err := Plugins(cfg.Plugins)
	if err != nil {
		return nil, err
	}
	own, err := ownConnector(nobody, nil, nil)
	if err != nil {
		return nil, err
	}
	f := &RulesFolder{Dir: cfg.Rules, Catalog: catalog(cfg, plugins, own)}
	for _, name := range slices.Sorted(maps.Keys(cfg.Connections)) {
		if f.Catalog.Connections[name] == nil {
			f.Lacking = append(f.Lacking, name)
		}
	}
	return f, nil
}

// Load reads and checks the folder; one that is not there holds no rules.
func (f *RulesFolder) Load() (*rules.Set, error) { return loadRules(f.Dir, f.Catalog) }

// Test runs every test beside the rules.
func (f *RulesFolder) Test() (*rules.TestReport, error) {
	if _, err := os.Stat(f.Dir); errors.Is(err, fs.ErrNotExist) {
		return new(rules.TestReport), nil
	}
	return rules.RunTests(os.DirFS(f.Dir), f.Catalog)
}
