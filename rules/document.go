package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
)

// languageVersion is the one version of the rules language so far.
const languageVersion = "1"

// document is one rules file.
type document struct {
	file *source.File
	node *source.Node
	keys map[string]*source.Node
	// broken documents had faults as YAML; they are not checked further.
	broken  bool
	id      string
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

// flowKeys are the keys at the top of a flow's file, in the order in which they are written.
var flowKeys = []string{
	"language", "flow", "title", "owner", "enabled", "params", "on", "when", "key", "on_failure", "retry", "steps",
}

var flowName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// readHeader reads what other files may need to know of this one.
func (l *loader) readHeader(d *document) {
	if d.broken {
		l.registerID(d, d.node.Get("flow"))
		return
	}
	if !d.node.IsMap() {
		d.broken = true
		if !d.node.Explain(&l.report) {
			l.add(d.node, notAFlow)
		}
		return
	}
	d.keys = l.mapping(d.node, whatFlow, flowKeys)
	d.enabled = true
	l.language(d)
	if d.keys["flow"] == nil {
		d.broken = true
		l.add(d.node, keyMissing, "flow")
		return
	}
	d.id = l.plain(d.keys["flow"])
	if d.id != "" && !flowName.MatchString(d.id) {
		l.add(d.keys["flow"], flowNameForm, d.id)
	}
	l.registerID(d, d.keys["flow"])
	if node := d.keys["enabled"]; node != nil {
		d.enabled = l.boolean(node)
	}
	d.params = l.readParams(d)
}

func (l *loader) registerID(d *document, node *source.Node) {
	if node == nil || !node.IsScalar() || node.Text() == "" {
		return
	}
	d.id = node.Text()
	if other := l.byID[d.id]; other != nil {
		l.add(node, duplicateFlow, d.id, other.file.Name)
		return
	}
	l.byID[d.id] = d
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

// version is a hash of all that decides what a flow does.
func (d *document) version(l *loader, used []*Flow) string {
	h := sha256.New()
	h.Write(l.sources[d.file.Name])
	for _, f := range used {
		h.Write([]byte("\n" + f.Version))
	}
	return hex.EncodeToString(h.Sum(nil))[:versionLength]
}

func quoted(names []string) string { return strings.Join(names, ", ") }
