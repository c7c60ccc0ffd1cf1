package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// attempt is a mutation that came with an idempotency key.
type attempt struct {
	input  string
	answer any
	failed bool
}

// reasons are those that a change of stock may have.
var reasons = []string{
	"correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received", "movement_updated",
	"other", "promotion", "quality_control", "received", "reservation_created", "reservation_deleted", "reservation_updated",
	"restock", "safety_stock", "shrinkage",
}

const maxQuantity = 1_000_000_000

func (s *shop) stockFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.inventoryItem": s.byID(kindItem),
		"QueryRoot.locations":     s.list(listing{kind: kindLocation, filters: map[string]func(object) []string{"id": byNumber, "name": one("name")}}),
		"InventoryItem.variants": func(f *graphql.Field) any {
			return nested(f, s.tables[kindVariant].Select(func(v object) bool { return itemID(v) == f.Source["id"] }))
		},
		"InventoryItem.inventoryLevel": func(f *graphql.Field) any {
			return found(s.level(text(f.Source, "id"), asText(f.Args["locationId"])))
		},
		"InventoryLevel.quantities": func(f *graphql.Field) any {
			list := []object{}
			for _, name := range texts(f.Args["names"]) {
				list = append(list, object{"name": name, "quantity": whole(f.Source["available"])})
			}
			return list
		},
		"Mutation.inventorySetQuantities": s.once(s.setQuantities),
	}
}

// level returns the level of an item at a location, nil if it is not stocked there.
func (s *shop) level(item, location string) object {
	record, _ := s.tables[kindLevel].Get(levelID(item, location))
	return record
}

func levelID(item, location string) string {
	return gid(kindLevel, number(location)+"?inventory_item_id="+number(item))
}

// firstLevel is where a variant's stock is taken from.
func (s *shop) firstLevel(variant object) object {
	levels := s.tables[kindLevel].Select(func(l object) bool { return l["itemId"] == itemID(variant) })
	if len(levels) == 0 {
		return nil
	}
	return levels[0]
}

// available is a variant's stock, all locations together.
func (s *shop) available(variant object) int64 {
	total := int64(0)
	for _, l := range s.tables[kindLevel].Select(func(l object) bool { return l["itemId"] == itemID(variant) }) {
		total += whole(l["available"])
	}
	return total
}

func (s *shop) setLevel(level object, quantity int64) {
	if level == nil {
		return
	}
	s.announce("inventory_levels/update", s.change(level, object{"available": quantity}))
}

// once demands an idempotency key, and answers a key that was seen as before.
func (s *shop) once(write graphql.Resolver) graphql.Resolver {
	return func(f *graphql.Field) any {
		args, there := f.Directive("idempotent")
		if !there && versionOf(f) >= idempotentSince {
			f.Fail("BAD_REQUEST", "The @idempotent directive is required for this mutation but was not provided.")
			return nil
		}
		key := asText(args["key"])
		if key == "" {
			return write(f)
		}
		input, err := json.Marshal(f.Args)
		if err != nil {
			f.Fail("INTERNAL_SERVER_ERROR", err.Error())
			return nil
		}
		if before, seen := s.keys[key]; seen {
			return before.again(string(input))
		}
		answer := write(f)
		s.keys[key] = attempt{input: string(input), answer: answer, failed: refused(answer)}
		return answer
	}
}

func refused(answer any) bool {
	o, ok := answer.(object)
	return !ok || len(objects(o["userErrors"])) > 0
}

