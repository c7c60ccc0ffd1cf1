package main

import (
	"fmt"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// createOrderInput is an order that was placed in another system.
type createOrderInput struct {
	Source     string          `json:"source" doc:"Name of the system that it comes from, such as ecforce" ja:"連携元システムの名前(例 ecforce)"`
	Identifier string          `json:"source_identifier" doc:"Its number there: by this it is found again, so that it is never made twice" ja:"連携元での受注番号(二重作成を防ぐために使う)"`
	SourceURL  string          `json:"source_url,omitempty" format:"uri" doc:"Its page there" ja:"連携元での受注ページ"`
	Number     string          `json:"number,omitempty" doc:"The number that customers see; without it the shop counts on" ja:"注文番号(省略時はショップの採番)"`
	Currency   string          `json:"currency" default:"JPY" doc:"ISO 4217 code" ja:"通貨コード"`
	OrderedAt  string          `json:"ordered_at,omitempty" format:"date-time" doc:"When it was placed" ja:"注文日時"`
	CustomerID string          `json:"customer_id,omitempty" doc:"Id of the shop's customer; without it customer" ja:"ショップの顧客ID(省略時はcustomer)"`
	Customer   *orderCustomer  `json:"customer,omitempty" doc:"The buyer: the shop's customer of that address or number is taken, or made" ja:"購入者(該当する顧客を使うか作成する)"`
	Email      string          `json:"email,omitempty" doc:"E-mail address on the order" ja:"注文のメールアドレス"`
	Items      []orderItem     `json:"items" doc:"What was bought" ja:"明細"`
	Shipping   *commerce.Money `json:"shipping,omitempty" doc:"Cost of delivery" ja:"送料"`
	ShippedBy  string          `json:"shipping_title" default:"宅配便" doc:"Name of the way of delivery" ja:"配送方法の名称"`
	Tax        *commerce.Money `json:"tax,omitempty" doc:"Tax in it" ja:"消費税"`
	TaxRate    string          `json:"tax_rate" default:"0.1" doc:"Rate of the tax as a fraction, such as 0.08" ja:"税率(小数。例 0.08)"`
	TaxAdded   bool            `json:"tax_added,omitempty" doc:"Whether prices are without tax" ja:"外税か"`
	Paid       *commerce.Money `json:"paid,omitempty" doc:"What was paid already" ja:"支払済みの金額"`
	Payment    string          `json:"payment_method,omitempty" doc:"How it was paid" ja:"決済方法"`
	Delivery   *addressInput   `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Billing    *addressInput   `json:"billing,omitempty" doc:"Who pays" ja:"請求先"`
	Note       string          `json:"note,omitempty" doc:"Note" ja:"メモ"`
	Tags       []string        `json:"tags,omitempty" doc:"Tags of 40 characters at the most" ja:"タグ(40文字まで)"`
	Attributes []attribute     `json:"attributes,omitempty" doc:"Additional details" ja:"カート追加項目"`
	Stock      string          `json:"stock" enum:"BYPASS,DECREMENT_IGNORING_POLICY,DECREMENT_OBEYING_POLICY" default:"BYPASS" doc:"Whether it takes pieces out of the stock: no, always, or only if there are enough" ja:"在庫を減らすか(BYPASS=減らさない、DECREMENT_IGNORING_POLICY=必ず減らす、DECREMENT_OBEYING_POLICY=足りる場合のみ)"`
	Receipt    bool            `json:"send_receipt,omitempty" doc:"Whether the shop mails a receipt" ja:"注文確認メールを送るか"`
	Test       bool            `json:"test,omitempty" doc:"Whether it is a test order" ja:"テスト注文か"`
}

type orderCustomer struct {
	Email     string `json:"email,omitempty" doc:"E-mail address" ja:"メールアドレス"`
	Phone     string `json:"phone,omitempty" doc:"Telephone number, in any form" ja:"電話番号(形式不問)"`
	LastName  string `json:"last_name,omitempty" doc:"Family name" ja:"姓"`
	FirstName string `json:"first_name,omitempty" doc:"Given name" ja:"名"`
}

type orderItem struct {
	VariantID string          `json:"variant_id,omitempty" doc:"Id of the shop's variant; without it name and price" ja:"ショップのバリエーションID(省略時はnameとprice)"`
	SKU       string          `json:"sku,omitempty" doc:"Stock keeping unit, for a line without variant" ja:"SKU(variant_idが無い明細用)"`
	Name      string          `json:"name,omitempty" doc:"Name, for a line without variant" ja:"商品名(variant_idが無い明細用)"`
	Quantity  int64           `json:"quantity" doc:"How many" ja:"数量"`
	Price     *commerce.Money `json:"price,omitempty" doc:"Price of one; without it the variant's" ja:"単価(省略時はバリエーションの価格)"`
	Details   []attribute     `json:"attributes,omitempty" doc:"Additional details of the line" ja:"明細の追加項目"`
}

// createdOrder is the order that was made.
type createdOrder struct {
	ID       string          `json:"id" doc:"Id of the order" ja:"受注ID"`
	Number   string          `json:"number,omitempty" doc:"The number that customers see" ja:"注文番号"`
	Total    *commerce.Money `json:"total,omitempty" doc:"What is to be paid" ja:"合計"`
	AdminURL string          `json:"admin_url,omitempty" doc:"Its page in the admin" ja:"管理画面のURL"`
}

const createdFields = `id name createdAt sourceIdentifier totalPriceSet { shopMoney { amount currencyCode } }`

const createOrderMutation = `mutation CreateOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
  orderCreate(order: $order, options: $options) { order {` + createdFields + `} userErrors { field message code } }
}`

func (s shop) created(n *orderNode) createdOrder {
	return createdOrder{ID: number(n.ID), Number: n.Name, Total: n.Total.money(), AdminURL: s.adminURL("orders", n.ID)}
}

func createOrder(call *sdk.Call, in createOrderInput) (createdOrder, error) {
	s := shopOf(call)
	wire, err := in.wire(s)
	if err != nil {
		return createdOrder{}, err
	}
	options := map[string]any{"inventoryBehaviour": in.Stock, "sendReceipt": in.Receipt}
	out, err := write[struct {
		Order orderNode `json:"order"`
	}](s, createOrderMutation, variables{"order": wire, "options": options})
	if err != nil {
		return createdOrder{}, err
	}
	if out.Order.ID == "" {
		return createdOrder{}, unshown("order")
	}
	return s.created(&out.Order), nil
}

// confirmOrder looks for the order that an attempt without an answer may have
// made: the mutation takes no idempotency key. With order_key_metafield the
// database is asked; else the search, which knows it a minute later.
func confirmOrder(call *sdk.Call, in createOrderInput) (createdOrder, bool, error) {
	s := shopOf(call)
	n, err := s.orderOf(in.Source, in.Identifier)
	if err != nil || n != nil {
		return s.createdOrNone(n), n != nil, err
	}
	if waited := call.Now().Sub(call.Since()); s.OrderKey == "" && waited < searchLag {
		return createdOrder{}, false, &abi.Error{
			Kind: abi.Unavailable, RetryAfterMS: (searchLag - waited).Milliseconds(),
			Message: "the search may not know the order yet; with order_key_metafield there is nothing to wait for",
		}
	}
	return createdOrder{}, false, nil
}

func (s shop) createdOrNone(n *orderNode) createdOrder {
	if n == nil {
		return createdOrder{}
	}
	return s.created(n)
}

const orderByKeyQuery = `query OrderByKey($by: OrderIdentifierInput!) { orderByIdentifier(identifier: $by) {` + createdFields + `} }`

const orderBySourceQuery = `query OrderBySource($q: String!) { orders(first: 2, query: $q, sortKey: CREATED_AT) { nodes {` + createdFields + ` sourceName} } }`

// orderOf finds the order of another system's number, nil if there is none.
func (s shop) orderOf(source, identifier string) (*orderNode, error) {
	if s.OrderKey != "" {
		return s.orderByKey(identifier)
	}
	var data struct {
		Orders struct {
			Nodes []orderNode `json:"nodes"`
		} `json:"orders"`
	}
	query := filter("source_identifier", "", identifier) + " " + filter("source_name", "", source)
	withheld, err := s.read(orderBySourceQuery, 6, variables{"q": query}, &data)
	if err == nil {
		err = listed(data.Orders.Nodes != nil, withheld)
	}
	if err != nil {
		return nil, err
	}
	for i := range data.Orders.Nodes {
		if n := &data.Orders.Nodes[i]; n.SourceIdentifier == identifier && n.SourceName == source {
			return n, nil
		}
	}
	return nil, nil
}

// orderByKey finds the order by order_key_metafield, nil if there is none.
func (s shop) orderByKey(identifier string) (*orderNode, error) {
	name := metafieldNamed(s.OrderKey)
	var data map[string]*orderNode
	by := map[string]any{"customId": given{"namespace": name.namespace, "key": name.key, "value": identifier}.object()}
	if _, err := s.read(orderByKeyQuery, 3, variables{"by": by}, &data); err != nil {
		return nil, err
	}
	found, told := data["orderByIdentifier"]
	if !told {
		return nil, sdk.Errorf(abi.Unavailable, "the platform answered without saying whether there is such an order")
	}
	return found, nil
}

// wire is the order as the mutation takes it.
func (in *createOrderInput) wire(s shop) (map[string]any, error) {
	customer, err := in.customer()
	if err != nil {
		return nil, err
	}
	lines, err := in.lines()
	if err != nil {
		return nil, err
	}
	if err := checkTime("ordered_at", in.OrderedAt); err != nil {
		return nil, err
	}
	wire := given{
		"sourceName": in.Source, "sourceIdentifier": in.Identifier, "sourceUrl": in.SourceURL, "name": in.Number, "currency": in.Currency,
		"processedAt": in.OrderedAt, "email": in.Email, "customer": customer, "shippingAddress": in.Delivery.wire(), "billingAddress": in.Billing.wire(),
		"note": in.Note, "customAttributes": wireAttributes(in.Attributes),
	}.object()
	wire["lineItems"], wire["taxesIncluded"], wire["test"] = lines, !in.TaxAdded, in.Test
	if len(in.Tags) > 0 {
		wire["tags"] = in.Tags
	}
	in.amounts(wire)
	if s.OrderKey != "" {
		key := metafieldValue{metafieldName: metafieldNamed(s.OrderKey), Value: in.Identifier, Type: "id"}
		wire["metafields"] = wireMetafields("", []metafieldValue{key})
	}
	return wire, nil
}

func (in *createOrderInput) customer() (any, error) {
	if in.CustomerID != "" {
		global, err := gid(kindCustomer, in.CustomerID)
		return map[string]any{"toAssociate": map[string]any{"id": global}}, err
	}
	if in.Customer == nil {
		return nil, nil //nolint:nilnil // an order without a customer
	}
	phone := ""
	if in.Customer.Phone != "" {
		var err error
		if phone, err = jp.E164(in.Customer.Phone); err != nil {
			return nil, &abi.Error{Kind: abi.Invalid, Fields: []string{"customer.phone"}, Message: "customer.phone: " + err.Error()}
		}
	}
	who := given{"email": in.Customer.Email, "phone": phone, "lastName": in.Customer.LastName, "firstName": in.Customer.FirstName}.object()
	return map[string]any{"toUpsert": who}, nil
}

func (in *createOrderInput) lines() ([]map[string]any, error) {
	lines := make([]map[string]any, 0, len(in.Items))
	for i, item := range in.Items {
		line := given{"sku": item.SKU, "title": item.Name, "priceSet": bagOf(item.Price)}.object()
		line["quantity"], line["requiresShipping"] = item.Quantity, true
		if len(item.Details) > 0 {
			line["properties"] = item.Details
		}
		if item.VariantID == "" {
			lines = append(lines, line)
			continue
		}
		global, err := gid(kindVariant, item.VariantID)
		if err != nil {
			return nil, fmt.Errorf("items[%d].variant_id: %w", i, err)
		}
		line["variantId"] = global
		delete(line, "title")
		delete(line, "sku")
		lines = append(lines, line)
	}
	return lines, nil
}

// amounts adds delivery, tax and payment.
func (in *createOrderInput) amounts(wire map[string]any) {
	if in.Shipping != nil {
		wire["shippingLines"] = []map[string]any{{"title": in.ShippedBy, "priceSet": bagOf(in.Shipping)}}
	}
	if in.Tax != nil {
		wire["taxLines"] = []map[string]any{{"title": "消費税", "rate": in.TaxRate, "priceSet": bagOf(in.Tax)}}
	}
	wire["financialStatus"] = "PENDING"
	if in.Paid != nil {
		wire["financialStatus"] = "PAID"
		wire["transactions"] = []map[string]any{{
			"kind": "SALE", "status": "SUCCESS", "gateway": firstText(in.Payment, in.Source), "amountSet": bagOf(in.Paid),
		}}
	}
}

// bagOf is an amount as mutations take it; nil for none.
func bagOf(m *commerce.Money) any {
	if m == nil {
		return nil
	}
	return map[string]any{"shopMoney": map[string]any{"amount": m.Decimal(), "currencyCode": m.Currency}}
}
