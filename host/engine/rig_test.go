package engine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// platform is a small platform behind the engine's Connectors: a shop whose
// customers are read, and a CRM whose records are written. It counts every
// effect by its idempotency key, and fails when fault says so.
type platform struct {
	// fault is asked before a call takes effect; after once it has.
	fault func(in host.Invocation) error
	after func(in host.Invocation) error
	// claim is behind the host's own once.claim; nil means that there is none.
	claim builtin.Claim
	// gone is a connection that the host has no more, "" for none.
	gone string

	mu      sync.Mutex
	calls   []string
	effects map[string]int               // by idempotency key
	records map[string]map[string]string // id: fields
	order   []string                     // subjects as they were written
	listed  int                          // how many customers customer.list has
	paged   int                          // how many of them are on a page
	delay   time.Duration                // how long a call takes
	exports int                          // how many polls find an export that is not ready
	made    time.Time                    // when a record was created last
	hidden  bool                         // the search finds nothing just now
}

func newPlatform() *platform {
	none := func(host.Invocation) error { return nil }
	return &platform{fault: none, after: none, effects: map[string]int{}, records: map[string]map[string]string{}, paged: 3}
}

func (p *platform) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	if in.Connection == host.Builtin && p.claim != nil {
		own, err := builtin.New(builtin.Once(p.claim))
		if err != nil {
			return nil, err
		}
		return own.Invoke(ctx, in)
	}
	if in.Op != abi.OpWebhook {
		time.Sleep(p.delay)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, in.Connection+"."+in.Name+":"+string(in.Op))
	if in.Op == abi.OpWebhook {
		return p.webhook(in.Delivery)
	}
	if err := p.fault(in); err != nil {
		return nil, err
	}
	output, err := p.act(in)
	if err != nil {
		return nil, err
	}
	if err := p.after(in); err != nil {
		return nil, err
	}
	return json.Marshal(output)
}

// webhook reads bodies of the form {"id": ..., "n": ...}; n tells changes apart.
// The subject is the id, unless the body has one of its own.
func (p *platform) webhook(d *host.Delivery) ([]byte, error) {
	var body struct {
		ID      string `json:"id"`
		N       int    `json:"n"`
		Subject string `json:"subject"`
	}
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "not JSON"}
	}
	return json.Marshal(abi.Receipt{Events: []abi.Event{{
		Type: "customer.updated", Subject: cmp.Or(body.Subject, body.ID), Dedupe: fmt.Sprintf("%s@%d", body.ID, body.N), Data: d.Body,
	}}})
}

type input struct {
	ID     string            `json:"id"`
	Match  map[string]string `json:"match"`
	Fields map[string]string `json:"fields"`
}

func (p *platform) act(in host.Invocation) (any, error) {
	var args input
	if err := json.Unmarshal(in.Input, &args); err != nil {
		return nil, &abi.Error{Kind: abi.Invalid, Message: err.Error()}
	}
	switch in.Name {
	case "customer.get":
		return map[string]any{"id": args.ID, "email": args.ID + "@example.com"}, nil
	case "customer.list":
		return p.list(in.Input)
	case "customer.changed":
		return p.poll(in.Input)
	case "record.search":
		return p.search(args.Match), nil
	case "record.create":
		if in.Op == abi.OpConfirm {
			return p.confirm(args.Fields)
		}
		return p.create(in, args.Fields), nil
	case "record.update":
		p.effects[in.IdempotencyKey]++
		p.order = append(p.order, args.Fields["N"])
		return abi.RecordRef{ID: args.ID}, nil
	case "order.send":
		return struct{}{}, nil
	case "message.send", "card.print":
		p.effects[in.IdempotencyKey]++
		return abi.RecordRef{ID: args.ID}, nil
	default:
		return nil, &abi.Error{Kind: abi.Unsupported, Message: in.Name}
	}
}

// list hands out customers 0 to listed-1.
func (p *platform) list(input []byte) (any, error) {
	var from struct {
		Next string `json:"next"`
	}
	if err := json.Unmarshal(input, &from); err != nil {
		return nil, err
	}
	first, _ := strconv.Atoi(from.Next) //nolint:errcheck // the first page has none
	page := map[string]any{"next": ""}
	customers := []any{}
	for n := first; n < min(first+p.paged, p.listed); n++ {
		customers = append(customers, map[string]any{"id": strconv.Itoa(n)})
	}
	if first+p.paged < p.listed {
		page["next"] = strconv.Itoa(first + p.paged)
	}
	page["customers"] = customers
	return page, nil
}

