package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
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

const taro = `{"customer":{"email":"taro@example.com","state":"member","sex_id":1,"birth":"1990-01-02","optin":1,"line_id":"U0123","link_number":"KTN-00042","nonsense":1,
 "billing_address_attributes":{"name01":"鈴木","name02":"太郎","zip01":"530","zip02":"0001","prefecture_id":27,"tel01":"06","tel02":"1234","tel03":"5678"},
 "point_attributes":{"point_event_id":1,"point":100}},"check_duplicate_link_numbers":1}`

func TestCreateCustomer(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "POST", "/admin/customers.json?include=billing_address", taro)
	expect(t, "status", status, 201)
	expect(t, "birth", at(doc, "data", "attributes", "birth"), "1990/01/02")
	expect(t, "optin", at(doc, "data", "attributes", "optin"), true)
	expect(t, "point", at(doc, "data", "attributes", "point"), 100.0)
	expect(t, "linked", at(doc, "data", "attributes", "line_id_linked_at") != nil, true)
	expect(t, "full_name", at(doc, "included", 0, "attributes", "full_name"), "鈴木 太郎")
	status, doc = s.call(t, "POST", "/admin/customers.json", taro)
	expect(t, "again", status, 422)
	expect(t, "code", at(doc, "errors", 0, "code"), "ACU3999")
	other := strings.Replace(taro, "taro@", "jiro@", 1)
	status, _ = s.call(t, "POST", "/admin/customers.json", other)
	expect(t, "same link number, checked", status, 422)
	status, _ = s.call(t, "POST", "/admin/customers.json", strings.Replace(other, `numbers":1`, `numbers":0`, 1))
	expect(t, "same link number, unchecked", status, 201)
}

