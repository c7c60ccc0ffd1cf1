package main

import "github.com/musubi-run/musubi/sdk/commerce"

// product is a product as rules see it.
type product struct {
	commerce.Product
	HumanState  string     `json:"human_state,omitempty" doc:"State in the console's words" ja:"状態(管理画面の表記)"`
	LinkNumber  string     `json:"link_number,omitempty" doc:"External key (link number)" ja:"連携番号"`
	MasterSKU   string     `json:"master_sku,omitempty" doc:"SKU of the master variant" ja:"基本SKU"`
	MasterPrice *int64     `json:"master_sales_price,omitempty" doc:"Sales price of the master variant, in yen" ja:"基本販売価格(円)"`
	Recurring   *bool      `json:"is_recurring,omitempty" doc:"Whether it is sold as a subscription" ja:"定期商品か"`
	Raw         attributes `json:"raw,omitzero" doc:"Everything that ecforce told, under its own names" ja:"ecforceの項目そのまま"`
}

func productOf(r row) product {
	p := productFrom(r.ID, r.Attributes)
	for _, v := range r.many("variants") {
		p.Variants = append(p.Variants, variantOf(v.ID, v.Attributes))
	}
	return p
}

func productFrom(id string, a attributes) product {
	p := product{
		HumanState: a.text("human_state"), LinkNumber: a.text("link_number"), MasterSKU: a.text("master_sku"), MasterPrice: a.integer("master_sales_price"),
		Recurring: a.flag("is_recurring"), Raw: a,
	}
	p.Product = commerce.Product{
		ID: id, Number: a.text("number"), Name: a.text("name"), State: a.text("state"), OnSale: a.flag("for_sale"), Text: a.text("description"),
		Category: a.words("product_category_names"), Tags: a.words("labels"), CreatedAt: a.moment("created_at"), UpdatedAt: a.moment("updated_at"),
	}
	return p
}

func variantOf(id string, a attributes) commerce.Variant {
	return commerce.Variant{
		ID: id, ProductID: a.text("product_id"), SKU: a.text("sku"), Name: a.text("name"), Price: a.yen("sales_price"), ListPrice: a.yen("list_price"),
	}
}

// stockLevel is the stock of one variant at one location.
type stockLevel struct {
	commerce.StockLevel
	ID            string `json:"id" doc:"Id of the stock row" ja:"在庫ID"`
	LocationName  string `json:"location_name,omitempty" doc:"Name of the location" ja:"在庫拠点名"`
	ProductNumber string `json:"product_number,omitempty" doc:"Product number" ja:"商品番号"`
	Borderline    *int64 `json:"borderline,omitempty" doc:"Stock below which ecforce warns" ja:"在庫アラートの基準値"`
}

func stockOf(r row) stockLevel {
	a := r.Attributes
	level := stockLevel{ID: r.ID, LocationName: a.text("stock_location_name"), ProductNumber: a.text("product_number"), Borderline: a.integer("stock_borderline")}
	unlimited := a.flag("stock_unlimited")
	level.StockLevel = commerce.StockLevel{
		SKU: a.text("variant_sku"), VariantID: a.text("variant_id"), ProductID: a.text("product_id"), Location: a.text("stock_location_code"),
		Stock: a.number("stock"), Unlimited: unlimited != nil && *unlimited, UpdatedAt: a.moment("updated_at"),
	}
	return level
}
