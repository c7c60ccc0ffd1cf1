package main

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// order is an order (受注) as rules see it.
type order struct {
	commerce.Order
	HumanState         string     `json:"human_state,omitempty" doc:"State in the console's words; a shop may have states of its own" ja:"対応状況(管理画面の表記)"`
	PaymentHumanState  string     `json:"payment_human_state,omitempty" doc:"Payment state in the console's words" ja:"決済状況(管理画面の表記)"`
	Kind               string     `json:"kind,omitempty" doc:"Kind of order in the console's words" ja:"受注区分"`
	CustomerNumber     string     `json:"customer_number,omitempty" doc:"Number of the customer that staff see" ja:"顧客番号"`
	SubscriptionNumber string     `json:"subscription_number,omitempty" doc:"Number of the subscription order that staff see" ja:"定期受注番号"`
	LinkNumber         string     `json:"link_number,omitempty" doc:"External key (link number)" ja:"連携番号"`
	PaymentTotal       *int64     `json:"payment_total,omitempty" doc:"What is charged, in yen" ja:"決済金額(円)"`
	Memo1              string     `json:"memo1,omitempty" doc:"Memo 1" ja:"メモ1"`
	Memo2              string     `json:"memo2,omitempty" doc:"Memo 2" ja:"メモ2"`
	URLID              string     `json:"url_id,omitempty" doc:"Id of the ad URL that it came by" ja:"広告URLのid"`
	URL                string     `json:"url,omitempty" doc:"Ad URL that it came by" ja:"広告URL"`
	URLGroup           string     `json:"url_group,omitempty" doc:"Group of the ad URL" ja:"広告URLグループ"`
	Advertiser         string     `json:"advertiser,omitempty" doc:"Advertiser" ja:"広告主"`
	Store              string     `json:"store,omitempty" doc:"Store" ja:"店舗"`
	ShipOn             time.Time  `json:"ship_at,omitzero" doc:"When it is planned to leave" ja:"発送予定日時"`
	Raw                attributes `json:"raw,omitzero" doc:"Everything that ecforce told, under its own names" ja:"ecforceの項目そのまま"`
}

func orderOf(r row, s *settings) order {
	o := orderFrom(r.ID, r.Attributes, s)
	if o.CustomerID == "" {
		if ids := r.related("customer"); len(ids) > 0 {
			o.CustomerID = ids[0].ID
		}
	}
	for _, item := range r.many("order_items") {
		o.Items = append(o.Items, o.subscribed(itemOf(item.ID, item.Attributes), item.Attributes.flag("onetime")))
	}
	if billing := r.one("billing_address"); billing != nil {
		o.Billing = addressOf(billing.Attributes)
		o.Phone = o.Billing.Phone
	}
	if delivery := firstOf(r.one("shipping_address"), r.one("shipping_addresses")); delivery != nil {
		o.Delivery = addressOf(delivery.Attributes)
	}
	return o
}

// subscribed adds what the order knows of its subscription to one of its
// lines; a line may be bought once beside those that come again.
func (o *order) subscribed(item commerce.OrderItem, once *bool) commerce.OrderItem {
	item.IsSubscription, item.Times = o.IsSubscription, o.Times
	if once != nil && *once {
		item.IsSubscription, item.Times = new(bool), 0
	}
	return item
}

// orderStatuses are the platform's own words; the last two are deduced from the
// names of its events. A shop may have words of its own, such as "returned": the
// setting order_statuses says what those mean, else nobody knows.
var orderStatuses = map[string]commerce.OrderStatus{
	"complete": commerce.OrderOpen, "shipped": commerce.OrderShipped,
	"delivered": commerce.OrderDelivered, "canceled": commerce.OrderCancelled,
}

// orderStatus returns what a state means, empty if nobody knows. own are the
// shop's own words, and they go first. As with the words for subscriptions,
// width, case and blanks around do not matter.
func orderStatus(state string, own map[string]commerce.OrderStatus) commerce.OrderStatus {
	word := plain(state)
	for key, status := range own {
		if plain(key) == word {
			return status
		}
	}
	return orderStatuses[word]
}

