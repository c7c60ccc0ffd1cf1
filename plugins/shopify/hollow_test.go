package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// answering is a connection to a shop whose endpoint answers every document with
// what data has for the first name that is in it, and whose file store has file.
func answering(t *testing.T, data map[string]string, file string) *sdktest.Connection {
	t.Helper()
	settings := map[string]any{"base_url": "https://example-shop.myshopify.com", "bulk_file_host": "https://storage.googleapis.com"}
	c := sdktest.New(t, connector(), settings, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/graphql.json") {
			fmt.Fprint(w, file)
			return
		}
		fmt.Fprint(w, answerTo(r, data))
	}))
	c.IdempotencyKey = "5b6a5b0e-2d54-4f0b-9a61-0c5b7f8e1d22"
	return c
}

func answerTo(r *http.Request, data map[string]string) string {
	body := make([]byte, 1<<16)
	n, _ := r.Body.Read(body) //nolint:errcheck // a short body, whole or at its end
	for name, answer := range data {
		if strings.Contains(string(body[:n]), name) {
			return answer
		}
	}
	return `{"data":{}}`
}

func kindFor(t *testing.T, data map[string]string, file, action string, in map[string]any) abi.Kind {
	t.Helper()
	return abi.KindOf(answering(t, data, file).Do(action, in, nil))
}

const finished = `{"data":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","type":"QUERY","status":"COMPLETED","fileSize":"40","url":"https://storage.googleapis.com/f"}}}`

// TestAPageIsNotALineOfAnExport: what the file store answers instead of the file
// reaches no rule, and a file that ends too early is not read to its end.
func TestAPageIsNotALineOfAnExport(t *testing.T) {
	for _, file := range []string{"<html>\n<body>Service Unavailable, please come back</body></html>\n", `{"id":"gid://shopify/Product/1"}` + "\n" + `{"id":"g`, ""} {
		if got := kindFor(t, map[string]string{"bulkOperation": finished}, file, "bulk.read", map[string]any{"id": "1"}); got != abi.Unavailable {
			t.Errorf("%q: %s", file, got)
		}
		imported := strings.Replace(finished, "QUERY", "MUTATION", 1)
		if got := kindFor(t, map[string]string{"bulkOperation": imported}, file, "bulk.result", map[string]any{"id": "1"}); got != abi.Unavailable {
			t.Errorf("a result %q: %s", file, got)
		}
	}
}

// TestAPartOfAResultIsRead: the size that is told is that of the whole file.
func TestAPartOfAResultIsRead(t *testing.T) {
	partly := `{"data":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","type":"MUTATION","status":"FAILED","errorCode":"TIMEOUT","fileSize":"400","url":null,"partialDataUrl":"https://storage.googleapis.com/p"}}}`
	file := `{"data":{"customerUpdate":{"userErrors":[]}},"__lineNumber":0}` + "\n"
	var got importResult
	err := answering(t, map[string]string{"bulkOperation": partly}, file).Do("bulk.result", map[string]any{"id": "1"}, &got)
	if err != nil || got.Lines != 1 || !got.Partial {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestAListThatIsWithheldIsNotEmpty: in the form of GraphQL, where a field that
// must not be null takes what is around it away.
func TestAListThatIsWithheldIsNotEmpty(t *testing.T) {
	withheld := `{"data":{"orders":null},"errors":[{"message":"m","path":["orders","nodes",0,"email"],"extensions":{"code":"ACCESS_DENIED"}}]}`
	if got := kindFor(t, map[string]string{"orders": withheld}, "", "order.search", map[string]any{"tag": "a"}); got != abi.Denied {
		t.Errorf("%s", got)
	}
}

// TestAListThatIsMissingIsNotEmpty: nobody must be created twice for it.
func TestAListThatIsMissingIsNotEmpty(t *testing.T) {
	for action, in := range map[string]map[string]any{
		"customer.search": {"email": "a@example.com"}, "order.search": {"tag": "a"}, "product.search": {"sku": "a"}, "variant.find": {"sku": "a"},
		"location.list": {}, "webhook.list": {}, "checkout.search": {},
		"record.search": {"object": "order", "match": map[string]any{"source_identifier": "EC-1"}},
	} {
		if got := kindFor(t, nil, "", action, in); got != abi.Unavailable {
			t.Errorf("%s: %s", action, got)
		}
	}
}

// TestAnOrderThatCannotBeLookedForIsNotMissing: it would be created twice.
func TestAnOrderThatCannotBeLookedForIsNotMissing(t *testing.T) {
	for _, key := range []string{"", "custom.ec_number"} {
		c := answering(t, nil, "")
		c.Settings.(map[string]any)["order_key_metafield"] = key
		c.Since = c.Now.Add(-time.Hour)
		in := map[string]any{"source": "ec", "source_identifier": "EC-1", "items": []map[string]any{{"variant_id": "4440001", "quantity": 1}}}
		if done, err := c.Confirm("order.create", in, nil); done || abi.KindOf(err) != abi.Unavailable {
			t.Errorf("%q: %t, %v", key, done, err)
		}
	}
}

// TestASearchLooksBehindRowsThatDoNotFit: the platform finds an address by its
// parts, and who else has them may come first.
func TestASearchLooksBehindRowsThatDoNotFit(t *testing.T) {
	page := func(id, email string, more bool) string {
		return fmt.Sprintf(`{"data":{"customers":{"nodes":[{"id":"gid://shopify/Customer/%s","tags":["VIP"],"defaultEmailAddress":{"emailAddress":%q}}],"pageInfo":{"hasNextPage":%t,"endCursor":"c%s"}}}}`, id, email, more, id)
	}
	asked := 0
	c := sdktest.New(t, connector(), map[string]any{"base_url": "https://example-shop.myshopify.com"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, page(fmt.Sprint(asked), map[bool]string{true: "hanako@example.com", false: "taro@example.com"}[asked == 2], true))
	}))
	var list abi.RecordList
	err := c.Do("record.search", abi.RecordQuery{Object: "customer", Match: map[string]any{"email": "hanako@example.com", "tag": "VIP"}, Limit: 1}, &list)
	if err != nil || len(list.Records) != 1 || list.Records[0].ID != "2" {
		t.Errorf("%+v, %v", list, err)
	}
	asked = 2 // nobody has that address
	if err := c.Do("record.search", abi.RecordQuery{Object: "customer", Match: map[string]any{"email": "hanako@example.com", "tag": "VIP"}, Limit: 1}, &list); err != nil || asked > 10 {
		t.Errorf("%d requests, %v", asked, err)
	}
}

