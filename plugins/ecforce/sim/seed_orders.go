package main

import (
	"fmt"
	"strings"
	"time"
)

// history gives a customer orders, and some of them a subscription.
func (b *seeder) history(rec *record, at time.Time) {
	count := b.rand.IntN(3)
	var subs *record
	if rec.id == hanako {
		count = 3
	}
	if rec.id%4 == hanako%4 && count > 0 {
		subs = b.subsOrder(rec, at, count)
	}
	total := int64(0)
	for i := range count {
		order := b.order(rec, subs, i, at.AddDate(0, i, 0))
		total += order.attrs["total"].(int64) //nolint:errcheck,forcetypeassert // written by order
	}
	if count == 0 {
		return
	}
	last := at.AddDate(0, count-1, 0)
	b.tables["customers"].change(rec, attributes{
		"buy_times": int64(count), "buy_total": total, "first_order_completed_at": stamp(at), "last_order_completed_at": stamp(last), "updated_at": stamp(last.Add(time.Second)),
	})
}

func (b *seeder) subsOrder(customer *record, at time.Time, count int) *record {
	t := b.tables["subs_orders"]
	id := t.nextID()
	state, suspended := "active", any(nil)
	if customer.id == hanako {
		id, state, suspended = hanakoSubsOrder, "suspend", stamp(at.AddDate(0, 3, 0))
	} else if id == hanakoSubsOrder {
		id = t.nextID()
	}
	rec := t.put(id, attributes{
		"number": fmt.Sprintf("c%09x", id*2654435761%(1<<36)), "customer_number": customer.attrs["number"], "times": int64(count), "orders_count": int64(count),
		"orders_paid_count": int64(count), "state": state, "human_state": subsStates[state], "subtotal": int64(3980), "store": "本店",
		"payment_method_name": "クレジットカード", "payment_schedule": "1ヶ月ごとの1日に配送", "available_payment_schedules": []any{"1ヶ月ごと", "2ヶ月ごと"},
		"scheduled_to_be_shipped_at": stamp(at.AddDate(0, count, 0)), "scheduled_to_be_delivered_at": stamp(at.AddDate(0, count, 2)),
		"skip_next_scheduled_delivery": false, "recurring_block_times": int64(0), "remaining_block_times": int64(0), "remaining_number_of_orders": nil,
		"suspend_reasons": map[string]any{"suspend": "余っている"}[state], "cancel_reasons": "", "suspend_reason_ids": []any{}, "cancel_reason_ids": []any{},
		"suspended_at": suspended, "canceled_at": nil, "elapsed_days_from_suspended": nil, "elapsed_days_from_canceled": nil,
		"tbc": false, "tbc_subs_order_reasons": "", "memo01": "", "memo02": "", "labels": "", "link_number": "", "linked_memo": "", "order_free_columns": []any{},
		"created_at": stamp(at), "updated_at": stamp(at.AddDate(0, count-1, 0)), "deleted_at": nil,
	}, map[string][]int64{"shipping_address": customer.links["billing_address"]})
	t.last = max(t.last, id)
	return rec
}

func (b *seeder) order(customer, subs *record, nth int, at time.Time) *record {
	t := b.tables["orders"]
	id := t.nextID()
	if customer.id == hanako && nth == 0 {
		id = hanakoOrder
	} else if id == hanakoOrder {
		id = t.nextID()
	}
	total := int64(1980 + 1000*nth)
	attrs := b.orderAttributes(customer, id, total, at)
	if nth == 0 {
		b.ship(attrs, at)
	}
	links := customer.links["billing_address"]
	own := map[string][]int64{"billing_address": links, "shipping_address": links, "shipping_addresses": links}
	if subs != nil {
		attrs["subs_order_id"], attrs["subs_order_number"], attrs["times"], attrs["kind"] = subs.id, subs.attrs["number"], int64(nth+1), "定期受注"
	}
	rec := t.put(id, attrs, own)
	b.orderItem(rec, total, at)
	payments := b.tables["payments"]
	payments.put(payments.nextID(), attributes{
		"order_id": id, "subs_order_id": attrs["subs_order_id"], "state": "completed", "human_state_name": "売上済み",
		"payment_method_id": int64(1), "payment_method_name": "クレジットカード", "created_at": stamp(at), "updated_at": stamp(at),
	}, nil)
	return rec
}

