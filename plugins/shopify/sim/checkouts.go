package main

import "github.com/musubi-run/musubi/plugins/shopify/sim/graphql"

func (s *shop) checkoutFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.abandonedCheckouts": s.list(listing{
			kind:  kindCheckout,
			shown: s.abandoned,
			filters: map[string]func(object) []string{
				"id": byNumber, "created_at": one("createdAt"), "updated_at": one("updatedAt"),
				"status": func(c object) []string {
					if text(c, "completedAt") != "" {
						return []string{"closed"}
					}
					return []string{"open"}
				},
				"recovery_state": func(c object) []string {
					if text(c, "completedAt") != "" {
						return []string{"recovered"}
					}
					return []string{"not_recovered"}
				},
			},
			sorts: map[string]string{"CREATED_AT": "createdAt"},
		}),
		"AbandonedCheckout.customer":         func(f *graphql.Field) any { return found(s.get(text(f.Source, "customerId"))) },
		"AbandonedCheckout.shippingAddress":  member,
		"AbandonedCheckout.totalPriceSet":    func(f *graphql.Field) any { return bag(totalsOf(f.Source).total) },
		"AbandonedCheckout.subtotalPriceSet": func(f *graphql.Field) any { return bag(totalsOf(f.Source).subtotal) },
		"AbandonedCheckout.lineItems":        func(f *graphql.Field) any { return nested(f, objects(f.Source["lineItems"])) },
		"AbandonedCheckoutLineItem.product":  func(f *graphql.Field) any { return found(s.get(text(f.Source, "productId"))) },
		"AbandonedCheckoutLineItem.variant":  func(f *graphql.Field) any { return found(s.get(text(f.Source, "variantId"))) },
		"AbandonedCheckoutLineItem.originalUnitPriceSet": func(f *graphql.Field) any {
			return bag(asText(f.Source["price"]))
		},
		"AbandonedCheckoutLineItem.discountedTotalPriceSet": func(f *graphql.Field) any { return bag(lineTotal(f.Source)) },
		"AbandonedCheckoutLineItem.image": func(f *graphql.Field) any {
			product := s.get(text(f.Source, "productId"))
			if images := texts(product["images"]); len(images) > 0 {
				return object{"url": images[0]}
			}
			return nil
		},
	}
}
