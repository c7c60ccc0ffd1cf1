package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// attributes are what a record shows: strings, int64s, booleans, nil and, in a
// few places, lists. They are never changed once a record holds them.
type attributes map[string]any

// record is one row. It is replaced, never changed.
type record struct {
	id    int64
	attrs attributes
	// links are the records that it owns, by relation: ids of another table.
	links map[string][]int64
	// full and lighter are attrs as JSON, written when they are first asked for:
	// most of the seed's records never are.
	full, lighter func() json.RawMessage
}

func (r *record) key() string { return strconv.FormatInt(r.id, 10) }

// text returns an attribute as text; nil is empty.
func (r *record) text(name string) string { return asText(r.attrs[name]) }

func (r *record) deleted() bool { return r.attrs["deleted_at"] != nil }

// kind is what the platform knows about one sort of record.
type kind struct {
	table string // in paths: "customers"
	typ   string // JSON:API type: "customer"
	code  string // in error codes: "CU"
	// filters are the attributes that q[...] takes; lightFilters need lighter=1.
	filters, lightFilters []string
	// heavy attributes are missing in lighter mode.
	heavy     []string
	relations map[string]relation
	// always are the relations that are told without being included.
	always []string
	// keys are what a write takes; anything else is dropped without a word.
	keys map[string]coercion
}

// relation leads to other records: those under the link of its name, or those
// whose attribute by names this one.
type relation struct {
	table string
	many  bool
	by    string
	own   string // attribute that by is compared with; the id if empty
}

// table holds the records of one kind.
type table struct {
	*kind
	rows *simkit.Collection[*record]
	last int64
}

// indexed are the attributes that a filter finds without a walk.
var indexed = []string{"email", "number", "link_number", "customer_id", "customer_number", "subs_order_id", "product_id", "variant_sku", "sku", "order_id"}

func newTable(k *kind, first int64) *table {
	t := &table{kind: k, rows: simkit.NewCollection[*record](), last: first - 1}
	for _, name := range indexed {
		t.rows.Index(name, func(r *record) []string {
			if v := r.text(name); v != "" {
				return []string{v}
			}
			return nil
		})
	}
	return t
}

// nextID returns the next free id. The caller holds the shop's lock.
func (t *table) nextID() int64 {
	t.last++
	return t.last
}

func (t *table) get(id int64) (*record, bool) {
	return t.rows.Get(strconv.FormatInt(id, 10))
}

// put stores a record whose attributes are attrs.
func (t *table) put(id int64, attrs attributes, links map[string][]int64) *record {
	attrs["id"] = id
	r := &record{id: id, attrs: attrs, links: links}
	r.full = sync.OnceValue(func() json.RawMessage { return mustJSON(attrs) })
	r.lighter = sync.OnceValue(func() json.RawMessage {
		light := maps.Clone(attrs)
		for _, name := range t.heavy {
			delete(light, name)
		}
		return mustJSON(light)
	})
	t.last = max(t.last, id)
	t.rows.Put(r.key(), r)
	return r
}

// change stores a copy of r with other attributes on top.
func (t *table) change(r *record, changes attributes) *record {
	attrs := maps.Clone(r.attrs)
	maps.Copy(attrs, changes)
	return t.put(r.id, attrs, r.links)
}

// link stores a copy of r with one more owned record.
func (t *table) link(r *record, relation string, id int64) *record {
	links := maps.Clone(r.links)
	if links == nil {
		links = map[string][]int64{}
	}
	links[relation] = append(slices.Clone(links[relation]), id)
	return t.put(r.id, maps.Clone(r.attrs), links)
}

// mustJSON encodes what the sim made itself.
func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// asText is how a filter, a template and an index see a value.
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	default:
		return string(mustJSON(v))
	}
}
