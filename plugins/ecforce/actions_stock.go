package main

import (
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// maxStockLines is how many stocks are set by one call; the platform's own ceiling is not public.
const maxStockLines = 100

func stockActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("stock.search", text("Read stock by SKU, location or product", "在庫をSKU・拠点・商品番号で取得する"), searchStock),
		sdk.Do("stock.set", text("Set stock to absolute numbers", "在庫数を設定する(絶対値)"), setStock).Idempotent(),
	}
}

type searchStockInput struct {
	SKU           string `json:"sku,omitempty" doc:"SKU" ja:"SKU"`
	Location      string `json:"location,omitempty" doc:"Code of the location" ja:"在庫拠点コード"`
	ProductNumber string `json:"product_number,omitempty" doc:"Product number" ja:"商品番号"`
	Limit         int64  `json:"limit,omitempty" doc:"How many rows at the most; 0 means 100" ja:"最大件数(0は100件)"`
}

type stockList struct {
	TotalSize int64        `json:"total_size" doc:"How many rows match" ja:"一致した件数"`
	Stock     []stockLevel `json:"stock" doc:"The rows" ja:"在庫"`
}

func searchStock(call *sdk.Call, in searchStockInput) (stockList, error) {
	s := shopOf(call)
	q := query{path: "stock_items", sort: "id", loose: true}
	for _, f := range []filter{{"variant_sku", in.SKU}, {"stock_location_code", in.Location}, {"product_number", in.ProductNumber}} {
		if f.value != "" {
			q.filters = append(q.filters, equal(f.name, f.value))
		}
	}
	return findStock(s, q, limitOf(in.Limit))
}

func findStock(s shop, q query, limit int) (stockList, error) {
	rows, total, err := q.fetch(s, limit)
	found := stockList{TotalSize: total, Stock: []stockLevel{}}
	for _, r := range rows {
		found.Stock = append(found.Stock, stockOf(r))
	}
	return found, err
}

type setStockInput struct {
	Items []stockLine `json:"items" doc:"Stocks to set" ja:"設定する在庫"`
}

type stockLine struct {
	SKU      string `json:"sku" doc:"SKU" ja:"SKU"`
	Location string `json:"location" doc:"Code of the location" ja:"在庫拠点コード"`
	Stock    int64  `json:"stock" doc:"Pieces, as an absolute number" ja:"在庫数(絶対値)"`
}

func (l stockLine) key() string { return l.SKU + "@" + l.Location }

type setStockOutput struct {
	Set    []stockLine  `json:"set" doc:"What was set" ja:"設定できた在庫"`
	Failed []bulkFailed `json:"failed" doc:"What was refused, by sku@location, and why; if all was, the step fails" ja:"失敗した在庫(SKU@拠点)と理由(すべて失敗ならステップのエラー)"`
}

// setStock sets stocks by batches. What the platform refuses is told, line by
// line, and is an error if that is all; what it says it took is read again if the setting verify_writes says so.
func setStock(call *sdk.Call, in setStockInput) (setStockOutput, error) {
	s := shopOf(call)
	out := setStockOutput{Set: []stockLine{}, Failed: []bulkFailed{}}
	if len(in.Items) == 0 {
		return out, sdk.Errorf(abi.Invalid, "items is empty: there is no stock to set")
	}
	for _, l := range in.Items {
		if l.SKU == "" || l.Location == "" || l.Stock < 0 {
			return out, sdk.Errorf(abi.Invalid, "stock %q needs sku, location and a stock of 0 or more", l.key())
		}
	}
	for batch := range slices.Chunk(in.Items, maxStockLines) {
		if err := out.send(s, batch); err != nil {
			return out, fmt.Errorf("setting stock: %w", err)
		}
	}
	if err := refused(len(out.Set), out.Failed); err != nil {
		return out, fmt.Errorf("setting stock: %w", err)
	}
	err := out.verify(s)
	return out, err
}

// untold is the reason of a line that the answer does not name.
const untold = "the shop named it neither among those that were set nor among the refused (応答に結果がありません)"

func (out *setStockOutput) send(s shop, batch []stockLine) error {
	lines := make([]fields, 0, len(batch))
	for _, l := range batch {
		lines = append(lines, fields{"variant_sku": l.SKU, "stock_location_code": l.Location, "stock": l.Stock})
	}
	var answer struct {
		Success []attributes `json:"success"`
		Errors  []bulkError  `json:"errors"`
	}
	if err := s.admin("PUT", "/stock_items").JSON(fields{"stock_items": lines}).Into(&answer); err != nil {
		return err
	}
	reasons := map[string][]fault{}
	for _, e := range answer.Errors {
		reasons[e.ID.text()] = append(e.Errors, e.fault)
	}
	taken := map[string]bool{}
	for _, raw := range answer.Success {
		taken[stockLine{SKU: raw.text("variant_sku"), Location: raw.text("stock_location_code")}.key()] = true
	}
	for _, l := range batch {
		if taken[l.key()] {
			out.Set = append(out.Set, l)
			continue
		}
		failed := bulkFailed{ID: l.key(), Message: untold}
		if why := reasons[l.SKU]; len(why) > 0 {
			failed.Code, failed.Message = why[0].Code, why[0].Message
		}
		out.Failed = append(out.Failed, failed)
	}
	return nil
}

func (out *setStockOutput) verify(s shop) error {
	if !s.VerifyWrites {
		return nil
	}
	var wrong []string
	for batch := range slices.Chunk(out.Set, maxStockLines) {
		have, err := stockNow(s, batch)
		if err != nil {
			return fmt.Errorf("reading stock again after setting it: %w", err)
		}
		for _, l := range batch {
			if now, found := have[l.key()]; !found || now != l.Stock {
				wrong = append(wrong, l.key())
			}
		}
	}
	return notApplied("stock", wrong)
}

// stockNow returns the stock of the lines' SKUs, by line key.
func stockNow(s shop, lines []stockLine) (map[string]int64, error) {
	var skus []string
	for _, l := range lines {
		if !slices.Contains(skus, l.SKU) {
			skus = append(skus, l.SKU)
		}
	}
	found, err := findStock(s, query{path: "stock_items", sort: "id", loose: true, filters: among("variant_sku", skus)}, maxPer*maxPages)
	have := map[string]int64{}
	for _, level := range found.Stock {
		have[stockLine{SKU: level.SKU, Location: level.Location}.key()] = level.Stock
	}
	return have, err
}
