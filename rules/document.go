package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// languageVersion is the one version of the rules language so far.
const languageVersion = "1"

// document is one rules file in YAML.
type document struct {
	file *source.File
	node *source.Node
	keys map[string]*source.Node
	// broken documents had faults as YAML, or are not understood; they are not checked further.
	broken bool
	kind   *documentKind
	id     string
	// enabled and params belong to flows.
	enabled bool
	params  *paramSet
	flow    *Flow
	state   buildState
}

// buildState tells a flow that is being built from one that is done, so that
// flows which use each other in a circle are found.
type buildState int

const (
	notBuilt buildState = iota
	building
	built
)

// documentKind is what a file holds; its first key says which.
type documentKind struct {
	key  string
	what abi.Text
	// keys may stand at the top of the file, in the order in which they are written.
	keys []string
	read func(l *loader, d *document)
}

// documentKinds are the kinds of file, the commonest first.
func documentKinds() []documentKind {
	return []documentKind{
		{"flow", whatFlow, []string{"language", "flow", "title", "owner", "enabled", "params", "on", "when", "key", "on_failure", "retry", "steps"}, (*loader).readFlow},
		{"snippet", whatSnippet, []string{"language", "snippet", "title", "steps"}, (*loader).readSnippet},
		{"table", whatTable, []string{"language", "table", "title", "rows"}, (*loader).readTable},
		{"tag", whatTag, []string{"language", "tag", "title", "owner", "enabled", "when", "remove", "announce"}, (*loader).readTag},
		{"link", whatLinkRule, []string{"language", "link", "title", "owner", "enabled", "channel", "cart", "keys", "review_below", "require_order", "guests", "when", "take"}, (*loader).readLinkRule},
	}
}

var flowName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// readHeader finds out what a document is and reads what other files may need to know of it.
func (l *loader) readHeader(d *document) {
	if d.broken {
		if node := d.node.Get("flow"); node != nil {
			l.register(d, node, node.Text())
		}
		return
	}
	if !d.node.IsMap() {
		d.broken = true
		if !d.node.Explain(&l.report) {
			l.add(d.node, notAFlow)
		}
		return
	}
	d.kind = kindOfDocument(d.node)
	d.keys = l.mapping(d.node, d.kind.what, d.kind.keys)
	l.language(d)
	if d.keys[d.kind.key] == nil {
		d.broken = true
		l.add(d.node, keyMissing, d.kind.key)
		return
	}
	d.id = l.plain(d.keys[d.kind.key])
	d.kind.read(l, d)
	l.collectLinks(d)
}

// kindOfDocument goes by the key that names the file; without one it is meant to be a flow.
func kindOfDocument(node *source.Node) *documentKind {
	kinds := documentKinds()
	for i := range kinds {
		if node.Get(kinds[i].key) != nil {
			return &kinds[i]
		}
	}
	return &kinds[0]
}

func (l *loader) readFlow(d *document) {
	if d.id != "" && !flowName.MatchString(d.id) {
		l.add(d.keys["flow"], flowNameForm, d.id)
	}
	l.register(d, d.keys["flow"], d.id)
	d.enabled = l.enabled(d)
	d.params = l.readParams(d)
}

// enabled reads whether a rule is in force; without the key it is.
func (l *loader) enabled(d *document) bool {
	node := d.keys["enabled"]
	return node == nil || l.boolean(node)
}

// register notes a flow's name, which no other flow may have.
func (l *loader) register(d *document, node *source.Node, id string) {
	if id == "" {
		return
	}
	d.id = id
	if other := l.byID[id]; other != nil {
		l.add(node, duplicateFlow, id, other.file.Name)
		return
	}
	l.byID[id] = d
}

func (l *loader) language(d *document) {
	node := d.keys["language"]
	switch {
	case node == nil:
		l.add(d.node, keyMissing, "language: 1")
	case node.Text() != languageVersion || !node.IsPlain():
		l.add(node, unknownLanguage, node.Text(), languageVersion)
	}
}

// version is a hash of all that decides what a flow does: its file, the files
// that it uses, the flows that it calls.
func (b *builder) version() string {
	b.used[b.doc.file.Name] = true
	h := b.hashOf(b.used)
	for _, f := range b.calls {
		h.Write([]byte(f.Version))
	}
	return hex.EncodeToString(h.Sum(nil))[:versionLength]
}

// hashOf begins a hash with the contents of files.
func (l *loader) hashOf(used map[string]bool) hash.Hash {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(used)) {
		h.Write(strconv.AppendInt(nil, int64(len(l.sources[name])), 10))
		h.Write(l.sources[name])
	}
	return h
}

// versionOf is the version of a rule that is decided by these files.
func (l *loader) versionOf(used map[string]bool) string {
	return hex.EncodeToString(l.hashOf(used).Sum(nil))[:versionLength]
}

func quoted(names []string) string { return strings.Join(names, ", ") }