// again answers a repetition.
func (a attempt) again(input string) any {
	switch {
	case a.input != input:
		return payload("inventoryAdjustmentGroup", nil, &refusal{nil, "The idempotency key was used with other parameters.", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
	case a.failed:
		return payload("inventoryAdjustmentGroup", nil, &refusal{nil, "The earlier attempt failed.", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"})
	}
	return a.answer
}

func (s *shop) setQuantities(f *graphql.Field) any {
	in := argument(f, "input")
	quantities := objects(in["quantities"])
	for _, q := range quantities {
		if _, given := q["changeFromQuantity"]; !given {
			f.Fail("INVALID_FIELD_ARGUMENTS", "InventoryQuantityInput must include the following argument: changeFromQuantity.")
			return nil
		}
	}
	if refused := s.checkQuantities(in, quantities); refused != nil {
		return payload("inventoryAdjustmentGroup", nil, refused)
	}
	changes := make([]object, 0, len(quantities))
	for _, q := range quantities {
		level := s.level(text(q, "inventoryItemId"), text(q, "locationId"))
		delta := whole(q["quantity"]) - whole(level["available"])
		s.setLevel(level, whole(q["quantity"]))
		effect(f, "stock %s at %s = %d", number(text(q, "inventoryItemId")), number(text(q, "locationId")), whole(q["quantity"]))
		changes = append(changes, object{
			"name": in["name"], "delta": delta, "quantityAfterChange": whole(q["quantity"]),
			"item": s.get(text(q, "inventoryItemId")), "location": s.get(text(q, "locationId")),
		})
	}
	return payload("inventoryAdjustmentGroup", object{
		"id": s.next("InventoryAdjustmentGroup"), "reason": in["reason"], "createdAt": s.stamp(), "changes": changes,
	})
}

func (s *shop) checkQuantities(in object, quantities []object) *refusal {
	switch {
	case !slices.Contains([]string{"available", "on_hand"}, text(in, "name")):
		return &refusal{[]any{"input", "name"}, "The quantity name must be either 'available' or 'on_hand'.", "INVALID_NAME"}
	case !slices.Contains(reasons, text(in, "reason")):
		return &refusal{[]any{"input", "reason"}, "The specified reason is invalid. Valid values are: " + strings.Join(reasons, ", ") + ".", "INVALID_REASON"}
	}
	seen := map[string]bool{}
	for i, q := range quantities {
		if refused := s.checkQuantity(text(in, "name"), q); refused != nil {
			refused.field = append([]any{"input", "quantities", strconv.Itoa(i)}, refused.field...)
			return refused
		}
		id := levelID(text(q, "inventoryItemId"), text(q, "locationId"))
		if seen[id] {
			return &refusal{[]any{"input", "quantities", strconv.Itoa(i)}, "The combination of item and location is there twice.", "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"}
		}
		seen[id] = true
	}
	return nil
}

func (s *shop) checkQuantity(name string, q object) *refusal {
	item, location := s.get(text(q, "inventoryItemId")), s.get(text(q, "locationId"))
	n := whole(q["quantity"])
	switch {
	case item == nil:
		return &refusal{[]any{"inventoryItemId"}, "The specified inventory item could not be found.", "INVALID_INVENTORY_ITEM"}
	case location == nil:
		return &refusal{[]any{"locationId"}, "The specified location could not be found.", "INVALID_LOCATION"}
	case s.level(text(q, "inventoryItemId"), text(q, "locationId")) == nil:
		return &refusal{[]any{"locationId"}, "The specified inventory item is not stocked at the location.", "INVALID_LOCATION"}
	case n > maxQuantity:
		return &refusal{[]any{"quantity"}, "The quantity can't be higher than 1,000,000,000.", "INVALID_QUANTITY_TOO_HIGH"}
	case n < -maxQuantity:
		return &refusal{[]any{"quantity"}, "The quantity can't be lower than -1,000,000,000.", "INVALID_QUANTITY_TOO_LOW"}
	case n < 0 && name == "on_hand":
		return &refusal{[]any{"quantity"}, "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE"}
	}
	if from := q["changeFromQuantity"]; from != nil && whole(from) != whole(s.level(text(item, "id"), text(location, "id"))["available"]) {
		return &refusal{[]any{"changeFromQuantity"}, "The changeFromQuantity value does not match the current quantity.", "CHANGE_FROM_QUANTITY_STALE"}
	}
	return nil
}
