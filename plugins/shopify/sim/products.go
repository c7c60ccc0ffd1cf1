package main

import (
	"fmt"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

func (s *shop) productFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.product":         s.byID(kindProduct),
		"QueryRoot.products":        s.list(s.productListing()),
		"QueryRoot.productVariants": s.list(s.variantListing()),
		"Product.legacyResourceId":  legacyID,
		"Product.variants":          func(f *graphql.Field) any { return nested(f, s.variantsOf(f.Source)) },
		"Product.media":             func(f *graphql.Field) any { return nested(f, mediaOf(f.Source)) },
		"Product.featuredMedia": func(f *graphql.Field) any {
			if media := mediaOf(f.Source); len(media) > 0 {
				return media[0]
			}
			return nil
		},
		"Product.totalInventory": func(f *graphql.Field) any {
			total := int64(0)
			for _, v := range s.variantsOf(f.Source) {
				total += s.available(v)
			}
			return total
		},
		"ProductVariant.legacyResourceId":  legacyID,
		"ProductVariant.product":           func(f *graphql.Field) any { return found(s.get(text(f.Source, "productId"))) },
		"ProductVariant.inventoryItem":     func(f *graphql.Field) any { return found(s.get(itemID(f.Source))) },
		"ProductVariant.inventoryQuantity": func(f *graphql.Field) any { return s.available(f.Source) },
		"ProductVariant.displayName": func(f *graphql.Field) any {
			return fmt.Sprintf("%s - %s", s.get(text(f.Source, "productId"))["title"], text(f.Source, "title"))
		},
	}
}

func (s *shop) productListing() listing {
	return listing{
		kind: kindProduct,
		filters: map[string]func(object) []string{
			"id": byNumber, "title": one("title"), "handle": one("handle"), "vendor": one("vendor"), "product_type": one("productType"),
			"status": one("status"), "tag": many("tags"), "updated_at": one("updatedAt"), "created_at": one("createdAt"),
			"sku": func(p object) []string {
				var skus []string
				for _, v := range s.variantsOf(p) {
					skus = append(skus, text(v, "sku"))
				}
				return skus
			},
		},
		sorts: map[string]string{"UPDATED_AT": "updatedAt", "CREATED_AT": "createdAt", "TITLE": "title"},
	}
}

func (s *shop) variantListing() listing {
	return listing{
		kind: kindVariant,
		filters: map[string]func(object) []string{
			"id": byNumber, "sku": one("sku"), "barcode": one("barcode"), "updated_at": one("updatedAt"),
			"product_id": func(v object) []string { return []string{number(text(v, "productId"))} },
		},
		sorts: map[string]string{"SKU": "sku", "UPDATED_AT": "updatedAt"},
	}
}

func (s *shop) variantsOf(product object) []object {
	return s.tables[kindVariant].Select(func(v object) bool { return v["productId"] == product["id"] })
}

// mediaOf returns a product's pictures.
func mediaOf(product object) []object {
	media := []object{}
	for i, url := range texts(product["images"]) {
		media = append(media, object{
			"__typename": "MediaImage", "id": gid("MediaImage", fmt.Sprintf("%s%02d", number(text(product, "id")), i)),
			"alt": product["title"], "mediaContentType": "IMAGE", "preview": object{"image": object{"url": url, "width": 800, "height": 800}},
		})
	}
	return media
}

// itemID is the inventory item of a variant: they have the same number here.
func itemID(variant object) string { return gid(kindItem, number(text(variant, "id"))) }
