package sdktest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// Sim runs a connector's simulated platform as a program of its own, as
// everybody else does. A package has one, and its TestMain runs the tests:
//
//	var sim sdktest.Sim
//
//	func TestMain(m *testing.M) { os.Exit(sim.Run(m)) }
//
// Its zero value is the program in the folder sim.
type Sim struct {
	once   sync.Once
	dir    string
	binary string
	err    error
}

// Run runs the tests, removes what was built and returns the status to exit with.
func (s *Sim) Run(m *testing.M) (status int) {
	status = m.Run()
	if err := os.RemoveAll(s.dir); err != nil {
		return 1
	}
	return status
}

// Start starts the sim, which the first test builds, for as long as the test lasts.
func (s *Sim) Start(t testing.TB, args ...string) *simclient.Process {
	t.Helper()
	if s.once.Do(s.build); s.err != nil {
		t.Fatal(s.err)
	}
	process, err := simclient.Start(t.Context(), s.binary, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Stop)
	return process
}

func (s *Sim) build() {
	if s.dir, s.err = os.MkdirTemp("", "musubi-sim-"); s.err != nil {
		return
	}
	s.binary = filepath.Join(s.dir, "sim")
	if out, err := exec.Command("go", "build", "-o", s.binary, "./sim").CombinedOutput(); err != nil {
		s.err = fmt.Errorf("building the sim: %w\n%s", err, out)
	}
}
