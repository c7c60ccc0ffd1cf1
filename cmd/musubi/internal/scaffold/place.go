package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// ErrNoSource is returned where a connector would need a module of its own and
// nobody knows where Musubi's source is.
var ErrNoSource = errors.New("the connector gets a module of its own, which needs the source of " + SDKModule)

// ErrNotSource is returned for a folder that was named as Musubi's source and is not.
var ErrNotSource = errors.New("not the source of " + SDKModule)

// Place is where a connector's folder goes, and what module it belongs to.
type Place struct {
	// Dir is the folder's parent.
	Dir string
	// Module is the path of the connector's own module; empty: it belongs to the
	// module around it, whose folder is Root.
	Module, Root string
	// Source is the folder of Musubi's source that the module uses; empty: Version is fetched.
	Source, Version string
}

// Wish is what somebody wants of a place. All of it may be empty.
type Wish struct {
	// From is the folder in which the question is asked.
	From string
	// Dir is the folder's parent; empty: plugins in Musubi's own source, From elsewhere.
	Dir string
	// Module is the path of the module, if it needs one of its own; empty: example.com/ and the id.
	Module string
	// Source is where Musubi's source is; empty: the source that From is in.
	Source string
	// Version is the released version that runs; empty: none.
	Version string
}

// Find decides where the connector goes. In Musubi's own source, or in a module
// that requires it, the connector belongs to that module; anywhere else it gets
// one of its own.
func Find(id string, w Wish) (Place, error) {
	here, err := moduleAround(w.From)
	if err != nil {
		return Place{}, err
	}
	if w.Dir == "" {
		w.Dir = w.From
		if here.isMusubi() {
			w.Dir = filepath.Join(here.root, "plugins")
		}
	}
	dir, err := filepath.Abs(w.Dir)
	if err != nil {
		return Place{}, err
	}
	around, err := moduleAround(dir)
	if err != nil {
		return Place{}, err
	}
	if around.isMusubi() || around.requires(SDKModule) {
		return Place{Dir: dir, Root: around.root}, nil
	}
	if w.Source == "" && here.isMusubi() {
		w.Source = here.root
	}
	return ownModule(id, dir, w)
}

// ownModule is the place of a connector that is a module.
func ownModule(id, dir string, w Wish) (Place, error) {
	p := Place{Dir: dir, Module: w.Module, Version: w.Version}
	if p.Module == "" {
		p.Module = "example.com/" + id
	}
	if w.Source == "" {
		if w.Version == "" {
			return Place{}, ErrNoSource
		}
		return p, nil
	}
	source, err := filepath.Abs(w.Source)
	if err != nil {
		return Place{}, err
	}
	m, err := readModule(source)
	if err != nil {
		return Place{}, err
	}
	if !m.isMusubi() {
		return Place{}, fmt.Errorf("%s: %w", w.Source, ErrNotSource)
	}
	p.Source, p.Version = source, "v0.0.0"
	return p, nil
}

// module is a go.mod and where it lies; the zero module is none.
type module struct {
	root string
	file *modfile.File
}

func (m module) isMusubi() bool { return m.file != nil && m.file.Module.Mod.Path == SDKModule }

func (m module) requires(path string) bool {
	if m.file == nil {
		return false
	}
	for _, r := range m.file.Require {
		if r.Mod.Path == path {
			return true
		}
	}
	return false
}

// moduleAround finds the module that dir, which need not exist yet, lies in.
func moduleAround(dir string) (module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return module{}, err
	}
	for {
		m, err := readModule(dir)
		if err != nil || m.file != nil {
			return m, err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return module{}, nil
		}
		dir = parent
	}
}

// readModule reads dir/go.mod, if there is one.
func readModule(dir string) (module, error) {
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return module{}, nil
	}
	if err != nil {
		return module{}, err
	}
	file, err := modfile.ParseLax(name, text, nil)
	if err != nil {
		return module{}, err
	}
	if file.Module == nil {
		return module{}, fmt.Errorf("%s names no module", name)
	}
	return module{root: dir, file: file}, nil
}

// moduleFiles is the go.mod of a connector that is a module. It needs no go.sum
// with a source beside it: the SDK imports nothing but the standard library.
func (p Place) moduleFiles() []File {
	if p.Module == "" {
		return nil
	}
	text := fmt.Sprintf("module %s\n\ngo 1.26.0\n\nrequire %s %s\n", modfile.AutoQuote(p.Module), SDKModule, p.Version)
	if p.Source != "" {
		text += fmt.Sprintf("\nreplace %s => %s\n", SDKModule, modfile.AutoQuote(p.Source))
	}
	return []File{{Path: "go.mod", Data: []byte(text)}}
}
