package main

import (
	"fmt"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func TestTagPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, tag string
		n            int64
		ok           bool
	}{
		{"subscription-count-{n}", "subscription-count-3", 3, true},
		{"subscription-count-{n}", "Subscription-Count-12", 12, true},
		{"subscription-count-{n}", "subscription-count-", 0, false},
		{"subscription-count-{n}", "subscription-count-3a", 3, false},
		{"*{n}回目*", "定期 ３回目 発送済", 3, true},
		{"*{n}回目*", "定期12回目", 12, true},
		{"定期*", "定期", 0, true},
		{"定期*", "不定期", 0, false},
		{"", "", 0, true},
		{"{n}", "99999999999999999999", 0, false},
	} {
		n, ok := fitsTag(c.pattern, c.tag)
		if ok != c.ok || (ok && n != c.n) {
			t.Errorf("%q, %q: %d, %t", c.pattern, c.tag, n, ok)
		}
	}
}

func TestContractsAreReadFromTags(t *testing.T) {
	s := shop{settings: settings{Statuses: map[string]commerce.Status{"pause": commerce.Cancelled}}}
	for tag, want := range map[string]string{
		"subscription-1-plan:毎月: 特別":       "1 active 毎月: 特別",
		"subscription-1-cancel:2026-11-02": "1 cancelled ",
		"subscription-1-pause:2026-11-02":  "1 cancelled ",
		"subscription-1-refund:x":          "",
		"subscription-x-plan:y":            "",
		"subscription-rank:ゴールド":           "",
		"subscription-1-plan":              "",
	} {
		got := ""
		for _, c := range s.contractsOf("7", []string{tag}) {
			got = fmt.Sprint(c.ID, " ", c.Status, " ", c.Plan)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	all := shop{}.contractsOf("7", []string{"subscription-1-cancel:2026-11-02", "subscription-1-pause:2026-11-01", "subscription-1-plan:x"})
	if len(all) != 1 || all[0].Status != commerce.Cancelled || commerce.DateOf(all[0].StatusChangedAt) != "2026-11-02" {
		t.Errorf("the end goes before a pause: %+v", all)
	}
}

// TestASubscriptionBeginsOnce: its plan's tag comes again when it is resumed
// after its end, and with another plan. A delivery that is repeated tells the same.
func TestASubscriptionBeginsOnce(t *testing.T) {
	s := openShop(t, nil)
	for _, step := range []struct{ fact, tags, want string }{
		{"a", `"subscription-5001-plan:A","subscription-5001-product:x"`, "subscription.created 5001"},
		{"a", `"subscription-5001-plan:A","subscription-5001-product:x"`, "subscription.created 5001"},
		{"b", `"subscription-5001-plan:B"`, ""},
		{"c", `"subscription-5001-cancel:2026-11-02"`, "subscription.cancelled 5001 c"},
		{"d", `"subscription-5001-plan:A"`, ""},
		{"e", `"subscription-5002-cancel:2026-11-02"`, "subscription.cancelled 5002 e"},
		{"f", `"subscription-5002-plan:A"`, ""},
	} {
		receipt, err := s.Deliver(sdk.Delivery{
			Headers: []abi.Header{{Name: "X-Shopify-Topic", Value: "customer.tags_added"}, {Name: "X-Shopify-Event-Id", Value: step.fact}},
			Body:    []byte(`{"customerId":"gid://shopify/Customer/7770001","tags":[` + step.tags + `]}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range receipt.Events[1:] {
			got += e.Type + " " + e.Dedupe
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q", step.fact, got, step.want)
		}
	}
}

func TestStatusWords(t *testing.T) {
	for word, want := range map[string]commerce.Status{
		"ACTIVE": commerce.Active, "アクティブ": commerce.Active, "paused": commerce.Paused, "停止": commerce.Paused, "EXPIRED": commerce.Cancelled,
		"FAILED": commerce.Cancelled, "解約": commerce.Cancelled, "CANCELLED": commerce.Cancelled, "解約申請中": "", "stale": "",
	} {
		if got := statusWords.Status(word, nil); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestDeliveriesOfOtherShopsAreRefused(t *testing.T) {
	s := openShop(t, nil)
	for _, c := range []struct {
		domain string
		only   bool
		want   abi.Kind
	}{
		{"example-shop.myshopify.com", true, abi.OK},
		{"Example-Shop.myshopify.com", true, abi.OK},
		{"other.myshopify.com", true, abi.Invalid},
		{"other.myshopify.com", false, abi.OK},
		{"", true, abi.OK},
	} {
		s.Settings = map[string]any{"base_url": "https://example-shop.myshopify.com/", "only_this_shop": c.only}
		headers := []abi.Header{{Name: "X-Shopify-Topic", Value: "orders/create"}, {Name: "X-Shopify-Shop-Domain", Value: c.domain}}
		_, err := s.Deliver(sdk.Delivery{Headers: headers, Body: []byte(`{"id":1}`)})
		if abi.KindOf(err) != c.want {
			t.Errorf("%s, %t: %v", c.domain, c.only, err)
		}
	}
}
