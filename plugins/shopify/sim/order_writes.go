package main

import (
	"fmt"
	"maps"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

func (s *shop) orderWrites() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{"Mutation.orderCreate": s.orderCreate, "Mutation.orderUpdate": s.orderUpdate}
}

// orderCreate has no idempotency key: twice the same input makes two orders.
func (s *shop) orderCreate(f *graphql.Field) any {
	in, options := argument(f, "order"), argument(f, "options")
	if refused := checkOrder(in); refused != nil {
		return payload("order", nil, refused)
	}
	lines, refused := s.orderLines(objects(in["lineItems"]))
	if refused != nil {
		return payload("order", nil, refused)
	}
	if refused := s.claim(lines, text(options, "inventoryBehaviour")); refused != nil {
		return payload("order", nil, refused)
	}
	customer, refused := s.orderCustomer(in)
	if refused != nil {
		return payload("order", nil, refused)
	}
	order := s.orderFrom(in, lines)
	if customer != nil {
		order["customerId"] = customer["id"]
	}
	s.put(order)
	effect(f, "create Order %s %s", number(text(order, "id")), text(order, "sourceIdentifier"))
	s.announce("orders/create", order)
	return payload("order", order)
}

func checkOrder(in object) *refusal {
	customer, _ := in["customer"].(map[string]any) //nolint:errcheck // absent: none
	switch {
	case len(objects(in["lineItems"])) == 0:
		return &refusal{[]any{"order", "lineItems"}, "Line items must have at least one line item", "INVALID"}
	case customer != nil && in["customerId"] != nil, customer["toAssociate"] != nil && customer["toUpsert"] != nil:
		return &refusal{[]any{"order"}, "Cannot specify both customer and customerId", "REDUNDANT_CUSTOMER_FIELDS"}
	}
	if refused := checkInputs(kindOrder, in); refused != nil {
		return &refusal{append([]any{"order"}, refused.field...), refused.message, "INVALID"}
	}
	taxed := in["taxLines"] != nil
	for i, line := range objects(in["lineItems"]) {
		if line["taxLines"] != nil && taxed {
			return &refusal{[]any{"order", "lineItems", i, "taxLines"}, "Tax lines must be on the order or on its lines", "INVALID"}
		}
	}
	return nil
}

