package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// prefectures in the order of their JIS numbers, 1 to 47.
var prefectures = strings.Fields(`北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県
	石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県
	徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県`)

// Made-up people are put together from these.
var (
	familyNames = []string{"佐藤/サトウ", "鈴木/スズキ", "高橋/タカハシ", "田中/タナカ", "伊藤/イトウ", "渡辺/ワタナベ", "中村/ナカムラ", "小林/コバヤシ", "加藤/カトウ", "吉田/ヨシダ"}
	givenNames  = []string{"結衣/ユイ/yui", "陽菜/ヒナ/hina", "美咲/ミサキ/misaki", "葵/アオイ/aoi", "蓮/レン/ren", "大翔/ヒロト/hiroto", "悠真/ユウマ/yuma", "健太/ケンタ/kenta"}
	towns       = []string{"中央区本町", "北区緑町", "南区桜台", "東区若葉", "西区青葉"}
)

const (
	seedCustomers   = 120
	firstCustomer   = 30501
	firstOrder      = 88201
	firstSubsOrder  = 5101
	hanako          = 30511
	hanakoOrder     = 88213
	hanakoSubsOrder = 5120
)

// seeder fills a shop with the data of one seed.
type seeder struct {
	*shop
	rand *rand.Rand
	// epoch is the morning of the first record; everything else is later.
	epoch time.Time
}

func (s *shop) seed() {
	b := seeder{
		shop: s, rand: rand.New(rand.NewPCG(uint64(s.env.Seed), 1)), //nolint:gosec // made-up data
		epoch: time.Date(2024, 1, 10, 9, 12, 40, 0, jst),
	}
	b.urls()
	s.env.Clock.Freeze(b.epoch) // so that no time depends on when the sim starts
	defer s.env.Clock.Resume()
	b.masters()
	b.products()
	s.tables["customers"].last = firstCustomer - 1
	s.tables["orders"].last = firstOrder - 1
	s.tables["subs_orders"].last = firstSubsOrder - 1
	s.tables["addresses"].last = 900
	for i := range seedCustomers {
		b.customer(firstCustomer+int64(i), b.epoch.Add(time.Duration(i)*3*time.Hour))
	}
}

func (b *seeder) masters() {
	rows := map[string][]string{
		"stores": {"本店"}, "payment_methods": {"クレジットカード", "NP後払い", "代金引換"}, "shipping_carriers": {"ヤマト運輸", "佐川急便", "日本郵便"},
		"sexes": {"男性", "女性", "その他"}, "product_categories": {"化粧水", "美容液", "お試し"}, "url_groups": {"検索広告", "SNS広告"},
		"cancel_reasons": {"効果を感じない", "価格が高い", "引っ越し"}, "suspend_reasons": {"余っている", "旅行"},
	}
	for table, names := range rows {
		for i, name := range names {
			attrs := attributes{"name": name, "created_at": stamp(b.epoch), "updated_at": stamp(b.epoch)}
			if strings.HasSuffix(table, "_reasons") {
				attrs["parent_reason_id"] = nil
			}
			b.tables[table].put(int64(i+1), attrs, nil)
		}
	}
	for _, label := range []string{"Customer/VIP", "Customer/要フォロー", "Customer/LINE連携済", "Order/熨斗", "SubsOrder/解約防止", "Product/新商品"} {
		typ, name, _ := strings.Cut(label, "/")
		b.addLabel(typ, name, "#cc3366")
	}
}

func (b *seeder) products() {
	for i, name := range []string{"うるおい化粧水", "うるおい化粧水 定期", "朝の美容液", "夜の美容液", "お試し7日分", "クレンジング", "日焼け止め", "ハンドクリーム"} {
		sku := fmt.Sprintf("P-%d-A", i+1)
		price := strconv.Itoa(1200 + 400*i)
		product := b.addProduct(object{
			"name": name, "number": fmt.Sprintf("P-%d", i+1), "variant_attributes": object{"sku": sku, "name": name, "sales_price": price, "list_price": price},
		}, false)
		at := stamp(b.epoch.AddDate(0, 0, i))
		b.tables["products"].change(product, attributes{
			"is_recurring": i%2 == 1, "product_category_names": "化粧水", "created_at": at, "updated_at": at, "description": name + "です。",
		})
	}
	for _, row := range b.tables["stock_items"].rows.Select(nil) {
		b.tables["stock_items"].change(row, attributes{"stock": int64(50 + b.rand.IntN(100)), "updated_at": stamp(b.epoch)})
	}
}

