package app

import (
	"maps"
	"os"
	"slices"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules"
)

// RulesFolder is the rules of a configuration with what they may speak of. It
// needs neither secrets nor a store.
type RulesFolder struct {
	// Dir is the folder.
	Dir     string
	Catalog *rules.Catalog
	// Lacking are the connections whose plugin is not there, by name: to the
	// rules they do not exist.
	Lacking []string

	cfg *config.Config // that names the folder; nil if none does
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
	f := &RulesFolder{Dir: cfg.Rules, Catalog: catalog(cfg, plugins, own), cfg: cfg}
	for _, name := range slices.Sorted(maps.Keys(cfg.Connections)) {
		if f.Catalog.Connections[name] == nil {
			f.Lacking = append(f.Lacking, name)
		}
	}
	return f, nil
}

// Load reads and checks the folder.
func (f *RulesFolder) Load() (*rules.Set, error) {
	set, err := loadRules(f.Dir, f.Catalog)
	return set, f.placed(err)
}

// Test runs every test beside the rules.
func (f *RulesFolder) Test() (*rules.TestReport, error) {
	if err := checkFolder(f.Dir); err != nil {
		return nil, f.placed(err)
	}
	return rules.RunTests(os.DirFS(f.Dir), f.Catalog)
}

// placed gives a fault of the folder its place in the configuration, if it is named there.
func (f *RulesFolder) placed(err error) error {
	if f.cfg == nil || f.Dir != f.cfg.Rules {
		return err
	}
	return inConfig(f.cfg, err)
}
