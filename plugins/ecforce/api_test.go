package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

func TestErrorsByCodeAndStatus(t *testing.T) {
	coded := func(code string) string { return `{"errors":[{"code":"` + code + `","message":"理由"}]}` }
	cases := []struct {
		name   string
		status int
		body   string
		kind   abi.Kind
		code   string
	}{
		{"missing", 404, coded("ACU2001"), abi.NotFound, "ACU2001"},
		{"missing within a validation", 422, coded("ASI2002"), abi.NotFound, "ASI2002"},
		{"parameter", 400, coded("ACU3002"), abi.Invalid, "ACU3002"},
		{"validation", 422, coded("ACU3999"), abi.Invalid, "ACU3999"},
		{"token", 401, coded("ASS1001"), abi.Auth, "ASS1001"},
		{"right", 403, coded("ACU9999"), abi.Denied, "ACU9999"},
		{"unexpected", 500, coded("ACU9999"), abi.Unavailable, "ACU9999"},
		{"rate", 429, "Retry later", abi.RateLimited, ""},
		{"firewall", 403, "<html><title>Access denied</title>visitor 192.0.2.1", abi.Unavailable, ""},
		{"wrong host", 404, "<html><title>Not here</title>", abi.Config, ""},
		{"moved", 301, "<html><title>Moved</title>", abi.Config, ""},
		{"moved for now", 302, "<html><title>Maintenance</title>", abi.Unavailable, ""},
		{"page with 200", 200, "<html><title>Maintenance</title>", abi.Unavailable, ""},
		{"no errors inside", 400, `{}`, abi.Invalid, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			err := answering(t, tc.status, tc.body).Do("customer.get", byID{ID: "1"}, nil)
			got := abi.AsError(err)
			if got == nil || got.Kind != tc.kind || got.Code != tc.code {
				t.Fatalf("got %+v", got)
			}
			if strings.Contains(got.Message, "192.0.2.1") {
				t.Errorf("the page is told: %s", got.Message)
			}
			if tc.status == 403 && tc.code == "" && !strings.Contains(got.Message, "IP addresses") {
				t.Errorf("nobody is told what to do: %s", got.Message)
			}
			if tc.kind == abi.Config && !strings.Contains(got.Message, "base_url") {
				t.Errorf("nobody is told what to mend: %s", got.Message)
			}
			if tc.status == 429 && got.RetryAfterMS != defaultRetryMS {
				t.Errorf("retry after %d ms", got.RetryAfterMS)
			}
		})
	}
}

// answering is a connection to a shop that answers every request the same.
func answering(t *testing.T, status int, body string) *sdktest.Connection {
	t.Helper()
	settings := map[string]any{"base_url": "https://shop.example.com"}
	return sdktest.New(t, connector, settings, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
}

// listing is a connection to a shop of so many orders that ends each page with
// meta, which may be empty.
func listing(t *testing.T, orders int, meta string) *sdktest.Connection {
	t.Helper()
	settings := map[string]any{"base_url": "https://shop.example.com"}
	return sdktest.New(t, connector, settings, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		behind, per := int(countOf(q.Get("q[id_gt]"))), int(countOf(q.Get("per")))
		first := behind + (int(countOf(q.Get("page")))-1)*per + 1
		rows := []string{}
		for id := first; id < first+per && id <= orders; id++ {
			rows = append(rows, fmt.Sprintf(`{"id":"%d","type":"order","attributes":{"id":%d,"state":"shipped"}}`, id, id))
		}
		_, _ = fmt.Fprintf(w, `{"data":[%s]%s}`, strings.Join(rows, ","), meta)
	}))
}

