package main

import "strings"

func orderPayload(s *shop, o object) object {
	t := totalsOf(o)
	payload := object{
		"id": numeric(o["id"]), "admin_graphql_api_id": o["id"], "app_id": 580111, "name": o["name"], "confirmation_number": o["confirmationNumber"],
		"confirmed": true, "test": o["test"], "created_at": local(o["createdAt"]), "updated_at": local(o["updatedAt"]), "processed_at": local(o["processedAt"]),
		"closed_at": local(o["closedAt"]), "cancelled_at": local(o["cancelledAt"]), "cancel_reason": lower(o["cancelReason"]),
		"email": s.shown(o["email"]), "contact_email": s.shown(o["email"]), "phone": s.shown(o["phone"]), "source_name": o["sourceName"],
		"source_identifier": o["sourceIdentifier"], "currency": currency, "presentment_currency": currency,
		"financial_status": lower(o["financialStatus"]), "fulfillment_status": restFulfillment(o), "payment_gateway_names": o["paymentGatewayNames"],
		"subtotal_price": t.subtotal, "total_line_items_price": t.items, "total_discounts": t.discounts, "total_tax": t.tax, "total_price": t.total,
		"current_total_price": t.current, "total_shipping_price_set": set(t.shipping), "taxes_included": o["taxesIncluded"],
		"discount_codes": discountCodes(o, t), "note": o["note"], "note_attributes": nameValues(o["customAttributes"]), "tags": joinTags(o["tags"]),
		"checkout_token": o["checkoutToken"], "cart_token": o["cartToken"], "customer": nil,
		"billing_address": s.addressOf(o["billingAddress"]), "shipping_address": s.addressOf(o["shippingAddress"]),
		"line_items": s.linePayloads(o), "shipping_lines": shippingLines(o), "tax_lines": []any{}, "fulfillments": s.fulfillmentPayloads(o),
		"refunds": refunds(s, o), "user_id": nil, "location_id": nil,
	}
	if customer := s.get(text(o, "customerId")); customer != nil {
		payload["customer"] = customerPayload(s, customer)
	}
	return payload
}

func lower(v any) any { return orNil(strings.ToLower(asText(v))) }

// restFulfillment is the older API's word.
func restFulfillment(o object) any {
	switch fulfillment(o) {
	case "FULFILLED":
		return "fulfilled"
	case "PARTIALLY_FULFILLED":
		return "partial"
	case "RESTOCKED":
		return "restocked"
	}
	return nil
}

func (s *shop) addressOf(v any) any {
	a, ok := v.(object)
	if !ok || s.withheld() {
		return nil
	}
	payload := addressPayload(a)
	delete(payload, "id")
	return payload
}

func (s *shop) linePayloads(o object) []object {
	lines := []object{}
	for _, line := range objects(o["lineItems"]) {
		price := asText(line["price"])
		lines = append(lines, object{
			"id": numeric(line["id"]), "admin_graphql_api_id": line["id"], "product_id": numeric(line["productId"]), "variant_id": numeric(line["variantId"]),
			"sku": line["sku"], "title": line["title"], "variant_title": line["variantTitle"], "vendor": line["vendor"],
			"name": strings.TrimSuffix(asText(line["title"])+" - "+asText(line["variantTitle"]), " - "), "quantity": line["quantity"],
			"current_quantity": currentQuantity(line), "price": price, "total_discount": "0", "price_set": set(price), "taxable": line["taxable"],
			"requires_shipping": line["requiresShipping"], "properties": nameValues(line["customAttributes"]), "tax_lines": []any{},
			"discount_allocations": allocations(line),
		})
	}
	return lines
}

func allocations(line object) []object {
	if discount := asText(line["discount"]); discount != "" && discount != "0" {
		return []object{{"amount": discount, "discount_application_index": 0}}
	}
	return []object{}
}

func nameValues(v any) []object {
	list := []object{}
	for _, a := range objects(v) {
		list = append(list, object{"name": a["key"], "value": a["value"]})
	}
	return list
}

func discountCodes(o object, t totals) []object {
	list := []object{}
	for _, code := range texts(o["discountCodes"]) {
		list = append(list, object{"code": code, "amount": t.discounts, "type": "percentage"})
	}
	return list
}

