// Package pluginbuild turns a connector's folder into a plugin, a .wasm file
// that carries its manifest, and a simulator's folder into a program. The same
// source gives the same plugin, byte for byte, on every machine. Results are
// kept in a cache, so that building again what did not change takes a tenth of
// a second; several processes may build at the same time.
package pluginbuild

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/musubi-run/musubi/host/wholefile"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Options configure a Builder.
type Options struct {
	// Dir is where package paths are resolved, usually the module's root; empty means the working directory.
	Dir string
	// CacheDir keeps results; empty means [DefaultCacheDir].
	CacheDir string
	// Describe runs the describe export of a module and returns the manifest,
	// JSON. It is needed for plugins only.
	Describe func(ctx context.Context, wasm []byte) ([]byte, error)
	// Building is called before something is built that was not in the cache; nil is fine.
	Building func(pkg string)
}

// Builder builds. It may be used by several goroutines.
type Builder struct{ opts Options }

// New returns a builder.
func New(opts Options) (*Builder, error) {
	if opts.CacheDir == "" {
		dir, err := DefaultCacheDir()
		if err != nil {
			return nil, err
		}
		opts.CacheDir = dir
	}
	if opts.Building == nil {
		opts.Building = func(string) {}
	}
	return &Builder{opts: opts}, nil
}

// DefaultCacheDir returns the folder musubi/build in the user's cache.
func DefaultCacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache directory: %w", err)
	}
	return filepath.Join(dir, "musubi", "build"), nil
}

// Artifact is something that was built.
type Artifact struct {
	// Path is where it lies in the cache. It is replaced, never changed, when the source changes.
	Path string
	// Cached says that nothing had to be built.
	Cached bool
	// Manifest is what a plugin declares; nil for a program.
	Manifest *abi.Manifest
}

// Plugin builds the connector in pkg, a folder or a package path, for the sandbox.
func (b *Builder) Plugin(ctx context.Context, pkg string) (*Artifact, error) {
	a, err := b.build(ctx, target{pkg: pkg, suffix: ".wasm", env: wasmEnv, flags: wasmFlags, finish: b.addManifest})
	if err != nil {
		return nil, fmt.Errorf("building plugin %s: %w", pkg, err)
	}
	wasm, err := os.ReadFile(a.Path)
	if err != nil {
		return nil, err
	}
	if a.Manifest, err = abi.ReadManifest(wasm); err != nil {
		return nil, fmt.Errorf("reading %s: %w", a.Path, err)
	}
	return a, nil
}

// Program builds the program in pkg, a folder or a package path, for this machine.
func (b *Builder) Program(ctx context.Context, pkg string) (*Artifact, error) {
	a, err := b.build(ctx, target{pkg: pkg, suffix: executable, flags: nativeFlags, finish: asIs})
	if err != nil {
		return nil, fmt.Errorf("building program %s: %w", pkg, err)
	}
	return a, nil
}

// CopyTo writes the artifact to file, whole or not at all.
func (a *Artifact) CopyTo(file string) error {
	content, err := os.ReadFile(a.Path)
	if err != nil {
		return err
	}
	info, err := os.Stat(a.Path)
	if err != nil {
		return err
	}
	return wholefile.Replace(file, content, info.Mode().Perm())
}
