package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

var platform sdktest.Sim

func TestMain(m *testing.M) { os.Exit(platform.Run(m)) }

// shopSim is a simulated shop with a connection to it.
type shopSim struct {
	*simclient.Process
	*sdktest.Connection
}

// openShop starts a shop without a rate limit and connects to it; more settings go on top.
func openShop(t *testing.T, more map[string]any) *shopSim {
	t.Helper()
	sim := platform.Start(t)
	all := map[string]any{"base_url": sim.URL, "bulk_file_host": sim.URL, "bulk_upload_host": sim.URL}
	for name, value := range more {
		all[name] = value
	}
	c := sdktest.New(t, connector(), all, nil)
	c.Transport = http.DefaultTransport
	c.Authorize = func(r *http.Request) { r.Header.Set("X-Shopify-Access-Token", "shpat_sim") }
	s := &shopSim{Process: sim, Connection: c}
	s.limit(t, map[string]any{"restore_rate": 0})
	return s
}

func (s *shopSim) limit(t *testing.T, limits map[string]any) {
	t.Helper()
	if err := s.SetLimits(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
}

func (s *shopSim) put(t *testing.T, collection, id string, record map[string]any) {
	t.Helper()
	if err := s.PutRecord(t.Context(), collection, id, record); err != nil {
		t.Fatal(err)
	}
}

func (s *shopSim) freeze(t *testing.T, at time.Time) {
	t.Helper()
	if err := s.Freeze(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	s.Now = at
}

// subjects polls until there is no more and returns the subjects, joined.
func (s *shopSim) subjects(t *testing.T, trigger string, in *abi.PollInput) string {
	t.Helper()
	events, cursor, err := s.PollAll(trigger, *in)
	if err != nil {
		t.Fatal(err)
	}
	in.Cursor = cursor
	var all []string
	for _, e := range events {
		all = append(all, e.Subject)
	}
	return strings.Join(all, " ")
}

var april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// calls are one of each sort of document.
var calls = []struct {
	action string
	in     map[string]any
}{
	{"customer.get", map[string]any{"id": "7770002"}},
	{"customer.find", map[string]any{"phone": "090-1234-5678"}},
	{"customer.search", map[string]any{"limit": 1000}},
	{"order.get", map[string]any{"id": "5550001112224"}},
	{"order.search", map[string]any{"limit": 1000}},
	{"product.get", map[string]any{"id": "9990001"}},
	{"product.search", map[string]any{"limit": 1000}},
	{"variant.find", map[string]any{"sku": "POT-01"}},
	{"stock.get", map[string]any{"inventory_item_id": "4440001", "location_id": "222000"}},
	{"location.list", map[string]any{}},
	{"checkout.search", map[string]any{"limit": 1000}},
	{"shop.get", map[string]any{}},
	{"webhook.list", map[string]any{}},
	{"stock.set", map[string]any{"inventory_item_id": "4440001", "location_id": "222000", "quantity": 3}},
	{"customer.upsert", map[string]any{"email": "new@example.com", "last_name": "新", "line_id": "U1"}},
	{"metafield.get", map[string]any{"object": "customer", "id": "7770001", "name": "custom.line_id"}},
	{"order.create", map[string]any{"source": "x", "source_identifier": "1", "items": []any{map[string]any{"variant_id": "4440001", "quantity": 1}}}},
	{"bulk.start", map[string]any{"query": "{ products { edges { node { id } } } }"}},
	{"bulk.get", map[string]any{"id": "1"}},
	{"bulk.import", map[string]any{"mutation": tagging, "variables": []any{map[string]any{"id": "gid://shopify/Customer/7770001", "tags": []any{"x"}}}}},
	{"record.search", map[string]any{"object": "order", "match": map[string]any{"customer_id": "7770001"}}},
}

// TestRequestsCostWhatTheySay compares the points that requests declare with
// those that the platform charges.
func TestRequestsCostWhatTheySay(t *testing.T) {
	s := openShop(t, nil)
	for _, call := range calls {
		before := len(s.Requests())
		if err := s.Do(call.action, call.in, nil); err != nil {
			t.Errorf("%s: %v", call.action, err)
		}
		for i, request := range s.Requests()[before:] {
			charged := s.charged(t, int64(before+i))
			if request.Cost < charged || request.Cost > charged+charged/10+2 || charged > maxCost {
				t.Errorf("%s declares %d points, the platform charges %d", call.action, request.Cost, charged)
			}
		}
	}
}

// charged is the price of the request behind n others.
func (s *shopSim) charged(t *testing.T, n int64) int64 {
	t.Helper()
	entries, err := s.Journal(t.Context(), n)
	if err != nil || len(entries) == 0 {
		t.Fatalf("journal: %v", err)
	}
	var answer struct {
		Extensions struct {
			Cost struct {
				Requested int64 `json:"requestedQueryCost"`
			} `json:"cost"`
		} `json:"extensions"`
	}
	at := strings.Index(entries[0].Response, `"extensions":`)
	if at < 0 { // too long for the journal: the price is the first thing that is cut off
		return s.Requests()[n].Cost
	}
	if err := json.NewDecoder(strings.NewReader("{" + entries[0].Response[at:])).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Extensions.Cost.Requested
}

func TestThrottlingIsLearned(t *testing.T) {
	s := openShop(t, nil)
	s.limit(t, map[string]any{"restore_rate": 10, "maximum_available": 480})
	get := func() error { return s.Do("order.get", byID{"5550001112223"}, nil) }
	if err := get(); err != nil {
		t.Fatal(err)
	}
	fault := abi.AsError(get())
	if fault == nil || fault.Kind != abi.RateLimited || fault.RetryAfter() < 100*time.Millisecond || fault.RetryAfter() > 3*time.Second {
		t.Errorf("got %+v", fault)
	}
	learned := s.Learned()
	last := learned[len(learned)-1]
	if len(learned) != 2 || last.Capacity != 480 || last.PerSecond != 10 || last.Available >= 479 {
		t.Errorf("learned %+v", learned)
	}
}

func TestPersonalDataThatIsWithheldIsUnknown(t *testing.T) {
	for mode, want := range map[string]string{"null": "", "denied": "defaultAddress defaultEmailAddress defaultPhoneNumber firstName lastName"} {
		s := openShop(t, nil)
		s.limit(t, map[string]any{"personal_data": mode, "plan": "Basic"})
		var c customer
		if err := s.Do("customer.get", byID{"7770001"}, &c); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		slices.Sort(c.Withheld)
		if c.ID != "7770001" || c.Email != "" || c.FullName != "" || c.Phone != "" || c.Address != nil || strings.Join(c.Withheld, " ") != want {
			t.Errorf("%s: %+v", mode, c)
		}
		var o order
		if err := s.Do("order.get", byID{"5550001112223"}, &o); err != nil || o.Total.Amount != 4100 || o.Delivery != nil {
			t.Errorf("%s: %+v, %v", mode, o, err)
		}
		var info shopInfo
		if err := s.Do("shop.get", struct{}{}, &info); err != nil || info.Personal || len(info.Warnings) != 1 {
			t.Errorf("%s: %+v, %v", mode, info, err)
		}
		if (mode == "denied") != strings.Contains(strings.Join(s.Logs(), " "), "withheld") {
			t.Errorf("%s: logged %q", mode, s.Logs())
		}
	}
}

// TestWritesAreDoneWhereTheRecordIsNotShown: who writes on a plan that withholds
// personal data gets an answer and refusals together.
func TestWritesAreDoneWhereTheRecordIsNotShown(t *testing.T) {
	const person = "defaultAddress defaultEmailAddress defaultPhoneNumber firstName lastName"
	for action, want := range map[string]struct {
		in                 map[string]any
		id, effect, hidden string
	}{
		"customer.create": {map[string]any{"email": "new@example.com", "last_name": "新"}, "7780001", "create Customer 7780001", person},
		"customer.update": {map[string]any{"id": "7770001", "note": "x"}, "7770001", "update Customer 7770001", person},
		"customer.upsert": {map[string]any{"email": "hanako@example.com", "note": "x"}, "7770001", "update Customer 7770001", person},
		"order.update":    {map[string]any{"id": "5550001112223", "note": "x"}, "5550001112223", "update Order 5550001112223", "billingAddress customer.firstName customer.lastName email phone shippingAddress"},
	} {
		s := openShop(t, nil)
		s.limit(t, map[string]any{"personal_data": "denied", "plan": "Basic"})
		var done struct {
			ID       string   `json:"id"`
			Email    string   `json:"email"`
			Withheld []string `json:"withheld"`
		}
		if err := s.Do(action, want.in, &done); err != nil {
			t.Errorf("%s: %v", action, err)
		}
		slices.Sort(done.Withheld)
		if done.ID != want.id || done.Email != "" || strings.Join(done.Withheld, " ") != want.hidden {
			t.Errorf("%s: %+v", action, done)
		}
		if effects := s.effects(t); !slices.Equal(effects, []string{want.effect}) {
			t.Errorf("%s: the platform did %q", action, effects)
		}
		if !strings.Contains(strings.Join(s.Logs(), " "), "withheld") {
			t.Errorf("%s: logged %q", action, s.Logs())
		}
	}
}

// TestWhatAnAnswerToAWriteMeans reads answers that have refusals in them.
func TestWhatAnAnswerToAWriteMeans(t *testing.T) {
	const denied = `{"message":"not approved","path":%s,"extensions":{"code":"ACCESS_DENIED"}}`
	name, whole, root := fmt.Sprintf(denied, `["m","customer","firstName"]`), fmt.Sprintf(denied, `["m","customer"]`), fmt.Sprintf(denied, `["m"]`)
	broken := `{"message":"oops","path":["m","customer","note"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}`
	there, gone := `{"m":{"customer":{"id":"gid://shopify/Customer/7"},"userErrors":[]}}`, `{"m":{"customer":null,"userErrors":[]}}`
	for _, c := range []struct {
		data, errors   string
		create, update abi.Kind
	}{
		{there, name, abi.OK, abi.OK},
		{there, name + "," + broken, abi.Unknown, abi.Unknown},
		{gone, whole, abi.Unknown, abi.OK},
		{gone, "", abi.Unknown, abi.Unknown},
		{`{"m":null}`, root, abi.Denied, abi.Denied},
		{`{"m":null}`, name, abi.Unknown, abi.Unknown},
		{`{"m":{"customer":null,"userErrors":[{"field":["note"],"message":"too long"}]}}`, whole, abi.Invalid, abi.Invalid},
	} {
		s := openShop(t, nil)
		s.Transport = saying(`{"data":` + c.data + `,"errors":[` + c.errors + `]}`)
		var done customer
		err := s.Do("customer.update", map[string]any{"id": "7", "note": "x"}, &done)
		if abi.KindOf(err) != c.update || (err == nil && (done.ID != "7" || len(done.Withheld) != 1)) {
			t.Errorf("update, %s %s: %v, %+v", c.data, c.errors, err, done)
		}
		if err := s.Do("customer.create", map[string]any{"email": "a@example.com"}, nil); abi.KindOf(err) != c.create {
			t.Errorf("create, %s %s: %v", c.data, c.errors, err)
		}
	}
}

// saying is a platform that always answers the same.
type saying string

func (text saying) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(text)))}, nil
}

