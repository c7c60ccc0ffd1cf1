package main

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// order is an order as rules see it.
type order struct {
	commerce.Order
	SourceIdentifier string      `json:"source_identifier,omitempty" doc:"The order's number in the system that it came from" ja:"連携元での受注番号(source_identifier)"`
	CheckoutToken    string      `json:"checkout_token,omitempty" doc:"Token of the checkout that became this order" ja:"元のチェックアウトのトークン"`
	CartToken        string      `json:"cart_token,omitempty" doc:"Token of the cart" ja:"カートのトークン"`
	CancelReason     string      `json:"cancel_reason,omitempty" doc:"Why it was cancelled" ja:"キャンセル理由"`
	Test             bool        `json:"test,omitempty" doc:"Whether it is a test order" ja:"テスト注文か"`
	Attributes       []attribute `json:"attributes,omitempty" doc:"Additional details that the shop's theme asks for, such as the day of delivery" ja:"カート追加項目(お届け希望日など)"`
	Withheld         []string    `json:"withheld,omitempty" doc:"Personal data that the shop's plan does not show: unknown, not empty" ja:"ショップのプランで非表示の個人情報(空ではなく不明)"`
	Raw              raw         `json:"raw,omitzero" doc:"Everything that Shopify told, under its own names" ja:"Shopifyの項目そのまま"`

	// buyer is whose order it is, by name; who pays, where the customer has none.
	buyer string
	// rest says where the lines go on that did not come with the order.
	rest pageInfo
	// left is how many of each line the buyer keeps.
	left []*int64
	// current is the total without what was returned or taken out, nil where that is not told.
	current *commerce.Money
}

// attribute is one additional detail of an order or a line.
type attribute struct {
	Name  string `json:"name" doc:"Name" ja:"項目名"`
	Value string `json:"value" doc:"Value" ja:"値"`
}

// orderFields is what is read of an order, besides its lines.
const orderFields = `
  id name email phone note tags test sourceName sourceIdentifier createdAt updatedAt processedAt cancelledAt cancelReason
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames discountCodes $TOKENS
  customAttributes { key value }
  totalPriceSet { shopMoney { amount currencyCode } }
  currentTotalPriceSet { shopMoney { amount currencyCode } }
  subtotalPriceSet { shopMoney { amount currencyCode } }
  totalTaxSet { shopMoney { amount currencyCode } }
  totalDiscountsSet { shopMoney { amount currencyCode } }
  totalShippingPriceSet { shopMoney { amount currencyCode } }
  totalRefundedSet { shopMoney { amount currencyCode } }
  customer { id firstName lastName }
  shippingAddress { firstName lastName company zip province provinceCode city address1 address2 countryCodeV2 phone }
  billingAddress { firstName lastName company zip province provinceCode city address1 address2 countryCodeV2 phone }
  fulfillments(first: 10) { status displayStatus createdAt deliveredAt trackingInfo(first: 1) { company number url } }
`

// orderLines is the first $lines of an order's lines.
const orderLines = `lineItems(first: $lines) { nodes {` + lineFields + `} pageInfo { hasNextPage endCursor } }`

const lineFields = `
  id title variantTitle sku quantity currentQuantity
  product { id }
  variant { id }
  originalUnitPriceSet { shopMoney { amount currencyCode } }
  discountedTotalSet { shopMoney { amount currencyCode } }
  customAttributes { key value }
  sellingPlan { name }
`

const (
	// linesPerOrder is how many lines come with an order of a list; the rest is fetched after.
	linesPerOrder = 10
	// linesAtOnce is how many come with a single order.
	linesAtOnce = 50
	// orderBase and lineCost are the prices of an order without lines and of a line.
	orderBase = 21
	lineCost  = 9
)

func orderCost(lines int64) int64 { return orderBase + lines*lineCost }

// tokensSince is the first version whose orders tell their checkout.
const tokensSince = "2026-07"

// orderFields returns orderFields for the version that the shop is asked in.
func (s shop) orderFields() string {
	tokens := ""
	if s.APIVersion >= tokensSince {
		tokens = "checkoutToken cartToken"
	}
	return strings.Replace(orderFields, "$TOKENS", tokens, 1)
}

