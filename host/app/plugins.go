package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Plugin is one plugin file, its manifest read without running it.
type Plugin struct {
	File     string
	Manifest *abi.Manifest
	wasm     []byte
}

// Plugins reads the plugins of a folder, by connector id. All faults are
// reported at once.
func Plugins(dir string) (map[string]*Plugin, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
	if err != nil {
		return nil, fmt.Errorf("listing the plugins in %s: %w", dir, err)
	}
	read, faults := readPlugins(files)
	plugins := make(map[string]*Plugin, len(files))
	for i, p := range read {
		if p == nil {
			continue
		}
		file := files[i]
		if other := plugins[p.Manifest.ID]; other != nil {
			faults = append(faults, fmt.Errorf("%s and %s are both connector %s: remove one of them", other.File, file, p.Manifest.ID))
			continue
		}
		plugins[p.Manifest.ID] = p
	}
	return plugins, errors.Join(faults...)
}

// readPlugins reads the files on all processors: many plugins are many megabytes.
func readPlugins(files []string) (read []*Plugin, faults []error) {
	read, faults = make([]*Plugin, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			read[i], faults[i] = ReadPlugin(file)
			return nil
		})
	}
	_ = group.Wait() //nolint:errcheck // the faults are gathered by file
	return read, faults
}

// ReadPlugin reads one plugin file.
func ReadPlugin(file string) (*Plugin, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading plugin: %w", err)
	}
	manifest, err := abi.ReadManifest(wasm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Plugin{File: file, Manifest: manifest, wasm: wasm}, nil
}

func manifests(plugins map[string]*Plugin) map[string]*abi.Manifest {
	all := make(map[string]*abi.Manifest, len(plugins))
	for id, p := range plugins {
		all[id] = p.Manifest
	}
	return all
}
