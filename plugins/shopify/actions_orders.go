package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func orderActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("order.get", text("Read an order", "注文を取得する"), getOrder),
		sdk.Read("order.search", text("Search orders; without the right to all orders, those of the last 60 days", "注文を検索する(全注文の権限が無い場合は直近60日)"), searchOrders).Pages("orders"),
		sdk.Do("order.create", text("Create an order that was placed elsewhere", "他システムの受注から注文を作成する"), createOrder).Confirm(confirmOrder),
		sdk.Do("order.update", text("Update an order", "注文を更新する"), updateOrder).Idempotent(),
	}
}

func (s shop) orderQuery() string {
	return `query Order($id: ID!, $lines: Int) { order(id: $id) {` + s.orderFields() + orderLines + `} }`
}

func getOrder(call *sdk.Call, in byID) (order, error) { return shopOf(call).order(in.ID) }

func (s shop) order(id string) (order, error) {
	global, err := gid(kindOrder, id)
	if err != nil {
		return order{}, err
	}
	var data struct {
		Order raw `json:"order"`
	}
	withheld, err := s.read(s.orderQuery(), orderCost(linesAtOnce), variables{"id": global, "lines": linesAtOnce}, &data)
	if err != nil {
		return order{}, err
	}
	if isNull(data.Order) {
		return order{}, sdk.Errorf(abi.NotFound, "there is no order %s, or it is too old to be shown", id)
	}
	return s.wholeOrder([]byte(data.Order), withheld)
}

// wholeOrder reads an order and fetches the lines that did not come with it.
func (s shop) wholeOrder(text []byte, withheld []string) (order, error) {
	o, err := s.orderFrom(text, withheld)
	if err != nil {
		return o, err
	}
	err = s.addLines(&o)
	return o, err
}

type searchOrdersInput struct {
	Number           string `json:"number,omitempty" doc:"The number that the customer sees, such as #1042" ja:"注文番号(例 #1042)"`
	Email            string `json:"email,omitempty" doc:"The buyer's e-mail address" ja:"メールアドレス"`
	CustomerID       string `json:"customer_id,omitempty" doc:"Id of the customer" ja:"顧客ID"`
	SourceIdentifier string `json:"source_identifier,omitempty" doc:"The order's number in the system that it came from" ja:"連携元での受注番号"`
	Tag              string `json:"tag,omitempty" doc:"Tag" ja:"タグ"`
	CheckoutToken    string `json:"checkout_token,omitempty" doc:"Token of the checkout that became the order" ja:"チェックアウトのトークン"`
	CreatedFrom      string `json:"created_from,omitempty" format:"date-time" doc:"Created at or after" ja:"作成日時(以降)"`
	UpdatedFrom      string `json:"updated_from,omitempty" format:"date-time" doc:"Changed at or after" ja:"更新日時(以降)"`
	Query            string `json:"query,omitempty" doc:"Further conditions in Shopify's search syntax. A mistake in it is not reported: more may be found" ja:"Shopifyの検索構文による追加条件(誤りがあってもエラーにならず余分に見つかることがある)"`
	Newest           bool   `json:"newest,omitempty" doc:"The newest first" ja:"新しい順"`
	Limit            int64  `json:"limit,omitempty" default:"9" doc:"How many on a page, up to 9" ja:"1ページの件数(9まで)"`
	Next             string `json:"next,omitempty" doc:"The next of the page before" ja:"前ページのnext"`
}

type orderList struct {
	Orders []order `json:"orders" doc:"The orders" ja:"注文"`
	Next   string  `json:"next" doc:"For the next page; empty behind the last" ja:"次ページ用(最後なら空)"`
}

func searchOrders(call *sdk.Call, in searchOrdersInput) (orderList, error) {
	filters, err := in.filters()
	if err != nil {
		return orderList{}, err
	}
	q := search{query: filters, sort: "CREATED_AT", reverse: in.Newest, first: clamp(in.Limit, most(orderCost(linesPerOrder))), after: in.Next}
	got, err := shopOf(call).orders(q)
	list := orderList{Orders: []order{}, Next: got.page.next()}
	for i := range got.rows {
		if in.fits(&got.rows[i]) {
			list.Orders = append(list.Orders, got.rows[i])
		}
	}
	return list, err
}

