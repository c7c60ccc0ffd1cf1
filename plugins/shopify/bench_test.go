package main

import "testing"

// BenchmarkExportedOrder is what an order of an export costs, without the requests.
func BenchmarkExportedOrder(b *testing.B) {
	text := []byte(`{"id":"gid://shopify/Order/5550001112223","name":"#1042","email":"hanako@example.com","phone":"+819012345678","note":"置き配希望",` +
		`"tags":["VIP","定期2回目"],"test":false,"sourceName":"web","sourceIdentifier":null,"createdAt":"2026-11-02T01:02:03Z","updatedAt":"2026-11-02T01:02:05Z",` +
		`"processedAt":"2026-11-02T01:02:02Z","cancelledAt":null,"cancelReason":null,"displayFinancialStatus":"PAID","displayFulfillmentStatus":"UNFULFILLED",` +
		`"paymentGatewayNames":["shopify_payments"],"discountCodes":["SAVE10"],"customAttributes":[{"key":"お届け希望日","value":"2026-11-06"}],` +
		`"totalPriceSet":{"shopMoney":{"amount":"4100","currencyCode":"JPY"}},"subtotalPriceSet":{"shopMoney":{"amount":"3600","currencyCode":"JPY"}},` +
		`"totalTaxSet":{"shopMoney":{"amount":"267","currencyCode":"JPY"}},"totalDiscountsSet":{"shopMoney":{"amount":"400","currencyCode":"JPY"}},` +
		`"totalShippingPriceSet":{"shopMoney":{"amount":"500","currencyCode":"JPY"}},"totalRefundedSet":{"shopMoney":{"amount":"0","currencyCode":"JPY"}},` +
		`"customer":{"id":"gid://shopify/Customer/7770001"},"shippingAddress":{"firstName":"花子","lastName":"山田","company":null,"zip":"100-0001","province":"東京都",` +
		`"provinceCode":"JP-13","city":"千代田区","address1":"千代田1-1","address2":"101","countryCodeV2":"JP","phone":"090-1234-5678"},"billingAddress":null,"fulfillments":[],` +
		`"lineItems":{"nodes":[{"id":"gid://shopify/LineItem/1","title":"緑茶","variantTitle":"100g","sku":"TEA-01","quantity":2,"product":{"id":"gid://shopify/Product/1"},` +
		`"variant":{"id":"gid://shopify/ProductVariant/4440001"},"originalUnitPriceSet":{"shopMoney":{"amount":"2000","currencyCode":"JPY"}},` +
		`"discountedTotalSet":{"shopMoney":{"amount":"3600","currencyCode":"JPY"}},"customAttributes":[],"sellingPlan":null}]}}`)
	s := shop{settings: settings{BaseURL: "https://example-shop.myshopify.com", OrderTags: []string{"subscription*", "定期*"}, CountTags: []string{"subscription-count-{n}", "*{n}回目*"}}}
	f := orderSource("order.updated", byChange)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		read, err := f.reader(s)
		if err != nil {
			b.Fatal(err)
		}
		e, err := read(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.by.event(f.trigger, e); err != nil {
			b.Fatal(err)
		}
	}
}
