package pluginbuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// cacheVersion is part of every key. It changes when what is built from the same source changes.
const cacheVersion = "1"

// sources is what go list says about one package.
type sources struct {
	Dir        string
	ImportPath string
	Name       string
	Standard   bool
	GoFiles    []string
	SFiles     []string
	EmbedFiles []string
	Module     *struct {
		Path    string
		Version string
		Replace *struct{ Version string }
	}
}

// key returns a digest of all that decides on the result: the sources of every
// package that can be edited, the versions of the others, the compiler and how
// it is called. It also returns the package's import path.
func (g *goTool) key(ctx context.Context) (key, importPath string, err error) {
	environment, err := g.run(ctx, "env", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64")
	if err != nil {
		return "", "", err
	}
	packages, err := g.list(ctx)
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%q\n", cacheVersion, environment, g.target.flags)
	for _, p := range packages {
		if err := p.addTo(h); err != nil {
			return "", "", err
		}
	}
	main := packages[len(packages)-1] // go list puts dependencies first
	if main.Name != "main" {
		return "", "", fmt.Errorf("%s is package %s, not a program: its main.go must say package main", main.ImportPath, main.Name)
	}
	return hex.EncodeToString(h.Sum(nil)), main.ImportPath, nil
}

func (g *goTool) list(ctx context.Context) ([]sources, error) {
	const fields = "-json=Dir,ImportPath,Name,Standard,GoFiles,SFiles,EmbedFiles,Module"
	out, err := g.run(ctx, "list", "-deps", fields, g.pkg)
	if err != nil {
		return nil, err
	}
	var packages []sources
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p sources
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading the list of packages: %w", err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("%s matches no package", g.pkg)
	}
	return packages, nil
}

// addTo adds what the package consists of: nothing for the standard library,
// which comes with the compiler, the version of a module that cannot change,
// and every file of the rest.
func (p *sources) addTo(h hash.Hash) error {
	if p.Standard {
		return nil
	}
	fmt.Fprintf(h, "%s\n", p.ImportPath)
	if version := p.fixedVersion(); version != "" {
		fmt.Fprintf(h, "%s\n", version)
		return nil
	}
	for _, files := range [][]string{p.GoFiles, p.SFiles, p.EmbedFiles} {
		for _, name := range files {
			if err := addFile(h, name, filepath.Join(p.Dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// fixedVersion returns the version of a package that comes from the module
// cache, or "" for one whose source lies in a folder.
func (p *sources) fixedVersion() string {
	switch {
	case p.Module == nil:
		return ""
	case p.Module.Replace != nil:
		return p.Module.Replace.Version
	default:
		return p.Module.Version
	}
}

func addFile(h hash.Hash, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	content := sha256.New()
	if _, err := io.Copy(content, f); err != nil {
		return err
	}
	fmt.Fprintf(h, "%s %x\n", name, content.Sum(nil))
	return nil
}
