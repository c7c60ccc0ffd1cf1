package rules

import (
	"maps"
	"regexp"
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// recordKey names a kind of record of a connection, as one action sees it.
type recordKey struct{ connection, action, object string }

// recordTypes are the schemas of an action on records of one declared kind.
type recordTypes struct{ input, output *abi.Schema }

// recordAction narrows the schemas of record.search and its like to the
// declared fields of the object, if it is known at the check.
func (b *builder) recordAction(connection string, action *abi.Action, s *stepReader) *recordTypes {
	c := b.catalog.Connections[connection]
	if c.Manifest.Records == nil || s.keys["with"] == nil {
		return nil
	}
	object, ok := b.knownText(s.keys["with"].Get("object"))
	if !ok || c.Objects[object] == nil {
		return nil
	}
	if r := c.Manifest.Records; action.Name == r.Create || action.Name == r.Update {
		b.writable(s.keys["with"].Get("fields"), object, c.Objects[object])
	}
	key := recordKey{connection, action.Name, object}
	if known := b.special[key]; known != nil {
		return known
	}
	made := narrow(c.Manifest.Records, action, c.Objects[object])
	if made != nil {
		b.special[key] = made
	}
	return made
}

func narrow(r *abi.Records, action *abi.Action, object *abi.Schema) *recordTypes {
	some := *object
	some.Required = nil
	switch action.Name {
	case r.Search:
		records := withProperty(action.Output.Properties["records"].Items, "fields", &some)
		list := *action.Output.Properties["records"]
		list.Items = records
		return &recordTypes{withProperty(action.Input, "match", &some), withProperty(action.Output, "records", &list)}
	case r.Create:
		return &recordTypes{withProperty(action.Input, "fields", object), action.Output}
	case r.Update:
		return &recordTypes{withProperty(action.Input, "fields", &some), action.Output}
	}
	return nil
}

// withProperty returns a copy of an object's schema with one property changed.
func withProperty(s *abi.Schema, name string, property *abi.Schema) *abi.Schema {
	c := *s
	c.Properties = maps.Clone(s.Properties)
	c.Properties[name] = property
	return &c
}

// paramOnly matches a value that is nothing but one parameter.
var paramOnly = regexp.MustCompile(`^\$\{\s*params\.(\w+)\s*\}$`)

// knownText returns the text of a value that is the same for every event: a
// literal, or a parameter of a flow that nobody else calls.
func (b *builder) knownText(node *source.Node) (string, bool) {
	if node == nil || !node.IsScalar() {
		return "", false
	}
	text := node.Text()
	if !strings.Contains(text, "${") {
		return text, text != ""
	}
	m := paramOnly.FindStringSubmatch(text)
	if m == nil || b.flow.On == (On{}) {
		return "", false
	}
	value, ok := b.doc.params.values[m[1]].(types.String)
	return string(value), ok
}

var textSchema = &abi.Schema{Type: abi.TypeString}

// upsertResult is what an upsert step gives to later ones.
var upsertResult = &abi.Schema{
	Type: abi.TypeObject,
	Properties: map[string]*abi.Schema{
		"id":      {Type: abi.TypeString, Doc: "The record's id", DocJA: "レコードのid"},
		"created": {Type: abi.TypeBoolean, Doc: "Whether the record is new", DocJA: "新しく作られたか"},
	},
	Required: []string{"id", "created"},
}

// upsert reads a step that updates a record or creates it.
func (b *builder) upsert(s *stepReader) outcome {
	result := b.lang.Types().Of("upsert", upsertResult)
	name, connection := b.connection(s.keys["upsert"])
	if connection == nil {
		return b.binds(s, result)
	}
	if connection.Manifest.Records == nil {
		b.add(s.keys["upsert"], noRecords, name)
		return b.binds(s, result)
	}
	u := &Upsert{Connection: name, Records: connection.Manifest.Records}
	s.step.Do = u
	b.upsertFields(s, u, connection)
	if s.keys["match"] == nil {
		b.add(s.node, matchWanted)
	}
	b.upsertLink(s, u)
	return b.binds(s, result)
}

// upsertLink reads which link an upsert keeps: of the event's record, or of another one.
func (b *builder) upsertLink(s *stepReader, u *Upsert) {
	link, from := s.keys["link"], s.keys["from"]
	if link != nil {
		u.Link = b.linkKind(link)
	}
	switch {
	case from != nil && link == nil:
		b.add(from, fromNeedsLink)
	case from != nil && from.IsMap():
		u.FromConnection, u.From = b.linkEnd(s, from)
	case link != nil && b.flow.On.Schedule != nil:
		b.add(link, linkedNeedsFrom)
	case from != nil:
		u.From = b.values(s.view).template(from, b.lang.Types().Of("", textSchema), slot{name: "from", text: true, needed: true})
	}
}

func (b *builder) upsertFields(s *stepReader, u *Upsert, c *Connection) {
	v := b.values(s.view)
	if n := s.keys["object"]; n == nil {
		b.add(s.node, keyMissing, "object")
	} else {
		u.Object = v.template(n, b.lang.Types().Of("", textSchema), slot{name: "object", text: true})
	}
	declared := anyFields
	if object, ok := b.knownText(s.keys["object"]); ok && c.Objects[object] != nil {
		declared = b.someFields(u.Connection, object, c.Objects[object])
		b.writable(s.keys["set"], object, declared)
		b.writable(s.keys["create"], object, declared)
	}
	typ := b.lang.Types().Of(u.Connection+" fields", declared)
	if n := s.keys["match"]; n != nil {
		u.Match = v.template(n, typ, slot{name: "match", needed: true})
		if n.IsMap() && len(n.Pairs()) == 0 {
			b.add(n, emptyMatch)
		}
	}
	if n := s.keys["set"]; n == nil {
		b.add(s.node, keyMissing, "set")
	} else {
		u.Set = v.template(n, typ, slot{name: "set"})
	}
	if n := s.keys["create"]; n != nil {
		u.Create = v.template(n, typ, slot{name: "create"})
	}
}

// writable reports fields that the platform alone writes.
func (b *builder) writable(fields *source.Node, object string, declared *abi.Schema) {
	if fields == nil || !fields.IsMap() {
		return
	}
	for _, p := range fields.Pairs() {
		if field := declared.Properties[p.Key.Text()]; field != nil && field.ReadOnly {
			b.add(p.Key, readOnlyField, p.Key.Text(), object)
		}
	}
}

// someFields returns an object's declared fields with none of them required.
func (b *builder) someFields(connection, object string, declared *abi.Schema) *abi.Schema {
	key := recordKey{connection: connection, object: object}
	if known := b.special[key]; known != nil {
		return known.input
	}
	some := *declared
	some.Required = nil
	b.special[key] = &recordTypes{input: &some}
	return &some
}

var anyFields = &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
