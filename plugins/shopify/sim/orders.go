package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

func (s *shop) orderFields() map[string]graphql.Resolver {
	fields := map[string]graphql.Resolver{
		"QueryRoot.order":             s.byID(kindOrder),
		"QueryRoot.orders":            s.list(s.orderListing()),
		"QueryRoot.orderByIdentifier": s.orderByIdentifier,
		"Order.legacyResourceId":      legacyID,
		"Order.email":                 member,
		"Order.phone":                 member,
		"Order.shippingAddress":       member,
		"Order.billingAddress":        member,
		"Order.currencyCode":          func(*graphql.Field) any { return currency },
		"Order.presentmentCurrencyCode": func(*graphql.Field) any {
			return currency
		},
		"Order.displayFinancialStatus":   func(f *graphql.Field) any { return f.Source["financialStatus"] },
		"Order.displayFulfillmentStatus": func(f *graphql.Field) any { return fulfillment(f.Source) },
		"Order.customer": func(f *graphql.Field) any {
			return found(s.get(text(f.Source, "customerId")))
		},
		"Order.lineItems":    func(f *graphql.Field) any { return nested(f, objects(f.Source["lineItems"])) },
		"Order.fulfillments": func(f *graphql.Field) any { return objects(f.Source["fulfillments"]) },
		"Order.transactions": func(f *graphql.Field) any { return transactions(f.Source) },
		"Order.app":          func(*graphql.Field) any { return object{"id": gid("App", "580111"), "name": "Online Store"} },
		"Order.shippingLine": func(f *graphql.Field) any {
			line, ok := f.Source["shippingLine"].(object)
			if !ok {
				return nil
			}
			return object{"title": line["title"], "code": line["code"], "originalPriceSet": bag(asText(line["price"]))}
		},
		"LineItem.product":              func(f *graphql.Field) any { return found(s.get(text(f.Source, "productId"))) },
		"LineItem.variant":              func(f *graphql.Field) any { return found(s.get(text(f.Source, "variantId"))) },
		"LineItem.originalUnitPriceSet": func(f *graphql.Field) any { return bag(asText(f.Source["price"])) },
		"LineItem.discountedTotalSet":   func(f *graphql.Field) any { return bag(lineTotal(f.Source)) },
		"LineItem.currentQuantity":      func(f *graphql.Field) any { return currentQuantity(f.Source) },
		"LineItem.taxLines":             func(*graphql.Field) any { return []object{} },
	}
	for name, amount := range map[string]func(totals) string{
		"totalPriceSet": func(t totals) string { return t.total }, "currentTotalPriceSet": func(t totals) string { return t.current },
		"subtotalPriceSet": func(t totals) string { return t.subtotal }, "totalTaxSet": func(t totals) string { return t.tax },
		"totalDiscountsSet": func(t totals) string { return t.discounts }, "totalShippingPriceSet": func(t totals) string { return t.shipping },
		"totalRefundedSet": func(t totals) string { return t.refunded },
	} {
		fields["Order."+name] = func(f *graphql.Field) any { return bag(amount(totalsOf(f.Source))) }
	}
	return fields
}

func (s *shop) orderListing() listing {
	return listing{
		kind: kindOrder,
		filters: map[string]func(object) []string{
			"id": byNumber, "name": one("name"), "email": one("email"), "tag": many("tags"),
			"customer_id": func(o object) []string { return []string{number(text(o, "customerId"))} },
			"updated_at":  one("updatedAt"), "created_at": one("createdAt"), "processed_at": one("processedAt"),
			"financial_status": one("financialStatus"), "source_identifier": one("sourceIdentifier"), "source_name": one("sourceName"),
			"fulfillment_status": func(o object) []string { return []string{fulfillment(o)} },
			"checkout_token":     one("checkoutToken"), "cart_token": one("cartToken"), "confirmation_number": one("confirmationNumber"),
			"discount_code": many("discountCodes"),
			"status":        orderStatuses,
			"sku": func(o object) []string {
				var skus []string
				for _, line := range objects(o["lineItems"]) {
					skus = append(skus, text(line, "sku"))
				}
				return skus
			},
		},
		sorts: map[string]string{
			"UPDATED_AT": "updatedAt", "CREATED_AT": "createdAt", "PROCESSED_AT": "processedAt", "ORDER_NUMBER": "name",
			"FINANCIAL_STATUS": "financialStatus",
		},
	}
}