// poll finds the customers that list hands out, in the same pages.
func (p *platform) poll(input []byte) (any, error) {
	var in abi.PollInput
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, err
	}
	first := 0
	if len(in.Cursor) > 0 {
		if err := json.Unmarshal(in.Cursor, &first); err != nil {
			return nil, err
		}
	}
	if p.exports--; p.exports >= 0 {
		return abi.PollPage{Cursor: fmt.Append(nil, first), Wait: &abi.PollWait{For: abi.Text{EN: "the export"}, AfterMS: 30_000}}, nil
	}
	var page abi.PollPage
	for n := first; n < min(first+p.paged, p.listed); n++ {
		page.Events = append(page.Events, abi.Event{Type: "customer.changed", Data: fmt.Appendf(nil, `{"id":"%d","n":1}`, n)})
	}
	page.Cursor, page.More = fmt.Append(nil, first+p.paged), first+p.paged < p.listed
	return page, nil
}

func (p *platform) search(match map[string]string) abi.RecordList {
	list := abi.RecordList{Records: []abi.Record{}}
	for id, fields := range p.records {
		if p.hidden {
			break
		}
		if fields["Mail"] == match["Mail"] {
			list.TotalSize++
			list.Records = append(list.Records, abi.Record{ID: id})
		}
	}
	return list
}

func (p *platform) create(in host.Invocation, fields map[string]string) abi.RecordRef {
	p.effects[in.IdempotencyKey]++
	id := fmt.Sprintf("A%d", len(p.records)+1)
	p.records[id], p.made = fields, time.Now()
	p.order = append(p.order, fields["N"])
	return abi.RecordRef{ID: id}
}

func (p *platform) confirm(fields map[string]string) (any, error) {
	for _, r := range p.search(fields).Records {
		output, err := json.Marshal(abi.RecordRef{ID: r.ID})
		return abi.Confirmation{Done: true, Output: output}, err
	}
	return abi.Confirmation{}, nil
}

// count returns how often a call was made.
// breakDown has each call to a connection fail until mend.
func (p *platform) breakDown(connection string, err *abi.Error) (mend func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	broken := true
	p.fault = func(in host.Invocation) error {
		if broken && in.Connection == connection {
			return err
		}
		return nil
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		broken = false
	}
}

func (p *platform) count(call string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.calls {
		if c == call {
			n++
		}
	}
	return n
}

func object(required []string, properties map[string]*abi.Schema) *abi.Schema {
	return &abi.Schema{Type: abi.TypeObject, Properties: properties, Required: required}
}

var (
	str    = &abi.Schema{Type: abi.TypeString}
	fields = &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
	ref    = object([]string{"id"}, map[string]*abi.Schema{"id": str})
)

func catalog() *rules.Catalog {
	shop := &abi.Manifest{
		ABI: abi.Version, ID: "shop", Version: "1",
		Triggers: []abi.Trigger{{Name: "customer.updated", Webhook: true, Data: object([]string{"id", "n"},
			map[string]*abi.Schema{"id": str, "n": {Type: abi.TypeInteger}})}, {Name: "customer.changed", Poll: true, IntervalSeconds: 600, Data: ref}},
		Actions: []abi.Action{{Name: "customer.get", Reads: true, Input: ref, Output: object([]string{"id", "email"},
			map[string]*abi.Schema{"id": str, "email": str})}, {
			Name: "customer.list", Reads: true, Pages: "customers",
			Input: object(nil, map[string]*abi.Schema{"next": str}),
			Output: object([]string{"customers", "next"}, map[string]*abi.Schema{
				"customers": {Type: abi.TypeArray, Items: ref}, "next": str,
			}),
		}},
	}
	draft := map[string]*abi.Schema{"object": str, "fields": fields}
	crm := &abi.Manifest{
		ABI: abi.Version, ID: "crm", Version: "1",
		Records: &abi.Records{Search: "record.search", Create: "record.create", Update: "record.update"},
		Actions: []abi.Action{
			{
				Name: "record.search", Reads: true, Input: object([]string{"object", "match"}, map[string]*abi.Schema{"object": str, "match": fields}),
				Output: object([]string{"total_size", "records"}, map[string]*abi.Schema{
					"total_size": {Type: abi.TypeInteger}, "records": {Type: abi.TypeArray, Items: ref},
				}),
			},
			{Name: "record.create", Confirms: true, Input: object([]string{"object", "fields"}, draft), Output: ref},
			{
				Name: "record.update", Idempotent: true, Output: ref, Input: object([]string{"object", "id", "fields"},
					map[string]*abi.Schema{"object": str, "id": str, "fields": fields}),
			},
			{Name: "message.send", Idempotent: true, IdempotentFor: 3600, Input: ref, Output: ref},
			{Name: "card.print", Input: ref, Output: ref},
			{Name: "order.send", Output: object(nil, nil), Input: object([]string{"path", "json"}, map[string]*abi.Schema{"path": str, "json": fields})},
		},
	}
	// Both sides keep records and tell of changes, for syncs in both directions.
	shop.Records, shop.Actions = crm.Records, append(shop.Actions, crm.Actions...)
	crm.Triggers = shop.Triggers
	own, err := builtin.New(builtin.Notices(), builtin.Once(nil))
	if err != nil {
		panic(err)
	}
	return &rules.Catalog{Connections: map[string]*rules.Connection{
		"shop": {Manifest: shop}, "crm": {Manifest: crm}, host.Builtin: {Manifest: own.Manifest()},
	}}
}

