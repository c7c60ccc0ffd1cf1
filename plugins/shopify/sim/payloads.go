package main

import (
	"strconv"
	"strings"
	"time"
)

// renderer makes a delivery's body about a record. Bodies have the shape of the
// older REST API: numbers for ids, the shop's own offset in times, one text for all tags.
type renderer func(*shop, object) object

// renderers returns those of all topics.
func renderers() map[string]renderer {
	all := map[string]renderer{
		"customers/data_request": dataRequest, "customers/redact": customerRedact, "shop/redact": shopOnly, "app/uninstalled": shopInfo,
		"customer.tags_added": tagPayload, "customer.tags_removed": tagPayload, "customers/merge": mergePayload,
		"customers/purchasing_summary": summaryPayload, "customers/email_marketing_consent_update": consentPayload,
		"customers/marketing_consent_update": consentPayload, "orders/edited": editedPayload,
		"bulk_operations/finish": bulkPayload, "refunds/create": refundPayload, "checkouts/delete": checkoutDeleted,
	}
	for family, verbs := range map[string]struct {
		render renderer
		names  []string
	}{
		"orders":           {orderPayload, []string{"create", "updated", "paid", "fulfilled", "partially_fulfilled", "cancelled"}},
		"customers":        {customerPayload, []string{"create", "update", "enable", "disable"}},
		"products":         {productPayload, []string{"create", "update"}},
		"fulfillments":     {fulfillmentPayload, []string{"create", "update"}},
		"checkouts":        {checkoutPayload, []string{"create", "update"}},
		"variants":         {variantPayload, []string{"out_of_stock", "in_stock"}},
		"inventory_levels": {levelPayload, []string{"update", "connect", "disconnect"}},
	} {
		for _, verb := range verbs.names {
			all[family+"/"+verb] = verbs.render
		}
	}
	for _, family := range []string{"orders", "customers", "products"} {
		all[family+"/delete"] = func(_ *shop, o object) object { return object{"id": numeric(o["id"])} }
	}
	for _, verb := range []string{"create", "update", "activate", "pause", "cancel", "fail", "expire"} {
		all["subscription_contracts/"+verb] = contractPayload(verb)
	}
	return all
}

// numeric is a gid's number as a JSON number, nil for none.
func numeric(id any) any {
	n, err := strconv.ParseInt(number(asText(id)), 10, 64)
	if err != nil {
		return nil
	}
	return n
}

var jst = time.FixedZone("JST", 9*60*60)

// local writes a time in the shop's offset.
func local(stamp any) any {
	t, err := time.Parse(time.RFC3339, asText(stamp))
	if err != nil {
		return nil
	}
	return t.In(jst).Format(time.RFC3339)
}

func joinTags(v any) string { return strings.Join(texts(v), ", ") }

func set(amount string) object {
	inner := object{"amount": amount, "currency_code": currency}
	return object{"shop_money": inner, "presentment_money": inner}
}

// withheld says that webhooks carry no personal data.
func (s *shop) withheld() bool { return s.rules.PersonalData != personalShown }

// shown is a personal value, or null if it is withheld.
func (s *shop) shown(v any) any {
	if s.withheld() {
		return nil
	}
	return v
}

func customerPayload(s *shop, c object) object {
	payload := object{
		"id": numeric(c["id"]), "admin_graphql_api_id": c["id"], "email": s.shown(c["email"]), "first_name": s.shown(c["firstName"]),
		"last_name": s.shown(c["lastName"]), "phone": s.shown(c["phone"]), "note": c["note"], "state": strings.ToLower(text(c, "state")),
		"verified_email": c["verifiedEmail"], "tax_exempt": c["taxExempt"], "tax_exemptions": []any{}, "currency": currency,
		"multipass_identifier": nil, "created_at": local(c["createdAt"]), "updated_at": local(c["updatedAt"]), "addresses": []any{},
	}
	if addresses := objects(c["addresses"]); len(addresses) > 0 && !s.withheld() {
		payload["addresses"] = []object{addressPayload(addresses[0])}
		payload["default_address"] = addressPayload(addresses[0])
	}
	return payload
}

func addressPayload(a object) object {
	return object{
		"id": numeric(a["id"]), "first_name": a["firstName"], "last_name": a["lastName"], "name": a["name"], "company": a["company"],
		"zip": a["zip"], "province": a["province"], "province_code": a["provinceCode"], "city": a["city"], "address1": a["address1"],
		"address2": a["address2"], "country": "Japan", "country_code": a["countryCodeV2"], "phone": a["phone"],
	}
}

func tagPayload(s *shop, c object) object {
	return object{"customerId": c["id"], "tags": texts(c["tags"]), "occurredAt": s.env.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
}

func summaryPayload(s *shop, c object) object {
	return object{
		"admin_graphql_api_customer_id": c["id"], "customer_id": numeric(c["id"]), "number_of_orders": len(s.ordersOf(c)),
		"total_spent": s.spent(c), "currency": currency, "occurred_at": local(s.stamp()),
	}
}

func consentPayload(s *shop, c object) object {
	return object{"customer_id": numeric(c["id"]), "email_address": s.shown(c["email"]), "email_marketing_consent": object{
		"state": strings.ToLower(asText(orDefault(c, "marketingState", "not_subscribed"))), "opt_in_level": nil, "consent_updated_at": local(c["updatedAt"]),
	}}
}

func mergePayload(_ *shop, c object) object {
	return object{"admin_graphql_api_customer_kept_id": c["id"], "admin_graphql_api_customer_deleted_id": gid(kindCustomer, "1"), "status": "completed"}
}

func shopOnly(*shop, object) object {
	return object{"shop_id": 1, "shop_domain": domain}
}

func shopInfo(s *shop, _ object) object {
	return object{"id": 1, "name": "Example", "domain": "shop.example.com", "myshopify_domain": domain, "email": "shop@example.com", "plan_name": strings.ToLower(s.rules.Plan)}
}

func (s *shop) privacy(c object, orders string) object {
	ids := []any{}
	for _, o := range s.ordersOf(c) {
		ids = append(ids, numeric(o["id"]))
	}
	return object{
		"shop_id": 1, "shop_domain": domain, orders: ids,
		"customer": object{"id": numeric(c["id"]), "email": c["email"], "phone": c["phone"]},
	}
}

func dataRequest(s *shop, c object) object {
	payload := s.privacy(c, "orders_requested")
	payload["data_request"] = object{"id": 9999}
	return payload
}

func customerRedact(s *shop, c object) object { return s.privacy(c, "orders_to_redact") }

// contractPayload is about a subscription contract of the calling app: here the
// customer's number stands for it.
func contractPayload(verb string) func(*shop, object) object {
	status := map[string]string{"pause": "paused", "cancel": "cancelled", "fail": "failed", "expire": "expired"}[verb]
	if status == "" {
		status = "active"
	}
	return func(s *shop, c object) object {
		return object{
			"id": numeric(c["id"]), "admin_graphql_api_id": gid("SubscriptionContract", number(text(c, "id"))), "customer_id": numeric(c["id"]),
			"admin_graphql_api_customer_id": c["id"], "status": status, "currency_code": currency, "updated_at": local(s.stamp()),
		}
	}
}