func (b *seeder) orderAttributes(customer *record, id, total int64, at time.Time) attributes {
	attrs := attributes{
		"number": fmt.Sprintf("b%09x", id*2654435761%(1<<36)), "customer_id": customer.id, "customer_number": customer.attrs["number"], "email": customer.attrs["email"],
		"subs_order_id": nil, "subs_order_number": nil, "times": nil, "kind": "通常受注", "nth": int64(1), "state": "complete", "human_state": "注文確定",
		"payment_state": "completed", "payment_human_state": "売上済み", "payment_method_id": int64(1), "payment_method_name": "クレジットカード", "payment_times": int64(1),
		"payment_last_error_message": nil, "completed_at": stamp(at), "shipped_at": nil, "delivered_at": nil,
		"scheduled_to_be_shipped_at": stamp(at.AddDate(0, 0, 2)), "scheduled_to_be_delivered_at": stamp(at.AddDate(0, 0, 4)),
		"scheduled_delivery_time": "", "scheduled_delivery_time_id": nil, "scheduled_delivery_time_code": nil,
		"shipping_carrier_id": int64(1), "shipping_carrier_name": "ヤマト運輸", "shipping_carrier_code": "yamato", "shipping_slip": nil, "tracking_url": nil,
		"payment_authed_at": stamp(at), "payment_completed_at": stamp(at), "payment_paid_at": nil, "payment_voided_at": nil,
		"redeem_point": int64(0), "reward_point": total / 100, "grant_plan_point": int64(0), "coupons": "", "invite_code": "", "campaigns": []any{},
		"url_id": id%5 + 1, "url": fmt.Sprintf("lp%02d", id%5+1), "url_group": "検索広告", "advertiser": "広告代理店A", "store": "本店", "store_id": int64(1), "cv_route": "", "device_variant": "sp", "ip": "192.0.2.1",
		"labels": "", "customer_labels": "", "subs_order_labels": "", "product_labels": "", "memo01": "", "memo02": "", "linked_memo": "", "link_number": "",
		"remark": "", "tbc": false, "tbc_order_reasons": "", "last_order": true, "order_free_columns": []any{}, "assigned_admin_id": nil,
		"bundled_items": []any{}, "product_name_with_tax": "うるおい化粧水", "created_at": stamp(at), "updated_at": stamp(at), "deleted_at": nil,
	}
	money := attributes{
		"subtotal": total - 500, "discount": int64(0), "point": int64(0), "deliv_fee": int64(500), "charge": int64(0), "misc_fee": int64(0), "adjustment": int64(0),
		"tax": total / 11, "total": total, "payment_total": total, "total10": total, "total8": int64(0), "tax10": total / 11, "tax8": int64(0),
	}
	for key, v := range money {
		attrs[key] = v
	}
	if id == hanakoOrder {
		attrs["number"] = "b41f09c7aa"
	}
	return attrs
}

// ship makes an order's attributes those of one that was sent two days later.
func (b *seeder) ship(attrs attributes, at time.Time) {
	sent := stamp(at.AddDate(0, 0, 2))
	attrs["state"], attrs["human_state"], attrs["shipped_at"], attrs["updated_at"] = "shipped", "発送完了", sent, sent
	attrs["shipping_slip"] = fmt.Sprintf("4400-%04d", b.rand.IntN(10000))
}

func (b *seeder) orderItem(order *record, total int64, at time.Time) {
	variants := b.tables["variants"].rows.Select(nil)
	variant := variants[b.rand.IntN(len(variants))]
	t := b.tables["order_items"]
	t.put(t.nextID(), attributes{
		"order_id": order.id, "variant_id": variant.id, "product_bundled_item_id": nil, "product_number": strings.TrimSuffix(variant.text("sku"), "-A"),
		"product_name": variant.attrs["name"], "product_category_names": "化粧水", "product_maker_name": "", "variant_sku": variant.attrs["sku"],
		"stock_location_id": int64(1), "stock_location_name": "本社倉庫", "list_price": total - 500, "sales_price": total - 500, "price": total - 500,
		"quantity": int64(1), "set_item_quantity": int64(1), "point_exchange_quantity": int64(0), "tax_rate": int64(10), "onetime": false, "skip": false,
		"gift_target_list": []any{}, "created_at": stamp(at), "updated_at": stamp(at),
	}, nil)
}