func TestUpdateChangesOnlyWhatWasSentAndDropsTheRestSilently(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"line_id":"U9","blacklist":true,"note":"x"},"update_member_groups":0}`)
	expect(t, "status", status, 200)
	expect(t, "line_id", at(doc, "data", "attributes", "line_id"), "U9")
	expect(t, "email", at(doc, "data", "attributes", "email"), "hanako@example.com")
	expect(t, "blacklist", at(doc, "data", "attributes", "blacklist"), false)
	status, doc = s.call(t, "PUT", "/admin/customers/99999.json", `{"customer":{}}`)
	expect(t, "missing", status, 404)
	expect(t, "code", at(doc, "errors", 0, "code"), "ACU2001")
}

func TestNotesArriveOnlyUnderTheirOwnKey(t *testing.T) {
	s := startShop(t)
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"customer_notes_attributes":[{"content":"a"}]}}`)
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"notes_attributes":[{"content":"b"}]}}`)
	_, doc := s.call(t, "GET", "/admin/customers/30511.json?include=notes,billing_address", "")
	expect(t, "content", at(doc, "included", 0, "attributes", "content"), "b")
	expect(t, "one note", at(doc, "included", 2), nil)
}

func TestBulkUpdateAnswers200WithFailuresInside(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/customers/bulk_update.json", `{"customers":[{"id":30511,"link_number":"A"},{"id":31,"link_number":"B"}]}`)
	expect(t, "status", status, 200)
	expect(t, "success", at(doc, "success", 0), 30511.0)
	expect(t, "failure", at(doc, "failure", 0), 31.0)
	expect(t, "wrapper", at(doc, "errors", 0, "code"), "ACU0000")
	expect(t, "reason", at(doc, "errors", 0, "errors", 0, "code"), "ACU2001")
}

func TestCustomersWithARunningSubscriptionStay(t *testing.T) {
	s := startShop(t)
	if err := s.PutRecord(t.Context(), "subs_orders", "5120", map[string]any{"state": "active"}); err != nil {
		t.Fatal(err)
	}
	_, doc := s.call(t, "DELETE", "/admin/customers/bulk_destroy.json", `{"customer_ids":[30511,30502]}`)
	expect(t, "failure", at(doc, "failure", 0), 30511.0)
	expect(t, "success", at(doc, "success", 0), 30502.0)
	status, _ := s.call(t, "GET", "/admin/customers/30502.json", "")
	expect(t, "deleted", status, 404)
	_, doc = s.call(t, "GET", "/admin/customers.json?q[id_eq]=30502&q[with_deleted]=1", "")
	expect(t, "with_deleted", at(doc, "data", 0, "id"), "30502")
}

func TestPointsEmailsAndSMS(t *testing.T) {
	s := startShop(t)
	_, before := s.call(t, "GET", "/admin/customers/30511.json", "")
	had, _ := at(before, "data", "attributes", "point").(float64)
	s.call(t, "POST", "/admin/customers/30511/points.json", `{"name":"test","point":100,"addition_and_subtraction":1,"with_create":1}`)
	_, after := s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "point", at(after, "data", "attributes", "point"), had+100)
	status, _ := s.call(t, "POST", "/admin/customers/30511/emails.json", `{"subject":"s","body":"b"}`)
	expect(t, "email", status, 200)
	status, _ = s.call(t, "POST", "/admin/customers/30511/sms.json", `{"body":""}`)
	expect(t, "empty sms", status, 422)
}

func TestFreeColumns(t *testing.T) {
	s := startShop(t)
	s.call(t, "POST", "/admin/orders/88213/free_column_values/bulk_create.json", `{"free_columns":[{"free_column_id":5,"free_column_value":"乾燥"}]}`)
	resp, text := s.raw(t, "GET", "/admin/orders/88213/free_column_values.json", "")
	var doc []any
	if err := json.Unmarshal(text, &doc); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	expect(t, "value", at(doc, 0, "values", 0, "values", 0, "free_column_value_values", 0), "乾燥")
}

func TestOrderUpdateIgnoresWhatItDoesNotTake(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/orders/88213.json", `{"order":{"memo01":"m","state":"wmswait","tbc":true,"label_ids":[1]}}`)
	expect(t, "status", status, 200)
	expect(t, "memo01", at(doc, "data", "attributes", "memo01"), "m")
	expect(t, "state", at(doc, "data", "attributes", "state"), "wmswait")
	expect(t, "tbc", at(doc, "data", "attributes", "tbc"), false)
	expect(t, "labels", at(doc, "data", "attributes", "labels"), "")
}

func TestShippingResults(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "PUT", "/admin/orders/shipping.json", `{"orders":[
		{"id":88213,"shipping_slip":"4400-1","shipping_carrier_id":1,"shipped_at":"2025-02-12 10:00:00","shipping_address_id":120},{"id":1,"shipping_slip":"x"}],"with_async":0}`)
	expect(t, "success", at(doc, "success", 0), "88213-120")
	expect(t, "failure", at(doc, "failure", 0), 1.0)
	_, doc = s.call(t, "GET", "/admin/orders/88213.json", "")
	expect(t, "shipped_at", at(doc, "data", "attributes", "shipped_at"), "2025/02/12 10:00:00")
	expect(t, "state", at(doc, "data", "attributes", "state"), "shipped")
	_, doc = s.call(t, "PUT", "/admin/orders/shipping.json", `{"orders":[{"id":88213,"shipping_slip":"1"}],"with_async":1}`)
	expect(t, "async", at(doc, "job_id") != nil, true)
}

func TestVoidMovesTheCounterUnlessToldNotTo(t *testing.T) {
	s := startShop(t)
	times := func() any {
		_, doc := s.call(t, "GET", "/admin/subs_orders/5120.json", "")
		return at(doc, "data", "attributes", "times")
	}
	s.call(t, "POST", "/admin/orders/88213/payment_status.json", `{"method":"void","decrement_subs_order_times":0,"recalculate_subs_order":0}`)
	expect(t, "told", times(), 3.0)
	s.call(t, "POST", "/admin/orders/88213/payment_status.json", `{"method":"void"}`)
	expect(t, "not told", times(), 2.0)
}

func TestSubscriptionUpdate(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"canceled","cancel_reason_ids":["3"]}}`)
	expect(t, "human_state", at(doc, "data", "attributes", "human_state"), "キャンセル")
	expect(t, "canceled_at", at(doc, "data", "attributes", "canceled_at") != nil, true)
	expect(t, "reasons", at(doc, "data", "attributes", "cancel_reasons"), "引っ越し")
	_, doc = s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"cancel_reason_ids":["null"]}}`)
	expect(t, "cleared", at(doc, "data", "attributes", "cancel_reasons"), "")
	status, _ := s.call(t, "POST", "/admin/subs_orders/5120/orders.json", "")
	expect(t, "order of a canceled one", status, 422)
	s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"active"}}`)
	status, _ = s.call(t, "POST", "/admin/subs_orders/5120/orders.json", "")
	expect(t, "order", status, 204)
}