// TestARecordThatIsWithheldIsNotMissing: a rule would create it once more.
func TestARecordThatIsWithheldIsNotMissing(t *testing.T) {
	for field, in := range map[string]map[string]any{
		"customerByIdentifier": {"email": "hanako@example.com"}, "product": {"id": "1"}, "inventoryItem": {"inventory_item_id": "1", "location_id": "2"},
	} {
		withheld := fmt.Sprintf(`{"data":{"shop":{"currencyCode":"JPY"},%q:null},"errors":[{"message":"m","path":[%q,"title"],"extensions":{"code":"ACCESS_DENIED"}}]}`, field, field)
		action := map[string]string{"customerByIdentifier": "customer.find", "product": "product.get", "inventoryItem": "stock.get"}[field]
		if got := kindFor(t, map[string]string{field: withheld}, "", action, in); got != abi.Denied {
			t.Errorf("%s: %s", action, got)
		}
	}
}

func TestASubscriptionThatIsNotShownIsNotRegistered(t *testing.T) {
	made := `{"data":{"webhookSubscriptionCreate":{"webhookSubscription":null,"userErrors":[]}}}`
	in := map[string]any{"topic": "orders/create", "url": "https://musubi.example.com/hooks/1"}
	if got := kindFor(t, map[string]string{"webhookSubscriptionCreate": made}, "", "webhook.register", in); got != abi.Unknown {
		t.Errorf("%s", got)
	}
}

// TestAVariantBehindOthersIsFound: the search finds a SKU by its parts, too.
func TestAVariantBehindOthersIsFound(t *testing.T) {
	for last, want := range map[int]abi.Kind{3: abi.OK, 1000: abi.Conflict} {
		asked := 0
		c := sdktest.New(t, connector(), map[string]any{"base_url": "https://example-shop.myshopify.com"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			sku := map[bool]string{true: "TEA", false: "TEA-01"}[asked == 3]
			fmt.Fprintf(w, `{"data":{"shop":{"currencyCode":"JPY"},"productVariants":{"nodes":[{"id":"gid://shopify/ProductVariant/%d","sku":%q}],"pageInfo":{"hasNextPage":%t,"endCursor":"c%[1]d"}}}}`, asked, sku, asked < last)
		}))
		var got variant
		if err := c.Do("variant.find", map[string]any{"sku": "TEA"}, &got); abi.KindOf(err) != want || want == abi.OK && got.ID != "3" || asked > 20 {
			t.Errorf("%d pages: %+v, %v", last, got, err)
		}
	}
}
