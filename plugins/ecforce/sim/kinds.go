package main

import "maps"

// common filters, and those of kinds whose rows can be deleted softly.
var stamps = []string{"id", "created_at", "updated_at"}

func with(list []string, more ...string) []string {
	return append(append([]string{}, list...), more...)
}

// kinds are all sorts of record that the shop knows.
func kinds() []*kind {
	return []*kind{
		customerKind(), addressKind(), orderKind(), orderItemKind(), paymentKind(), subsOrderKind(), productKind(), variantKind(),
		stockItemKind(), urlKind(),
		master("url_groups", "url_group"), master("stores", "store"), master("payment_methods", "payment_method"),
		master("shipping_carriers", "shipping_carrier"), master("sexes", "sex"), master("product_categories", "product_category"),
		master("cancel_reasons", "cancel_reason"), master("suspend_reasons", "suspend_reason"),
		master("labels", "label"), master("notes", "note"), master("points", "point"), master("free_columns", "free_column"),
		master("emails", "email"), master("sms", "sms"), master("access_counts", "access_count"), master("member_groups", "member_group"),
		master("credit_cards", "credit_card"), master("bundled_items", "bundled_item"), master("thumbnails", "thumbnail"),
	}
}

// master is a kind that is only read.
func master(table, typ string) *kind {
	return &kind{table: table, typ: typ, code: "MA", filters: with(stamps, "name")}
}

var optionKeys = func() map[string]coercion {
	keys := map[string]coercion{}
	for _, n := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10"} {
		keys["option"+n] = toText
	}
	return keys
}()

func keys(own map[string]coercion, more ...map[string]coercion) map[string]coercion {
	for _, m := range more {
		maps.Copy(own, m)
	}
	return own
}

func customerKind() *kind {
	return &kind{
		table: "customers", typ: "customer", code: "CU",
		filters:      with(stamps, "number", "email", "link_number", "billing_address_s_full_tel", "member_groups_id"),
		lightFilters: []string{"line_id_linked_at"},
		heavy:        []string{"labels", "coupon_codes", "buy_times", "buy_total", "point", "first_order_completed_at", "last_order_completed_at", "blacklist_reasons"},
		always:       []string{"billing_address"},
		relations: map[string]relation{
			"billing_address":    {table: "addresses"},
			"shipping_addresses": {table: "addresses", many: true},
			"notes":              {table: "notes", many: true},
			"points":             {table: "points", many: true},
			"orders":             {table: "orders", many: true, by: "customer_id"},
			"subs_orders":        {table: "subs_orders", many: true, by: "customer_number", own: "number"},
			"credit_cards":       {table: "credit_cards", many: true},
			"member_groups":      {table: "member_groups", many: true},
		},
		keys: keys(map[string]coercion{
			"email": toText, "state": toText, "customer_rank_id": toInt, "customer_type_id": toInt, "sex_id": toInt, "job_id": toInt,
			"line_id": toText, "tenant_id": toInt, "birth": toDay, "optin": toFlag, "link_number": toText, "assigned_admin_id": toInt,
			"linked_memo": toText, "mail_delivery_stop": toFlag, "is_blacklist": toFlag,
		}, optionKeys),
	}
}

func addressKind() *kind {
	return &kind{
		table: "addresses", typ: "address", code: "AD",
		keys: map[string]coercion{
			"name01": toText, "name02": toText, "kana01": toText, "kana02": toText, "company_name": toText, "zip01": toText, "zip02": toText,
			"prefecture_id": toInt, "addr01": toText, "addr02": toText, "addr03": toText, "tel01": toText, "tel02": toText, "tel03": toText,
		},
	}
}