func shippingLines(o object) []object {
	line, ok := o["shippingLine"].(object)
	if !ok {
		return []object{}
	}
	return []object{{"title": line["title"], "code": line["code"], "price": line["price"], "discounted_price": line["price"], "tax_lines": []any{}}}
}

func (s *shop) fulfillmentPayloads(o object) []object {
	list := []object{}
	for i, f := range objects(o["fulfillments"]) {
		list = append(list, s.oneFulfillment(o, f, i))
	}
	return list
}

func (s *shop) oneFulfillment(o, f object, i int) object {
	tracking := object{}
	if all := objects(f["trackingInfo"]); len(all) > 0 {
		tracking = all[0]
	}
	payload := object{
		"id": numeric(f["id"]), "admin_graphql_api_id": f["id"], "order_id": numeric(o["id"]), "status": lower(f["status"]),
		"created_at": local(f["createdAt"]), "updated_at": local(f["updatedAt"]), "service": "manual", "name": asText(o["name"]) + "." + asText(i+1),
		"tracking_company": tracking["company"], "tracking_number": tracking["number"], "tracking_url": tracking["url"],
		"email": s.shown(o["email"]), "line_items": s.linePayloads(o), "shipment_status": nil,
	}
	if f["displayStatus"] == "DELIVERED" {
		payload["shipment_status"] = "delivered"
	}
	return payload
}

func fulfillmentPayload(s *shop, o object) object {
	all := objects(o["fulfillments"])
	if len(all) == 0 {
		return object{"order_id": numeric(o["id"])}
	}
	return s.oneFulfillment(o, all[len(all)-1], len(all)-1)
}

// refunds are the order's own list: one refund, if there was any.
func refunds(s *shop, o object) []object {
	if asText(o["refunded"]) == "" {
		return []object{}
	}
	return []object{refundPayload(s, o)}
}

func refundPayload(_ *shop, o object) object {
	return object{
		"id": 9000000 + whole(numeric(o["id"]))%1000, "order_id": numeric(o["id"]), "created_at": local(o["updatedAt"]), "note": "",
		"transactions": []object{{"amount": sum(asText(o["refunded"])), "currency": currency, "kind": "refund", "status": "success"}},
	}
}

func editedPayload(s *shop, o object) object {
	return object{"order_edit": object{"id": 1, "order_id": numeric(o["id"]), "created_at": local(s.stamp())}}
}

func checkoutPayload(s *shop, c object) object {
	t := totalsOf(c)
	payload := object{
		"token": c["token"], "cart_token": c["cartToken"], "email": s.shown(c["email"]), "phone": s.shown(c["phone"]), "name": c["name"],
		"created_at": local(c["createdAt"]), "updated_at": local(c["updatedAt"]), "completed_at": local(c["completedAt"]), "closed_at": nil,
		"currency": currency, "presentment_currency": currency, "note": c["note"], "note_attributes": []any{}, "source_name": "web",
		"abandoned_checkout_url": c["abandonedCheckoutUrl"], "discount_codes": []any{}, "subtotal_price": t.subtotal,
		"total_line_items_price": t.items, "total_price": t.total, "billing_address": nil, "shipping_address": nil, "customer": nil,
	}
	lines := []object{}
	for _, line := range objects(c["lineItems"]) {
		lines = append(lines, object{
			"key": number(asText(line["id"])), "product_id": numeric(line["productId"]), "variant_id": numeric(line["variantId"]), "sku": line["sku"],
			"title": line["title"], "variant_title": line["variantTitle"], "quantity": line["quantity"], "price": asText(line["price"]),
			"line_price": lineTotal(line), "properties": nil,
		})
	}
	payload["line_items"] = lines
	if customer := s.get(text(c, "customerId")); customer != nil {
		payload["customer"] = customerPayload(s, customer)
	}
	return payload
}

// checkoutDeleted has no token: only the id and the cart's token tell which it was.
func checkoutDeleted(_ *shop, c object) object {
	return object{"id": numeric(c["id"]), "cart_token": c["cartToken"], "presentment_currency": currency, "total_price": totalsOf(c).total}
}

func bulkPayload(_ *shop, b object) object {
	return object{
		"admin_graphql_api_id": b["id"], "completed_at": local(b["completedAt"]), "created_at": local(b["createdAt"]),
		"error_code": lower(b["errorCode"]), "status": strings.ToLower(text(b, "status")), "type": lower(b["type"]),
	}
}
