package main

import (
	"cmp"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
	"github.com/musubi-run/musubi/sdk/sdktest"
	"github.com/musubi-run/musubi/sdk/simkit"
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
	if err := sim.SetLimits(t.Context(), map[string]int{"per_second": 0}); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"base_url": sim.URL}
	for name, value := range more {
		all[name] = value
	}
	c := sdktest.New(t, connector, all, nil)
	c.Transport = http.DefaultTransport
	c.Authorize = func(r *http.Request) { r.Header.Set("Authorization", `Token token="sim-token"`) }
	return &shopSim{Process: sim, Connection: c}
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

func TestShippedIsAnnouncedHoweverLateItIsEntered(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := &abi.PollInput{}
	if got := s.subjects(t, "order.shipped", in); got != "" {
		t.Errorf("the first poll announced %s", got)
	}
	s.put(t, "orders", "700001", map[string]any{"state": "shipped", "shipped_at": april.Format(time.RFC3339)})
	s.put(t, "orders", "700002", map[string]any{"state": "shipped", "shipped_at": april.AddDate(0, 0, -3).Format(time.RFC3339)})
	s.put(t, "orders", "700003", map[string]any{"state": "shipped", "shipped_at": april.AddDate(-1, 0, 0).Format(time.RFC3339)})
	s.put(t, "orders", "700004", map[string]any{"state": "complete"})
	if got := s.subjects(t, "order.shipped", in); got != "700001 700002" {
		t.Errorf("announced %s", got)
	}
}

// TestWebhookAndPollOfOneChangeAreOneEvent compares what the host tells repetitions by.
func TestWebhookAndPollOfOneChangeAreOneEvent(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	for trigger, change := range map[string]struct{ table, family, event string }{
		"customer.updated":     {"customers", "customer", "customer_updated"},
		"customer.created":     {"customers", "customer", "customer_created"},
		"order.updated":        {"orders", "order", "order_updated"},
		"order.shipped":        {"orders", "order", "order_shipped"},
		"subscription.updated": {"subs_orders", "subs_order", "subs_order_updated"},
		"product.created":      {"products", "product", "product_created"},
	} {
		s.put(t, change.table, "700001", map[string]any{"state": "shipped", "shipped_at": april.Format(time.RFC3339)})
		polled, _, err := s.PollAll(trigger, abi.PollInput{Since: april.Add(-time.Hour)})
		if err != nil || len(polled) != 1 {
			t.Fatalf("%s: %d events, %v", trigger, len(polled), err)
		}
		body := `{"family":"` + change.family + `","id":"700001","updated_at":"2026/04/01 09:00:00"}`
		sent := deliver(t, s.Connection, change.event, body)
		if sent.Type != trigger || cmp.Or(sent.Also, sent.Dedupe) != polled[0].Dedupe || sent.Dedupe == "" {
			t.Errorf("%s: webhook %s %q (%q), poll %q", trigger, sent.Type, sent.Dedupe, sent.Also, polled[0].Dedupe)
		}
	}
}

func TestLineLinkedIsAnnouncedOnce(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := &abi.PollInput{}
	s.subjects(t, "customer.line_linked", in)
	s.put(t, "customers", "30511", map[string]any{"line_id": "U1"})
	if got := s.subjects(t, "customer.line_linked", in); got != "30511" {
		t.Errorf("announced %q", got)
	}
	if got := s.subjects(t, "customer.line_linked", in); got != "" {
		t.Errorf("announced again: %q", got)
	}
}

