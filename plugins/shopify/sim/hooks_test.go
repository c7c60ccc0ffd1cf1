package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// inbox keeps the deliveries whose signature is right.
type inbox struct {
	mu     sync.Mutex
	topics []string
	bodies []string
	wrong  int
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte("shpss_example"))
	mac.Write(body)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || r.Header.Get("X-Shopify-Hmac-Sha256") != base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		b.wrong++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	b.topics = append(b.topics, r.Header.Get("X-Shopify-Topic"))
	b.bodies = append(b.bodies, string(body))
}

func listen(t *testing.T, s *shopUnderTest, events ...string) *inbox {
	t.Helper()
	b := &inbox{}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	if err := s.SetHook(t.Context(), simkit.Hook{URL: server.URL, Secret: "shpss_example", Events: events}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *shopUnderTest) sentTopics(t *testing.T, b *inbox) string {
	t.Helper()
	if _, err := s.Sent(t.Context()); err != nil { // waits for those under way
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.topics, " ")
}

func TestStaffChangesAreAnnounced(t *testing.T) {
	s := startShop(t)
	b := listen(t, s)
	for _, change := range []struct {
		collection, id string
		fields         map[string]any
	}{
		{"customers", "700001", map[string]any{"email": "a@example.com"}},
		{"customers", "700001", map[string]any{"tags": []string{"subscription-1-pause:2026-04-01"}}},
		{"orders", "700001", map[string]any{"customerId": "700001", "financialStatus": "PENDING", "lineItems": []any{map[string]any{"variantId": "4440001"}}}},
		{"orders", "700001", map[string]any{"financialStatus": "PAID"}},
		{"orders", "700001", map[string]any{"fulfillments": []any{map[string]any{}}}},
		{"orders", "700001", map[string]any{"cancelledAt": "2026-04-01T00:00:00Z"}},
		{"checkouts", "700001", map[string]any{"email": "a@example.com"}},
		{"inventory_levels", "222000-4440001", map[string]any{"available": 0}},
	} {
		if err := s.PutRecord(t.Context(), change.collection, change.id, change.fields); err != nil {
			t.Fatal(err)
		}
	}
	want := "customers/create customers/update customer.tags_added orders/create orders/updated orders/paid orders/updated fulfillments/create " +
		"orders/fulfilled orders/updated orders/cancelled checkouts/create inventory_levels/update"
	if got := s.sentTopics(t, b); got != want || b.wrong != 0 {
		t.Errorf("%d wrongly signed\n got %s\nwant %s", b.wrong, got, want)
	}
}

// TestSignatureVector is the one of the reference.
func TestSignatureVector(t *testing.T) {
	s := startShop(t)
	b := listen(t, s)
	answer, err := s.Deliver(t.Context(), simkit.Delivery{Event: "orders/create", Body: `{"id":1}`})
	if err != nil || answer.Status != http.StatusOK || b.bodies[0] != `{"id":1}` {
		t.Errorf("%+v, %v", answer, err)
	}
	mac := hmac.New(sha256.New, []byte("shpss_example"))
	mac.Write([]byte(`{"id":1}`))
	expect(t, "vector", base64.StdEncoding.EncodeToString(mac.Sum(nil)), "QvBzlTPo5RYh0lGvEXvN6nLJRmU2XrsL6x7vnfUCHCs=")
}

func TestRegisteredTopicsAreDelivered(t *testing.T) {
	s := startShop(t)
	b := &inbox{}
	server := httptest.NewServer(b)
	defer server.Close()
	if err := s.SetHook(t.Context(), simkit.Hook{Secret: "shpss_example"}); err != nil {
		t.Fatal(err)
	}
	const document = `mutation M($t: WebhookSubscriptionTopic!, $in: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $t, webhookSubscription: $in) { userErrors { message } } }`
	vars := `{"t":"ORDERS_CREATE","in":{"uri":"` + server.URL + `","format":"JSON"}}`
	expect(t, "first", at(s.ask(t, document, vars), "data", "webhookSubscriptionCreate", "userErrors", 0), nil)
	expect(t, "second", at(s.ask(t, document, vars), "data", "webhookSubscriptionCreate", "userErrors", 0, "message"), "Address for this topic has already been taken")
	for collection, fields := range map[string]any{"orders": map[string]any{}, "customers": map[string]any{}} {
		if err := s.PutRecord(t.Context(), collection, "700001", fields); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.sentTopics(t, b); got != "orders/create" {
		t.Errorf("delivered %q", got)
	}
}

// TestEveryTopicCanBeDelivered sends each topic once, about a record of its kind.
func TestEveryTopicCanBeDelivered(t *testing.T) {
	s := startShop(t)
	b := listen(t, s)
	if err := s.PutRecord(t.Context(), "bulk_operations", "1", map[string]any{"query": "{ orders { edges { node { id } } } }"}); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{
		"orders": "5550001112224", "refunds": "5550001112224", "fulfillments": "5550001112224", "products": "9990001", "variants": "4440001",
		"inventory_levels": "4440001", "checkouts": "33330000", "bulk_operations": "1",
	}
	var all []string
	for topic := range renderers() {
		family, _, _ := strings.Cut(topic, "/")
		id := ids[family]
		if id == "" {
			id = "7770001"
		}
		if _, err := s.Deliver(t.Context(), simkit.Delivery{Event: topic, ID: id}); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
		all = append(all, topic)
	}
	got := strings.Fields(s.sentTopics(t, b))
	got = slices.DeleteFunc(got, func(topic string) bool { return !slices.Contains(all, topic) })
	if len(got) < len(all) {
		t.Errorf("%d of %d topics came", len(got), len(all))
	}
}
