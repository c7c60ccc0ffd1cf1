package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/sdk/abi"
)

// JSONSchema returns a JSON Schema (draft 7) of flows, tag rules and link rules, with the
// connections, events and actions that there are, so that editors complete and
// check while somebody writes.
func JSONSchema(catalog *Catalog) ([]byte, error) {
	b := &schemaBuilder{catalog: catalog}
	data, err := json.MarshalIndent(b.document(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema of flows: %w", err)
	}
	return append(data, '\n'), nil
}

// object is a piece of JSON Schema.
type object = map[string]any

type schemaBuilder struct{ catalog *Catalog }

// document chooses by the key that names a file what it is; without one it is meant to be a flow.
func (b *schemaBuilder) document() object {
	text, expression := object{"type": "string"}, object{"type": []string{"string", "boolean", "integer"}, "description": "An expression, without ${ } / 式(${ } なし)"}
	steps := object{"type": "array", "minItems": 1, "items": object{"$ref": "#/definitions/step"}}
	has := func(key string) object { return object{"required": []string{key}} }
	return object{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "Musubi rules", "type": "object",
		"if": has("tag"), "then": b.tagRule(text, expression),
		"else":        object{"if": has("link"), "then": b.linkRule(text, expression), "else": b.flow(text, expression, steps)},
		"definitions": object{"step": b.step(steps, expression)},
	}
}

func (b *schemaBuilder) tagRule(text, expression object) object {
	truth := object{"type": "boolean"}
	return closed(object{
		"language": object{"const": 1}, "tag": text, "title": text, "owner": text, "enabled": truth, "when": expression, "remove": truth,
		"announce": object{"enum": []Announce{AnnounceNew, AnnounceAll}},
	}, "language", "tag", "when")
}

func (b *schemaBuilder) linkRule(text, expression object) object {
	truth, percent := object{"type": "boolean"}, object{"type": "integer", "minimum": 1, "maximum": fullConfidence}
	key := object{"enum": keyNames()}
	taken := object{}
	for _, attribute := range takenAttributes {
		taken[attribute] = object{"enum": []Take{TakeFirst, TakeNewest, TakeNever}}
	}
	return closed(object{
		"language": object{"const": 1}, "link": text, "title": text, "owner": text, "enabled": truth, "when": expression,
		"channel": object{"enum": b.announcing(abi.ModelContact)}, "cart": object{"enum": b.announcing(abi.ModelCustomer)},
		"keys":         object{"type": "array", "minItems": 1, "items": object{"oneOf": []object{key, closed(object{"key": key, "confidence": percent}, "key")}}},
		"review_below": percent, "require_order": truth, "guests": object{"enum": []Guests{GuestsLink, GuestsIgnore}}, "take": closed(taken),
	}, "language", "link", "channel", "cart", "keys")
}

// announcing returns the connections that announce a type of the shared model.
func (b *schemaBuilder) announcing(model abi.Model) []string {
	names := []string{}
	for _, name := range b.connections() {
		if slices.ContainsFunc(b.catalog.Connections[name].Manifest.Triggers, func(t abi.Trigger) bool { return t.Model == model }) {
			names = append(names, name)
		}
	}
	return names
}

func (b *schemaBuilder) flow(text, expression, steps object) object {
	return object{
		"type": "object", "additionalProperties": false,
		"required": []string{"language", "flow", "steps"},
		"properties": object{
			"language": object{"const": 1}, "flow": object{"type": "string", "pattern": flowName.String()},
			"title": text, "owner": text, "enabled": object{"type": "boolean"},
			"params": object{"type": "object", "additionalProperties": b.param()},
			"on":     b.on(), "when": expression, "key": expression,
			"on_failure": object{"enum": []string{string(Block), string(Skip)}},
			"retry":      closed(object{"for": text, "attempts": object{"type": "integer", "minimum": 1}}),
			"steps":      steps,
		},
	}
}

// closed is an object with these properties and no others.
func closed(properties object, required ...string) object {
	o := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func (b *schemaBuilder) param() object {
	return closed(object{
		"type": object{"enum": paramTypeNames}, "title": object{"type": "string"}, "default": object{},
		"enum": object{"type": "array", "items": object{"type": "string"}}, "items": object{"enum": paramTypeNames},
	}, "type")
}

// on offers the events of each connection.
func (b *schemaBuilder) on() object {
	choices := []object{closed(object{
		"schedule": object{"type": "string"}, "zone": object{"type": "string"},
		"jitter":   object{"type": "string"},
		"catch_up": object{"enum": []string{string(CatchUpSkip), string(CatchUpOnce), string(CatchUpAll)}},
	}, "schedule")}
	for _, name := range b.connections() {
		var events []string
		for _, t := range b.catalog.Connections[name].Manifest.Triggers {
			events = append(events, t.Name)
		}
		if events != nil {
			choices = append(choices, closed(object{"connection": object{"const": name}, "event": object{"enum": events}}, "connection", "event"))
		}
	}
	return object{"oneOf": choices}
}

func (b *schemaBuilder) connections() []string {
	if b.catalog == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(b.catalog.Connections))
}

// step offers every kind of step with the keys that belong to it.
func (b *schemaBuilder) step(steps, expression object) object {
	value, text, number := object{}, object{"type": "string"}, object{"type": "integer", "minimum": 1}
	mapping := object{"type": "object"}
	kinds := map[string]object{
		"call":    {"call": object{"enum": b.actions()}, "with": mapping},
		"upsert":  {"upsert": object{"enum": b.recordStores()}, "object": text, "match": mapping, "set": mapping, "create": mapping, "link": text, "from": object{"anyOf": []object{text, b.linkEnd()}}},
		"switch":  {"switch": object{"type": "array", "items": object{"oneOf": []object{closed(object{"when": expression, "steps": steps}, "when", "steps"), closed(object{"otherwise": steps}, "otherwise")}}}},
		"if":      {"if": expression, "then": steps, "else": steps},
		"foreach": {"foreach": b.list(expression), "as": text, "steps": steps, "concurrency": number, "on_error": object{"enum": []string{"stop", "continue"}}},
		"wait":    {"wait": closed(object{"for": text, "until": text, "if_past": object{"enum": []string{string(IfPastRun), string(IfPastSkip)}}})},
		"stop":    {"stop": text},
		"fail":    {"fail": text},
		"link":    {"link": closed(object{"kind": text, "from": b.linkEnd(), "to": b.linkEnd()}, "kind", "from", "to")},
		"linked":  {"linked": closed(object{"kind": text, "from": b.linkEnd(), "to": object{"enum": b.connections()}}, "kind", "to")},
		"emit":    {"emit": text, "subject": text, "with": mapping},
		"flow":    {"flow": text, "with": mapping},
		"set":     {"set": object{"type": "object", "additionalProperties": value}},
	}
	choices := []object{closed(object{"include": text}, "include")}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		properties := kinds[kind]
		maps.Copy(properties, object{"id": object{"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}, "title": text, "when": expression})
		choices = append(choices, closed(properties, kind))
	}
	return object{"oneOf": choices, "allOf": b.inputs()}
}

// list is what foreach goes over: an expression, or pages.
func (b *schemaBuilder) list(expression object) object {
	names := []string{}
	for _, name := range b.connections() {
		for _, paged := range pagedNames(b.catalog.Connections[name].Manifest) {
			names = append(names, name+"."+paged)
		}
	}
	pages := closed(object{"pages": object{"enum": names}, "with": object{"type": "object"}, "since": object{"type": "string"}}, "pages")
	return object{"oneOf": []object{expression, pages}}
}

func (b *schemaBuilder) linkEnd() object {
	return closed(object{"connection": object{"enum": b.connections()}, "id": object{"type": "string"}}, "connection", "id")
}

func (b *schemaBuilder) actions() []string {
	names := []string{}
	for _, name := range b.connections() {
		for _, a := range b.catalog.Connections[name].Manifest.Actions {
			names = append(names, name+"."+a.Name)
		}
	}
	return names
}

func (b *schemaBuilder) recordStores() []string {
	names := []string{}
	for _, name := range b.connections() {
		if b.catalog.Connections[name].Manifest.Records != nil {
			names = append(names, name)
		}
	}
	return names
}

// inputs ties `with` to the input of the action that is called.
func (b *schemaBuilder) inputs() []object {
	rules := []object{}
	for _, name := range b.connections() {
		for _, a := range b.catalog.Connections[name].Manifest.Actions {
			if a.Input == nil {
				continue
			}
			rules = append(rules, object{
				"if":   object{"properties": object{"call": object{"const": name + "." + a.Name}}, "required": []string{"call"}},
				"then": object{"properties": object{"with": valueSchema(a.Input)}},
			})
		}
	}
	return rules
}

// valueSchema is a schema in which ${ } may stand for any value.
func valueSchema(s *abi.Schema) object {
	o := object{}
	if s.Doc != "" {
		o["description"] = s.Doc + " / " + s.DocJA
	}
	switch s.Type {
	case abi.TypeObject:
		properties := object{}
		for name, property := range s.Properties {
			properties[name] = valueSchema(property)
		}
		o["type"], o["properties"] = "object", properties
		if s.Additional == nil {
			o["additionalProperties"] = false
		}
		if len(s.Required) > 0 {
			o["required"] = s.Required
		}
		return o
	case abi.TypeArray:
		items := object{}
		if s.Items != nil {
			items = valueSchema(s.Items)
		}
		o["anyOf"] = []object{{"type": "array", "items": items}, {"type": "string", "pattern": `\$\{`}}
	case abi.TypeString:
		o["type"] = "string"
		if len(s.Enum) > 0 {
			delete(o, "type")
			o["anyOf"] = []object{{"enum": s.Enum}, {"type": "string", "pattern": `\$\{`}}
		}
	case abi.TypeInteger, abi.TypeNumber, abi.TypeBoolean:
		o["anyOf"] = []object{{"type": string(s.Type)}, {"type": "string", "pattern": `\$\{`}}
	default:
	}
	return o
}
