package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/musubi-run/musubi/sdk/abi"
)

var (
	// literalObject is a kind of record that a step names, paramObject a
	// parameter that names one, and paramDefault what parameters are without being set.
	literalObject = regexp.MustCompile(`\bobject:\s*["']?([A-Za-z0-9_]+)\b`)
	paramObject   = regexp.MustCompile(`\bobject:\s*["']?\$\{params\.(\w+)\}`)
	paramDefault  = regexp.MustCompile(`(?m)^\s*(\w+):\s*\{[^}\n]*\bdefault:\s*["']?(\w+)`)
)

// usedObjects returns what the files of a rules folder seem to name as kinds of
// record, sorted. It reads them as text, so that it works on rules that are not right yet.
func usedObjects(dir string) ([]string, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || filepath.Base(path) == "tests.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		collectObjects(text, found)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for kinds of record in the rules: %w", err)
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func collectObjects(text []byte, found map[string]bool) {
	for _, m := range literalObject.FindAllSubmatch(text, -1) {
		found[string(m[1])] = true
	}
	defaults := map[string]string{}
	for _, m := range paramDefault.FindAllSubmatch(text, -1) {
		defaults[string(m[1])] = string(m[2])
	}
	for _, m := range paramObject.FindAllSubmatch(text, -1) {
		if name := defaults[string(m[1])]; name != "" {
			found[name] = true
		}
	}
}

// fieldChange is one difference between two descriptions of a platform's records.
type fieldChange struct {
	// Change is added, removed or changed.
	Change string `json:"change"`
	Object string `json:"object"`
	// Field is empty when it is about the whole kind of record.
	Field string `json:"field,omitempty"`
}

// The kinds of change.
const (
	changeAdded   = "added"
	changeRemoved = "removed"
	changeChanged = "changed"
)

// changedFields compares what was noted with what is, by object and field.
func changedFields(before, now map[string]*abi.Schema) []fieldChange {
	var changes []fieldChange
	if before == nil {
		return nil
	}
	for _, object := range names(before, now) {
		was, is := before[object], now[object]
		switch {
		case was == nil:
			changes = append(changes, fieldChange{changeAdded, object, ""})
		case is == nil:
			changes = append(changes, fieldChange{changeRemoved, object, ""})
		default:
			changes = append(changes, compareFields(object, was, is)...)
		}
	}
	return changes
}

func compareFields(object string, was, is *abi.Schema) []fieldChange {
	var changes []fieldChange
	for _, field := range names(was.Properties, is.Properties) {
		a, b := was.Properties[field], is.Properties[field]
		switch {
		case a == nil:
			changes = append(changes, fieldChange{changeAdded, object, field})
		case b == nil:
			changes = append(changes, fieldChange{changeRemoved, object, field})
		case !sameSchema(a, b) || slices.Contains(was.Required, field) != slices.Contains(is.Required, field):
			changes = append(changes, fieldChange{changeChanged, object, field})
		}
	}
	return changes
}

// names returns the keys of both maps, sorted.
func names(a, b map[string]*abi.Schema) []string {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return slices.Sorted(maps.Keys(both))
}

func sameSchema(a, b *abi.Schema) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// fieldChange says a change in words.
func (p *program) fieldChange(c fieldChange) string {
	what := c.Object
	if c.Field != "" {
		what += "." + c.Field
	}
	switch c.Change {
	case changeAdded:
		return fmt.Sprintf(p.say("new: %s", "追加: %s"), what)
	case changeRemoved:
		return fmt.Sprintf(p.say("gone: %s", "削除: %s"), what)
	default:
		return fmt.Sprintf(p.say("changed: %s", "変更: %s"), what)
	}
}
