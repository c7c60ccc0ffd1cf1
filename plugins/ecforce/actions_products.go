package main

import (
	"fmt"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func productActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("product.get", text("Fetch one product", "商品を1件取得する"), getProduct),
		sdk.Read("product.search", text("Search products", "商品を検索する"), searchProducts).Pages("products"),
		sdk.Do("product.register", text("Register a product later (asynchronous)", "商品を登録する(非同期)"), registerProduct).Confirm(confirmProduct),
		sdk.Do("product.update", text("Update a product; what is not named stays", "商品を更新する(指定した項目のみ)"), updateProduct).Idempotent(),
		sdk.Do("product.bulk_create", text("Register many products later (asynchronous)", "商品を一括登録する(非同期)"), bulkCreate("products")),
		sdk.Do("product.bulk_update", text("Update many products", "商品を一括更新する"), bulkUpdate("products")).Idempotent(),
	}
}

func getProduct(call *sdk.Call, in byID) (product, error) {
	s := shopOf(call)
	doc, err := readOne(s, "products", in.ID, s.ProductInclude)
	if err != nil {
		return product{}, fmt.Errorf("fetching product %s: %w", in.ID, err)
	}
	return productOf(doc.row()), nil
}

type searchProductsInput struct {
	ID         string `json:"id,omitempty" doc:"Product id" ja:"商品ID"`
	Number     string `json:"number,omitempty" doc:"Product number" ja:"商品番号"`
	Name       string `json:"name,omitempty" doc:"Name, exactly" ja:"商品名(完全一致)"`
	Contains   string `json:"name_contains,omitempty" doc:"Part of the name" ja:"商品名(部分一致)"`
	LinkNumber string `json:"link_number,omitempty" doc:"Link number" ja:"連携番号"`
	From       string `json:"created_from,omitempty" doc:"Registered at or after" ja:"登録日時(以降)"`
	Until      string `json:"created_until,omitempty" doc:"Registered before" ja:"登録日時(より前)"`
	Limit      int64  `json:"limit,omitempty" doc:"How many at the most; 0 means 100" ja:"最大件数(0は100件)"`
	Next       string `json:"next,omitempty" doc:"next of an earlier answer: goes on behind it" ja:"前回の出力のnext(続きを取得)"`
}

type productList struct {
	TotalSize int64     `json:"total_size" doc:"How many products match; behind next, how many of these are left" ja:"一致した件数(nextの続きでは残りの件数)"`
	Products  []product `json:"products" doc:"The products" ja:"商品"`
	Next      string    `json:"next" doc:"Where to go on; empty at the end" ja:"続きの位置(最後は空)"`
}

// searchProducts may be called without a condition: catalogues are small.
func searchProducts(call *sdk.Call, in searchProductsInput) (productList, error) {
	s := shopOf(call)
	q := query{path: "products", include: s.ProductInclude}
	for _, f := range []filter{{"id", in.ID}, {"number", in.Number}, {"name", in.Name}, {"link_number", in.LinkNumber}} {
		if f.value != "" {
			q.filters = append(q.filters, equal(f.name, f.value))
		}
	}
	if in.Contains != "" {
		q.filters = append(q.filters, filter{"q[name_cont]", in.Contains})
	}
	if err := q.between(byCreation, in.From, in.Until); err != nil {
		return productList{}, err
	}
	if err := q.behind(in.Next, false); err != nil {
		return productList{}, err
	}
	rows, total, err := q.fetch(s, limitOf(in.Limit))
	found := productList{TotalSize: total, Products: []product{}, Next: nextOf(rows, total)}
	for _, r := range rows {
		found.Products = append(found.Products, productOf(r))
	}
	return found, err
}