// TestListsGoOnWithoutACount: a shop may leave out how many rows and pages there are, or say 0.
func TestListsGoOnWithoutACount(t *testing.T) {
	for _, meta := range []string{"", `,"meta":{}`, `,"meta":{"total_count":0,"total_pages":0}`} {
		for _, tc := range []struct{ orders, limit, calls int }{
			{0, 1, 1}, {1, 1, 1}, {2, 1, 2}, {99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {250, 100, 3}, {250, 150, 2}, {400, 200, 2},
		} {
			shop := listing(t, tc.orders, meta)
			seen, calls, next := map[string]bool{}, 0, ""
			for more := true; more && calls < 10; more = next != "" {
				var found orderList
				if err := shop.Do("order.search", map[string]any{"state": "shipped", "limit": tc.limit, "next": next}, &found); err != nil {
					t.Fatal(err)
				}
				left := tc.orders - len(seen)
				if n := len(found.Orders); n != min(left, tc.limit) || (found.TotalSize > int64(n)) != (left > n) {
					t.Errorf("%+v, meta %q: %d orders of %d, %d are left", tc, meta, n, found.TotalSize, left)
				}
				for _, o := range found.Orders {
					seen[o.ID] = true
				}
				next = found.Next
				calls++
			}
			if len(seen) != tc.orders || calls != tc.calls {
				t.Errorf("%+v, meta %q: %d orders in %d calls", tc, meta, len(seen), calls)
			}
		}
	}
}

// TestWritesThatWereDroppedAreErrors: the shop answers 200 and keeps what it had.
func TestWritesThatWereDroppedAreErrors(t *testing.T) {
	const there = `{"data":{"id":"1","type":"customer","attributes":{"id":1,"email":"a@example.com","linked_memo":"old","optin":true},
		"relationships":{"billing_address":{"data":{"id":"9","type":"address"}}}},
		"included":[{"id":"9","type":"address","attributes":{"tel01":"090","tel02":"1111","tel03":"2222","prefecture_id":13}}]}`
	cases := []struct{ name, input, dropped string }{
		{"text", `{"id":"1","note":"new"}`, "linked_memo"},
		{"truth value", `{"id":"1","opt_in":false}`, "optin"},
		{"part of the address", `{"id":"1","phone":"090-1111-3333"}`, "tel03"},
		{"several", `{"id":"1","note":"new","prefecture":"大阪府"}`, "linked_memo, prefecture_id"},
		{"nothing", `{"id":"1","note":"old","opt_in":true,"email":"A@Example.com","phone":"+81 90 1111 2222"}`, ""},
		{"what the shop does not show", `{"id":"1","options":{"option01":"x"}}`, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			err := answering(t, 200, there).Do("customer.update", tc.input, nil)
			if tc.dropped == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			got := abi.AsError(err)
			if got == nil || got.Kind != abi.Invalid || got.Code != "not_applied" || strings.Join(got.Fields, ", ") != tc.dropped {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAttributesAreReadTolerantly(t *testing.T) {
	var a attributes
	const text = `{"s":"12","n":12,"f":"4879.0","e":"","z":null,"b":"1","t":true,"esc":"a\"b\\u3042","o":{"x":1},"d":"1988/04/02","m":"2025-02-11T12:03:09Z"}`
	if err := sdk.Decode([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	inner, _ := a.object("o")
	checks := map[string]bool{
		"text as number":   a.number("s") == 12,
		"number as text":   a.text("n") == "12",
		"export id":        a.number("f") == 4879,
		"empty is no int":  a.integer("e") == nil && a.integer("z") == nil && a.integer("none") == nil,
		"flag from text":   *a.flag("b") && *a.flag("t") && a.flag("e") == nil,
		"escapes":          a.text("esc") == `a"b\u3042`,
		"objects are none": a.text("o") == "" && inner.number("x") == 1,
		"day":              a.day("d") == commerce.Date("1988-04-02"),
		"moment":           a.moment("m").Unix() == 1739275389,
		"no moment":        a.moment("esc").IsZero(),
	}
	for what, ok := range checks {
		if !ok {
			t.Error(what)
		}
	}
}

// FuzzAttributes compares what attributes read with what encoding/json reads.
func FuzzAttributes(f *testing.F) {
	f.Add(`{"a":"x","b":{"c":[1,"}",{"d":"\\\""}]},"e":null , "f" : -1.5e3}`)
	f.Add(`{"authentication_token":"s","a\\"b":1,"c\\\\d":2}`)
	f.Add(`{"authentication_token":"s","x":{"authentication_token":"s"},"y":[{"authentication_token":1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]any
		if !utf8.ValidString(text) || strings.Contains(text, `\u`) || json.Unmarshal([]byte(text), &want) != nil {
			return
		}
		var a attributes
		if err := sdk.Decode([]byte(text), &a); err != nil {
			return
		}
		dropToken(want)
		written := a.WriteJSON()
		got := map[string]any{}
		if err := json.Unmarshal([]byte(written), &got); err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if len(want) != len(got) || (len(want) > 0 && !reflect.DeepEqual(want, got)) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, m := range a.members {
			if !json.Valid([]byte(m.JSON)) {
				t.Errorf("%s is %s", m.Name, m.JSON)
			}
		}
	})
}

func TestStatusWords(t *testing.T) {
	own := map[string]commerce.Status{"お休み中": commerce.Paused, "停止": commerce.Cancelled}
	for word, want := range map[string]commerce.Status{
		"active": commerce.Active, "suspend": commerce.Paused, "canceled": commerce.Cancelled, "有効": commerce.Active, "ＡＣＴＩＶＥ": commerce.Active,
		"停止": commerce.Cancelled, "お休み中": commerce.Paused, "suspended": "", "停止予定": "", "": "",
	} {
		if got := statuses.Status(word, own); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestOrderStatusWords(t *testing.T) {
	own := map[string]commerce.OrderStatus{"returned": commerce.OrderCancelled, "お届け済み": commerce.OrderDelivered, "delivered": commerce.OrderShipped}
	for word, want := range map[string]commerce.OrderStatus{
		"complete": commerce.OrderOpen, "shipped": commerce.OrderShipped, "canceled": commerce.OrderCancelled, "returned": commerce.OrderCancelled,
		"お届け済み": commerce.OrderDelivered, "Ｒeturned" + " ": commerce.OrderCancelled, "delivered": commerce.OrderShipped, "reserved": "", "": "",
	} {
		if got := orderStatus(word, own); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestAddressIsJoinedFromItsPartsOrNormalised(t *testing.T) {
	parts := `{"name01":"山田","name02":"花子","zip01":"150","zip02":"0001","prefecture_id":13,"addr01":"渋谷区","tel01":"090","tel02":"1111","tel03":"2222"}`
	whole := `{"full_name":"山田　花子","full_zip":"150-0001","prefecture_name":"東京都","prefecture_id":13,"addr01":"渋谷区","full_tel":"090-1111-2222"}`
	var a, b attributes
	if err := sdk.Decode([]byte(parts), &a); err != nil {
		t.Fatal(err)
	}
	if err := sdk.Decode([]byte(whole), &b); err != nil {
		t.Fatal(err)
	}
	if x, y := *addressOf(a), *addressOf(b); x != y || x.Full != "東京都渋谷区" || x.Phone != "09011112222" {
		t.Errorf("%+v\n%+v", x, y)
	}
}

func TestOrderTellsItsSubscription(t *testing.T) {
	for text, want := range map[string]string{
		`{"subs_order_id":5120,"times":3,"state":"shipped"}`:  `shipped true 3 true 3 false 0`,
		`{"subs_order_id":null,"times":0,"state":"returned"}`: ` false 0 false 0 false 0`,
		`{"number":"x","state":"canceled"}`:                   `cancelled - 0 - 0 false 0`,
	} {
		var a attributes
		if err := sdk.Decode([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		o, once := orderFrom("1", a, &settings{}), true
		again, single := o.subscribed(commerce.OrderItem{}, nil), o.subscribed(commerce.OrderItem{}, &once)
		got := fmt.Sprint(o.Status, " ", tellFlag(o.IsSubscription), " ", o.Times, " ", tellFlag(again.IsSubscription), " ", again.Times,
			" ", tellFlag(single.IsSubscription), " ", single.Times)
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func tellFlag(flag *bool) string {
	if flag == nil {
		return "-"
	}
	return fmt.Sprint(*flag)
}

func TestWhatWasReallyBought(t *testing.T) {
	for text, want := range map[string]string{
		`{"state":"complete","payment_state":"completed","completed_at":"2025/02/11 21:03:09"}`:   "true",
		`{"state":"complete","payment_state":"auth_failed","completed_at":"2025/02/11 21:03:09"}`: "false",
		`{"state":"shipped","payment_state":"Ｖｏｉｄｅｄ","completed_at":null}`:                        "false",
		`{"state":"shipped","payment_state":"authed","completed_at":null}`:                        "true",
		`{"state":"calling","payment_state":"authed","completed_at":null}`:                        "false",
		`{"state":"calling","payment_state":"authed","completed_at":"2025/02/11 21:03:09"}`:       "true, or false",
		`{"state":"calling"}`:                           "-, or false",
		`{"state":"","payment_state":"authed"}`:         "true",
		`{"state":"complete"}`:                          "-",
		`{"state":"canceled","payment_state":"authed"}`: "-",
		`{}`: "-",
	} {
		var a attributes
		if err := sdk.Decode([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		s := settings{UnknownOrders: "count", FailedPayments: []string{"auth_failed", "voided"}}
		got := tellFlag(orderFrom("1", a, &s).IsPurchase)
		s.UnknownOrders = "ignore"
		if strict := tellFlag(orderFrom("1", a, &s).IsPurchase); strict != got {
			got += ", or " + strict
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// An order is announced before it is complete; later webhooks of a template that tells no more change nothing.
func TestAnOrderThatIsOnlyCreatedIsNoPurchaseYet(t *testing.T) {
	c := closedShop(t, nil)
	for event, want := range map[string]string{"order_created": "false", "order_updated": "-", "order_completed": "-"} {
		var o order
		if err := sdk.Decode(deliver(t, c, event, `{"id":"1","customer_id":"7","state":""}`).Data, &o); err != nil {
			t.Fatal(err)
		}
		if got := tellFlag(o.IsPurchase); got != want {
			t.Errorf("%s: %s, want %s", event, got, want)
		}
	}
}

// What a template or lighter mode leaves out is unknown; null and "" are empty.
func TestWhatIsEmptyIsToldFromWhatIsLeftOut(t *testing.T) {
	for text, want := range map[string]string{
		`{"number":"x"}`: "",
		`{"line_id":null,"email":"hanako@example.com"}`:                                  "line_id",
		`{"line_id":"","email":null}`:                                                    "line_id email",
		`{"line_id":"U1","billing_address":{"name01":"山田"}}`:                             "",
		`{"billing_address":{"tel01":"","tel02":"","tel03":""}}`:                         "phone",
		`{"billing_address":{"tel01":null,"tel02":null,"tel03":null,"full_tel":""}}`:     "phone",
		`{"billing_address":{"tel01":null,"full_tel":"090-1111-2222"},"link_number":""}`: "",
	} {
		var a attributes
		if err := sdk.Decode([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(customerFrom("1", a, "line_id").Cleared, " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