// TestNobodyIsMissedWhenAnotherIsUnlinked: whoever leaves the list moves
// everybody behind up, so a page must not begin at a number.
func TestNobodyIsMissedWhenAnotherIsUnlinked(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	customers := []string{"30511", "30512", "30513", "30514"}
	for i, id := range customers {
		s.put(t, "customers", id, map[string]any{"line_id": "U" + id, "line_id_linked_at": april.Add(-time.Duration(10+i*30) * time.Minute).In(jp.Zone).Format("2006/01/02 15:04:05")})
	}
	in := abi.PollInput{Since: april.Add(-24 * time.Hour), Limit: 2}
	first, err := s.Poll("customer.line_linked", in)
	if err != nil || len(first.Events) != 2 || !first.More {
		t.Fatalf("%+v, %v", first, err)
	}
	s.put(t, "customers", customers[0], map[string]any{"line_id": "", "line_id_linked_at": "2020/01/01 00:00:00"})
	in.Cursor = first.Cursor
	if got := s.subjects(t, "customer.line_linked", &in); got != "30513 30514" {
		t.Errorf("then %q", got)
	}
}

func TestPhoneIsFoundHoweverTheShopStoresIt(t *testing.T) {
	s := openShop(t, nil)
	if err := s.SetLimits(t.Context(), map[string]bool{"hyphenated_tel": true}); err != nil {
		t.Fatal(err)
	}
	s.put(t, "customers", "30511", map[string]any{"billing_address": map[string]any{"tel01": "090", "tel02": "1111", "tel03": "2222"}})
	s.put(t, "customers", "30512", map[string]any{"billing_address": map[string]any{"tel01": "080", "tel02": "1111", "tel03": "2222"}})
	for _, phone := range []string{"09011112222", "090-1111-2222", "+819011112222", "０９０１１１１２２２２"} {
		var found customerList
		if err := s.Do("customer.search", map[string]string{"phone": phone}, &found); err != nil {
			t.Fatal(err)
		}
		if found.TotalSize != 1 || found.Customers[0].ID != "30511" {
			t.Errorf("%s: found %+v", phone, found)
		}
	}
}

func TestSearchFollowsPages(t *testing.T) {
	s := openShop(t, nil)
	var found orderList
	if err := s.Do("order.search", map[string]any{"created_from": "2024-01-01", "limit": 1000}, &found); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, o := range found.Orders {
		seen[o.ID] = true
	}
	if int64(len(seen)) != found.TotalSize || len(seen) <= maxPer {
		t.Errorf("%d different orders of %d", len(seen), found.TotalSize)
	}
}

func TestReportAgreesWithTheOrders(t *testing.T) {
	s := openShop(t, nil)
	span := map[string]any{"url_ids": []string{"1", "2", "3", "4", "5"}, "from": "2024-01-01", "until": "2026-01-01"}
	var before, after adReport
	if err := s.Do("ad_url.report", span, &before); err != nil {
		t.Fatal(err)
	}
	for _, change := range []map[string]any{{"payment_state": "auth_failed"}, {"payment_state": "completed", "state": "canceled"}} {
		s.put(t, "orders", "88213", change)
		if err := s.Do("ad_url.report", span, &after); err != nil {
			t.Fatal(err)
		}
		was, is := sum(before), sum(after)
		if was[0]-is[0] != 1 || was[1]-is[1] != 1980 || was[0] == 0 {
			t.Errorf("%v: orders and sales %v, then %v", change, was, is)
		}
	}
}

