package main

import "strings"

func productPayload(s *shop, p object) object {
	variants, gids := []object{}, []object{}
	for i, v := range s.variantsOf(p) {
		variants = append(variants, s.oneVariant(v, i+1))
		gids = append(gids, object{"admin_graphql_api_id": v["id"], "updated_at": local(v["updatedAt"])})
	}
	images := []object{}
	for i, url := range texts(p["images"]) {
		images = append(images, object{"id": i + 1, "src": url, "alt": p["title"], "position": i + 1, "width": 800, "height": 800, "variant_ids": []any{}})
	}
	return object{
		"id": numeric(p["id"]), "admin_graphql_api_id": p["id"], "title": p["title"], "body_html": p["descriptionHtml"], "handle": p["handle"],
		"vendor": p["vendor"], "product_type": p["productType"], "status": strings.ToLower(text(p, "status")), "tags": joinTags(p["tags"]),
		"published_at": local(p["createdAt"]), "published_scope": "global", "created_at": local(p["createdAt"]), "updated_at": local(p["updatedAt"]),
		"options": []any{}, "images": images, "variants": variants, "variant_gids": gids,
	}
}

func (s *shop) oneVariant(v object, position int) object {
	return object{
		"id": numeric(v["id"]), "admin_graphql_api_id": v["id"], "product_id": numeric(v["productId"]), "title": v["title"], "sku": v["sku"],
		"barcode": v["barcode"], "price": v["price"], "compare_at_price": v["compareAtPrice"], "position": position,
		"inventory_item_id": numeric(itemID(v)), "inventory_quantity": s.available(v), "old_inventory_quantity": s.available(v),
		"inventory_policy": "deny", "option1": v["title"], "option2": nil, "option3": nil, "taxable": true,
		"created_at": local(v["createdAt"]), "updated_at": local(v["updatedAt"]),
	}
}

func variantPayload(s *shop, v object) object { return s.oneVariant(v, 1) }

func levelPayload(_ *shop, l object) object {
	return object{
		"inventory_item_id": numeric(l["itemId"]), "location_id": numeric(l["locationId"]), "available": l["available"],
		"updated_at": local(l["updatedAt"]), "admin_graphql_api_id": l["id"],
	}
}
