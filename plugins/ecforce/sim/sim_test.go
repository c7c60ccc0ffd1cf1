package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// shopUnderTest is a running sim and its controls.
type shopUnderTest struct {
	*simclient.Client
	token string
}

func startShop(t *testing.T) *shopUnderTest {
	t.Helper()
	s, err := simkit.Start(simkit.Program{Name: "ecforce", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	shop := &shopUnderTest{Client: simclient.New(s.URL), token: `Token token="sim-token"`}
	shop.limit(t, map[string]any{"per_second": 0})
	return shop
}

func (s *shopUnderTest) limit(t *testing.T, limits any) {
	t.Helper()
	if err := s.SetLimits(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
}

// call sends one request and returns the status and the decoded body.
func (s *shopUnderTest) call(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	resp, text := s.raw(t, method, path, body)
	var decoded map[string]any
	if len(text) > 0 && text[0] == '{' {
		if err := json.Unmarshal(text, &decoded); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return resp.StatusCode, decoded
}

func (s *shopUnderTest) raw(t *testing.T, method, path, body string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/api/v2"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, text
}

// at follows a path of keys and indexes; nil if it leads nowhere.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestCustomerHasTheDocumentedShape(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "GET", "/admin/customers/30511.json?include=billing_address", "")
	expect(t, "status", status, 200)
	expect(t, "id", at(doc, "data", "id"), "30511")
	expect(t, "type", at(doc, "data", "type"), "customer")
	expect(t, "attributes.id", at(doc, "data", "attributes", "id"), 30511.0)
	expect(t, "number", at(doc, "data", "attributes", "number"), "7ac01be9f2")
	expect(t, "birth", at(doc, "data", "attributes", "birth"), "1988/04/02")
	expect(t, "state", at(doc, "data", "attributes", "human_state_name"), "会員")
	expect(t, "included id", at(doc, "included", 0, "id"), at(doc, "data", "relationships", "billing_address", "data", "id"))
	expect(t, "address", at(doc, "included", 0, "attributes", "full_tel"), "09011112222")
	expect(t, "prefecture", at(doc, "included", 0, "attributes", "prefecture_name"), "東京都")
}

func TestPathsWorkWithoutSuffix(t *testing.T) {
	s := startShop(t)
	status, _ := s.call(t, "GET", "/admin/customers/30511", "")
	expect(t, "status", status, 200)
}

func TestOnlyTheTokenFormIsAccepted(t *testing.T) {
	s := startShop(t)
	for credential, want := range map[string]int{
		`Token token="sim-token"`: 200, `Bearer sim-token`: 401, `Token sim-token`: 401, `Token token=sim-token`: 401,
		`token token="sim-token"`: 401, `Token token="other"`: 401, "": 401,
	} {
		s.token = credential
		status, doc := s.call(t, "GET", "/admin/customers.json", "")
		expect(t, credential, status, want)
		if want == 401 {
			expect(t, "code", at(doc, "errors", 0, "code"), "ASS1001")
		}
	}
}

func TestReadOnlyTokenMayNotWrite(t *testing.T) {
	s := startShop(t)
	s.token = `Token token="sim-token-readonly"`
	status, _ := s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"linked_memo":"x"}}`)
	expect(t, "write", status, 403)
}

func TestSignInGivesATokenFiveTimesAnHour(t *testing.T) {
	s := startShop(t)
	login := `{"admin":{"email":"bot@shop.example.com","password":"sim-password"}}`
	_, doc := s.call(t, "POST", "/admins/sign_in.json", login)
	issued, _ := at(doc, "authentication_token").(string)
	s.token = `Token token="` + issued + `"`
	status, _ := s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "issued token", status, 200)
	status, _ = s.call(t, "GET", "/admins/sign_out.json", "")
	expect(t, "sign out", status, 204)
	status, _ = s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "revoked token", status, 401)
	for range 4 {
		s.call(t, "POST", "/admins/sign_in.json", login)
	}
	status, _ = s.call(t, "POST", "/admins/sign_in.json", login)
	expect(t, "sixth sign-in", status, 429)
}

func TestMoreThanOneRequestPerSecondIsRefused(t *testing.T) {
	s := startShop(t)
	s.limit(t, map[string]any{"per_second": 1})
	resp, _ := s.raw(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "first", resp.StatusCode, 200)
	resp, _ = s.raw(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "second", resp.StatusCode, 429)
	expect(t, "Retry-After", resp.Header.Get("Retry-After"), "3")
}

func TestFilters(t *testing.T) {
	s := startShop(t)
	cases := map[string]string{
		"/admin/customers.json?q[email_eq]=hanako@example.com":                                                  "30511",
		"/admin/customers.json?q[email_cont]=nako@ex":                                                           "30511",
		"/admin/customers.json?q[number_eq]=7ac01be9f2":                                                         "30511",
		"/admin/customers.json?q[billing_address_s_full_tel_eq]=09011112222":                                    "30511",
		"/admin/customers.json?q[billing_address_s_full_tel_cont]=11112222":                                     "30511",
		"/admin/customers.json?q[id_in][]=30511&q[id_in][]=99999":                                               "30511",
		"/admin/customers.json?q[email_eq]=nobody@example.com":                                                  "",
		"/admin/orders.json?q[number_eq]=b41f09c7aa":                                                            "88213",
		"/admin/orders.json?q[customer_id_eq]=30511&q[state_eq]=shipped":                                        "88213",
		"/admin/subs_orders.json?q[id_eq]=5120&q[state_eq]=suspend":                                             "5120",
		"/admin/products.json?q[name_eq]=うるおい化粧水":                                                               "1",
		"/admin/stock_items.json?q[variant_sku_eq]=P-1-A&q[stock_location_code_eq]=wh2":                         "2",
		"/admin/customers.json?q[created_at_gteq]=2024-01-10%2009:12:40&q[created_at_lt]=2024-01-10%2009:12:41": "30501",
		"/admin/customers.json?q[created_at_eq]=2024-01-10%2009:12:40":                                          "",
	}
	for path, want := range cases {
		status, doc := s.call(t, "GET", path, "")
		got, _ := at(doc, "data", 0, "id").(string)
		if status != 200 || got != want || at(doc, "data", 1) != nil {
			t.Errorf("%s: status %d, first %q, want only %q", path, status, got, want)
		}
	}
}

func TestUnknownParametersAreRefused(t *testing.T) {
	s := startShop(t)
	for path, code := range map[string]string{
		"/admin/customers.json?q[line_id_eq]=U1":                                "ACU3002",
		"/admin/customers.json?q[line_id_linked_at_gteq]=2025-01-01%2000:00:00": "ACU3002",
		"/admin/customers.json?sort=email":                                      "ACU3002",
		"/admin/customers.json?include=nothing":                                 "ACU3002",
		"/admin/stock_items.json?q[updated_at_gteq]=2025-01-01%2000:00:00":      "ASI3002",
		"/admin/subs_orders.json?lighter=1&q[customer_id_eq]=1":                 "ASO3002",
	} {
		status, doc := s.call(t, "GET", path, "")
		if status != 400 || at(doc, "errors", 0, "code") != code {
			t.Errorf("%s: %d %v", path, status, doc)
		}
	}
}

func TestPagingAndSorting(t *testing.T) {
	s := startShop(t)
	var ids []string
	for page := 1; page <= 3; page++ {
		_, doc := s.call(t, "GET", "/admin/customers.json?per=50&sort=-created_at,id&page="+string(rune('0'+page)), "")
		expect(t, "total_count", at(doc, "meta", "total_count"), 120.0)
		expect(t, "total_pages", at(doc, "meta", "total_pages"), 3.0)
		expect(t, "next", at(doc, "links", "next") != nil, page < 3)
		for i := range 50 {
			if id, ok := at(doc, "data", i, "id").(string); ok {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) != 120 || ids[0] != "30620" || !slices.IsSortedFunc(ids, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d ids from %s", len(ids), ids[0])
	}
}

func TestPerIsAtMost100(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/customers.json?per=500", "")
	expect(t, "count", at(doc, "meta", "count"), 100.0)
}

func TestLighterDropsAttributes(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/subs_orders.json?lighter=1&per=1", "")
	attrs, _ := at(doc, "data", 0, "attributes").(map[string]any)
	if _, there := attrs["orders_count"]; there || attrs["state"] == nil {
		t.Errorf("lighter attributes %v", attrs)
	}
}

func TestSubscriptionOrdersNameTheirCustomerOnlyByRelation(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/subs_orders/5120.json?include=customer.billing_address,orders", "")
	expect(t, "type", at(doc, "data", "type"), "sub_order")
	expect(t, "customer_id", at(doc, "data", "attributes", "customer_id"), nil)
	expect(t, "relation", at(doc, "data", "relationships", "customer", "data", "id"), "30511")
	var types []any
	for i := range 6 {
		types = append(types, at(doc, "included", i, "type"))
	}
	for _, want := range []any{"customer", "address", "order"} {
		if !slices.Contains(types, want) {
			t.Errorf("%v is not included: %v", want, types)
		}
	}
}

func TestStaffTimesAreShownAsThePlatformWritesThem(t *testing.T) {
	s := startShop(t)
	if err := s.PutRecord(t.Context(), "orders", "700001", map[string]any{"shipped_at": "2026-04-01T00:00:00Z"}); err != nil {
		t.Fatal(err)
	}
	_, doc := s.call(t, "GET", "/admin/orders/700001.json", "")
	expect(t, "shipped_at", at(doc, "data", "attributes", "shipped_at"), "2026/04/01 09:00:00")
}

func TestTheSameSeedMakesTheSameData(t *testing.T) {
	first, second := startShop(t), startShop(t)
	for _, path := range []string{"/admin/customers.json?per=100&include=billing_address", "/admin/orders.json?per=100"} {
		_, a := first.raw(t, "GET", path, "")
		_, b := second.raw(t, "GET", path, "")
		if strings.ReplaceAll(string(a), first.URL, "") != strings.ReplaceAll(string(b), second.URL, "") {
			t.Errorf("%s differs", path)
		}
	}
}

func BenchmarkGetCustomer(b *testing.B) {
	s, err := simkit.Start(simkit.Program{Name: "ecforce", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := simclient.New(s.URL).SetLimits(b.Context(), map[string]any{"per_second": 0}); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+"/api/v2/admin/customers/30511.json?include=billing_address", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", `Token token="sim-token"`)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
