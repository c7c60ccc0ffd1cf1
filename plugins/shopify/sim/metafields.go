package main

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strconv"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// maxMetafields is how many metafields are written at once.
const maxMetafields = 25

func (s *shop) metafieldFields() map[string]graphql.Resolver {
	read := func(f *graphql.Field) any {
		return found(metafield(f.Source, namespaceOf(f.Args), asText(f.Args["key"])))
	}
	return map[string]graphql.Resolver{
		"Customer.metafield": read, "Order.metafield": read,
		"Mutation.metafieldsSet": s.metafieldsSet, "Mutation.metafieldsDelete": s.metafieldsDelete,
	}
}

func metafield(record object, namespace, key string) object {
	for _, m := range objects(record["metafields"]) {
		if m["namespace"] == namespace && m["key"] == key {
			return m
		}
	}
	return nil
}

// byMetafield returns the record of the kind that has a metafield of that value.
func (s *shop) byMetafield(kind string, custom object) object {
	all := s.tables[kind].Select(func(record object) bool {
		m := metafield(record, namespaceOf(custom), text(custom, "key"))
		return m != nil && m["value"] == custom["value"]
	})
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// merged returns a record's metafields with others on top.
func (s *shop) merged(has, more []object) []any {
	list := make([]any, 0, len(has)+len(more))
	for _, m := range has {
		if !slices.ContainsFunc(more, func(o object) bool { return same(m, o) }) {
			list = append(list, m)
		}
	}
	for _, m := range more {
		list = append(list, s.newMetafield(m, has))
	}
	return list
}

func same(a, b object) bool { return namespaceOf(a) == namespaceOf(b) && a["key"] == b["key"] }

// namespaceOf is the app's own namespace if none is given.
func namespaceOf(m object) string {
	if n := asText(m["namespace"]); n != "" {
		return n
	}
	return "app--580111"
}

func (s *shop) newMetafield(in object, has []object) object {
	m := object{"namespace": namespaceOf(in), "key": in["key"], "value": in["value"], "type": in["type"]}
	for _, old := range has {
		if same(old, in) {
			m["id"] = old["id"]
			if m["type"] == nil {
				m["type"] = old["type"]
			}
		}
	}
	if m["id"] == nil {
		m["id"] = s.next("Metafield")
	}
	m["compareDigest"] = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(asText(m["value"]))))
	return m
}

// metafieldsSet writes all or none.
func (s *shop) metafieldsSet(f *graphql.Field) any {
	inputs := objects(f.Args["metafields"])
	if len(inputs) > maxMetafields {
		return payload("metafields", nil, &refusal{[]any{"metafields"}, "Exceeded the maximum metafields input limit of 25.", "LESS_THAN_OR_EQUAL_TO"})
	}
	for i, in := range inputs {
		if refused := s.checkMetafield(in); refused != nil {
			refused.field = append([]any{"metafields", strconv.Itoa(i)}, refused.field...)
			return payload("metafields", nil, refused)
		}
	}
	written := make([]object, 0, len(inputs))
	for _, in := range inputs {
		owner := s.get(text(in, "ownerId"))
		all := s.merged(objects(owner["metafields"]), []object{in})
		s.announce(updateTopics[kindOf(text(owner, "id"))], s.change(owner, object{"metafields": all}))
		effect(f, "metafield %s %s.%s=%s", number(text(owner, "id")), namespaceOf(in), asText(in["key"]), asText(in["value"]))
		written = append(written, all[len(all)-1].(object)) //nolint:errcheck,forcetypeassert // just made
	}
	return payload("metafields", written)
}

// metafieldsDelete removes what is there; null stands for what is not.
func (s *shop) metafieldsDelete(f *graphql.Field) any {
	inputs := objects(f.Args["metafields"])
	for i, in := range inputs {
		if owner := s.get(text(in, "ownerId")); owner == nil || updateTopics[kindOf(text(owner, "id"))] == "" {
			return payload("deletedMetafields", nil, &refusal{[]any{"metafields", strconv.Itoa(i), "ownerId"}, "Owner does not exist.", ""})
		}
	}
	deleted := make([]any, 0, len(inputs))
	for _, in := range inputs {
		owner := s.get(text(in, "ownerId"))
		all := objects(owner["metafields"])
		left := slices.DeleteFunc(slices.Clone(all), func(m object) bool { return same(m, in) })
		if len(left) == len(all) {
			deleted = append(deleted, nil)
			continue
		}
		s.announce(updateTopics[kindOf(text(owner, "id"))], s.change(owner, object{"metafields": s.merged(left, nil)}))
		effect(f, "metafield %s -%s.%s", number(text(owner, "id")), namespaceOf(in), asText(in["key"]))
		deleted = append(deleted, in)
	}
	return payload("deletedMetafields", deleted)
}

var (
	namespacePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{3,255}$`)
	keyPattern       = regexp.MustCompile(`^[A-Za-z0-9_-]{2,64}$`)
	metafieldTypes   = []string{
		"single_line_text_field", "multi_line_text_field", "number_integer", "number_decimal", "boolean", "date", "date_time", "json", "url", "id",
	}
)

func (s *shop) checkMetafield(in object) *refusal {
	owner := s.get(text(in, "ownerId"))
	if owner == nil || updateTopics[kindOf(text(owner, "id"))] == "" {
		return &refusal{[]any{"ownerId"}, "Owner does not exist.", "INVALID"}
	}
	old := metafield(owner, namespaceOf(in), text(in, "key"))
	digest, compared := in["compareDigest"].(string)
	switch {
	case text(in, "value") == "":
		return &refusal{[]any{"value"}, "Value can't be blank.", "BLANK"}
	case !namespacePattern.MatchString(namespaceOf(in)):
		return &refusal{[]any{"namespace"}, "Namespace is invalid.", "INVALID"}
	case !keyPattern.MatchString(text(in, "key")):
		return &refusal{[]any{"key"}, "Key is invalid.", "INVALID"}
	case text(in, "type") == "" && old == nil:
		return &refusal{[]any{"type"}, "Type can't be blank.", "BLANK"}
	case text(in, "type") != "" && !slices.Contains(metafieldTypes, text(in, "type")):
		return &refusal{[]any{"type"}, "Type is invalid.", "INVALID_TYPE"}
	case !isOfType(text(in, "value"), cmp.Or(text(in, "type"), text(old, "type"))):
		return &refusal{[]any{"value"}, "Value is not of the type " + cmp.Or(text(in, "type"), text(old, "type")) + ".", "INVALID_VALUE"}
	case compared && (old == nil || old["compareDigest"] != digest):
		return &refusal{[]any{"compareDigest"}, "The resource has been updated since it was loaded.", "STALE_OBJECT"}
	}
	return nil
}
