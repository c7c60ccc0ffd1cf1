package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func productActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("product.get", text("Read a product", "商品を取得する"), getProduct),
		sdk.Read("product.search", text("Search products", "商品を検索する"), searchProducts).Pages("products"),
		sdk.Read("variant.find", text("Find the one variant of a SKU", "SKUでバリエーションを1件探す"), findVariant),
	}
}

// shopNode is what products need of their shop: prices have no currency of their own.
type shopNode struct {
	Currency string `json:"currencyCode"`
}

const currencyQuery = `query Currency { shop { currencyCode } }`

// currency is the shop's.
func (s shop) currency() (string, error) {
	var data struct {
		Shop shopNode `json:"shop"`
	}
	_, err := s.read(currencyQuery, 1, nil, &data)
	return data.Shop.Currency, err
}

const productQuery = `query Product($id: ID!, $variants: Int) { shop { currencyCode } product(id: $id) {` + productFields + productVariants + `} }`

func getProduct(call *sdk.Call, in byID) (product, error) {
	s := shopOf(call)
	global, err := gid(kindProduct, in.ID)
	if err != nil {
		return product{}, err
	}
	var data struct {
		Shop    shopNode `json:"shop"`
		Product raw      `json:"product"`
	}
	if _, err := s.read(productQuery, 1+productCost(variantsAtOnce), variables{"id": global, "variants": variantsAtOnce}, &data); err != nil {
		return product{}, err
	}
	if isNull(data.Product) {
		return product{}, sdk.Errorf(abi.NotFound, "there is no product %s", in.ID)
	}
	p, err := productFrom([]byte(data.Product), data.Shop.Currency)
	if err != nil {
		return p, err
	}
	err = s.addVariants(&p, data.Shop.Currency)
	return p, err
}

type searchProductsInput struct {
	SKU         string `json:"sku,omitempty" doc:"Stock keeping unit of a variant" ja:"バリエーションのSKU"`
	Handle      string `json:"handle,omitempty" doc:"Name in addresses" ja:"ハンドル"`
	Tag         string `json:"tag,omitempty" doc:"Tag" ja:"タグ"`
	UpdatedFrom string `json:"updated_from,omitempty" format:"date-time" doc:"Changed at or after" ja:"更新日時(以降)"`
	Query       string `json:"query,omitempty" doc:"Further conditions in Shopify's search syntax. A mistake in it is not reported: more may be found" ja:"Shopifyの検索構文による追加条件(誤りがあってもエラーにならず余分に見つかることがある)"`
	Limit       int64  `json:"limit,omitempty" default:"11" doc:"How many on a page, up to 11" ja:"1ページの件数(11まで)"`
	Next        string `json:"next,omitempty" doc:"The next of the page before" ja:"前ページのnext"`
}

type productList struct {
	Products []product `json:"products" doc:"The products" ja:"商品"`
	Next     string    `json:"next" doc:"For the next page; empty behind the last" ja:"次ページ用(最後なら空)"`
}

func searchProducts(call *sdk.Call, in searchProductsInput) (productList, error) {
	if err := checkTime("updated_from", in.UpdatedFrom); err != nil {
		return productList{}, err
	}
	var terms []string
	for _, term := range []struct{ field, comparator, value string }{
		{"sku", "", in.SKU}, {"handle", "", in.Handle}, {"tag", "", in.Tag}, {"updated_at", ">=", in.UpdatedFrom},
	} {
		if term.value != "" {
			terms = append(terms, filter(term.field, term.comparator, term.value))
		}
	}
	q := search{
		query: joined(" ", append(terms, in.Query)...), sort: "UPDATED_AT", after: in.Next,
		first: clamp(in.Limit, most(productCost(variantsPerProduct)+1)),
	}
	got, err := shopOf(call).products(q)
	list := productList{Products: []product{}, Next: got.page.next()}
	for i := range got.rows {
		if in.fits(&got.rows[i]) {
			list.Products = append(list.Products, got.rows[i])
		}
	}
	return list, err
}

// fits checks again what the search may have ignored.
func (in *searchProductsInput) fits(p *product) bool {
	stocked := in.SKU == ""
	for i := range p.Variants {
		stocked = stocked || p.Variants[i].SKU == in.SKU
	}
	return stocked && (in.Handle == "" || p.Handle == in.Handle) && (in.Tag == "" || hasTag(p.Tags, in.Tag)) && notOlder(p.UpdatedAt, in.UpdatedFrom)
}

type bySKU struct {
	SKU string `json:"sku" doc:"Stock keeping unit" ja:"SKU"`
}

const skuQuery = `query VariantBySKU($q: String!, $after: String) { shop { currencyCode } productVariants(first: 50, after: $after, query: $q) {
  nodes {` + variantFields + `} pageInfo { hasNextPage endCursor }
} }`

// mostSKUPages is how many pages are looked through for a SKU: the search finds
// others that share a part of it, too.
const mostSKUPages = 10

// findVariant finds the variant of a SKU. A SKU is not unique at Shopify: none is
// NotFound, several are Conflict.
func findVariant(call *sdk.Call, in bySKU) (variant, error) {
	if in.SKU == "" {
		return variant{}, sdk.Errorf(abi.Invalid, "sku is empty: it would match everything")
	}
	s := shopOf(call)
	var hits []variant
	after := ""
	for range mostSKUPages {
		page, next, err := s.variantsOfSKU(in.SKU, after)
		if err != nil {
			return variant{}, err
		}
		hits, after = append(hits, page...), next
		switch {
		case len(hits) > 1:
			return variant{}, sdk.Errorf(abi.Conflict, "several variants have the SKU %s", in.SKU)
		case after != "":
		case len(hits) == 1:
			return hits[0], nil
		default:
			return variant{}, sdk.Errorf(abi.NotFound, "no variant has the SKU %s", in.SKU)
		}
	}
	return variant{}, sdk.Errorf(abi.Conflict, "the search for the SKU %s finds too many variants to tell which one is meant", in.SKU)
}

// variantsOfSKU returns those of a page of the search that have exactly this SKU.
func (s shop) variantsOfSKU(sku, after string) (hits []variant, next string, err error) {
	var data struct {
		Shop     shopNode     `json:"shop"`
		Variants variantsNode `json:"productVariants"`
	}
	withheld, err := s.read(skuQuery, 1+50*variantCost, variables{"q": filter("sku", "", sku), "after": orNull(after)}, &data)
	if err == nil {
		err = listed(data.Variants.Nodes != nil, withheld)
	}
	for i := range data.Variants.Nodes {
		if n := &data.Variants.Nodes[i]; n.SKU == sku {
			hits = append(hits, n.variant(data.Shop.Currency))
		}
	}
	return hits, data.Variants.Page.next(), err
}