func TestStock(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/stock_items.json", `{"stock_items":[
		{"variant_sku":"P-1-A","stock_location_code":"default","stock":100},{"variant_sku":"X","stock_location_code":"wh2","stock":15}]}`)
	expect(t, "status", status, 200)
	expect(t, "success", at(doc, "success", 0, "stock"), "100")
	expect(t, "failure", at(doc, "failure", 0, "stock"), 15.0)
	expect(t, "error id", at(doc, "errors", 0, "id"), "X")
	expect(t, "error", at(doc, "errors", 0, "errors", 0, "code"), "ASI2002")
	_, doc = s.call(t, "GET", "/admin/stock_items.json?q[variant_sku_eq]=P-1-A&q[stock_location_code_eq]=default", "")
	expect(t, "stock", at(doc, "data", 0, "attributes", "stock"), 100.0)
}

func TestProducts(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "POST", "/admin/products/bulk_create.json", `{"products":[{"name":"新作","number":"N-1","variant_attributes":{"sku":"N-1-A","sales_price":1200,"for_sale":1}}]}`)
	expect(t, "job", at(doc, "job_id") != nil, true)
	_, doc = s.call(t, "GET", "/admin/products.json?q[number_eq]=N-1&include=variants", "")
	expect(t, "sku", at(doc, "included", 0, "attributes", "sku"), "N-1-A")
	s.call(t, "PUT", "/admin/products/bulk_update.json", `{"products":[{"id":1,"master_attributes":{"sales_price":999}}]}`)
	_, doc = s.call(t, "GET", "/admin/products/1.json", "")
	expect(t, "price", at(doc, "data", "attributes", "master_sales_price"), 999.0)
}

func TestLabels(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/labels.json", "")
	expect(t, "plain", at(doc, "data", 0, "name"), "VIP")
	s.call(t, "PUT", "/admin/labeling.json", `{"type":"Customer","method":"add","target_ids":[30511],"label_ids":[1,2]}`)
	s.call(t, "PUT", "/admin/labeling.json", `{"type":"Customer","method":"remove","target_ids":[30511],"label_ids":[1]}`)
	_, doc = s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "labels", at(doc, "data", "attributes", "labels"), "要フォロー")
}

func TestAccessCounts(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/advertisements.json?q[url_id_in][]=1&q[url_id_in][]=2", "")
	total := func(i int, key string) float64 {
		n, _ := at(doc, "data", "access_count", i, key).(float64)
		return n
	}
	expect(t, "two", at(doc, "data", "access_count", 2), nil)
	expect(t, "sum", total(0, "total"), total(0, "pc")+total(0, "sp")+total(0, "other"))
	expect(t, "period", len(at(doc, "created_at_gteq").(string)), len("2025/02/01 00:00:00"))
}

// hookReceiver collects deliveries: the event and the body.
func hookReceiver(t *testing.T, s *shopUnderTest, hook simkit.Hook) func() []string {
	t.Helper()
	got := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		got <- r.Header.Get("x-ecf-event") + " " + body.String()
	}))
	t.Cleanup(srv.Close)
	hook.URL = srv.URL
	if err := s.SetHook(t.Context(), hook); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		if _, err := s.Sent(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all []string
		for len(got) > 0 {
			all = append(all, <-got)
		}
		return all
	}
}

func TestWebhooksNameTheEventInTheHeader(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: "bare"})
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"state":"cancel"}}`)
	s.call(t, "PUT", "/admin/orders/88213.json", `{"order":{"state":"delivered"}}`)
	s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"active"}}`)
	want := []string{
		`customer_updated {"musubi":1,"family":"customer","id":"30511","number":"7ac01be9f2"}`,
		`customer_cancel {"musubi":1,"family":"customer","id":"30511","number":"7ac01be9f2"}`,
		`order_updated {"musubi":1,"family":"order","id":"88213","number":"b41f09c7aa","customer_id":"30511","state":"delivered"}`,
		`order_delivered {"musubi":1,"family":"order","id":"88213","number":"b41f09c7aa","customer_id":"30511","state":"delivered"}`,
		`subs_order_updated {"musubi":1,"family":"subs_order","id":"5120","state":"active"}`,
		`subs_order_active {"musubi":1,"family":"subs_order","id":"5120","state":"active"}`,
	}
	if got := received(); !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

func TestIDsTemplateTellsTheTimeOfTheChange(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: "ids"})
	if _, err := s.Deliver(t.Context(), simkit.Delivery{Event: "product_updated", ID: "1"}); err != nil {
		t.Fatal(err)
	}
	want := `product_updated {"musubi":1,"family":"product","id":"1","number":"P-1","updated_at":"2024/01/10 09:12:40"}`
	if got := received(); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q", got)
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

func TestFullTemplateIsAllTextAndEscapesNothing(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Events: []string{"customer_updated"}, Template: "full"})
	if err := s.PutRecord(t.Context(), "customers", "30511", map[string]any{"point": 7}); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(received()[0], " ")
	var doc map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	expect(t, "point", at(doc, "customer", "point"), "7")
	expect(t, "nil", at(doc, "customer", "line_id"), "")
	if err := s.PutRecord(t.Context(), "customers", "30511", map[string]any{"billing_address": map[string]any{"addr02": `"ひかり"ビル`}}); err != nil {
		t.Fatal(err)
	}
	if _, body, _ := strings.Cut(received()[0], " "); json.Valid([]byte(body)) {
		t.Errorf("a quote was escaped: %s", body)
	}
}

func TestDeliverSendsAnyEvent(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: `{"id":"{{ customer.id }}","zip":"{{ customer.billing_address.full_zip }}"}`})
	for _, d := range []simkit.Delivery{{Event: "customer_updated", ID: "30511", Times: 2}, {Event: "job_done", Body: "{"}} {
		if answer, err := s.Deliver(t.Context(), d); err != nil || answer.Status != 200 {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	want := []string{`customer_updated {"id":"30511","zip":"1500001"}`, `customer_updated {"id":"30511","zip":"1500001"}`, "job_done {"}
	if got := received(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
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