// orderStatuses are the values of the filter status that fit an order.
func orderStatuses(o object) []string {
	switch {
	case text(o, "cancelledAt") != "":
		return []string{"cancelled"}
	case text(o, "closedAt") != "":
		return []string{"closed", "not_closed"}
	}
	return []string{"open", "not_closed"}
}

// orderByIdentifier reads the database, not the search index.
func (s *shop) orderByIdentifier(f *graphql.Field) any {
	identifier := argument(f, "identifier")
	if custom, ok := identifier["customId"].(map[string]any); ok {
		return found(s.byMetafield(kindOrder, custom))
	}
	if id := text(identifier, "id"); kindOf(id) == kindOrder {
		return found(s.get(id))
	}
	f.Fail("INVALID_FIELD_ARGUMENTS", "Exactly one identifier must be given.")
	return nil
}

// totals are an order's amounts.
type totals struct{ items, discounts, subtotal, shipping, tax, total, current, refunded string }

func totalsOf(o object) totals {
	var t totals
	for _, line := range objects(o["lineItems"]) {
		t.items = sum(t.items, times(asText(line["price"]), whole(line["quantity"])))
		t.discounts = sum(t.discounts, asText(line["discount"]))
	}
	if line, ok := o["shippingLine"].(object); ok {
		t.shipping = asText(line["price"])
	}
	t.shipping, t.tax, t.refunded = sum(t.shipping), sum(asText(o["tax"])), sum(asText(o["refunded"]))
	t.subtotal = sum(t.items, negative(t.discounts))
	t.total = sum(t.subtotal, t.shipping)
	if o["taxesIncluded"] != true {
		t.total = sum(t.total, t.tax)
	}
	t.current = t.total
	for _, line := range objects(o["lineItems"]) {
		t.current = sum(t.current, negative(removed(line)))
	}
	return t
}

// removed is what the pieces of a line come to that were returned or taken out.
func removed(line object) string {
	all, left := whole(line["quantity"]), whole(currentQuantity(line))
	if all == left {
		return "0"
	}
	return over(times(lineTotal(line), all-left), all)
}

func lineTotal(line object) string {
	return sum(times(asText(line["price"]), whole(line["quantity"])), negative(asText(line["discount"])))
}

// currentQuantity is how many of a line were not returned or taken out: all, unless staff say otherwise.
func currentQuantity(line object) any {
	if left, ok := line["currentQuantity"]; ok {
		return left
	}
	return line["quantity"]
}

// fulfillment is an order's displayFulfillmentStatus.
func fulfillment(o object) string {
	if set := text(o, "fulfillmentStatus"); set != "" {
		return set
	}
	for _, f := range objects(o["fulfillments"]) {
		if text(f, "status") == "SUCCESS" {
			return "FULFILLED"
		}
	}
	return "UNFULFILLED"
}

func transactions(o object) []object {
	if text(o, "financialStatus") != "PAID" {
		return []object{}
	}
	return []object{{
		"id": gid("OrderTransaction", number(text(o, "id"))), "kind": "SALE", "status": "SUCCESS", "gateway": gateway(o),
		"processedAt": o["processedAt"], "amountSet": bag(totalsOf(o).total),
	}}
}

func gateway(o object) string {
	if names := texts(o["paymentGatewayNames"]); len(names) > 0 {
		return names[0]
	}
	return ""
}

// whole returns a member that is a whole number, however it was decoded.
func whole(v any) int64 {
	n, _ := graphql.Int(v)
	return n
}

// asText returns a scalar as text.
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// orderDefaults are the members that an order has if nobody gives them.
func (s *shop) orderDefaults(id string) object {
	now := s.stamp()
	n := number(id)
	return object{
		"id": id, "name": "#" + n[max(0, len(n)-4):], "confirmationNumber": strings.ToUpper("C" + n), "email": nil, "phone": nil, "note": nil,
		"tags": []any{}, "test": false, "sourceName": "web", "sourceIdentifier": nil, "createdAt": now, "updatedAt": now, "processedAt": now,
		"cancelledAt": nil, "cancelReason": nil, "closedAt": nil, "financialStatus": "PAID", "taxesIncluded": true,
		"paymentGatewayNames": []any{"shopify_payments"}, "discountCodes": []any{}, "customAttributes": []any{}, "lineItems": []any{},
		"fulfillments": []any{}, "shippingAddress": nil, "billingAddress": nil, "metafields": []any{}, "checkoutToken": nil, "cartToken": nil,
	}
}
