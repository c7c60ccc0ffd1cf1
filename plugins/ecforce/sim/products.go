package main

import (
	"net/http"
	"slices"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) productRoutes() {
	t := s.tables["products"]
	s.handle("PUT", "/products/bulk_update", s.write(t.kind, s.bulkUpdate(t, s.reviseProduct)))
	s.handle("POST", "/products/bulk_create", s.write(t.kind, s.bulkCreateProducts))
	s.handle("PUT", "/stock_items", s.write(s.tables["stock_items"].kind, s.setStock))
}

func (s *shop) reviseProduct(rec *record, body object, checkLink bool) (*record, *refusal) {
	t := s.tables["products"]
	changes := accept(t.keys, body)
	if link := asText(changes["link_number"]); checkLink && link != "" && s.productLinkTaken(link, rec.id) {
		return nil, t.invalid("連携番号はすでに存在します。")
	}
	if master := accept(s.tables["variants"].keys, part(body, "master_attributes")); len(master) > 0 {
		s.reviseMaster(rec, master)
		for variant, own := range map[string]string{"sales_price": "master_sales_price", "list_price": "master_list_price", "sku": "master_sku"} {
			if v, given := master[variant]; given {
				changes[own] = v
			}
		}
	}
	if state, given := changes["state"]; given {
		changes["human_state"] = map[any]string{"active": "有効", "inactive": "無効"}[state]
	}
	changes["updated_at"] = s.now()
	rec = t.change(rec, changes)
	s.announce("product_updated", "product", rec)
	return rec, nil
}

func (s *shop) productLinkTaken(link string, id int64) bool {
	return slices.ContainsFunc(s.tables["products"].rows.Find("link_number", link), func(r *record) bool { return r.id != id })
}

// reviseMaster changes the product's master variant.
func (s *shop) reviseMaster(rec *record, changes attributes) {
	t := s.tables["variants"]
	for _, variant := range s.related(s.tables["products"], rec, "variants") {
		if variant.attrs["is_master"] == true {
			changes["updated_at"] = s.now()
			t.change(variant, changes)
		}
	}
}

// bulkCreateProducts is asynchronous: it answers a job before anything is known.
func (s *shop) bulkCreateProducts(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	for _, draft := range objects(body, "products") {
		if rec := s.addProduct(draft, flag(body, "check_duplicate_link_numbers")); rec != nil {
			simkit.Effect(w, "create product "+rec.key())
		}
	}
	s.job(w)
	return nil
}

// addProduct registers a product with its master variant and its stock; nil if it is not valid.
func (s *shop) addProduct(draft object, checkLink bool) *record {
	t := s.tables["products"]
	changes := accept(t.keys, draft)
	variant := accept(s.tables["variants"].keys, part(draft, "variant_attributes"))
	sku := asText(variant["sku"])
	link := asText(changes["link_number"])
	if asText(changes["name"]) == "" || sku == "" || (checkLink && link != "" && s.productLinkTaken(link, 0)) {
		return nil
	}
	now := s.now()
	attrs := attributes{
		"number": sku, "state": "active", "human_state": "有効", "for_sale": true, "position": int64(1), "is_recurring": false,
		"product_category_names": "", "master_list_price": variant["list_price"], "master_sales_price": variant["sales_price"], "master_sku": sku,
		"tax_id": int64(1), "link_number": "", "description": "", "labels": "", "first_price": nil, "created_at": now, "updated_at": now, "deleted_at": nil,
	}
	for key, v := range changes {
		attrs[key] = v
	}
	rec := t.put(t.nextID(), attrs, nil)
	s.addVariant(rec, variant, true)
	s.announce("product_created", "product", rec)
	return rec
}

// addVariant adds a variant and its stock at every location.
func (s *shop) addVariant(product *record, changes attributes, master bool) {
	t, now := s.tables["variants"], s.now()
	attrs := attributes{
		"name": product.text("name"), "state": "active", "for_sale": true, "is_master": master, "product_id": product.id, "list_price": nil,
		"sales_price": nil, "options": []object{}, "link_number": "", "created_at": now, "updated_at": now,
	}
	for key, v := range changes {
		attrs[key] = v
	}
	variant := t.put(t.nextID(), attrs, nil)
	stock := s.tables["stock_items"]
	for i, location := range [][2]string{{"default", "本社倉庫"}, {"wh2", "西日本倉庫"}} {
		stock.put(stock.nextID(), attributes{
			"stock_location_id": int64(i + 1), "stock_location_code": location[0], "stock_location_name": location[1],
			"product_id": product.id, "product_number": product.attrs["number"], "variant_id": variant.id, "variant_sku": variant.attrs["sku"],
			"stock": int64(0), "stock_unlimited": false, "stock_alert": false, "stock_borderline": int64(10), "created_at": now, "updated_at": now,
		}, nil)
	}
}

// stockLine is one absolute stock as requests and answers show it.
type stockLine struct {
	SKU      string `json:"variant_sku"`
	Location string `json:"stock_location_code"`
	Stock    any    `json:"stock"`
}

// setStock sets stocks. What succeeded is told with the number as text.
func (s *shop) setStock(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	t := s.tables["stock_items"]
	items := objects(body, "stock_items")
	if len(items) == 0 {
		return t.badParameter("stock_items")
	}
	answer := newBulkAnswer()
	for _, item := range items {
		line := stockLine{SKU: asText(item["variant_sku"]), Location: asText(item["stock_location_code"]), Stock: item["stock"]}
		err := s.setStockLine(w, &line)
		answer.add(t.kind, line.SKU, line, err)
	}
	simkit.WriteJSON(w, http.StatusOK, answer)
	return nil
}

func (s *shop) setStockLine(w http.ResponseWriter, line *stockLine) *refusal {
	t := s.tables["stock_items"]
	stock, ok := toInt(line.Stock)
	if line.SKU == "" || line.Location == "" || !ok || stock == nil {
		return t.invalid("variant_sku, stock_location_code, stockは必須です。")
	}
	for _, row := range t.rows.Find("variant_sku", line.SKU) {
		if row.text("stock_location_code") == line.Location {
			t.change(row, attributes{"stock": stock, "updated_at": s.now()})
			simkit.Effect(w, "set stock "+line.SKU+"@"+line.Location+"="+asText(stock))
			line.Stock = asText(stock)
			return nil
		}
	}
	return &refusal{http.StatusNotFound, "ASI2002", "在庫が見つかりません。"}
}