const stepByStep = `language: 1
flow: sync
on: {connection: shop, event: customer.updated}
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - id: found
    call: crm.record.search
    with: {object: Account, match: {Mail: "${customer.email}"}}
  - switch:
      - when: found.total_size == 0
        steps:
          - call: crm.record.create
            with: {object: Account, fields: {Mail: "${customer.email}", N: "${string(event.data.n)}"}}
      - otherwise:
          - call: crm.record.update
            with: {object: Account, id: "${found.records[0].id}", fields: {N: "${string(event.data.n)}"}}
`

const short = `language: 1
flow: sync
on: {connection: shop, event: customer.updated}
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - id: account
    upsert: crm
    object: Account
    link: customer
    match: {Mail: "${customer.email}"}
    set: {Mail: "${customer.email}", N: "${string(event.data.n)}"}
`

const bothWays = `language: 1
flow: there
on: {connection: shop, event: customer.updated}
steps:
  - upsert: crm
    object: Account
    link: customer
    match: {Mail: "${event.data.id}@example.com"}
    set: {Mail: "${event.data.id}@example.com", N: "%s"}
---
language: 1
flow: back
on: {connection: crm, event: customer.updated}
steps:
  - upsert: shop
    object: Customer
    link: customer
    match: {Mail: x}
    set: {N: "%s"}
`

// rig is an engine with a small platform around a store that outlives it.
type rig struct {
	*engine.Engine

	t        *testing.T
	platform *platform
	ledger   *ledger.Ledger
	ended    chan host.RunState
}

type observer struct{ ended chan host.RunState }

func (observer) Delivery(string, string, int) {}
func (o observer) RunEnded(_ string, s host.RunState, _ time.Duration) {
	o.ended <- s
}
func (observer) CallEnded(string, string, abi.Kind, time.Duration) {}

// boot starts an engine over a store, as a host does, with one flow in force.
func boot(t *testing.T, s store.Store, p *platform, flow string) *rig {
	t.Helper()
	r := build(t, s, p, flow)
	r.Start(t.Context())
	return r
}

func build(t *testing.T, s store.Store, p *platform, flow string) *rig {
	t.Helper()
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	load := func(sources map[string][]byte) (*rules.Set, error) {
		today := catalog()
		delete(today.Connections, p.gone)
		return rules.LoadSources(sources, today)
	}
	book := engine.NewRulebook(l, load)
	sources := make(map[string][]byte)
	for i, text := range strings.Split(flow, "---\n") {
		sources[fmt.Sprintf("flow%d.yaml", i)] = []byte(text)
	}
	set, err := load(sources)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Install(t.Context(), set, time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	newest, err := l.NewestID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, platform: p, ledger: l, ended: make(chan host.RunState, 1<<16)}
	r.Engine = engine.New(engine.Options{
		Ledger: l, Connectors: p, Rules: book, Observer: observer{r.ended},
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, NewID: counter(newest), Jitter: func() float64 { return 0.5 },
		Known: func(connection string) bool { return connection != p.gone },
	})
	return r
}

// counter gives ids behind the newest one.
func counter(newest string) func() string {
	var mu sync.Mutex
	n := 0
	fmt.Sscanf(newest, "I%d", &n) //nolint:errcheck // a new store has no newest
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("I%09d", n)
	}
}

func memory(t *testing.T) *mem.Store {
	s := mem.New(time.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (r *rig) deliver(id string, n int) host.Receipt {
	r.t.Helper()
	return r.deliverTo("shop", id, n)
}

func (r *rig) deliverTo(connection, id string, n int) host.Receipt {
	r.t.Helper()
	receipt, err := r.Receive(r.t.Context(), host.Delivery{
		Connection: connection, Received: time.Now(), Body: fmt.Appendf(nil, `{"id":%q,"n":%d}`, id, n),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return receipt
}

// await waits until so many runs have reached the state.
func (r *rig) await(state host.RunState, count int) {
	r.t.Helper()
	for count > 0 {
		if <-r.ended == state {
			count--
		}
	}
}

func (r *rig) stop() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.t.Context()), time.Minute)
	defer cancel()
	r.Stop(ctx)
}

func (r *rig) runs(f host.RunFilter) []host.Run {
	r.t.Helper()
	f.Limit = 1 << 20
	runs, err := r.ledger.Runs(r.t.Context(), f)
	if err != nil {
		r.t.Fatal(err)
	}
	return runs
}
