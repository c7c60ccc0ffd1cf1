package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// staff are the collections as the shop's staff sees them. Ids are numbers;
// records are stored flat, see seed.go for their members. References may be
// written as numbers: {"customerId": "7770001"}.
func (s *shop) staff() map[string]simkit.Table {
	tables := map[string]simkit.Table{"_sessions": s.auth.sessions(), "bulk_operations": s.bulkTable()}
	for name, kind := range map[string]string{
		"customers": kindCustomer, "orders": kindOrder, "products": kindProduct, "variants": kindVariant, "checkouts": kindCheckout,
		"inventory_levels": kindLevel, "locations": kindLocation, "webhook_subscriptions": kindSubscription,
	} {
		tables[name] = s.staffTable(kind)
	}
	return tables
}

func (s *shop) staffTable(kind string) simkit.Table {
	return simkit.Table{
		List: func() (any, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.tables[kind].Select(nil), nil
		},
		Put: func(id string, raw json.RawMessage) error {
			fields := object{}
			if err := decode(raw, &fields); err != nil {
				return err
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.edit(kind, s.staffID(kind, id), fields)
		},
		Delete: func(id string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.remove(kind, s.staffID(kind, id))
		},
	}
}

// staffID is the gid of a record. A level is named by location and item: 222000-4440001.
func (s *shop) staffID(kind, id string) string {
	if kind != kindLevel {
		return gid(kind, id)
	}
	location, item, _ := strings.Cut(id, "-")
	return levelID(item, location)
}

// references are members that hold another record's id.
var references = map[string]string{"customerId": kindCustomer, "productId": kindProduct, "variantId": kindVariant, "locationId": kindLocation, "itemId": kindItem}

// edit merges fields into a record or creates it, and announces what that announces.
func (s *shop) edit(kind, id string, fields object) error {
	s.refer(fields)
	for name := range fields {
		if _, ok := s.blank(kind, id)[name]; !ok {
			return fmt.Errorf("a %s has no member %q", kind, name)
		}
	}
	if tags, ok := fields["tags"]; ok {
		fields["tags"] = cleanTags(texts(tags))
	}
	before := s.get(id)
	if kind == kindLevel {
		before, _ = s.tables[kindLevel].Get(id)
	}
	if before == nil {
		record := s.blank(kind, id)
		maps.Copy(record, fields)
		s.complete(record)
		s.put(record)
		s.announce(createTopics[kind], record)
		return nil
	}
	s.complete(fields)
	if kind == kindCheckout && s.abandoned(before) {
		fields["listed"] = true
	}
	s.edited(kind, before, s.change(before, fields))
	return nil
}

// refer makes ids of numbers, in lines too.
func (s *shop) refer(fields object) {
	for name, kind := range references {
		if n := asText(fields[name]); n != "" && kindOf(n) == "" {
			fields[name] = gid(kind, n)
		}
	}
	for _, line := range objects(fields["lineItems"]) {
		s.refer(line)
	}
}

// complete fills lines from their variants, and fulfilments from the clock.
func (s *shop) complete(record object) {
	for _, line := range objects(record["lineItems"]) {
		if line["id"] == nil {
			line["id"] = s.next("LineItem")
		}
		if variant := s.get(text(line, "variantId")); variant != nil && line["title"] == nil {
			s.describe(line, variant, line["price"] == nil)
		}
		fill(line, object{"quantity": int64(1), "discount": "0", "taxable": true, "requiresShipping": true, "customAttributes": []any{}})
	}
	for _, f := range objects(record["fulfillments"]) {
		fill(f, object{
			"id": gid("Fulfillment", strconv.FormatInt(s.last["Fulfillment"]+1, 10)), "status": "SUCCESS", "displayStatus": "FULFILLED",
			"createdAt": s.stamp(), "updatedAt": s.stamp(), "deliveredAt": nil, "trackingInfo": []any{},
		})
		s.last["Fulfillment"]++
	}
	for i, a := range objects(record["addresses"]) {
		if a["id"] == nil {
			a["id"] = gid("MailingAddress", fmt.Sprintf("%d0%d", s.last["MailingAddress"], i)) + "?model_name=CustomerAddress"
		}
	}
}

// fill sets members that are missing.
func fill(record, defaults object) {
	for name, value := range defaults {
		if record[name] == nil {
			record[name] = value
		}
	}
}

var createTopics = map[string]string{
	kindCustomer: "customers/create", kindOrder: "orders/create", kindProduct: "products/create", kindCheckout: "checkouts/create",
	kindLevel: "inventory_levels/connect",
}

// edited announces what staff changed in a record.
func (s *shop) edited(kind string, before, after object) {
	switch kind {
	case kindLevel:
		s.announce("inventory_levels/update", after)
	case kindCheckout:
		s.announce("checkouts/update", after)
	case kindVariant:
		if product := s.get(text(after, "productId")); product != nil {
			s.announce("products/update", s.change(product, object{}))
		}
	case kindOrder:
		s.announce("orders/updated", after)
		s.orderMoved(before, after)
	default:
		s.tagsChanged(after, texts(before["tags"]), texts(after["tags"]))
	}
}

// orderMoved announces an order's way: paid, shipped, cancelled.
func (s *shop) orderMoved(before, after object) {
	moved := func(topic string, is bool) {
		if is {
			s.announce(topic, after)
		}
	}
	moved("orders/paid", before["financialStatus"] != "PAID" && after["financialStatus"] == "PAID")
	moved("fulfillments/create", len(objects(after["fulfillments"])) > len(objects(before["fulfillments"])))
	moved("orders/fulfilled", fulfillment(before) != "FULFILLED" && fulfillment(after) == "FULFILLED")
	moved("orders/cancelled", before["cancelledAt"] == nil && after["cancelledAt"] != nil)
	moved("refunds/create", before["refunded"] != after["refunded"])
}

func (s *shop) remove(kind, id string) error {
	record, ok := s.tables[kind].Get(id)
	if !ok {
		return fmt.Errorf("no %s %s", kind, number(id))
	}
	s.tables[kind].Delete(id)
	deleted := map[string]string{
		kindCustomer: "customers/delete", kindOrder: "orders/delete", kindProduct: "products/delete", kindCheckout: "checkouts/delete",
		kindLevel: "inventory_levels/disconnect",
	}
	s.announce(deleted[kind], record)
	return nil
}

// blank returns a new record of the kind with all its members.
func (s *shop) blank(kind, id string) object {
	now := s.stamp()
	stamped := object{"id": id, "createdAt": now, "updatedAt": now}
	switch kind {
	case kindOrder:
		order := s.orderDefaults(id)
		maps.Copy(order, object{"customerId": nil, "shippingLine": nil, "tax": nil, "refunded": nil, "fulfillmentStatus": nil, "cancelledAt": nil})
		return order
	case kindCustomer:
		maps.Copy(stamped, object{
			"firstName": nil, "lastName": nil, "email": nil, "phone": nil, "note": nil, "tags": []any{}, "state": "DISABLED", "locale": "ja",
			"verifiedEmail": true, "taxExempt": false, "addresses": []any{}, "metafields": []any{}, "marketingState": nil, "marketingOptInLevel": nil,
		})
	case kindProduct:
		maps.Copy(stamped, object{
			"title": nil, "handle": nil, "status": "ACTIVE", "vendor": "Example", "productType": "", "tags": []any{}, "onlineStoreUrl": nil,
			"descriptionHtml": "", "images": []any{},
		})
	case kindVariant:
		maps.Copy(stamped, object{
			"productId": nil, "sku": nil, "barcode": nil, "title": "Default Title", "price": "0", "compareAtPrice": nil, "selectedOptions": []any{},
		})
	case kindCheckout:
		maps.Copy(stamped, object{
			"name": "#" + number(id), "token": "co-" + number(id), "cartToken": "c1-" + number(id), "abandonedCheckoutUrl": "https://shop.example.com/1/checkouts/" + number(id) + "/recover?key=k",
			"completedAt": nil, "note": "", "discountCodes": []any{}, "customerId": nil, "email": nil, "phone": nil, "shippingAddress": nil,
			"customAttributes": []any{}, "lineItems": []any{}, "taxesIncluded": true,
			"listed": false,
		})
	case kindLevel:
		maps.Copy(stamped, object{"itemId": nil, "locationId": nil, "available": int64(0)})
	case kindSubscription:
		maps.Copy(stamped, object{
			"topic": nil, "uri": nil, "format": "JSON", "filter": nil, "includeFields": []any{}, "apiVersion": object{"handle": versions[len(versions)-1]},
		})
	case kindLocation:
		maps.Copy(stamped, object{"name": nil, "isActive": true, "fulfillsOnlineOrders": true})
	}
	return stamped
}

// pick returns one of a list, by number.
func pick[T any](list []T, n int) T { return slices.Clone(list)[n%len(list)] }
