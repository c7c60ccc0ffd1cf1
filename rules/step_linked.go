package rules

import (
	"maps"
	"slices"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// linkedResult is what a linked step gives to later ones: nothing is there
// when the record is linked with nothing.
var linkedResult = &abi.Schema{
	Type: abi.TypeObject,
	Properties: map[string]*abi.Schema{
		"id":     {Type: abi.TypeString, Doc: "The linked record's id", DocJA: "対応するレコードのid"},
		"object": {Type: abi.TypeString, Doc: "Its kind at the platform, as in Account", DocJA: "プラットフォームでの種類(Accountなど)"},
	},
}

// linked reads a step that looks up what a record is linked with.
func (b *builder) linked(s *stepReader) outcome {
	node := s.keys["linked"]
	keys := b.mapping(node, whatLinked, []string{"kind", "from", "to"})
	d := &Linked{}
	s.step.Do = d
	for _, key := range []string{"kind", "to"} {
		if keys[key] == nil && node.IsMap() {
			b.add(node, keyMissing, key)
		}
	}
	if n := keys["to"]; n != nil {
		d.ToConnection, _ = b.connection(n)
	}
	if n := keys["kind"]; n != nil {
		d.Kind = b.linkKind(n)
		b.knownLink(n, keys["to"], d)
	}
	switch n := keys["from"]; {
	case n != nil:
		d.FromConnection, d.FromID = b.linkEnd(s, n)
	case b.flow.On.Schedule != nil && node.IsMap():
		b.add(node, linkedNeedsFrom)
	}
	return b.binds(s, b.lang.Types().Of("linked", linkedResult))
}

// knownLink reports a kind of link that no rule ever makes, or never with
// records of the connection: then the answer would always be nothing.
func (b *builder) knownLink(kind, to *source.Node, d *Linked) {
	ends := b.links[d.Kind]
	broken := slices.ContainsFunc(b.docs, func(d *document) bool { return d.broken })
	switch {
	case d.Kind == "" || broken: // what is not understood may make it
	case ends == nil:
		kinds := slices.Sorted(maps.Keys(b.links))
		if near := diag.Closest(d.Kind, kinds); near != "" {
			b.report.AddFix(kind.Span(), kind.Span().Fix(near), unknownLinkNear, d.Kind, near)
			return
		}
		b.add(kind, unknownLink, d.Kind)
	case d.ToConnection != "" && !ends.anywhere && !ends.connections[d.ToConnection]:
		b.add(to, linkNotThere, d.Kind, d.ToConnection, quoted(slices.Sorted(maps.Keys(ends.connections))))
	}
}

// linkEnds are the connections whose records one kind of link ties together.
type linkEnds struct {
	connections map[string]bool
	// anywhere says that one end is known only at run time.
	anywhere bool
}

// collectLinks notes which links the steps of a document make.
func (l *loader) collectLinks(d *document) {
	event := ""
	if on := d.keys["on"]; on != nil {
		event = textAt(on, "connection")
	}
	if steps := d.keys["steps"]; steps != nil {
		l.collectLinksOf(steps, event)
	}
}

func (l *loader) collectLinksOf(node *source.Node, event string) {
	var upsert, link, from *source.Node
	for _, p := range node.Pairs() {
		switch p.Key.Text() {
		case "upsert":
			upsert = p.Value
		case "link":
			link = p.Value
		case "from":
			from = p.Value
		}
		l.collectLinksOf(p.Value, event)
	}
	for _, item := range node.Items() {
		l.collectLinksOf(item, event)
	}
	switch {
	case link == nil:
	case upsert != nil && from != nil && from.IsMap():
		l.noteLink(link.Text(), textAt(from, "connection"), upsert.Text())
	case upsert != nil:
		l.noteLink(link.Text(), event, upsert.Text())
	default:
		l.noteLink(textAt(link, "kind"), textAt(link, "from", "connection"), textAt(link, "to", "connection"))
	}
}

// textAt returns the text that stands at the end of a way of keys; "" if there is none.
func textAt(node *source.Node, way ...string) string {
	for _, key := range way {
		if node = node.Get(key); node == nil {
			return ""
		}
	}
	return node.Text()
}

func (l *loader) noteLink(kind string, connections ...string) {
	if kind == "" {
		return
	}
	ends := l.links[kind]
	if ends == nil {
		ends = &linkEnds{connections: map[string]bool{}}
		l.links[kind] = ends
	}
	for _, name := range connections {
		if name == "" {
			ends.anywhere = true
			continue
		}
		ends.connections[name] = true
	}
}
