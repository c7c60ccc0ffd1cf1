package plugintest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// suite is one connector, built and loaded: all sections share it.
type suite struct {
	dir      string
	fixture  Fixture
	waivers  *waivers
	builder  *pluginbuild.Builder
	runtime  *wasm.Runtime
	module   *wasm.Module
	manifest *abi.Manifest
	wasm     []byte
	// sim is the program's file.
	sim  string
	seen *witness
}

func newSuite(t *testing.T, dir string) *suite {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	fixture := readFixture(t, dir)
	s := &suite{dir: dir, fixture: fixture, waivers: newWaivers(t, fixture.Waive), runtime: newRuntime(t), seen: newWitness()}
	s.builder = s.newBuilder(t, "")
	s.buildPlugin(t)
	sim, err := s.builder.Program(t.Context(), filepath.Join(dir, "sim"))
	if err != nil {
		t.Fatal(err)
	}
	s.sim = sim.Path
	return s
}

// newRuntime returns a sandbox that keeps compiled code beside built plugins.
func newRuntime(t *testing.T) *wasm.Runtime {
	t.Helper()
	cache, err := pluginbuild.DefaultCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	rt := wasm.New(wasm.Options{CacheDir: filepath.Join(cache, "compiled"), Seed: []byte("plugintest")})
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
	return rt
}

func (s *suite) newBuilder(t *testing.T, cacheDir string) *pluginbuild.Builder {
	t.Helper()
	b, err := pluginbuild.New(pluginbuild.Options{Dir: s.dir, CacheDir: cacheDir, Describe: s.runtime.Describe})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *suite) buildPlugin(t *testing.T) {
	t.Helper()
	built, err := s.builder.Plugin(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.wasm, err = os.ReadFile(built.Path); err != nil {
		t.Fatal(err)
	}
	if s.module, err = s.runtime.Load(s.wasm); err != nil {
		t.Fatal(err)
	}
	if err := s.module.Compile(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.manifest = s.module.Manifest()
}

// platform is a sim that runs, fresh for one case.
type platform struct{ *simclient.Process }

// startSim starts a fresh sim without rate limits. It ends with the test.
func (s *suite) startSim(t *testing.T) *platform {
	t.Helper()
	process, err := simclient.Start(context.WithoutCancel(t.Context()), s.sim, "-addr", "127.0.0.1:0", "-seed", "1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Stop)
	p := &platform{process}
	if len(s.fixture.Limits) > 0 {
		p.must(t, p.SetLimits(t.Context(), s.fixture.Limits))
	}
	return p
}

// must fails the test if steering the sim failed.
func (p *platform) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// callTime bounds a call of the suite's, far above what any needs.
const callTime = 20 * time.Second