// productFields are what can be set of a product.
type productFields struct {
	Name       *string           `json:"name,omitempty" doc:"Name" ja:"商品名"`
	Number     *string           `json:"number,omitempty" doc:"Product number" ja:"商品番号"`
	State      *string           `json:"state,omitempty" doc:"State, such as active" ja:"状態(activeなど)"`
	OnSale     *bool             `json:"on_sale,omitempty" doc:"Whether it can be bought" ja:"販売中か"`
	Text       sdk.Change        `json:"description,omitempty" doc:"Description; null clears it" ja:"説明(nullで消去)"`
	LinkNumber sdk.Change        `json:"link_number,omitempty" doc:"Link number; null clears it" ja:"連携番号(nullで消去)"`
	SKU        *string           `json:"sku,omitempty" doc:"SKU of the master variant" ja:"基本SKU"`
	Price      *int64            `json:"sales_price,omitempty" doc:"Sales price of the master variant, in yen" ja:"販売価格(円)"`
	ListPrice  numberChange      `json:"list_price,omitempty" doc:"List price of the master variant, in yen; null clears it" ja:"定価(円)(nullで消去)"`
	Options    map[string]string `json:"options,omitempty" doc:"Shop-defined fields option01 to option10" ja:"オプション項目(option01〜option10)"`
}

// body returns the fields in the platform's names; variant is the name under which the master variant goes.
func (p *productFields) body(variant string) (fields, error) {
	f, master := fields{}, fields{}
	f.set("name", p.Name)
	f.set("number", p.Number)
	f.set("state", p.State)
	f.set("description", p.Text)
	f.set("link_number", p.LinkNumber)
	f.setFlag("for_sale", p.OnSale)
	master.set("sku", p.SKU)
	master.set("sales_price", p.Price)
	master.set("list_price", p.ListPrice)
	if len(master) > 0 {
		f[variant] = master
	}
	return f, f.setOptions(p.Options)
}

type registerProductInput struct{ productFields }

// registerProduct is asynchronous at the platform: search for the number, or
// wait for product.created, to see it come into being.
func registerProduct(call *sdk.Call, in registerProductInput) (job, error) {
	s := shopOf(call)
	if in.Name == nil || in.Number == nil || in.SKU == nil {
		return job{}, sdk.Errorf(abi.Invalid, "a new product needs name, number and sku")
	}
	draft, err := in.body("variant_attributes")
	if err != nil {
		return job{}, err
	}
	if variant, ok := draft["variant_attributes"].(fields); ok && in.OnSale != nil {
		variant.setFlag("for_sale", in.OnSale)
	}
	return sendJob(s, "/products/bulk_create", fields{"products": []fields{draft}, "check_duplicate_link_numbers": 1})
}

func confirmProduct(call *sdk.Call, in registerProductInput) (job, bool, error) {
	s := shopOf(call)
	if in.Number == nil || *in.Number == "" {
		return job{}, false, nil
	}
	found, err := searchProducts(s.Call, searchProductsInput{Number: *in.Number, Limit: 1})
	if err != nil || len(found.Products) == 0 {
		return job{}, false, err
	}
	return job{}, !found.Products[0].CreatedAt.Before(attemptBegan(s)), nil
}

type updateProductInput struct {
	byID
	productFields
}

// updateProduct goes through the bulk call, the only one that there is.
func updateProduct(call *sdk.Call, in updateProductInput) (product, error) {
	s := shopOf(call)
	ids, err := numbers([]string{in.ID})
	if err != nil {
		return product{}, err
	}
	changes, err := in.body("master_attributes")
	if err != nil {
		return product{}, err
	}
	sent := changes.without("master_attributes")
	if master, ok := changes["master_attributes"].(fields); ok {
		for name, value := range master {
			sent["master_"+name] = value
		}
	}
	changes["id"] = ids[0]
	_, err = sendBulk(s, "PUT", "/products/bulk_update", fields{"products": []fields{changes}, "check_duplicate_link_numbers": 1})
	if err != nil {
		return product{}, fmt.Errorf("updating product %s: %w", in.ID, err)
	}
	p, err := getProduct(s.Call, in.byID)
	if err != nil {
		return product{}, err
	}
	return p, verified(s, "product "+in.ID, sent, p.Raw)
}
