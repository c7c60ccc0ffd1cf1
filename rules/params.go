package rules

import (
	"slices"

	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// paramSet is the parameters of a flow: their types, and the values that the file gives.
type paramSet struct {
	typ    *shape.Type
	values map[string]ref.Val
	// missing are the parameters that only a caller can give.
	missing []string
}

var paramKeys = []string{"type", "title", "default", "enum", "items"}

// paramTypes are the words for a parameter's type.
var paramTypes = map[string]abi.Schema{
	"string": {Type: abi.TypeString}, "integer": {Type: abi.TypeInteger}, "number": {Type: abi.TypeNumber},
	"decimal": {Type: abi.TypeString, Format: "decimal"}, "boolean": {Type: abi.TypeBoolean}, "date": {Type: abi.TypeString, Format: "date"},
	"time": {Type: abi.TypeString, Format: "date-time"}, "list": {Type: abi.TypeArray},
	"map": {Type: abi.TypeObject, Additional: &abi.Schema{}},
}

var paramTypeNames = []string{"string", "integer", "number", "decimal", "boolean", "date", "time", "list", "map"}

func (l *loader) readParams(d *document) *paramSet {
	p := &paramSet{values: map[string]ref.Val{}}
	schema := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}}
	if node := d.keys["params"]; node != nil && !node.IsMap() {
		l.wantMapping(node, whatParams)
	} else if node != nil {
		for _, pair := range node.Pairs() {
			l.readParam(p, schema, pair)
		}
	}
	slices.Sort(schema.Required)
	p.typ = l.lang.Types().Of("params of "+d.id, schema)
	return p
}

func (l *loader) readParam(p *paramSet, all *abi.Schema, pair source.Pair) {
	name := pair.Key.Text()
	if !isIdentifier(name) {
		l.add(pair.Key, nameForm, name)
		return
	}
	keys := l.mapping(pair.Value, whatParam, paramKeys)
	schema := l.paramSchema(pair, keys)
	if schema == nil {
		return
	}
	all.Properties[name] = schema
	all.Required = append(all.Required, name)
	node := keys["default"]
	if node == nil {
		p.missing = append(p.missing, name)
		return
	}
	typ := l.lang.Types().Of("param "+name, schema)
	v := &values{loader: l, constant: true}
	if part := v.compile(node, typ, slot{name: "default"}); part != nil {
		if val, err := part.eval(nil); err == nil {
			p.values[name] = val
		}
	}
}

func (l *loader) paramSchema(pair source.Pair, keys map[string]*source.Node) *abi.Schema {
	if keys["type"] == nil {
		if pair.Value.IsMap() {
			l.add(pair.Key, keyMissing, "type")
		}
		return nil
	}
	word := l.choice(keys["type"], paramTypeNames...)
	schema, known := paramTypes[word]
	if !known {
		return nil
	}
	if title := keys["title"]; title != nil {
		schema.Doc = l.sentence(title)
	}
	if node := keys["items"]; node != nil {
		item, ok := paramTypes[l.choice(node, paramTypeNames...)]
		if word != "list" {
			l.add(node, itemsOfList)
		} else if ok {
			schema.Items = &item
		}
	}
	if node := keys["enum"]; node != nil {
		schema.Enum = l.enumeration(node, word)
	}
	return &schema
}

func (l *loader) enumeration(node *source.Node, word string) []string {
	if word != "string" || !node.IsList() {
		l.add(node, enumOfText)
		return nil
	}
	var words []string
	for _, item := range node.Items() {
		words = append(words, l.sentence(item))
	}
	return words
}

// isIdentifier says whether expressions can use a name.
func isIdentifier(name string) bool { return expr.IsName(name) }
