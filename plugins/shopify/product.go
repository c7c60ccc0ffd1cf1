package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// product is a product as rules see it.
type product struct {
	commerce.Product
	Handle string `json:"handle,omitempty" doc:"Name in addresses" ja:"ハンドル"`
	Vendor string `json:"vendor,omitempty" doc:"Vendor" ja:"販売元"`
	Type   string `json:"product_type,omitempty" doc:"Product type" ja:"商品タイプ"`
	Raw    raw    `json:"raw,omitzero" doc:"Everything that Shopify told, under its own names" ja:"Shopifyの項目そのまま"`

	// rest says where the variants go on that did not come with the product.
	rest pageInfo
}

// productFields is what is read of a product, besides its variants.
const productFields = `
  id title handle status vendor productType tags updatedAt createdAt onlineStoreUrl descriptionHtml
  featuredMedia { preview { image { url } } }
`

// productVariants is the first $variants of a product's variants.
const productVariants = `variants(first: $variants) { nodes {` + variantFields + `} pageInfo { hasNextPage endCursor } }`

const variantFields = `
  id sku barcode title price compareAtPrice inventoryQuantity updatedAt
  selectedOptions { name value }
  inventoryItem { id tracked }
  product { id title }
`

const (
	// variantsPerProduct is how many variants come with a product of a list; the rest is fetched after.
	variantsPerProduct = 20
	// variantsAtOnce is how many come with a single product.
	variantsAtOnce = 100
	productBase    = 4
	variantCost    = 4
)

func productCost(variants int64) int64 { return productBase + variants*variantCost }

type productNode struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Handle    string    `json:"handle"`
	Status    string    `json:"status"`
	Vendor    string    `json:"vendor"`
	Type      string    `json:"productType"`
	Tags      []string  `json:"tags"`
	URL       string    `json:"onlineStoreUrl"`
	HTML      string    `json:"descriptionHtml"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Media     struct {
		Preview struct {
			Image struct {
				URL string `json:"url"`
			} `json:"image"`
		} `json:"preview"`
	} `json:"featuredMedia"`
	Variants variantsNode `json:"variants"`
}

type variantsNode struct {
	Nodes []variantNode `json:"nodes"`
	Page  pageInfo      `json:"pageInfo"`
}

type variantNode struct {
	ID        string `json:"id"`
	SKU       string `json:"sku"`
	Barcode   string `json:"barcode"`
	Title     string `json:"title"`
	Price     scalar `json:"price"`
	ListPrice scalar `json:"compareAtPrice"`
	Stock     *int64 `json:"inventoryQuantity"`
	Options   []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"selectedOptions"`
	Item struct {
		ID string `json:"id"`
	} `json:"inventoryItem"`
	Product struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	} `json:"product"`
}

// variant is a variant with what stock is kept by.
type variant struct {
	commerce.Variant
	ItemID  string `json:"inventory_item_id,omitempty" doc:"Id that its stock is kept by" ja:"在庫アイテムID"`
	Product string `json:"product,omitempty" doc:"Name of its product" ja:"商品名"`
}

// variant reads a variant; prices have no currency of their own, so the shop's is assumed to be currency.
func (n *variantNode) variant(currency string) variant {
	v := variant{ItemID: number(n.Item.ID), Product: n.Product.Title}
	v.Variant = commerce.Variant{
		ID: number(n.ID), ProductID: number(n.Product.ID), SKU: n.SKU, Name: n.Title, Barcode: n.Barcode,
		Price: money(n.Price, currency), ListPrice: money(n.ListPrice, currency), Stock: n.Stock,
	}
	for _, o := range n.Options {
		if v.Options == nil {
			v.Options = map[string]string{}
		}
		v.Options[o.Name] = o.Value
	}
	return v
}

// productFrom reads a product of the API.
func productFrom(text []byte, currency string) (product, error) {
	var n productNode
	if err := sdk.Decode(text, &n); err != nil {
		return product{}, err
	}
	p := product{Handle: n.Handle, Vendor: n.Vendor, Type: n.Type, Raw: raw(text), rest: n.Variants.Page}
	p.Product = commerce.Product{
		ID: number(n.ID), Name: n.Title, State: n.Status, OnSale: onSale(n.Status), Text: n.HTML, URL: n.URL, Tags: n.Tags,
		CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt,
	}
	if url := n.Media.Preview.Image.URL; url != "" {
		p.Images = []string{url}
	}
	for i := range n.Variants.Nodes {
		p.Variants = append(p.Variants, n.Variants.Nodes[i].variant(currency).Variant)
	}
	return p, nil
}

func onSale(status string) *bool {
	yes := status == "ACTIVE"
	return &yes
}

// productHook is a product as deliveries have it. They have no currency.
type productHook struct {
	ID        scalar    `json:"id"`
	Title     string    `json:"title"`
	Handle    string    `json:"handle"`
	Status    string    `json:"status"`
	Vendor    string    `json:"vendor"`
	Type      string    `json:"product_type"`
	Tags      string    `json:"tags"`
	HTML      string    `json:"body_html"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Images    []struct {
		Source string `json:"src"`
	} `json:"images"`
	Variants []variantHook `json:"variants"`
}

type variantHook struct {
	ID      scalar `json:"id"`
	Product scalar `json:"product_id"`
	SKU     string `json:"sku"`
	Barcode string `json:"barcode"`
	Title   string `json:"title"`
	Stock   *int64 `json:"inventory_quantity"`
	Item    scalar `json:"inventory_item_id"`
}

func (h *variantHook) variant() variant {
	return variant{
		Variant: commerce.Variant{
			ID: string(h.ID), ProductID: string(h.Product), SKU: h.SKU, Name: h.Title, Barcode: h.Barcode, Stock: h.Stock,
		},
		ItemID: string(h.Item),
	}
}

func (h *productHook) product(body []byte) product {
	p := product{Handle: h.Handle, Vendor: h.Vendor, Type: h.Type, Raw: raw(body)}
	p.Product = commerce.Product{
		ID: string(h.ID), Name: h.Title, State: strings.ToUpper(h.Status), Text: h.HTML, Tags: splitTags(h.Tags),
		CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
	if p.State != "" {
		p.OnSale = onSale(p.State)
	}
	for _, image := range h.Images {
		p.Images = append(p.Images, image.Source)
	}
	for i := range h.Variants {
		p.Variants = append(p.Variants, h.Variants[i].variant().Variant)
	}
	return p
}
