package main

import (
	"embed"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// object is a record, a GraphQL value or a REST payload.
type object = graphql.Object

// The shop's kinds of record, as ids name them.
const (
	kindCustomer     = "Customer"
	kindOrder        = "Order"
	kindProduct      = "Product"
	kindVariant      = "ProductVariant"
	kindItem         = "InventoryItem"
	kindLevel        = "InventoryLevel"
	kindLocation     = "Location"
	kindCheckout     = "AbandonedCheckout"
	kindSubscription = "WebhookSubscription"
	kindBulk         = "BulkOperation"
)

//go:embed schema/*.graphql
var schema embed.FS

// shop is one simulated shop.
type shop struct {
	env    *simkit.Env
	engine *graphql.Engine
	auth   *authority
	meter  *meter
	mux    *http.ServeMux
	// mu is held by whoever looks at or changes records.
	mu     sync.Mutex
	tables map[string]*simkit.Collection[object]
	// last is the last number given to a record, by kind.
	last map[string]int64
	// keys are the idempotency keys seen, with what was asked and answered.
	keys  map[string]attempt
	files map[string][]byte
	// uploads are the places made for files, by their keys.
	uploads map[string]*upload
	rules   rules
	// renderers make the bodies of webhooks, by topic.
	renderers map[string]renderer
}

// open builds a shop with the seed's data.
func open(env *simkit.Env) (*simkit.Platform, error) {
	s := &shop{
		env: env, auth: newAuthority(env), meter: newMeter(env.Real), mux: http.NewServeMux(), rules: defaultRules(),
		tables: map[string]*simkit.Collection[object]{}, last: map[string]int64{}, keys: map[string]attempt{}, files: map[string][]byte{}, uploads: map[string]*upload{}, renderers: renderers(),
	}
	for _, kind := range []string{
		kindCustomer, kindOrder, kindProduct, kindVariant, kindItem, kindLevel, kindLocation, kindCheckout, kindSubscription, kindBulk,
	} {
		s.tables[kind] = simkit.NewCollection[object]()
	}
	var err error
	if s.engine, err = graphql.New(schema, s.resolvers()); err != nil {
		return nil, err
	}
	s.seed()
	s.mux.HandleFunc("POST /admin/oauth/access_token", s.auth.grant)
	s.mux.HandleFunc("POST /admin/api/{version}/graphql.json", s.graphql)
	s.mux.HandleFunc("GET /bulk-files/{name}", s.download)
	s.mux.HandleFunc("POST /staged-uploads", s.receive)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		simkit.WriteJSON(w, http.StatusNotFound, object{"errors": "Not Found"})
	})
	return &simkit.Platform{Handler: s.mux, Tables: s.staff(), SetLimits: s.setLimits, Hook: s.hook}, nil
}

// resolvers joins those of all families.
func (s *shop) resolvers() map[string]graphql.Resolver {
	all := map[string]graphql.Resolver{}
	for _, family := range []map[string]graphql.Resolver{
		s.customerFields(), s.customerWrites(), s.orderFields(), s.orderWrites(), s.productFields(), s.stockFields(),
		s.checkoutFields(), s.metafieldFields(), s.tagWrites(), s.shopFields(), s.bulkFields(), s.uploadFields(), s.subscriptionFields(),
	} {
		maps.Copy(all, family)
	}
	for name, resolve := range all {
		all[name] = s.guarded(name, resolve)
	}
	return all
}

// stamp is the clock in the form of GraphQL's DateTime.
func (s *shop) stamp() string { return s.env.Clock.Now().UTC().Format(time.RFC3339) }

// next returns the gid of a new record.
func (s *shop) next(kind string) string {
	s.last[kind]++
	return gid(kind, strconv.FormatInt(s.last[kind], 10))
}

func gid(kind, number string) string { return "gid://shopify/" + kind + "/" + number }

// number returns the number in a gid: what REST payloads call the id.
func number(id string) string {
	id = id[strings.LastIndexByte(id, '/')+1:]
	id, _, _ = strings.Cut(id, "?")
	return id
}

// kindOf returns the kind in a gid, empty if it is none.
func kindOf(id string) string {
	rest, ok := strings.CutPrefix(id, "gid://shopify/")
	if !ok {
		return ""
	}
	kind, n, ok := strings.Cut(rest, "/")
	if !ok || n == "" {
		return ""
	}
	return kind
}

// get returns the record that a gid names, nil if there is none.
func (s *shop) get(id string) object {
	table := s.tables[kindOf(id)]
	if table == nil {
		return nil
	}
	record, _ := table.Get(id)
	return record
}

// put stores a changed or new record.
func (s *shop) put(record object) {
	s.tables[kindOf(text(record, "id"))].Put(text(record, "id"), record)
}

// change returns a copy of record with changes on top, stored and stamped.
func (s *shop) change(record, changes object) object {
	changed := maps.Clone(record)
	maps.Copy(changed, changes)
	changed["updatedAt"] = s.stamp()
	s.put(changed)
	return changed
}

func text(o object, name string) string {
	t, _ := o[name].(string) //nolint:errcheck // anything else has no text
	return t
}

func texts(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			if t, ok := item.(string); ok {
				list = append(list, t)
			}
		}
		return list
	}
	return nil
}

func objects(v any) []object {
	switch v := v.(type) {
	case []object:
		return v
	case []any:
		list := make([]object, 0, len(v))
		for _, item := range v {
			if o, ok := item.(object); ok {
				list = append(list, o)
			}
		}
		return list
	}
	return nil
}

// orNil returns nil for an empty text, as the platform has it.
func orNil(t string) any {
	if t == "" {
		return nil
	}
	return t
}

func decode(raw json.RawMessage, v any) error {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	return decoder.Decode(v)
}