func (b *seeder) urls() {
	for i := range 5 {
		id := int64(i + 1)
		b.tables["urls"].put(id, attributes{
			"base_url": fmt.Sprintf("lp%02d", id), "url_group_id": int64(i%2 + 1), "url_group_name": "検索広告", "advertiser_id": int64(1),
			"advertiser_name": "広告代理店A", "description": "", "purchase_count": int64(10 * i), "upsell": false, "cost": int64(100000 + 5000*i), "default": i == 0,
			"created_at": stamp(b.epoch), "updated_at": stamp(b.epoch),
		}, nil)
		for day := range 30 {
			t := b.tables["access_counts"]
			t.put(t.nextID(), attributes{
				"number": itoa(id), "day": b.today().AddDate(0, 0, -day).Format(dayLayout),
				"pc": int64(10 + b.rand.IntN(20)), "sp": int64(40 + b.rand.IntN(60)), "other": int64(b.rand.IntN(2)),
			}, nil)
		}
	}
}

func (b *seeder) customer(id int64, at time.Time) {
	t := b.tables["customers"]
	attrs := b.customerDefaults(id)
	family := strings.Split(familyNames[b.rand.IntN(len(familyNames))], "/")
	given := strings.Split(givenNames[b.rand.IntN(len(givenNames))], "/")
	sex := int64(1 + b.rand.IntN(2))
	birth := time.Date(1960+b.rand.IntN(45), time.Month(1+b.rand.IntN(12)), 1+b.rand.IntN(28), 0, 0, 0, 0, jst)
	address := object{
		"name01": family[0], "name02": given[0], "kana01": family[1], "kana02": given[1],
		"zip01": fmt.Sprintf("%03d", 100+b.rand.IntN(800)), "zip02": fmt.Sprintf("%04d", b.rand.IntN(10000)),
		"prefecture_id": strconv.Itoa(1 + b.rand.IntN(47)), "addr01": towns[b.rand.IntN(len(towns))], "addr02": fmt.Sprintf("%d-%d-%d", 1+b.rand.IntN(9), 1+b.rand.IntN(20), 1+b.rand.IntN(20)),
		"tel01": "090", "tel02": fmt.Sprintf("%04d", b.rand.IntN(10000)), "tel03": fmt.Sprintf("%04d", b.rand.IntN(10000)),
	}
	attrs["email"] = fmt.Sprintf("%s%d@example.com", given[2], id)
	if id == hanako {
		sex, birth = 2, time.Date(1988, 4, 2, 0, 0, 0, 0, jst)
		address = hanakoAddress()
		attrs["email"], attrs["number"] = "hanako@example.com", "7ac01be9f2"
	}
	attrs["sex_id"], attrs["sex"], attrs["birth"] = sex, b.nameOf("sexes", sex), birth.Format(dayLayout)
	attrs["optin"], attrs["created_at"], attrs["updated_at"] = b.rand.IntN(2) == 0, stamp(at), stamp(at)
	attrs["point"] = int64(10 * b.rand.IntN(50))
	rec := t.put(id, attrs, map[string][]int64{"billing_address": {b.addAddress(address).id}})
	b.history(rec, at)
}

func hanakoAddress() object {
	return object{
		"name01": "山田", "name02": "花子", "kana01": "ヤマダ", "kana02": "ハナコ", "zip01": "150", "zip02": "0001", "prefecture_id": "13",
		"addr01": "渋谷区神宮前", "addr02": "1-2-3", "tel01": "090", "tel02": "1111", "tel03": "2222",
	}
}

func stamp(t time.Time) string { return t.In(jst).Format(stampLayout) }
