package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

// shopUnderTest is a running sim and its controls.
type shopUnderTest struct {
	*simclient.Client
	token, version string
}

func startShop(t *testing.T) *shopUnderTest {
	t.Helper()
	s, err := simkit.Start(simkit.Program{Name: "shopify", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &shopUnderTest{Client: simclient.New(s.URL), token: permanentToken, version: "2026-10"}
}

func (s *shopUnderTest) limit(t *testing.T, limits any) {
	t.Helper()
	if err := s.SetLimits(t.Context(), limits); err != nil {
		t.Fatal(err)
	}
}

func (s *shopUnderTest) send(t *testing.T, method, path, body string, header map[string]string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
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

// ask sends a document with variables, given as JSON.
func (s *shopUnderTest) ask(t *testing.T, document, vars string) map[string]any {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": json.RawMessage(vars)})
	if err != nil {
		t.Fatal(err)
	}
	resp, text := s.send(t, "POST", "/admin/api/"+s.version+"/graphql.json", string(body), map[string]string{"X-Shopify-Access-Token": s.token})
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	return answer
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

func TestStrangeDocumentsAreRefused(t *testing.T) {
	s := startShop(t)
	for document, code := range map[string]any{
		`{ shop { id shoeSize } }`:                               "undefinedField",
		`{ orders(first: 1, colour: "red") { nodes { id } } }`:   "argumentNotAccepted",
		`{ orders(first: 1, sortKey: COLOUR) { nodes { id } } }`: "argumentLiteralsIncompatible",
		`{ shop }`: "selectionMismatch",
		`{`:        nil,
		`query Q($id: ID!) { order(id: $id) { id } }`: "INVALID_VARIABLE",
		`mutation { orderCreate(order: {lineItems: [{quantity: 1, title: "x", colour: "red"}]}) { order { id } userErrors { message } } }`: nil,
	} {
		answer := s.ask(t, document, "null")
		if answer["errors"] == nil || answer["data"] != nil {
			t.Errorf("%s: %v", document, answer)
		}
		if code != nil {
			expect(t, document, at(answer, "errors", 0, "extensions", "code"), code)
		}
	}
}

func TestConnectionsPageByCursor(t *testing.T) {
	s := startShop(t)
	const document = `query Q($after: String) { customers(first: 10, after: $after, sortKey: UPDATED_AT) { nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } } }`
	seen, after, pages := map[any]bool{}, "null", 0
	for more := any(true); more == true; pages++ {
		answer := at(s.ask(t, document, `{"after":`+after+`}`), "data", "customers")
		nodes, _ := at(answer, "nodes").([]any)
		for _, node := range nodes {
			seen[at(node, "id")] = true
		}
		more = at(answer, "pageInfo", "hasNextPage")
		cursor, _ := at(answer, "pageInfo", "endCursor").(string)
		expect(t, "the last cursor", at(answer, "edges", len(nodes)-1, "cursor"), any(cursor))
		after = `"` + cursor + `"`
	}
	if pages != 3 || len(seen) != 23 {
		t.Errorf("%d pages, %d customers", pages, len(seen))
	}
}

func TestFragmentsAliasesAndInterfaces(t *testing.T) {
	s := startShop(t)
	answer := s.ask(t, `query Q($id: ID!) { a: customer(id: $id) { ...F } n: node(id: $id) { __typename id ... on Customer { id } ... on Order { id } } } fragment F on Customer { mail: defaultEmailAddress { emailAddress } }`,
		`{"id":"gid://shopify/Customer/7770001"}`)
	expect(t, "alias", at(answer, "data", "a", "mail", "emailAddress"), "hanako@example.com")
	expect(t, "type", at(answer, "data", "n", "__typename"), "Customer")
}

func TestCostIsReservedAndRefunded(t *testing.T) {
	s := startShop(t)
	s.limit(t, map[string]any{"restore_rate": 0.001, "maximum_available": 300})
	const document = `{ customers(first: 200) { nodes { id } } }`
	first := at(s.ask(t, document, "null"), "extensions", "cost")
	expect(t, "requested", at(first, "requestedQueryCost"), 200.0)
	expect(t, "actual", at(first, "actualQueryCost"), 23.0)
	expect(t, "available", at(first, "throttleStatus", "currentlyAvailable"), 277.0)
	for range 4 {
		s.ask(t, document, "null")
	}
	refused := s.ask(t, document, "null")
	expect(t, "refused", at(refused, "errors", 0, "extensions", "code"), "THROTTLED")
	expect(t, "data", refused["data"], nil)
	expect(t, "actual", at(refused, "extensions", "cost", "actualQueryCost"), nil)
	expensive := s.ask(t, `{ customers(first: 250) { nodes { id addressesV2(first: 10) { nodes { id } } } } }`, "null")
	expect(t, "expensive", at(expensive, "errors", 0, "extensions", "code"), "MAX_COST_EXCEEDED")
}

func TestTokensAreGrantedAndExpire(t *testing.T) {
	s := startShop(t)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {appID}, "client_secret": {appSecret}}
	for _, body := range []struct{ kind, text string }{
		{"application/x-www-form-urlencoded", form.Encode()},
		{"application/json", `{"grant_type":"client_credentials","client_id":"` + appID + `","client_secret":"` + appSecret + `"}`},
	} {
		resp, text := s.send(t, "POST", "/admin/oauth/access_token", body.text, map[string]string{"Content-Type": body.kind})
		var grant struct {
			Token   string `json:"access_token"`
			Expires int    `json:"expires_in"`
		}
		if err := json.Unmarshal(text, &grant); err != nil || resp.StatusCode != http.StatusOK || grant.Expires != 86399 {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		s.token = grant.Token
		s.ask(t, `{ shop { id } }`, "null")
	}
	if err := s.Advance(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	resp, text := s.send(t, "POST", "/admin/api/2026-10/graphql.json", `{"query":"{ shop { id } }"}`, map[string]string{"X-Shopify-Access-Token": s.token})
	if resp.StatusCode != http.StatusUnauthorized || !bytes.Contains(text, []byte("[API] Invalid API key")) {
		t.Errorf("a day later: %d %s", resp.StatusCode, text)
	}
	form.Set("client_secret", "wrong")
	if resp, _ := s.send(t, "POST", "/admin/oauth/access_token", form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %d", resp.StatusCode)
	}
}

func TestExpiredVersionsAreServedByTheOldest(t *testing.T) {
	s := startShop(t)
	resp, _ := s.send(t, "POST", "/admin/api/2024-01/graphql.json", `{"query":"{ shop { id } }"}`, map[string]string{"X-Shopify-Access-Token": s.token})
	expect(t, "version", resp.Header.Get("X-Shopify-API-Version"), "2026-01")
}

func TestSearchSyntax(t *testing.T) {
	record := map[string][]string{"email": {"x.hanako@example.com"}, "tag": {"VIP", "a b"}, "updated_at": {"2026-04-01T00:00:00Z"}, "total_spent": {"4100"}}
	look := func(filter string) ([]string, bool) { v, ok := record[filter]; return v, ok }
	for query, want := range map[string]bool{
		`email:"hanako@example.com"`: true, `email:hanako`: true, `email:"anako@example.com"`: false, `tag:vip`: true, `tag:"a b"`: true,
		`tag:'a b' AND tag:VIP`: true, `tag:VIP tag:none`: false, `tag:none OR tag:VIP`: true, `NOT tag:VIP`: false, `-tag:none`: true,
		`(tag:none OR tag:VIP) total_spent:>4000`: true, `total_spent:<=500`: false, `updated_at:>='2026-04-01T00:00:00Z'`: true,
		`updated_at:>'2026-04-01T09:00:00+09:00'`: false, `updated_at:<2026-04-02`: true, `tag:V*`: true, `tag:*`: true,
		`colour:red`: true, `free text`: true, ``: true,
	} {
		if got := parseSearch(query)(look); got != want {
			t.Errorf("%s: %t", query, got)
		}
	}
}

func TestRefusalsHaveTheDocumentedShape(t *testing.T) {
	s := startShop(t)
	for _, c := range []struct{ name, document, vars, code, message string }{
		{"orderCreate without lines", `mutation M($o: OrderCreateOrderInput!) { r: orderCreate(order: $o) { userErrors { field message code } } }`, `{"o":{"lineItems":[]}}`, "INVALID", "Line items must have at least one line item"},
		{"orderCreate with two customers", `mutation M($o: OrderCreateOrderInput!) { r: orderCreate(order: $o) { userErrors { field message code } } }`, `{"o":{"lineItems":[{"quantity":1}],"customerId":"gid://shopify/Customer/1","customer":{"toUpsert":{"email":"a@example.com"}}}}`, "REDUNDANT_CUSTOMER_FIELDS", ""},
		{"customerSet without the key", `mutation M($id: CustomerSetIdentifiers, $in: CustomerSetInput!) { r: customerSet(identifier: $id, input: $in) { userErrors { field message code } } }`, `{"id":{"email":"a@example.com"},"in":{"lastName":"x"}}`, "MISSING_FIELD_REQUIRED", "The input field corresponding to the identifier is required."},
		{"customerSet of nobody", `mutation M($id: CustomerSetIdentifiers, $in: CustomerSetInput!) { r: customerSet(identifier: $id, input: $in) { userErrors { field message code } } }`, `{"id":{"id":"gid://shopify/Customer/1"},"in":{"lastName":"x"}}`, "NOT_FOUND", ""},
		{"customerSet of another's address", `mutation M($in: CustomerSetInput!) { r: customerSet(input: $in) { userErrors { field message code } } }`, `{"in":{"email":"hanako@example.com"}}`, "TAKEN", "Email has already been taken"},
		{"metafieldsSet without a type", `mutation M($m: [MetafieldsSetInput!]!) { r: metafieldsSet(metafields: $m) { userErrors { field message code elementIndex } } }`, `{"m":[{"ownerId":"gid://shopify/Order/5550001112223","namespace":"custom","key":"x1","value":"1"}]}`, "BLANK", ""},
		{"a wrong reason", `mutation M($in: InventorySetQuantitiesInput!) { r: inventorySetQuantities(input: $in) @idempotent(key: "k") { userErrors { field message code } } }`, `{"in":{"name":"available","reason":"x","quantities":[]}}`, "INVALID_REASON", ""},
		{"an export without a list", `mutation M { r: bulkOperationRunQuery(query: "{ shop { id } }") { userErrors { field message code } } }`, `null`, "INVALID", ""},
	} {
		answer := s.ask(t, c.document, c.vars)
		refused := at(answer, "data", "r", "userErrors", 0)
		expect(t, c.name, at(refused, "code"), c.code)
		if c.message != "" {
			expect(t, c.name, at(refused, "message"), c.message)
		}
	}
}

func TestSomeMutationsNeedAnIdempotencyKey(t *testing.T) {
	s := startShop(t)
	const document = `mutation M($in: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $in) { userErrors { code } } }`
	answer := s.ask(t, document, `{"in":{"name":"available","reason":"correction","quantities":[]}}`)
	expect(t, "code", at(answer, "errors", 0, "extensions", "code"), "BAD_REQUEST")
	expect(t, "data", at(answer, "data", "inventorySetQuantities"), nil)
	s.version = "2026-01"
	answer = s.ask(t, document, `{"in":{"name":"available","reason":"correction","quantities":[]}}`)
	expect(t, "errors before 2026-04", answer["errors"], nil)
}

func TestExportsAreFlat(t *testing.T) {
	s := startShop(t)
	const document = `mutation M($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) { bulkOperation { id } userErrors { message } } }`
	for grouped, want := range map[string]string{
		"true": `{"id":"gid://shopify/Product/9990001"}
{"__parentId":"gid://shopify/Product/9990001","sku":"TEA-01"}
{"id":"gid://shopify/Product/9990002"}
{"__parentId":"gid://shopify/Product/9990002","sku":"TEA-02"}
`,
		"false": `{"id":"gid://shopify/Product/9990001"}
{"id":"gid://shopify/Product/9990002"}
{"__parentId":"gid://shopify/Product/9990001","sku":"TEA-01"}
{"__parentId":"gid://shopify/Product/9990002","sku":"TEA-02"}
`,
	} {
		q := `{ products(query: "id:9990001 OR id:9990002") { edges { node { id variants { edges { node { sku } } } } } } }`
		vars, err := json.Marshal(map[string]any{"q": q, "g": grouped == "true"})
		if err != nil {
			t.Fatal(err)
		}
		id := at(s.ask(t, document, string(vars)), "data", "bulkOperationRunQuery", "bulkOperation", "id")
		if got := s.exported(t, id.(string)); got != want {
			t.Errorf("grouped %s:\n%s", grouped, got)
		}
	}
}

// exported waits for an export and reads its file in two parts.
func (s *shopUnderTest) exported(t *testing.T, id string) string {
	t.Helper()
	var operation any
	for _, status := range []string{"RUNNING", "COMPLETED"} {
		operation = at(s.ask(t, `query Q($id: ID!) { bulkOperation(id: $id) { status url } }`, `{"id":"`+id+`"}`), "data", "bulkOperation")
		expect(t, "status", at(operation, "status"), status)
	}
	path := strings.TrimPrefix(at(operation, "url").(string), s.URL)
	_, head := s.send(t, "GET", path, "", map[string]string{"Range": "bytes=0-9"})
	_, tail := s.send(t, "GET", path, "", map[string]string{"Range": "bytes=10-"})
	if resp, _ := s.send(t, "GET", path, "", map[string]string{"X-Shopify-Access-Token": s.token}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("the file store took the shop's token: %d", resp.StatusCode)
	}
	return string(head) + string(tail)
}