// effects are what requests changed.
func (s *shopSim) effects(t *testing.T) []string {
	t.Helper()
	entries, err := s.Journal(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if e.Effect != "" {
			all = append(all, e.Effect)
		}
	}
	return all
}

func TestMissingRightsAreDenied(t *testing.T) {
	s := openShop(t, nil)
	s.limit(t, map[string]any{"scopes": []string{"read_customers"}})
	for _, call := range calls {
		noun, _, _ := strings.Cut(call.action, ".")
		if noun != "order" && noun != "product" && noun != "stock" {
			continue
		}
		if err := s.Do(call.action, call.in, nil); abi.KindOf(err) != abi.Denied {
			t.Errorf("%s: %v", call.action, err)
		}
	}
}

func TestStockIsSetOncePerStep(t *testing.T) {
	s := openShop(t, nil)
	set := func(key string, quantity int) error {
		s.IdempotencyKey = key
		return s.Do("stock.set", map[string]any{"inventory_item_id": "4440001", "location_id": "222000", "quantity": quantity}, nil)
	}
	for i, step := range []struct {
		key      string
		quantity int
		want     abi.Kind
	}{{"a", 5, abi.OK}, {"b", 6, abi.OK}, {"a", 5, abi.OK}, {"a", 7, abi.Conflict}} {
		if err := set(step.key, step.quantity); abi.KindOf(err) != step.want {
			t.Errorf("step %d: %v", i, err)
		}
	}
	var now stock
	if err := s.Do("stock.get", stockRef{"4440001", "222000"}, &now); err != nil || now.Stock != 6 {
		t.Errorf("stock %d, %v", now.Stock, err)
	}
}

