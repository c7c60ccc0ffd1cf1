package pluginbuild_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/sdk/abi"
)

const manifest = `{"abi":"musubi/1","id":"tiny","version":"1","title":{"en":"Tiny"},"settings":{"type":"object"},"hosts":[]}`

// tiny is a module with one program that has a dependency and an embedded file.
func tiny(t testing.TB) string {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":        "module tiny\n\ngo 1.26\n",
		"app/main.go":   "package main\n\nimport (\n\t_ \"embed\"\n\n\t\"tiny/words\"\n)\n\n//go:embed hello.txt\nvar hello string\n\nfunc main() { print(hello, words.World) }\n",
		"app/hello.txt": "hello ",
		"words/w.go":    "package words\n\nconst World = \"world\"\n",
	})
	return dir
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func describe(text string) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) { return []byte(text), nil }
}

func builder(t testing.TB, opts pluginbuild.Options) *pluginbuild.Builder {
	t.Helper()
	if opts.CacheDir == "" {
		opts.CacheDir = t.TempDir()
	}
	if opts.Describe == nil {
		opts.Describe = describe(manifest)
	}
	b, err := pluginbuild.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSameSourceGivesSamePlugin(t *testing.T) {
	first, second := pluginBytes(t, tiny(t)), pluginBytes(t, tiny(t))
	if string(first) != string(second) {
		t.Error("the same source in two folders gives different plugins")
	}
	m, err := abi.ReadManifest(first)
	if err != nil || m.ID != "tiny" {
		t.Errorf("manifest inside: %+v, %v", m, err)
	}
}

func pluginBytes(t *testing.T, dir string) []byte {
	t.Helper()
	a, err := builder(t, pluginbuild.Options{}).Plugin(t.Context(), filepath.Join(dir, "app"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(a.Path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestCacheFollowsTheSource(t *testing.T) {
	dir := tiny(t)
	var built int
	b := builder(t, pluginbuild.Options{Dir: dir, Building: func(string) { built++ }})
	steps := []struct {
		name   string
		change map[string]string
		output string
		builds int
	}{
		{"first time", nil, "hello world", 1},
		{"nothing changed", nil, "hello world", 1},
		{"a test changed", map[string]string{"app/main_test.go": "package main\n"}, "hello world", 1},
		{"a dependency changed", map[string]string{"words/w.go": "package words\n\nconst World = \"moon\"\n"}, "hello moon", 2},
		{"an embedded file changed", map[string]string{"app/hello.txt": "bye "}, "bye moon", 3},
		{"a file came", map[string]string{"app/more.go": "package main\n\nfunc init() { print(\"oh \") }\n"}, "oh bye moon", 4},
	}
	for _, step := range steps {
		write(t, dir, step.change)
		a, err := b.Program(t.Context(), "tiny/app")
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		out, err := exec.Command(a.Path).CombinedOutput()
		if err != nil || string(out) != step.output || built != step.builds {
			t.Errorf("%s: printed %q after %d builds, %v; want %q after %d", step.name, out, built, err, step.output, step.builds)
		}
	}
}

func TestDamagedArtifactIsBuiltAgain(t *testing.T) {
	b := builder(t, pluginbuild.Options{Dir: tiny(t)})
	a, err := b.Program(t.Context(), "./app")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.Path, []byte("torn"), 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := b.Program(t.Context(), "./app")
	if err != nil || again.Cached {
		t.Errorf("a damaged file was taken from the cache: %+v, %v", again, err)
	}
}

func TestParallelBuildersBuildOnce(t *testing.T) {
	dir, cache := tiny(t), t.TempDir()
	var built atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		b := builder(t, pluginbuild.Options{Dir: dir, CacheDir: cache, Building: func(string) { built.Add(1) }})
		group.Go(func() {
			if _, err := b.Program(t.Context(), "./app"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if built.Load() != 1 {
		t.Errorf("built %d times, want once", built.Load())
	}
}

func TestFailures(t *testing.T) {
	cases := []struct {
		name     string
		change   map[string]string
		describe string
		pkg      string
		want     string
	}{
		{"compile error", map[string]string{"app/main.go": "package main\n\nfunc main() { undefinedThing() }\n"}, manifest, "./app", "main.go:3:15: undefined: undefinedThing"},
		{"syntax error", map[string]string{"app/main.go": "package main\n\nfunc main( {}\n"}, manifest, "./app", "main.go:3"},
		{"no program", nil, manifest, "./words", "its main.go must say package main"},
		{"no such folder", nil, manifest, "./nothing", "nothing"},
		{"wrong declaration", nil, `{"error":"settings are not declared"}`, "./app", "settings are not declared"},
		{"wrong manifest", nil, `{"abi":"musubi/1","id":"Tiny!"}`, "./app", "id must be"},
		{"no manifest", nil, `nonsense`, "./app", "decoding the manifest"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := tiny(t)
			write(t, dir, c.change)
			b := builder(t, pluginbuild.Options{Dir: dir, Describe: describe(c.describe)})
			_, err := b.Plugin(t.Context(), c.pkg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestWithoutGo(t *testing.T) {
	b := builder(t, pluginbuild.Options{Dir: tiny(t)})
	t.Setenv("PATH", "")
	if _, err := b.Plugin(t.Context(), "./app"); !errors.Is(err, pluginbuild.ErrNoGo) {
		t.Errorf("got %v, want ErrNoGo", err)
	}
}

func TestCancelWhileAnotherBuilds(t *testing.T) {
	dir, cache := tiny(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	waiting := builder(t, pluginbuild.Options{Dir: dir, CacheDir: cache})
	holding := builder(t, pluginbuild.Options{Dir: dir, CacheDir: cache, Building: func(string) {
		cancel()
		if _, err := waiting.Program(ctx, "./app"); !errors.Is(err, context.Canceled) {
			t.Errorf("the waiting build returned %v", err)
		}
	}})
	if _, err := holding.Program(t.Context(), "./app"); err != nil {
		t.Error(err)
	}
}

func TestCopyTo(t *testing.T) {
	a, err := builder(t, pluginbuild.Options{Dir: tiny(t)}).Plugin(t.Context(), "./app")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tiny.wasm")
	for range 2 { // over nothing, then over itself
		if err := a.CopyTo(file); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := abi.ReadManifest(content); err != nil || !cmp.Equal(m, a.Manifest) {
		t.Errorf("the copy's manifest: %+v, %v", m, err)
	}
}

func TestDiscover(t *testing.T) {
	dir := t.TempDir()
	const sdk = "import \"github.com/musubi-run/musubi/sdk\"\n"
	write(t, dir, map[string]string{
		"shop/main.go":    "package main\n\n" + sdk,
		"cart/main.go":    "package main\n\n" + sdk + "\nfunc main() {}\n",
		"library/main.go": "package library\n\n" + sdk,
		"other/main.go":   "package main\n",
		"empty/README.md": "",
		"README.md":       "",
	})
	got, err := pluginbuild.Discover(dir)
	want := []string{filepath.Join(dir, "cart"), filepath.Join(dir, "shop")}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func BenchmarkCached(b *testing.B) {
	build := builder(b, pluginbuild.Options{})
	dir := filepath.Join(tiny(b), "app")
	for b.Loop() {
		if _, err := build.Plugin(b.Context(), dir); err != nil {
			b.Fatal(err)
		}
	}
}