// orderLines makes line items of their input.
func (s *shop) orderLines(inputs []object) ([]any, *refusal) {
	lines := make([]any, 0, len(inputs))
	for i, in := range inputs {
		at := []any{"order", "lineItems", i}
		if whole(in["quantity"]) < 1 {
			return nil, &refusal{append(at, "quantity"), "Quantity must be greater than 0", "INVALID"}
		}
		line := object{
			"id": s.next("LineItem"), "quantity": whole(in["quantity"]), "title": in["title"], "sku": in["sku"], "variantTitle": in["variantTitle"],
			"vendor": in["vendor"], "taxable": orTrue(in, "taxable"), "requiresShipping": orTrue(in, "requiresShipping"),
			"price": bagAmount(in["priceSet"]), "discount": "0", "customAttributes": attributesOf(objects(in["properties"])),
		}
		if id := text(in, "variantId"); id != "" {
			variant := s.get(id)
			if variant == nil || kindOf(id) != kindVariant {
				return nil, &refusal{append(at, "variantId"), "Product variant does not exist", "INVALID"}
			}
			s.describe(line, variant, in["priceSet"] == nil)
		} else if text(in, "title") == "" || in["priceSet"] == nil {
			return nil, &refusal{at, "A custom line item needs title and price", "INVALID"}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// describe fills a line from its variant.
func (s *shop) describe(line, variant object, priced bool) {
	product := s.get(text(variant, "productId"))
	line["variantId"], line["productId"] = variant["id"], variant["productId"]
	line["title"], line["variantTitle"], line["sku"], line["vendor"] = product["title"], variant["title"], variant["sku"], product["vendor"]
	if priced {
		line["price"] = variant["price"]
	}
}

func orTrue(in object, name string) bool {
	yes, there := in[name].(bool)
	return yes || !there
}

func attributesOf(properties []object) []any {
	list := make([]any, 0, len(properties))
	for _, p := range properties {
		list = append(list, object{"key": firstOf(p, "key", "name"), "value": p["value"]})
	}
	return list
}

func firstOf(o object, names ...string) any {
	for _, name := range names {
		if v, ok := o[name]; ok {
			return v
		}
	}
	return nil
}

// claim takes the lines' pieces out of the stock, as the option says.
func (s *shop) claim(lines []any, behaviour string) *refusal {
	if behaviour == "" || behaviour == "BYPASS" {
		return nil
	}
	for i, line := range objects(lines) {
		variant := s.get(text(line, "variantId"))
		if variant == nil {
			continue
		}
		level := s.firstLevel(variant)
		left := whole(level["available"]) - whole(line["quantity"])
		if left < 0 && behaviour == "DECREMENT_OBEYING_POLICY" {
			return &refusal{[]any{"order", "lineItems", i}, "Unable to claim inventory", "INVENTORY_CLAIM_FAILED"}
		}
		s.setLevel(level, left)
	}
	return nil
}

// orderCustomer finds or makes the customer whom the order is for.
func (s *shop) orderCustomer(in object) (object, *refusal) {
	customer, _ := in["customer"].(map[string]any) //nolint:errcheck // absent: none
	if who, ok := customer["toAssociate"].(map[string]any); ok {
		found := s.identified(who)
		if found == nil {
			return nil, &refusal{[]any{"order", "customer", "toAssociate"}, "Customer does not exist", "INVALID"}
		}
		return found, nil
	}
	who, ok := customer["toUpsert"].(map[string]any)
	if !ok {
		return nil, nil
	}
	fields, refused := s.customerInput(s.upserted(who), who)
	if refused != nil {
		return nil, &refusal{append([]any{"order", "customer", "toUpsert"}, refused.field...), refused.message, "INVALID"}
	}
	if current := s.upserted(who); current != nil {
		return s.change(current, fields), nil
	}
	return s.newCustomer(fields), nil
}

// upserted returns the customer whom an upsert means: by id, e-mail or phone.
func (s *shop) upserted(who object) object {
	for _, name := range []string{"id", "email", "phone"} {
		if value, ok := who[name]; ok && value != nil {
			if found := s.identified(object{name: value}); found != nil {
				return found
			}
		}
	}
	return nil
}

func (s *shop) orderFrom(in object, lines []any) object {
	order := s.orderDefaults(s.next(kindOrder))
	order["sourceName"], order["paymentGatewayNames"] = "580111", []any{}
	for _, name := range []string{"email", "phone", "note", "sourceName", "sourceIdentifier", "processedAt", "taxesIncluded", "financialStatus", "name", "test"} {
		if value, ok := in[name]; ok && value != nil {
			order[name] = value
		}
	}
	if in["financialStatus"] == nil {
		order["financialStatus"] = "PENDING"
	}
	order["lineItems"], order["tags"] = lines, cleanTags(texts(in["tags"]))
	order["customAttributes"] = attributesOf(objects(in["customAttributes"]))
	order["metafields"] = s.merged(nil, objects(in["metafields"]))
	for _, name := range []string{"shippingAddress", "billingAddress"} {
		if address, ok := in[name].(map[string]any); ok {
			order[name] = s.newAddress(address)
		}
	}
	for _, line := range objects(in["shippingLines"]) {
		order["shippingLine"] = object{"title": line["title"], "code": line["code"], "price": bagAmount(line["priceSet"])}
	}
	tax := "0"
	for _, line := range objects(in["taxLines"]) {
		tax = sum(tax, bagAmount(line["priceSet"]))
	}
	order["tax"] = tax
	for _, t := range objects(in["transactions"]) {
		order["paymentGatewayNames"] = []any{t["gateway"]}
	}
	if f := text(in, "fulfillmentStatus"); f != "" {
		order["fulfillmentStatus"] = strings.Replace(f, "PARTIAL", "PARTIALLY_FULFILLED", 1)
	}
	return order
}

func (s *shop) orderUpdate(f *graphql.Field) any {
	in := argument(f, "input")
	current := s.get(fmt.Sprint(in["id"]))
	if current == nil || kindOf(text(current, "id")) != kindOrder {
		return payload("order", nil, &refusal{[]any{"id"}, "Order does not exist", ""})
	}
	if refused := checkInputs(kindOrder, in); refused != nil {
		return payload("order", nil, &refusal{refused.field, refused.message, ""})
	}
	changes := maps.Clone(in)
	delete(changes, "id")
	if tags, ok := in["tags"]; ok {
		changes["tags"] = cleanTags(texts(tags))
	}
	if address, ok := in["shippingAddress"].(map[string]any); ok {
		changes["shippingAddress"] = s.newAddress(address)
	}
	if fields, ok := in["metafields"]; ok {
		changes["metafields"] = s.merged(objects(current["metafields"]), objects(fields))
	}
	changed := s.change(current, changes)
	effect(f, "update Order %s", number(text(changed, "id")))
	s.announce("orders/updated", changed)
	return payload("order", changed)
}