// orderNode is an order as the API has it.
type orderNode struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	Email            string    `json:"email"`
	Phone            string    `json:"phone"`
	Note             string    `json:"note"`
	Tags             []string  `json:"tags"`
	Test             bool      `json:"test"`
	SourceName       string    `json:"sourceName"`
	SourceIdentifier string    `json:"sourceIdentifier"`
	CreatedAt        time.Time `json:"createdAt"`
	UpdatedAt        time.Time `json:"updatedAt"`
	ProcessedAt      time.Time `json:"processedAt"`
	CancelledAt      time.Time `json:"cancelledAt"`
	CancelReason     string    `json:"cancelReason"`
	Financial        string    `json:"displayFinancialStatus"`
	Fulfillment      string    `json:"displayFulfillmentStatus"`
	Gateways         []string  `json:"paymentGatewayNames"`
	DiscountCodes    []string  `json:"discountCodes"`
	CheckoutToken    string    `json:"checkoutToken"`
	CartToken        string    `json:"cartToken"`
	Attributes       []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"customAttributes"`
	Total     bagNode `json:"totalPriceSet"`
	Current   bagNode `json:"currentTotalPriceSet"`
	Subtotal  bagNode `json:"subtotalPriceSet"`
	Tax       bagNode `json:"totalTaxSet"`
	Discounts bagNode `json:"totalDiscountsSet"`
	Shipping  bagNode `json:"totalShippingPriceSet"`
	Refunded  bagNode `json:"totalRefundedSet"`
	Customer  struct {
		ID        string `json:"id"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
	} `json:"customer"`
	ShipTo       *addressNode      `json:"shippingAddress"`
	BillTo       *addressNode      `json:"billingAddress"`
	Fulfillments []fulfillmentNode `json:"fulfillments"`
	Lines        linesNode         `json:"lineItems"`
}

// bagNode is a MoneyBag, of which the shop's amount counts.
type bagNode struct {
	Shop moneyNode `json:"shopMoney"`
}

func (b *bagNode) money() *commerce.Money { return b.Shop.money() }

type fulfillmentNode struct {
	Status      string    `json:"status"`
	Display     string    `json:"displayStatus"`
	CreatedAt   time.Time `json:"createdAt"`
	DeliveredAt time.Time `json:"deliveredAt"`
	Tracking    []struct {
		Company string `json:"company"`
		Number  string `json:"number"`
		URL     string `json:"url"`
	} `json:"trackingInfo"`
}

type linesNode struct {
	Nodes []lineNode `json:"nodes"`
	Page  pageInfo   `json:"pageInfo"`
}

