package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
)

// testsFile is the name of the files that hold the tests beside a flow.
const testsFile = "tests.yaml"

// Load reads and checks the files of fsys, in any layout: flows, snippets,
// tables, tag rules and link rules (*.yaml, *.yml), tables (*.csv), texts (*.txt), lockfiles
// of records (*.objects.json). It leaves out tests.yaml and folders whose names
// start with a dot or an underscore. When anything is wrong with the rules the error is [Problems],
// with all faults at once, and there is no set.
func Load(fsys fs.FS, catalog *Catalog) (*Set, error) {
	sources, err := readSources(fsys)
	if err != nil {
		return nil, err
	}
	return LoadSources(sources, catalog)
}

// LoadSources is Load for files that are at hand: name to content, as
// [Set.Sources] returns them.
func LoadSources(sources map[string][]byte, catalog *Catalog) (*Set, error) {
	l, err := newLoader(catalog, sources)
	if err != nil {
		return nil, err
	}
	l.parse()
	for _, d := range l.docs {
		if d.params != nil {
			l.build(d)
		}
	}
	l.buildTags()
	l.buildLinks()
	if len(l.report.Problems) > 0 {
		l.report.Problems.Sort()
		return nil, l.report.Problems
	}
	return l.set(), nil
}

// readSources returns the contents of all files that belong to the rules.
func readSources(fsys fs.FS) (map[string][]byte, error) { return readFiles(fsys, isRules) }

// readFiles returns the contents of the files whose names are wanted, in all
// folders but those that a dot or an underscore hides.
func readFiles(fsys fs.FS, wanted func(base string) bool) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		switch {
		case d.IsDir() && name != "." && (base[0] == '.' || base[0] == '_'):
			return fs.SkipDir
		case d.IsDir() || !wanted(base):
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		files[name] = data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the rules folder: %w", err)
	}
	return files, nil
}

// isRules says whether a file belongs to the rules: documents, tables, texts
// and lockfiles.
func isRules(base string) bool {
	switch path.Ext(base) {
	case ".yaml", ".yml", ".csv", ".txt":
		return base != testsFile && base[0] != '.'
	default:
		return strings.HasSuffix(base, objectsSuffix)
	}
}

// loader is one load on its way from files to a set.
type loader struct {
	catalog *Catalog
	lang    *expr.Language
	sources map[string][]byte
	report  source.Report
	docs    []*document

	byID     map[string]*document
	snippets map[string]*document
	tables   map[string]*table
	texts    map[string]*source.File
	tags     []*TagRule
	// linkRules tie channels to carts.
	linkRules []*LinkRule
	// offMembers are the tag rules and link rules that are switched off, by name and file.
	offMembers []offRule
	// links are the kinds of link that steps make.
	links map[string]*linkEnds

	tablesType  *shape.Type
	tablesValue ref.Val
	// special are the types of actions on records of one kind, envelopes those
	// of event by the type of its data.
	special   map[recordKey]*recordTypes
	envelopes map[*shape.Type]*shape.Type
}

func newLoader(catalog *Catalog, sources map[string][]byte) (*loader, error) {
	lang, err := expr.Version1()
	if err != nil {
		return nil, err
	}
	own := Catalog{Connections: map[string]*Connection{}}
	if catalog != nil {
		own.Member = catalog.Member
		maps.Copy(own.Connections, catalog.Connections)
	}
	return &loader{
		catalog: &own, lang: lang, sources: sources,
		byID: map[string]*document{}, snippets: map[string]*document{},
		tables: map[string]*table{}, texts: map[string]*source.File{}, links: map[string]*linkEnds{},
		special: map[recordKey]*recordTypes{}, envelopes: map[*shape.Type]*shape.Type{},
	}, nil
}

// parse reads all files as far as others may need to know of them.
func (l *loader) parse() {
	for _, name := range slices.Sorted(maps.Keys(l.sources)) {
		switch {
		case strings.HasSuffix(name, objectsSuffix):
			l.readObjects(name)
		case path.Ext(name) == ".csv":
			l.readCSV(name)
		case path.Ext(name) == ".txt":
			l.readText(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.sources)) {
		if ext := path.Ext(name); ext == ".yaml" || ext == ".yml" {
			l.parseDocument(name)
		}
	}
}

func (l *loader) parseDocument(name string) {
	file := source.New(name, l.sources[name])
	before := len(l.report.Problems)
	node := file.Parse(&l.report)
	if node == nil {
		return
	}
	d := &document{file: file, node: node, broken: len(l.report.Problems) > before}
	l.docs = append(l.docs, d)
	l.readHeader(d)
}

// add notes a fault.
func (l *loader) add(at *source.Node, kind diag.Kind, args ...any) {
	l.report.Add(at.Span(), kind, args...)
}

// set makes the set of what was loaded without a fault.
func (l *loader) set() *Set {
	s := &Set{
		byID: map[string]*Flow{}, byEvent: map[eventKey]*matcher{}, tags: l.tags, links: l.linkRules, offMembers: l.offMembers,
		sources: l.sources, version: hashAll(l.sources),
	}
	for _, d := range l.docs {
		if d.flow == nil {
			continue
		}
		s.byID[d.flow.ID] = d.flow
		d.flow.Off = !d.enabled
		if d.enabled {
			s.flows = append(s.flows, d.flow)
		}
	}
	slices.SortFunc(s.flows, func(a, b *Flow) int { return strings.Compare(a.ID, b.ID) })
	byEvent := map[eventKey][]*Flow{}
	for _, f := range s.flows {
		if f.On.Event != "" {
			key := eventKey{f.On.Connection, f.On.Event}
			byEvent[key] = append(byEvent[key], f)
		}
	}
	for key, flows := range byEvent {
		s.byEvent[key] = newMatcher(flows)
	}
	for _, f := range s.byID {
		if f.When != nil {
			f.When.checked.Test = nil // it holds on to the whole tree
		}
	}
	return s
}

// hashAll is the version of a set: a hash over names and contents.
func hashAll(sources map[string][]byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		h.Write([]byte(strconv.Itoa(len(name)) + " " + name + " " + strconv.Itoa(len(sources[name])) + "\n"))
		h.Write(sources[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:versionLength]
}

// versionLength is how many hex digits of a hash make a version.
const versionLength = 16
