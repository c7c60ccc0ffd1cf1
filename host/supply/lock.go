package supply

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/host/wholefile"
)

// FileName is the lock's name; it lies beside musubi.yaml and belongs into git.
const FileName = "plugins.lock"

const (
	language = 1
	heading  = "# What every plugin is and may reach, as it was accepted. Written by: musubi plugin accept\n"
)

// Lock is the file. A nil Lock accepts everything: there is no file.
type Lock struct {
	File    string
	Plugins map[string]*Entry
	// lines is where the file names each plugin.
	lines map[string]int
}

// Path returns where the lock of a configuration file lies.
func Path(configFile string) string { return filepath.Join(filepath.Dir(configFile), FileName) }

// ReadLock reads the file. It returns nil if there is none.
func ReadLock(file string) (*Lock, error) {
	text, err := os.ReadFile(file) //nolint:gosec // it lies beside the operator's configuration
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the accepted plugins: %w", err)
	}
	lock := &Lock{File: file, Plugins: map[string]*Entry{}, lines: map[string]int{}}
	if err := lock.parse(text); err != nil {
		return nil, fmt.Errorf("%s is not what musubi plugin accept writes: %w", file, err)
	}
	return lock, nil
}

func (l *Lock) parse(text []byte) error {
	var content struct {
		Lock    int               `yaml:"lock"`
		Plugins map[string]*Entry `yaml:"plugins"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&content); err != nil && !errors.Is(err, io.EOF) {
		return err //nolint:wrapcheck // the caller names the file
	}
	if content.Lock != language {
		return fmt.Errorf("its language is %d and this program knows %d", content.Lock, language)
	}
	for id, e := range content.Plugins {
		if e == nil || e.SHA256 == "" {
			return fmt.Errorf("plugin %s has no sha256", id)
		}
		l.Plugins[id] = e
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return err //nolint:wrapcheck // the caller names the file
	}
	l.note(&root)
	return nil
}

// note remembers the lines of the plugins' names.
func (l *Lock) note(n *yaml.Node) {
	for i, child := range n.Content {
		if _, known := l.Plugins[child.Value]; known && child.Kind == yaml.ScalarNode && child.Column > 1 && i%2 == 0 {
			l.lines[child.Value] = child.Line
			continue
		}
		l.note(child)
	}
}

// Line returns the line that names the plugin, 1 if none does.
func (l *Lock) Line(id string) int { return max(l.lines[id], 1) }

// Differences compares a plugin with what was accepted of it.
func (l *Lock) Differences(id string, there Entry) []Difference {
	if l == nil {
		return nil
	}
	return Differences(l.Plugins[id], there)
}

// Write replaces the file as a whole, or leaves it as it was.
func (l *Lock) Write() error {
	text, err := l.text()
	if err != nil {
		return err
	}
	if err := wholefile.Replace(l.File, text, 0o644); err != nil {
		return fmt.Errorf("keeping what was accepted: %w", err)
	}
	return nil
}

func (l *Lock) text() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(heading)
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(struct {
		Lock    int               `yaml:"lock"`
		Plugins map[string]*Entry `yaml:"plugins"`
	}{language, l.Plugins})
	if err = errors.Join(err, encoder.Close()); err != nil {
		return nil, fmt.Errorf("writing the accepted plugins: %w", err)
	}
	return text.Bytes(), nil
}