func orderKind() *kind {
	return &kind{
		table: "orders", typ: "order", code: "OR",
		filters: with(stamps, "number", "customer_id", "subs_order_id", "url_id", "state", "payment_state", "email", "total", "payment_total",
			"shipping_carrier_id", "stock_location_id", "times", "scheduled_to_be_shipped_at", "payment_payment_method_id", "link_number", "shipped_at"),
		heavy: []string{
			"labels", "customer_labels", "subs_order_labels", "product_labels", "order_free_columns", "campaigns", "bundled_items",
			"url_id", "payment_total", // which ones are missing is not public, so any may be
		},
		always: []string{"customer"},
		relations: map[string]relation{
			"customer":           {table: "customers", by: "id", own: "customer_id"},
			"subs_order":         {table: "subs_orders", by: "id", own: "subs_order_id"},
			"billing_address":    {table: "addresses"},
			"shipping_address":   {table: "addresses"},
			"shipping_addresses": {table: "addresses", many: true},
			"order_items":        {table: "order_items", many: true, by: "order_id"},
			"payment":            {table: "payments", by: "order_id"},
		},
		keys: map[string]coercion{
			"store_id": toInt, "state": toText, "shipping_carrier_id": toInt, "remark": toText, "scheduled_to_be_shipped_at": toStamp,
			"scheduled_to_be_delivered_at": toStamp, "scheduled_delivery_time_id": toInt, "delivered_at": toStamp, "memo01": toText, "memo02": toText,
			"assigned_admin_id": toInt, "linked_memo": toText, "adjustment": toInt, "url": toText, "order_free_columns": toAny,
		},
	}
}

func orderItemKind() *kind {
	return &kind{
		table: "order_items", typ: "order_item", code: "OI",
		keys: map[string]coercion{"variant_id": toInt, "quantity": toInt},
	}
}

func paymentKind() *kind {
	return &kind{
		table: "payments", typ: "payment", code: "PM",
		relations: map[string]relation{"source": {table: "credit_cards"}},
		keys:      map[string]coercion{"payment_method_id": toInt, "source_id": toInt, "source_type": toText},
	}
}

func subsOrderKind() *kind {
	return &kind{
		table: "subs_orders", typ: "sub_order", code: "SO",
		filters: with(stamps, "number", "times", "orders_count", "state", "link_number", "suspended_at", "canceled_at"),
		heavy:   []string{"orders_count", "orders_paid_count", "labels", "available_payment_schedules", "order_free_columns"},
		always:  []string{"customer"},
		relations: map[string]relation{
			"customer":         {table: "customers", by: "number", own: "customer_number"},
			"payment":          {table: "payments", by: "subs_order_id"},
			"orders":           {table: "orders", many: true, by: "subs_order_id"},
			"order_items":      {table: "order_items", many: true},
			"shipping_address": {table: "addresses"},
		},
		keys: map[string]coercion{
			"state": toText, "cancel_reason_ids": toIDs, "suspend_reason_ids": toIDs, "times": toInt, "scheduled_to_be_shipped_at": toStamp,
			"scheduled_to_be_delivered_at": toStamp, "skip_next_scheduled_delivery": toFlag, "memo01": toText, "memo02": toText,
			"payment_schedule": toText, "link_number": toText, "linked_memo": toText,
		},
	}
}

func productKind() *kind {
	return &kind{
		table: "products", typ: "product", code: "PR",
		filters: with(stamps, "number", "name", "link_number", "product_category_names"),
		heavy:   []string{"description"},
		relations: map[string]relation{
			"variants":           {table: "variants", many: true, by: "product_id"},
			"thumbnail":          {table: "thumbnails"},
			"bundled_items":      {table: "bundled_items", many: true},
			"product_categories": {table: "product_categories", many: true},
			"labels":             {table: "labels", many: true},
		},
		keys: keys(map[string]coercion{
			"name": toText, "number": toText, "state": toText, "for_sale": toFlag, "position": toInt, "description": toText, "link_number": toText,
		}, optionKeys),
	}
}

func variantKind() *kind {
	return &kind{
		table: "variants", typ: "variant", code: "PR",
		relations: map[string]relation{"thumbnails": {table: "thumbnails", many: true}},
		keys: map[string]coercion{
			"sku": toText, "name": toText, "state": toText, "for_sale": toFlag, "list_price": toInt, "sales_price": toInt, "link_number": toText,
		},
	}
}

func stockItemKind() *kind {
	return &kind{
		table: "stock_items", typ: "stock_item", code: "SI",
		filters: []string{"id", "variant_sku", "stock_location_code", "stock_location_id", "product_id", "product_number", "variant_id", "stock"},
	}
}

func urlKind() *kind {
	return &kind{table: "urls", typ: "url", code: "UR", filters: with(stamps, "base_url", "url_group_id", "advertiser_id")}
}