// TestShopsOwnWordsForAnOrdersState: they count in what rules see, by whatever
// way an order comes, and in the report.
func TestShopsOwnWordsForAnOrdersState(t *testing.T) {
	s := openShop(t, map[string]any{"order_statuses": map[string]string{"取消": "cancelled", "canceled": "open"}})
	span := map[string]any{"url_ids": []string{"1", "2", "3", "4", "5"}, "from": "2024-01-01", "until": "2026-01-01"}
	reported := map[string][2]int64{}
	for state, status := range map[string]commerce.OrderStatus{"complete": commerce.OrderOpen, "canceled": commerce.OrderOpen, "取消": commerce.OrderCancelled} {
		s.put(t, "orders", "88213", map[string]any{"state": state})
		var fetched order
		var found orderList
		var report adReport
		if err := errors.Join(
			s.Do("order.get", byID{ID: "88213"}, &fetched), s.Do("order.search", byID{ID: "88213"}, &found), s.Do("ad_url.report", span, &report),
		); err != nil {
			t.Fatal(err)
		}
		var sent order
		if err := sdk.Decode(deliver(t, s.Connection, "order_updated", `{"id":"88213","state":"`+state+`"}`).Data, &sent); err != nil {
			t.Fatal(err)
		}
		if fetched.Status != status || found.Orders[0].Status != status || sent.Status != status {
			t.Errorf("%s is %q, %q and %q, want %q", state, fetched.Status, found.Orders[0].Status, sent.Status, status)
		}
		reported[state] = sum(report)
	}
	all, gone := reported["complete"], reported["取消"]
	if reported["canceled"] != all || all[0]-gone[0] != 1 || all[1]-gone[1] != 1980 {
		t.Errorf("orders and sales %v", reported)
	}
}

func sum(report adReport) [2]int64 {
	var total [2]int64
	for _, r := range report.Results {
		total[0] += r.Orders
		total[1] += r.Sales
	}
	return total
}

func TestBaseURLMayNameTheAPI(t *testing.T) {
	s := openShop(t, nil)
	s.Settings = map[string]any{"base_url": s.URL + "/api/v2/"}
	var c customer
	if err := s.Do("customer.get", byID{ID: "30511"}, &c); err != nil || c.Email != "hanako@example.com" {
		t.Errorf("%s, %v", c.Email, err)
	}
}

// TestALookThatFailsAfterAWriteDoesNotRepeatIt: what was done is looked at
// again; when only that fails, the step must not be tried once more as if
// nothing had been done.
func TestALookThatFailsAfterAWriteDoesNotRepeatIt(t *testing.T) {
	for _, step := range []struct {
		action, path string
		in           map[string]any
	}{
		{"subscription.create_order", "/admin/orders", map[string]any{"id": "5120"}},
		{"note.add", "/admin/customers/30511", map[string]any{"id": "30511", "text": "電話で確認"}},
		{"label.create", "/admin/labels", map[string]any{"type": "Customer", "name": "VIP2"}},
		{"customer.create", "/admin/customers/", map[string]any{"email": "new@example.com", "full_name": "新規 太郎"}},
		{"order.change_payment", "/admin/orders/88213", map[string]any{"id": "88213", "method": "void"}},
	} {
		for _, status := range []int{401, 429, 503} {
			s := openShop(t, nil)
			s.freeze(t, time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC))
			s.put(t, "subs_orders", "5120", map[string]any{"state": "active"})
			fault := simkit.Fault{Match: simkit.Match{Method: "GET", Path: step.path}, Kind: simkit.FaultStatus, Status: status}
			if err := s.Inject(t.Context(), fault); err != nil {
				t.Fatal(err)
			}
			if err := s.Do(step.action, step.in, nil); abi.KindOf(err) != abi.Unknown {
				t.Errorf("%s, %d: %v is %v", step.action, status, err, abi.KindOf(err))
			}
			s.Since = s.Now
			if done, err := s.Confirm(step.action, step.in, nil); err != nil || !done {
				t.Errorf("%s, %d: done %t, %v", step.action, status, done, err)
			}
		}
	}
}

// unlisted takes a request to create an order without there being one yet.
type unlisted struct{}

func (unlisted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestTheOrderBeforeIsNotTakenForTheNewOne(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC))
	s.put(t, "subs_orders", "5120", map[string]any{"state": "active"})
	s.Transport = unlisted{}
	var o order
	if err := s.Do("subscription.create_order", map[string]any{"id": "5120"}, &o); abi.KindOf(err) != abi.Unknown {
		t.Errorf("order %s of %s, %v: nobody knows yet which order it is", o.ID, o.CreatedAt, err)
	}
}
