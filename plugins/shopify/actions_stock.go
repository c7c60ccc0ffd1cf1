package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func stockActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("stock.get", text("Read an item's stock at a location, and its variant", "拠点の在庫数とバリエーションを取得する"), getStock),
		sdk.Do("stock.set", text("Set an item's stock at a location", "拠点の在庫数を設定する"), setStock).Idempotent(),
		sdk.Read("location.list", text("List the locations", "拠点の一覧を取得する"), listLocations),
	}
}

type stockRef struct {
	ItemID     string `json:"inventory_item_id" doc:"Id that the stock is kept by; a variant tells it" ja:"在庫アイテムID(バリエーションの項目)"`
	LocationID string `json:"location_id" doc:"Id of the location" ja:"拠点ID"`
}

func (r stockRef) gids() (item, location string, err error) {
	if item, err = gid(kindItem, r.ItemID); err != nil {
		return "", "", err
	}
	location, err = gid(kindLocation, r.LocationID)
	return item, location, err
}

const stockQuery = `query Stock($id: ID!, $location: ID!) {
  inventoryItem(id: $id) {
    id sku tracked variants(first: 1) { nodes { id product { id title } } }
    inventoryLevel(locationId: $location) { id quantities(names: ["available", "on_hand"]) { name quantity } }
  }
}`

// stock is an item's stock at one location.
type stock struct {
	commerce.StockLevel
	ItemID  string `json:"inventory_item_id" doc:"Id that the stock is kept by" ja:"在庫アイテムID"`
	Product string `json:"product,omitempty" doc:"Name of the product" ja:"商品名"`
	OnHand  *int64 `json:"on_hand,omitempty" doc:"Pieces that lie there, reserved ones too" ja:"手持在庫数(引当済みを含む)"`
	Stocked bool   `json:"stocked" doc:"Whether it is stocked there at all" ja:"この拠点で在庫管理されているか"`
}

type itemNode struct {
	SKU      string       `json:"sku"`
	Tracked  bool         `json:"tracked"`
	Variants variantsNode `json:"variants"`
	Level    *struct {
		Quantities []struct {
			Name     string `json:"name"`
			Quantity int64  `json:"quantity"`
		} `json:"quantities"`
	} `json:"inventoryLevel"`
}

func getStock(call *sdk.Call, in stockRef) (stock, error) {
	item, location, err := in.gids()
	if err != nil {
		return stock{}, err
	}
	var data struct {
		Item *itemNode `json:"inventoryItem"`
	}
	if _, err := shopOf(call).read(stockQuery, 5, variables{"id": item, "location": location}, &data); err != nil {
		return stock{}, err
	}
	if data.Item == nil {
		return stock{}, sdk.Errorf(abi.NotFound, "there is no inventory item %s", in.ItemID)
	}
	return data.Item.stock(in), nil
}

func (n *itemNode) stock(at stockRef) stock {
	s := stock{ItemID: number(at.ItemID), Stocked: n.Level != nil}
	s.StockLevel = commerce.StockLevel{SKU: n.SKU, Location: number(at.LocationID), Unlimited: !n.Tracked}
	for _, v := range n.Variants.Nodes {
		s.VariantID, s.ProductID, s.Product = number(v.ID), number(v.Product.ID), v.Product.Title
	}
	if n.Level == nil {
		return s
	}
	for _, q := range n.Level.Quantities {
		if q.Name == "available" {
			s.Stock = q.Quantity
		} else {
			s.OnHand = &q.Quantity
		}
	}
	return s
}

type setStockInput struct {
	stockRef
	Quantity int64  `json:"quantity" doc:"The new stock" ja:"新しい在庫数"`
	From     *int64 `json:"from,omitempty" doc:"The stock that is expected now: another one is a conflict. Without it whatever is there is overwritten" ja:"現在の想定在庫数(異なれば競合。省略時は上書き)"`
	Name     string `json:"name" enum:"available,on_hand" default:"available" doc:"Which figure" ja:"在庫の種類"`
	Reason   string `json:"reason" default:"correction" doc:"One of Shopify's reasons, such as correction, received, restock" ja:"理由(correction、received、restockなど)"`
	Document string `json:"document,omitempty" format:"uri" doc:"Address of the document behind it" ja:"根拠となる文書のURI"`
}

// setStockMutation carries the step's key: the platform demands one, and answers
// a repetition without doing it again, see [nthKey].
const setStockMutation = `mutation SetStock($in: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $in) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes { delta quantityAfterChange } } userErrors { field message code }
  }
}`

type stockChange struct {
	ItemID     string `json:"inventory_item_id" doc:"Id that the stock is kept by" ja:"在庫アイテムID"`
	LocationID string `json:"location_id" doc:"Id of the location" ja:"拠点ID"`
	Quantity   int64  `json:"quantity" doc:"The stock now" ja:"設定後の在庫数"`
}

func setStock(call *sdk.Call, in setStockInput) (stockChange, error) {
	item, location, err := in.gids()
	if err != nil {
		return stockChange{}, err
	}
	var from any // null switches the comparison off; a missing member is refused
	if in.From != nil {
		from = *in.From
	}
	wire := given{"name": in.Name, "reason": in.Reason, "referenceDocumentUri": in.Document}.object()
	wire["quantities"] = []map[string]any{{"inventoryItemId": item, "locationId": location, "quantity": in.Quantity, "changeFromQuantity": from}}
	key := firstText(call.IdempotencyKey(), item+" "+location+" "+call.Now().UTC().String())
	for n := range maxKeys {
		_, err = write[struct{}](shopOf(call), setStockMutation, variables{"in": wire, "key": nthKey(key, n)})
		if err == nil || abi.AsError(err).Code != codeFailedBefore {
			break
		}
	}
	return stockChange{ItemID: number(item), LocationID: number(location), Quantity: in.Quantity}, err
}

// maxKeys is how many attempts of one step may be refused by the platform before it takes no more.
const maxKeys = 16

// nthKey is the key of a step after n attempts that the platform refused: it
// keeps them as refused and wants another key. All have the form of the first,
// and every attempt goes through them in the same order, so that one that was
// carried out is known again.
func nthKey(key string, n int) string {
	if n == 0 {
		return key
	}
	const digits = "0123456789abcdef"
	last := len(key) - 1
	return key[:last] + string(digits[(strings.IndexByte(digits, key[last])+n)%len(digits)])
}

type location struct {
	ID     string `json:"id" doc:"Id" ja:"拠点ID"`
	Name   string `json:"name" doc:"Name" ja:"名称"`
	Active bool   `json:"active" doc:"Whether it is in use" ja:"有効か"`
}

type locationList struct {
	Locations []location `json:"locations" doc:"The locations" ja:"拠点"`
}

const locationsQuery = `query Locations { locations(first: 250) { nodes { id name isActive } } }`

func listLocations(call *sdk.Call, _ struct{}) (locationList, error) {
	var data struct {
		Locations struct {
			Nodes []struct {
				ID     string `json:"id"`
				Name   string `json:"name"`
				Active bool   `json:"isActive"`
			} `json:"nodes"`
		} `json:"locations"`
	}
	withheld, err := shopOf(call).read(locationsQuery, 250, nil, &data)
	if err == nil {
		err = listed(data.Locations.Nodes != nil, withheld)
	}
	list := locationList{Locations: []location{}}
	for _, n := range data.Locations.Nodes {
		list.Locations = append(list.Locations, location{ID: number(n.ID), Name: n.Name, Active: n.Active})
	}
	return list, err
}