// TestStockThatWasRefusedCanBeSetLater: the platform keeps a refused attempt's
// key for refused, and wants another one when the step is run again.
func TestStockThatWasRefusedCanBeSetLater(t *testing.T) {
	s := openShop(t, nil)
	set := func(key string, from any, quantity int) error {
		s.IdempotencyKey = key
		return s.Do("stock.set", map[string]any{"inventory_item_id": "4440001", "location_id": "222000", "quantity": quantity, "from": from}, nil)
	}
	const step = "00000000-0000-8000-8000-00000000000f"
	for attempt := range 2 {
		if err := set(step, 99, 14); abi.KindOf(err) != abi.Conflict || abi.AsError(err).Code != "CHANGE_FROM_QUANTITY_STALE" {
			t.Errorf("attempt %d: %v", attempt, err)
		}
	}
	if err := set("other", nil, 99); err != nil { // staff count again
		t.Fatal(err)
	}
	for range 2 { // the second time as if the answer had been lost
		if err := set(step, 99, 14); err != nil {
			t.Errorf("once the stock is as expected: %v", err)
		}
	}
}

// TestConfirmWaitsForTheSearch: without a metafield of its own an order is found
// by a search that lags behind.
func TestConfirmWaitsForTheSearch(t *testing.T) {
	s := openShop(t, nil)
	s.limit(t, map[string]any{"search_lag_seconds": 30})
	s.freeze(t, april)
	draft := map[string]any{"source": "ecforce", "source_identifier": "EC-1", "items": []any{map[string]any{"variant_id": "4440001", "quantity": 1}}}
	if err := s.Do("order.create", draft, nil); err != nil {
		t.Fatal(err)
	}
	s.Since = april
	_, err := s.Confirm("order.create", draft, nil)
	if fault := abi.AsError(err); fault == nil || fault.Kind != abi.Unavailable || fault.RetryAfter() != time.Minute {
		t.Errorf("at once: %v", err)
	}
	s.freeze(t, april.Add(time.Minute))
	s.Since = april
	var made createdOrder
	if done, err := s.Confirm("order.create", draft, &made); err != nil || !done || made.Total.Amount != 2000 {
		t.Errorf("a minute later: %t, %v, %+v", done, err, made)
	}
	draft["source_identifier"] = "EC-2"
	if done, err := s.Confirm("order.create", draft, nil); err != nil || done {
		t.Errorf("another one: %t, %v", done, err)
	}
}

