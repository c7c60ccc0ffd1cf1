package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"time"
)

// seeded is when the shop's history begins.
var seeded = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// seed fills the shop: the people and orders of the reference's examples, then
// more of the kind, the same for the same seed.
func (s *shop) seed() {
	random := rand.New(rand.NewPCG(uint64(s.env.Seed), 7)) //nolint:gosec // made-up data
	s.store(kindLocation, "222000", 0, object{"name": "本社倉庫"})
	s.store(kindLocation, "222001", 0, object{"name": "大阪倉庫"})
	s.seedProducts()
	s.store(kindCustomer, "7770001", 1, object{
		"firstName": "花子", "lastName": "山田", "email": "hanako@example.com", "phone": "+819012345678", "state": "ENABLED", "marketingState": "SUBSCRIBED",
		"tags": []any{"VIP"}, "addresses": []any{tokyo()},
	})
	s.store(kindCustomer, "7770002", 2, object{
		"firstName": "太郎", "lastName": "鈴木", "email": "taro@example.com", "phone": "+818011112222",
		"tags": []any{"Active_Subscriber", "subscription-5001-plan:毎月お届け", "subscription-5001-product:緑茶", "subscription-5001-skip-count:1"},
	})
	s.store(kindCustomer, "7770003", 3, object{
		"firstName": "次郎", "lastName": "佐藤", "email": "jiro@example.com",
		"tags": []any{"subscription-5002-plan:毎月お届け", "subscription-5002-pause:2026-02-01", "subscription-5003-cancel:2026-01-20"},
	})
	s.seedOrders()
	for i := range 20 {
		s.seedPerson(i, random)
	}
	s.store(kindCheckout, "33330000", 100, object{
		"token": "3f9dd0c1", "cartToken": "c1-abc", "customerId": gid(kindCustomer, "7770001"), "email": "hanako@example.com",
		"lineItems": []any{s.line("4440001", 2)},
	})
	s.last[kindCustomer], s.last[kindOrder], s.last["LineItem"] = 7_780_000, 5_560_000_000_000, 13_140_000
}

// store puts a record with all its members, stamped that many hours after the beginning.
func (s *shop) store(kind, id string, hours int, fields object) {
	record := s.blank(kind, gid(kind, id))
	at := seeded.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339)
	record["createdAt"], record["updatedAt"] = at, at
	if kind == kindOrder {
		record["processedAt"] = at
	}
	maps.Copy(record, fields)
	s.complete(record)
	s.put(record)
}

func tokyo() object {
	return object{
		"id": gid("MailingAddress", "8880001") + "?model_name=CustomerAddress", "firstName": "花子", "lastName": "山田", "name": "山田 花子",
		"company": nil, "zip": "100-0001", "province": "東京都", "provinceCode": "JP-13", "city": "千代田区", "address1": "千代田1-1",
		"address2": "101", "countryCodeV2": "JP", "phone": "090-1234-5678",
	}
}

func (s *shop) seedProducts() {
	for i, p := range []struct{ id, title, handle, variant, sku, price string }{
		{"9990001", "緑茶", "green-tea", "4440001", "TEA-01", "2000"},
		{"9990002", "ほうじ茶", "hojicha", "4440002", "TEA-02", "1800"},
		{"9990003", "急須", "teapot", "4440003", "POT-01", "5400"},
		{"9990004", "湯のみ", "cup", "4440004", "TEA-01", "900"}, // a SKU is not unique
	} {
		s.store(kindProduct, p.id, i, object{
			"title": p.title, "handle": p.handle, "tags": []any{"お茶"}, "onlineStoreUrl": "https://shop.example.com/products/" + p.handle,
			"descriptionHtml": "<p>" + p.title + "</p>", "images": []any{"https://cdn.example.com/" + p.handle + ".jpg"},
		})
		s.store(kindVariant, p.variant, i, object{
			"productId": gid(kindProduct, p.id), "sku": p.sku, "barcode": "490000000000" + strconv.Itoa(i), "title": "100g", "price": p.price,
			"selectedOptions": []any{object{"name": "内容量", "value": "100g"}},
		})
		s.tables[kindItem].Put(gid(kindItem, p.variant), object{"id": gid(kindItem, p.variant), "sku": p.sku, "tracked": true})
		level := s.blank(kindLevel, levelID(p.variant, "222000"))
		level["itemId"], level["locationId"], level["available"] = gid(kindItem, p.variant), gid(kindLocation, "222000"), int64(10+i)
		s.put(level)
	}
}

// line is a line of that many pieces of a variant.
func (s *shop) line(variant string, quantity int64) object {
	return object{"variantId": gid(kindVariant, variant), "quantity": quantity}
}

func (s *shop) seedOrders() {
	s.store(kindOrder, "5550001112223", 24, object{
		"name": "#1042", "email": "hanako@example.com", "phone": "+819012345678", "note": "置き配希望", "tags": []any{"VIP"}, "customerId": gid(kindCustomer, "7770001"),
		"customAttributes": []any{object{"key": "お届け希望日", "value": "2026-11-06"}}, "discountCodes": []any{"SAVE10"},
		"lineItems": []any{object{
			"variantId": gid(kindVariant, "4440001"), "quantity": int64(2), "discount": "400", "id": gid("LineItem", "13130001"),
			"customAttributes": []any{object{"key": "ギフト", "value": "あり"}},
		}},
		"shippingLine": object{"title": "宅配便", "code": "std", "price": "500"}, "tax": "267", "checkoutToken": "c0ffee", "cartToken": "c1-old",
		"shippingAddress": tokyo(), "billingAddress": tokyo(),
	})
	plan := object{"name": "毎月お届け", "sellingPlanId": "gid://shopify/SellingPlan/77"}
	s.store(kindOrder, "5550001112224", 48, object{
		"name": "#1043", "email": "taro@example.com", "tags": []any{"subscription-count-3", "定期"}, "customerId": gid(kindCustomer, "7770002"),
		"lineItems": []any{
			object{"variantId": gid(kindVariant, "4440001"), "quantity": int64(1), "sellingPlan": plan},
			object{"variantId": gid(kindVariant, "4440003"), "quantity": int64(1)},
		},
		"fulfillments": []any{object{
			"createdAt": "2026-01-08T03:00:00Z", "updatedAt": "2026-01-08T03:00:00Z",
			"trackingInfo": []any{object{"company": "ヤマト運輸", "number": "1234-5678-9012", "url": "https://track.example.com/123456789012"}},
		}},
	})
}

// seedPerson makes one more customer with an order.
func (s *shop) seedPerson(i int, random *rand.Rand) {
	id := strconv.Itoa(7_771_000 + i)
	s.store(kindCustomer, id, 50+i, object{
		"lastName": pick([]string{"田中", "伊藤", "渡辺", "高橋", "小林"}, i), "firstName": pick([]string{"愛", "健", "美咲", "翔"}, i),
		"email": fmt.Sprintf("person%d@example.com", i), "phone": fmt.Sprintf("+8190%08d", random.IntN(100_000_000)),
	})
	s.store(kindOrder, strconv.Itoa(5_550_002_000_000+i), 50+i, object{
		"name": fmt.Sprintf("#%d", 1100+i), "email": fmt.Sprintf("person%d@example.com", i), "customerId": gid(kindCustomer, id),
		"lineItems": []any{s.line(pick([]string{"4440001", "4440002", "4440003"}, random.IntN(3)), 1+random.Int64N(3))},
	})
}
