package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// orderHook is an order as deliveries have it.
type orderHook struct {
	ID               scalar    `json:"id"`
	Name             string    `json:"name"`
	Email            string    `json:"email"`
	ContactEmail     string    `json:"contact_email"`
	Phone            string    `json:"phone"`
	Note             string    `json:"note"`
	Tags             string    `json:"tags"`
	Test             bool      `json:"test"`
	SourceName       string    `json:"source_name"`
	SourceIdentifier string    `json:"source_identifier"`
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `json:"updated_at"`
	ProcessedAt      time.Time `json:"processed_at"`
	CancelledAt      time.Time `json:"cancelled_at"`
	CancelReason     string    `json:"cancel_reason"`
	Financial        string    `json:"financial_status"`
	Fulfillment      string    `json:"fulfillment_status"`
	Gateways         []string  `json:"payment_gateway_names"`
	CheckoutToken    string    `json:"checkout_token"`
	CartToken        string    `json:"cart_token"`
	Currency         string    `json:"currency"`
	Total            scalar    `json:"total_price"`
	Current          scalar    `json:"current_total_price"`
	Subtotal         scalar    `json:"subtotal_price"`
	Tax              scalar    `json:"total_tax"`
	Discounts        scalar    `json:"total_discounts"`
	Shipping         struct {
		Shop struct {
			Amount scalar `json:"amount"`
		} `json:"shop_money"`
	} `json:"total_shipping_price_set"`
	DiscountCodes []struct {
		Code string `json:"code"`
	} `json:"discount_codes"`
	Attributes []attribute `json:"note_attributes"`
	Customer   struct {
		ID        scalar `json:"id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
	} `json:"customer"`
	ShipTo       *addressHook      `json:"shipping_address"`
	BillTo       *addressHook      `json:"billing_address"`
	Fulfillments []fulfillmentHook `json:"fulfillments"`
	Refunds      []refundHook      `json:"refunds"`
	Lines        []lineHook        `json:"line_items"`
}

// refundHook is money that was paid back, as deliveries have it.
type refundHook struct {
	Transactions []transactionHook `json:"transactions"`
}

type transactionHook struct {
	Amount   scalar `json:"amount"`
	Currency string `json:"currency"`
	Kind     string `json:"kind"`
	Status   string `json:"status"`
}

// paidBack says whether it is money that the buyer has again: what failed, or is under way, is not.
func (t *transactionHook) paidBack() bool {
	return strings.EqualFold(t.Kind, "refund") && strings.EqualFold(t.Status, "success")
}

// refunded is what was paid back in all.
// A delivery without the list, or with amounts in another currency, does not tell.
func (h *orderHook) refunded() *commerce.Money {
	all := money("0", h.Currency)
	if h.Refunds == nil || all == nil {
		return nil
	}
	for i := range h.Refunds {
		for _, t := range h.Refunds[i].Transactions {
			if !t.paidBack() {
				continue
			}
			part := money(t.Amount, firstText(t.Currency, h.Currency))
			if part == nil || part.Currency != all.Currency {
				return nil
			}
			all.Amount += part.Amount
		}
	}
	return all
}

// lineHook is a line of an order, or of a checkout, as deliveries have it.
type lineHook struct {
	ID          scalar `json:"id"`
	Key         string `json:"key"`
	ProductID   scalar `json:"product_id"`
	VariantID   scalar `json:"variant_id"`
	SKU         string `json:"sku"`
	Title       string `json:"title"`
	Variant     string `json:"variant_title"`
	Quantity    int64  `json:"quantity"`
	Left        *int64 `json:"current_quantity"`
	Price       scalar `json:"price"`
	LinePrice   scalar `json:"line_price"`
	Allocations []struct {
		Amount scalar `json:"amount"`
	} `json:"discount_allocations"`
}

// fulfillmentWords are the API's words for those of deliveries.
var fulfillmentWords = map[string]string{"": "UNFULFILLED", "partial": "PARTIALLY_FULFILLED"}

func (h *orderHook) order(s shop, body []byte) order {
	o := order{
		SourceIdentifier: h.SourceIdentifier, CheckoutToken: h.CheckoutToken, CartToken: h.CartToken, CancelReason: strings.ToUpper(h.CancelReason),
		Test: h.Test, Attributes: h.Attributes, Raw: raw(body), current: money(h.Current, h.Currency),
		buyer: joined(" ", h.Customer.LastName, h.Customer.FirstName),
	}
	o.Order = commerce.Order{
		ID: string(h.ID), Number: h.Name, State: firstText(fulfillmentWords[h.Fulfillment], strings.ToUpper(h.Fulfillment)),
		PaymentState: strings.ToUpper(h.Financial), PaymentMethod: joined(", ", h.Gateways...), CustomerID: string(h.Customer.ID),
		Email: firstText(h.Email, h.ContactEmail), Phone: jp.Phone(h.Phone), Subtotal: money(h.Subtotal, h.Currency),
		Discount: money(h.Discounts, h.Currency), Shipping: money(h.Shipping.Shop.Amount, h.Currency), Tax: money(h.Tax, h.Currency),
		Total: money(h.Total, h.Currency), Refunded: h.refunded(), Billing: h.BillTo.address(), Delivery: h.ShipTo.address(), AdminURL: s.adminURL("orders", string(h.ID)),
		Source: h.SourceName, Note: h.Note, Tags: splitTags(h.Tags), OrderedAt: h.ProcessedAt, CancelledAt: h.CancelledAt,
		CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
	for _, d := range h.DiscountCodes {
		o.Coupons = append(o.Coupons, d.Code)
	}
	for i := range h.Lines {
		o.add(h.Lines[i].item(h.Currency), h.Lines[i].Left)
	}
	parcels := make([]fulfillmentNode, 0, len(h.Fulfillments))
	for i := range h.Fulfillments {
		parcels = append(parcels, h.Fulfillments[i].node())
	}
	o.finish(s, parcels)
	return o
}

func (l *lineHook) item(currency string) commerce.OrderItem {
	item := commerce.OrderItem{
		ID: firstText(string(l.ID), l.Key), ProductID: string(l.ProductID), VariantID: string(l.VariantID), SKU: l.SKU, Number: l.SKU,
		Name: l.Title, Variant: l.Variant, Quantity: l.Quantity, Price: money(l.Price, currency), Total: money(l.LinePrice, currency),
	}
	if item.Total != nil || item.Price == nil {
		return item
	}
	total := *item.Price
	total.Amount *= l.Quantity
	for _, a := range l.Allocations {
		if part := money(a.Amount, currency); part != nil {
			total.Amount -= part.Amount
		}
	}
	item.Total = &total
	return item
}

// splitTags reads the one text that holds all tags.
func splitTags(text string) []string {
	var tags []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// fulfillmentHook is a parcel as deliveries have it.
type fulfillmentHook struct {
	ID              scalar     `json:"id"`
	OrderID         scalar     `json:"order_id"`
	Name            string     `json:"name"`
	Status          string     `json:"status"`
	Shipment        string     `json:"shipment_status"`
	CreatedAt       time.Time  `json:"created_at"`
	UpdatedAt       time.Time  `json:"updated_at"`
	TrackingCompany string     `json:"tracking_company"`
	TrackingNumber  string     `json:"tracking_number"`
	TrackingURL     string     `json:"tracking_url"`
	Lines           []lineHook `json:"line_items"`
}

// node is the parcel in the API's words. When a parcel arrived is when it was
// last changed, once it has.
func (h *fulfillmentHook) node() fulfillmentNode {
	n := fulfillmentNode{Status: strings.ToUpper(h.Status), Display: strings.ToUpper(h.Shipment), CreatedAt: h.CreatedAt}
	if n.Display == "DELIVERED" {
		n.DeliveredAt = h.UpdatedAt
	}
	if h.TrackingNumber != "" || h.TrackingCompany != "" {
		n.Tracking = append(n.Tracking, struct {
			Company string `json:"company"`
			Number  string `json:"number"`
			URL     string `json:"url"`
		}{h.TrackingCompany, h.TrackingNumber, h.TrackingURL})
	}
	return n
}
