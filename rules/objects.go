package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// objectsSuffix ends the name of a lockfile: crm.objects.json describes the
// kinds of record of the connection crm, custom fields included.
const objectsSuffix = ".objects.json"

// ObjectsFile returns the name and the content of the lockfile that types a
// connection's records, for the rules folder.
func ObjectsFile(connection string, objects map[string]*abi.Schema) (name string, data []byte, err error) {
	data, err = json.MarshalIndent(objects, "", "  ")
	if err != nil {
		return "", nil, fmt.Errorf("writing the objects of %s: %w", connection, err)
	}
	return connection + objectsSuffix, append(data, '\n'), nil
}

// WithObjects returns the catalog together with what the lockfiles of a rules
// folder say of the connections' records. A folder that is not there says
// nothing. The error is [Problems] when a lockfile is wrong.
func WithObjects(catalog *Catalog, fsys fs.FS) (*Catalog, error) {
	files, err := readFiles(fsys, func(base string) bool { return strings.HasSuffix(base, objectsSuffix) })
	if errors.Is(err, fs.ErrNotExist) {
		return catalog, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := newLoader(catalog, files)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l.readObjects(name)
	}
	if len(l.report.Problems) > 0 {
		return nil, l.report.Problems
	}
	return l.catalog, nil
}

// readObjects adds what a lockfile says to the connection that it describes.
func (l *loader) readObjects(name string) {
	file := source.New(name, l.sources[name])
	id := strings.TrimSuffix(path.Base(name), objectsSuffix)
	c := l.catalog.Connections[id]
	if c == nil {
		l.report.Add(file.LineSpan(1), objectsOfNobody, id)
		return
	}
	var objects map[string]*abi.Schema
	if err := json.Unmarshal(l.sources[name], &objects); err != nil {
		l.report.Add(file.LineSpan(1), badObjects)
		return
	}
	merged := *c
	merged.Objects = maps.Clone(c.Objects)
	if merged.Objects == nil {
		merged.Objects = map[string]*abi.Schema{}
	}
	maps.Copy(merged.Objects, objects)
	merged.Manifest = declareTriggers(c.Manifest, objects)
	l.catalog.Connections[id] = &merged
}