// isPurchase says whether anything was bought; nil if a template does not tell.
// Nothing was by an order whose payment failed, nor by one that is not complete:
// completed_at is empty, and the state is none that a complete order has. What
// is complete and in a state that nobody knows is as the setting says.
func (s *settings) isPurchase(a attributes, status commerce.OrderStatus) *bool {
	state, payment := a.text("state"), plain(a.text("payment_state"))
	completed, told := a.lookup("completed_at")
	bought := true
	switch {
	case slices.ContainsFunc(s.FailedPayments, func(word string) bool { return payment != "" && plain(word) == payment }):
		bought = false
	case status == commerce.OrderCancelled:
		return nil // the status says so
	case status == "" && told && completed.text() == "":
		bought = false
	case status == "" && state != "" && s.UnknownOrders == "ignore":
		bought = false
	case payment == "":
		return nil
	}
	return &bought
}

func plain(word string) string { return strings.ToLower(jp.Narrow(word)) }

// isSubscription says whether an order belongs to a subscription order; nil if
// the template that made the attributes does not tell.
func isSubscription(a attributes) *bool {
	times, counted := a.lookup("times")
	parent, linked := a.lookup("subs_order_id")
	if !counted && !linked {
		return nil
	}
	part := parent.text() != "" && parent.text() != "0"
	if n := times.integer(); n != nil && *n > 0 {
		part = true
	}
	return &part
}

func firstOf(candidates ...*resource) *resource {
	for _, r := range candidates {
		if r != nil {
			return r
		}
	}
	return nil
}

// orderFrom makes an order of attributes alone. Templates write the customer as an object.
func orderFrom(id string, a attributes, s *settings) order {
	o := order{
		HumanState: a.first("human_state", "human_state_name"), PaymentHumanState: a.text("payment_human_state"), Kind: a.text("kind"),
		CustomerNumber: a.text("customer_number"), SubscriptionNumber: a.text("subs_order_number"), LinkNumber: a.text("link_number"),
		PaymentTotal: a.integer("payment_total"), Memo1: a.text("memo01"), Memo2: a.text("memo02"), URLID: a.text("url_id"), URL: a.text("url"),
		URLGroup: a.text("url_group"), Advertiser: a.text("advertiser"), Store: a.text("store"), ShipOn: a.moment("scheduled_to_be_shipped_at"), Raw: a,
	}
	o.Order = commerce.Order{
		ID: id, Number: a.text("number"), Status: orderStatus(a.text("state"), s.OrderStatuses), State: a.text("state"), PaymentState: a.text("payment_state"), PaymentMethod: a.text("payment_method_name"),
		CustomerID: a.text("customer_id"), Email: a.text("email"), SubscriptionID: a.text("subs_order_id"), IsSubscription: isSubscription(a), Times: a.number("times"),
		Subtotal: a.yen("subtotal"), Discount: a.yen("discount"), Shipping: a.yen("deliv_fee"), Fee: a.yen("charge"), Tax: a.yen("tax"), Total: a.yen("total"),
		Coupons: a.words("coupons"), Carrier: a.text("shipping_carrier_name"), Tracking: a.text("shipping_slip"), TrackingURL: a.text("tracking_url"),
		DeliverOn: a.day("scheduled_to_be_delivered_at"), Source: a.text("url"), Note: a.text("remark"), Tags: a.words("labels"),
		OrderedAt: a.moment("completed_at"), PaidAt: a.moment("payment_paid_at"), ShippedAt: a.moment("shipped_at"), DeliveredAt: a.moment("delivered_at"),
		CreatedAt: a.moment("created_at"), UpdatedAt: a.moment("updated_at"),
	}
	o.IsPurchase = s.isPurchase(a, o.Status)
	if buyer, ok := a.object("customer"); ok {
		o.CustomerID = firstText(buyer.text("id"), o.CustomerID)
		o.Email, o.CustomerNumber = firstText(buyer.text("email"), o.Email), firstText(buyer.text("number"), o.CustomerNumber)
	}
	return o
}

func itemOf(id string, a attributes) commerce.OrderItem {
	item := commerce.OrderItem{
		ID: id, VariantID: a.text("variant_id"), SKU: a.text("variant_sku"), Number: a.text("product_number"), Name: a.text("product_name"),
		Quantity: a.number("quantity"), Price: a.yen("price"), TaxRate: a.text("tax_rate"),
	}
	if item.Price != nil {
		item.Total = commerce.Yen(item.Price.Amount * item.Quantity)
	}
	return item
}
