package main

import (
	"testing"
)

func TestOrderUpdateIgnoresWhatItDoesNotTake(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/orders/88213.json", `{"order":{"memo01":"m","state":"wmswait","tbc":true,"label_ids":[1]}}`)
	expect(t, "status", status, 200)
	expect(t, "memo01", at(doc, "data", "attributes", "memo01"), "m")
	expect(t, "state", at(doc, "data", "attributes", "state"), "wmswait")
	expect(t, "tbc", at(doc, "data", "attributes", "tbc"), false)
	expect(t, "labels", at(doc, "data", "attributes", "labels"), "")
}

func TestShippingResults(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "PUT", "/admin/orders/shipping.json", `{"orders":[
		{"id":88213,"shipping_slip":"4400-1","shipping_carrier_id":1,"shipped_at":"2025-02-12 10:00:00","shipping_address_id":120},{"id":1,"shipping_slip":"x"}],"with_async":0}`)
	expect(t, "success", at(doc, "success", 0), "88213-120")
	expect(t, "failure", at(doc, "failure", 0), 1.0)
	_, doc = s.call(t, "GET", "/admin/orders/88213.json", "")
	expect(t, "shipped_at", at(doc, "data", "attributes", "shipped_at"), "2025/02/12 10:00:00")
	expect(t, "state", at(doc, "data", "attributes", "state"), "shipped")
	_, doc = s.call(t, "PUT", "/admin/orders/shipping.json", `{"orders":[{"id":88213,"shipping_slip":"1"}],"with_async":1}`)
	expect(t, "async", at(doc, "job_id") != nil, true)
}

func TestVoidMovesTheCounterUnlessToldNotTo(t *testing.T) {
	s := startShop(t)
	times := func() any {
		_, doc := s.call(t, "GET", "/admin/subs_orders/5120.json", "")
		return at(doc, "data", "attributes", "times")
	}
	s.call(t, "POST", "/admin/orders/88213/payment_status.json", `{"method":"void","decrement_subs_order_times":0,"recalculate_subs_order":0}`)
	expect(t, "told", times(), 3.0)
	s.call(t, "POST", "/admin/orders/88213/payment_status.json", `{"method":"void"}`)
	expect(t, "not told", times(), 2.0)
}

func TestSubscriptionUpdate(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"canceled","cancel_reason_ids":["3"]}}`)
	expect(t, "human_state", at(doc, "data", "attributes", "human_state"), "キャンセル")
	expect(t, "canceled_at", at(doc, "data", "attributes", "canceled_at") != nil, true)
	expect(t, "reasons", at(doc, "data", "attributes", "cancel_reasons"), "引っ越し")
	_, doc = s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"cancel_reason_ids":["null"]}}`)
	expect(t, "cleared", at(doc, "data", "attributes", "cancel_reasons"), "")
	status, _ := s.call(t, "POST", "/admin/subs_orders/5120/orders.json", "")
	expect(t, "order of a canceled one", status, 422)
	s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"active"}}`)
	status, _ = s.call(t, "POST", "/admin/subs_orders/5120/orders.json", "")
	expect(t, "order", status, 204)
}

func TestStock(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/stock_items.json", `{"stock_items":[
		{"variant_sku":"P-1-A","stock_location_code":"default","stock":100},{"variant_sku":"X","stock_location_code":"wh2","stock":15}]}`)
	expect(t, "status", status, 200)
	expect(t, "success", at(doc, "success", 0, "stock"), "100")
	expect(t, "failure", at(doc, "failure", 0, "stock"), 15.0)
	expect(t, "error id", at(doc, "errors", 0, "id"), "X")
	expect(t, "error", at(doc, "errors", 0, "errors", 0, "code"), "ASI2002")
	_, doc = s.call(t, "GET", "/admin/stock_items.json?q[variant_sku_eq]=P-1-A&q[stock_location_code_eq]=default", "")
	expect(t, "stock", at(doc, "data", 0, "attributes", "stock"), 100.0)
}

func TestProducts(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "POST", "/admin/products/bulk_create.json", `{"products":[{"name":"新作","number":"N-1","variant_attributes":{"sku":"N-1-A","sales_price":1200,"for_sale":1}}]}`)
	expect(t, "job", at(doc, "job_id") != nil, true)
	_, doc = s.call(t, "GET", "/admin/products.json?q[number_eq]=N-1&include=variants", "")
	expect(t, "sku", at(doc, "included", 0, "attributes", "sku"), "N-1-A")
	s.call(t, "PUT", "/admin/products/bulk_update.json", `{"products":[{"id":1,"master_attributes":{"sales_price":999}}]}`)
	_, doc = s.call(t, "GET", "/admin/products/1.json", "")
	expect(t, "price", at(doc, "data", "attributes", "master_sales_price"), 999.0)
}

func TestLabels(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/labels.json", "")
	expect(t, "plain", at(doc, "data", 0, "name"), "VIP")
	s.call(t, "PUT", "/admin/labeling.json", `{"type":"Customer","method":"add","target_ids":[30511],"label_ids":[1,2]}`)
	s.call(t, "PUT", "/admin/labeling.json", `{"type":"Customer","method":"remove","target_ids":[30511],"label_ids":[1]}`)
	_, doc = s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "labels", at(doc, "data", "attributes", "labels"), "要フォロー")
}

func TestAccessCounts(t *testing.T) {
	s := startShop(t)
	_, doc := s.call(t, "GET", "/admin/advertisements.json?q[url_id_in][]=1&q[url_id_in][]=2", "")
	total := func(i int, key string) float64 {
		n, _ := at(doc, "data", "access_count", i, key).(float64)
		return n
	}
	expect(t, "two", at(doc, "data", "access_count", 2), nil)
	expect(t, "sum", total(0, "total"), total(0, "pc")+total(0, "sp")+total(0, "other"))
	expect(t, "period", len(at(doc, "created_at_gteq").(string)), len("2025/02/01 00:00:00"))
}
