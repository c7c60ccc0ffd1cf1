package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

const (
	// maxOrderTag is how long a tag of an order may be, in characters, maxTag any other.
	maxOrderTag = 40
	maxTag      = 255
	// maxTags is how many tags a record may have.
	maxTags = 250
)

func (s *shop) tagWrites() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"Mutation.tagsAdd": func(f *graphql.Field) any { return s.changeTags(f, "add", withTags) },
		"Mutation.tagsRemove": func(f *graphql.Field) any {
			return s.changeTags(f, "remove", withoutTags)
		},
	}
}

// cleanTags splits at commas, drops repetitions in any case, and sorts.
func cleanTags(tags []string) []any {
	var list []string
	for _, tag := range tags {
		for part := range strings.SplitSeq(tag, ",") {
			part = strings.TrimSpace(part)
			if part != "" && !hasTag(list, part) {
				list = append(list, part)
			}
		}
	}
	slices.Sort(list)
	clean := make([]any, len(list))
	for i, tag := range list {
		clean[i] = tag
	}
	return clean
}

func hasTag(list []string, tag string) bool {
	return slices.ContainsFunc(list, func(has string) bool { return strings.EqualFold(has, tag) })
}

func withTags(has, more []string) []string { return append(slices.Clone(has), more...) }

func withoutTags(has, less []string) []string {
	return slices.DeleteFunc(slices.Clone(has), func(tag string) bool { return hasTag(less, tag) })
}

// changeTags adds or removes tags of a customer, an order or a product. What is
// there already, or not there, changes nothing.
func (s *shop) changeTags(f *graphql.Field, verb string, combine func(has, given []string) []string) any {
	id, given := fmt.Sprint(f.Args["id"]), texts(cleanTags(texts(f.Args["tags"])))
	record := s.get(id)
	if record == nil || !slices.Contains([]string{kindCustomer, kindOrder, kindProduct}, kindOf(id)) {
		return payload("node", nil, &refusal{[]any{"id"}, kindOf(id) + " does not exist", ""})
	}
	has := texts(record["tags"])
	tags := texts(cleanTags(combine(has, given)))
	if refused := checkTags(kindOf(id), given, tags); refused != nil {
		return payload("node", nil, refused)
	}
	node := object{"__typename": kindOf(id), "id": id}
	if slices.Equal(has, tags) {
		return payload("node", node)
	}
	changed := s.change(record, object{"tags": cleanTags(tags)})
	effect(f, "tags %s %s %s %s", verb, kindOf(id), number(id), strings.Join(given, ","))
	s.tagsChanged(changed, has, tags)
	return payload("node", node)
}

func checkTags(kind string, given, all []string) *refusal {
	most := maxTag
	if kind == kindOrder {
		most = maxOrderTag
	}
	switch {
	case slices.ContainsFunc(given, func(tag string) bool { return utf8.RuneCountInString(tag) > most }):
		return &refusal{[]any{"tags"}, fmt.Sprintf("Title Tag exceeds the maximum length of %d characters", most), ""}
	case len(all) > maxTags:
		return &refusal{[]any{"tags"}, "Too many tags", ""}
	}
	return nil
}

// tagsChanged announces what the change of a record's tags announces.
func (s *shop) tagsChanged(record object, before, after []string) {
	s.announce(updateTopics[kindOf(text(record, "id"))], record)
	if kindOf(text(record, "id")) != kindCustomer {
		return
	}
	if added := withoutTags(after, before); len(added) > 0 {
		s.announceTags("customer.tags_added", record, added)
	}
	if removed := withoutTags(before, after); len(removed) > 0 {
		s.announceTags("customer.tags_removed", record, removed)
	}
}

var updateTopics = map[string]string{kindCustomer: "customers/update", kindOrder: "orders/updated", kindProduct: "products/update"}