func TestLongRecordsAreReadWhole(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	lines := make([]any, 120)
	for i := range lines {
		lines[i] = map[string]any{"variantId": "4440001"}
	}
	s.put(t, "orders", "700001", map[string]any{"lineItems": lines, "tags": []string{"定期2回目"}})
	s.put(t, "products", "700001", map[string]any{"title": "x"})
	for i := range 45 {
		s.put(t, "variants", fmt.Sprint(800000+i), map[string]any{"productId": "700001", "sku": fmt.Sprint("S", i)})
	}
	var one order
	var found orderList
	var products productList
	if err := errors.Join(
		s.Do("order.get", byID{"700001"}, &one), s.Do("order.search", map[string]any{"updated_from": april.Format(time.RFC3339)}, &found),
		s.Do("product.search", map[string]any{"sku": "S44"}, &products),
	); err != nil {
		t.Fatal(err)
	}
	if len(one.Items) != 120 || one.Items[119].Times != 2 || len(found.Orders) != 1 || len(found.Orders[0].Items) != 120 {
		t.Errorf("%d lines, %d orders of %d lines, %+v", len(one.Items), len(found.Orders), len(found.Orders[0].Items), one.Items[119])
	}
	if len(products.Products) != 1 || len(products.Products[0].Variants) != 45 {
		t.Errorf("%+v", products)
	}
}

func TestAnExpiredVersionIsTold(t *testing.T) {
	s := openShop(t, map[string]any{"api_version": "2025-01"})
	if err := s.Do("location.list", struct{}{}, nil); err != nil || !strings.Contains(strings.Join(s.Logs(), " "), `served="2026-01"`) {
		t.Errorf("%v, %q", err, s.Logs())
	}
}