func (in *searchOrdersInput) filters() (string, error) {
	var terms []string
	for _, term := range []struct{ field, value string }{
		{"name", in.Number},
		{"email", in.Email},
		{"customer_id", in.CustomerID},
		{"source_identifier", in.SourceIdentifier},
		{"tag", in.Tag},
		{"checkout_token", in.CheckoutToken},
	} {
		if term.value != "" {
			terms = append(terms, filter(term.field, "", term.value))
		}
	}
	for _, bound := range []struct{ name, field, from string }{
		{"created_from", "created_at", in.CreatedFrom}, {"updated_from", "updated_at", in.UpdatedFrom},
	} {
		if err := checkTime(bound.name, bound.from); err != nil {
			return "", err
		}
		if bound.from != "" {
			terms = append(terms, filter(bound.field, ">=", bound.from))
		}
	}
	return joined(" ", append(terms, in.Query)...), nil
}

// fits checks again what the search may have ignored.
func (in *searchOrdersInput) fits(o *order) bool {
	same := func(wanted, has string) bool { return wanted == "" || has == "" || wanted == has }
	return same(in.Number, o.Number) && same(in.CustomerID, o.CustomerID) &&
		(in.SourceIdentifier == "" || o.SourceIdentifier == in.SourceIdentifier) && (in.Tag == "" || hasTag(o.Tags, in.Tag)) &&
		same(in.CheckoutToken, o.CheckoutToken) && notOlder(o.CreatedAt, in.CreatedFrom) && notOlder(o.UpdatedAt, in.UpdatedFrom)
}

type updateOrderInput struct {
	ID         string        `json:"id" doc:"Id of the order" ja:"受注ID"`
	Note       *string       `json:"note,omitempty" doc:"Note" ja:"メモ"`
	Email      string        `json:"email,omitempty" doc:"The buyer's e-mail address" ja:"メールアドレス"`
	Tags       *[]string     `json:"tags,omitempty" doc:"All tags: others are taken away. tag.add is safer" ja:"全タグ(他のタグは外れる。tag.addの方が安全)"`
	Delivery   *addressInput `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Attributes []attribute   `json:"attributes,omitempty" doc:"All additional details: others are taken away" ja:"全カート追加項目(他は消える)"`
}

func (s shop) updateOrderMutation() string {
	return `mutation UpdateOrder($in: OrderInput!, $lines: Int) {
  orderUpdate(input: $in) { order {` + s.orderFields() + orderLines + `} userErrors { field message } }
}`
}

func updateOrder(call *sdk.Call, in updateOrderInput) (order, error) {
	s := shopOf(call)
	global, err := gid(kindOrder, in.ID)
	if err != nil {
		return order{}, err
	}
	wire := given{"id": global, "email": in.Email, "shippingAddress": in.Delivery.wire(), "customAttributes": wireAttributes(in.Attributes)}.object()
	if in.Note != nil {
		wire["note"] = *in.Note
	}
	if in.Tags != nil {
		wire["tags"] = *in.Tags
	}
	var out struct {
		Order raw `json:"order"`
	}
	withheld, err := s.mutate(s.updateOrderMutation(), variables{"in": wire, "lines": linesAtOnce}, &out)
	switch {
	case err != nil:
		return order{}, err
	case !isNull(out.Order):
		return s.wholeOrder([]byte(out.Order), withheld)
	case len(withheld) == 0:
		return order{}, unshown("order")
	}
	return order{Order: commerce.Order{ID: number(global)}, Withheld: withheld}, nil
}

// wireAttributes are additional details as mutations take them; nil for none.
func wireAttributes(attributes []attribute) any {
	if len(attributes) == 0 {
		return nil
	}
	wire := make([]map[string]string, 0, len(attributes))
	for _, a := range attributes {
		wire = append(wire, map[string]string{"key": a.Name, "value": a.Value})
	}
	return wire
}

// searchLag is how long the search may take to know what was written.
const searchLag = 60 * time.Second
