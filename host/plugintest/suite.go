package plugintest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// callTime bounds a call of the suite's, far above what any needs.
const callTime = 20 * time.Second

// suite is one connector, built and loaded: all sections share it.
type suite struct {
	dir      string
	fixture  *rig.Fixture
	waivers  *waivers
	module   *wasm.Module
	manifest *abi.Manifest
	wasm     []byte
	// sim is the program's file.
	sim  string
	seen *witness
	fuel fuelGauge
	// ready says that the plugin came as a file: nothing is known of its source.
	ready bool
}

// newSuite loads the connector of dir: file, or what the folder builds to if that is empty.
func newSuite(t *testing.T, dir, file string) *suite {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	workshop := rig.NewWorkshop(t, "")
	fixture := rig.ReadFixture(t, dir)
	s := &suite{
		dir: dir, fixture: fixture, waivers: newWaivers(t, fixture.Waive), seen: newWitness(),
		sim: workshop.Program(t, filepath.Join(dir, "sim")), ready: file != "",
	}
	if file == "" {
		file = workshop.Plugin(t, dir).Path
	}
	s.wasm = readPlugin(t, file)
	if s.module, err = workshop.Sandbox.Load(s.wasm); err != nil {
		t.Fatal(err)
	}
	if err := s.module.Compile(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.manifest = s.module.Manifest()
	return s
}

func readPlugin(t *testing.T, file string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// platform is a sim that runs, fresh for one case.
type platform struct{ *rig.Sim }

func (s *suite) startSim(t *testing.T) *platform {
	t.Helper()
	return &platform{s.fixture.StartSim(t, s.sim)}
}