// lineNode is a line of an order, or of a checkout.
type lineNode struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Variant  string `json:"variantTitle"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	// Left is Quantity without what was returned or taken out; checkouts have none.
	Left    *int64 `json:"currentQuantity"`
	Product struct {
		ID string `json:"id"`
	} `json:"product"`
	Of struct {
		ID string `json:"id"`
	} `json:"variant"`
	Price   bagNode `json:"originalUnitPriceSet"`
	Total   bagNode `json:"discountedTotalSet"`
	Reduced bagNode `json:"discountedTotalPriceSet"`
	Image   struct {
		URL string `json:"url"`
	} `json:"image"`
	Plan *struct {
		Name string `json:"name"`
	} `json:"sellingPlan"`
}

func (n *lineNode) item() commerce.OrderItem {
	item := commerce.OrderItem{
		ID: number(n.ID), ProductID: number(n.Product.ID), VariantID: number(n.Of.ID), SKU: n.SKU, Number: n.SKU, Name: n.Title, Variant: n.Variant,
		Quantity: n.Quantity, Price: n.Price.money(), Total: n.Total.money(), Image: n.Image.URL,
	}
	if item.Total == nil {
		item.Total = n.Reduced.money()
	}
	if n.Plan != nil {
		yes := true
		item.IsSubscription, item.Plan = &yes, n.Plan.Name
	}
	return item
}

// orderFrom reads an order of the API.
func (s shop) orderFrom(text []byte, withheld []string) (order, error) {
	var n orderNode
	if err := sdk.Decode(text, &n); err != nil {
		return order{}, err
	}
	o := order{
		SourceIdentifier: n.SourceIdentifier, CheckoutToken: n.CheckoutToken, CartToken: n.CartToken, CancelReason: n.CancelReason,
		Test: n.Test, Withheld: withheld, Raw: raw(text), rest: n.Lines.Page, current: n.Current.money(),
		buyer: joined(" ", n.Customer.LastName, n.Customer.FirstName),
	}
	o.Order = commerce.Order{
		ID: number(n.ID), Number: n.Name, State: n.Fulfillment, PaymentState: n.Financial, PaymentMethod: joined(", ", n.Gateways...),
		CustomerID: number(n.Customer.ID), Email: n.Email, Phone: jp.Phone(n.Phone), Subtotal: n.Subtotal.money(), Discount: n.Discounts.money(),
		Shipping: n.Shipping.money(), Tax: n.Tax.money(), Total: n.Total.money(), Refunded: n.Refunded.money(), Coupons: n.DiscountCodes,
		Billing: n.BillTo.address(), Delivery: n.ShipTo.address(), AdminURL: s.adminURL("orders", n.ID), Source: n.SourceName, Note: n.Note,
		Tags: n.Tags, OrderedAt: n.ProcessedAt, CancelledAt: n.CancelledAt, CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt,
	}
	for _, a := range n.Attributes {
		o.Attributes = append(o.Attributes, attribute{Name: a.Key, Value: a.Value})
	}
	for i := range n.Lines.Nodes {
		o.add(n.Lines.Nodes[i].item(), n.Lines.Nodes[i].Left)
	}
	o.finish(s, n.Fulfillments)
	return o, nil
}

// finish fills in what follows from other fields.
func (o *order) finish(s shop, fulfillments []fulfillmentNode) {
	if o.buyer == "" && o.Billing != nil {
		o.buyer = o.Billing.FullName
	}
	o.Phone = firstText(o.Phone, ownPhone(o.Billing, o.buyer), ownPhone(o.Delivery, o.buyer))
	o.ship(fulfillments)
	o.Status = statusOf(o)
	o.IsPurchase = s.isPurchase(o)
	if !o.rest.More {
		o.settle(s.settings)
	}
}

// ship reads the parcels: an order left with its last one, and arrived when all have.
func (o *order) ship(fulfillments []fulfillmentNode) {
	arrived := true
	for _, f := range fulfillments {
		if f.Status != "SUCCESS" {
			continue
		}
		if o.State == "FULFILLED" && f.CreatedAt.After(o.ShippedAt) {
			o.ShippedAt = f.CreatedAt
		}
		if f.DeliveredAt.After(o.DeliveredAt) {
			o.DeliveredAt = f.DeliveredAt
		}
		arrived = arrived && f.Display == "DELIVERED"
		if len(f.Tracking) > 0 {
			o.Carrier, o.Tracking, o.TrackingURL = f.Tracking[0].Company, f.Tracking[0].Number, f.Tracking[0].URL
		}
	}
	if !arrived {
		o.DeliveredAt = time.Time{}
	}
}

// isPurchase says whether anything was bought: not by a test, nor by what was never paid and never will be, or was paid back.
func (s *settings) isPurchase(o *order) *bool {
	failed := slices.ContainsFunc(s.Failed, func(word string) bool { return strings.EqualFold(word, o.PaymentState) })
	bought := !o.Test && !failed
	return &bought
}

func statusOf(o *order) commerce.OrderStatus {
	switch {
	case !o.CancelledAt.IsZero():
		return commerce.OrderCancelled
	case o.State == "FULFILLED" && !o.DeliveredAt.IsZero():
		return commerce.OrderDelivered
	case o.State == "FULFILLED":
		return commerce.OrderShipped
	default:
		return commerce.OrderOpen
	}
}

// subscribe marks the lines that are deliveries of a subscription: those with a
// selling plan or, if no line has one and the order's tags say so, all. It is
// called once all lines are there.
func (o *order) subscribe(s settings) {
	part, times := s.orderTags(o.Tags)
	planned := false
	for i := range o.Items {
		planned = planned || o.Items[i].IsSubscription != nil
	}
	yes := true
	if planned {
		part = &yes
	}
	o.IsSubscription, o.Times = part, times
	if part == nil {
		return
	}
	for i := range o.Items {
		item := &o.Items[i]
		if !planned {
			item.IsSubscription = &yes
		}
		if item.IsSubscription == nil {
			item.IsSubscription = new(bool)
			continue
		}
		item.Times = times
	}
}
