package pluginbuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	environment, err := g.run(ctx, "env", "GOVERSION", "GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "CGO_ENABLED")
	if err != nil {
		return "", "", err
	}
	packages, err := g.list(ctx)
	if err != nil {
		return "", "", err
	}
	facts := fmt.Appendf(nil, "%s\n%s\n%q\n", cacheVersion, environment, g.target.flags)
	for _, p := range packages {
		if facts, err = p.appendTo(facts); err != nil {
			return "", "", err
		}
	}
	main := packages[len(packages)-1] // go list puts dependencies first
	if main.Name != "main" {
		return "", "", fmt.Errorf("%s is package %s, not a program: its main.go must say package main", main.ImportPath, main.Name)
	}
	return digest(facts), main.ImportPath, nil
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

// appendTo appends what the package consists of: nothing for the standard
// library, which comes with the compiler, the version of a module that cannot
// change, and a digest of every file of the rest.
func (p *sources) appendTo(facts []byte) ([]byte, error) {
	if p.Standard {
		return facts, nil
	}
	facts = append(facts, p.ImportPath+"\n"...)
	if version := p.fixedVersion(); version != "" {
		return append(facts, version+"\n"...), nil
	}
	for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.EmbedFiles) {
		content, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		facts = append(facts, name+" "+digest(content)+"\n"...)
	}
	return facts, nil
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
