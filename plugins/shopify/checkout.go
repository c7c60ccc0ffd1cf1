package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// checkout is a checkout as rules see it.
type checkout struct {
	commerce.Checkout
	Token     string `json:"token,omitempty" doc:"Token; an order that comes of it has the same checkout_token" ja:"トークン(注文のcheckout_tokenと一致)"`
	CartToken string `json:"cart_token,omitempty" doc:"Token of the cart" ja:"カートのトークン"`
	Raw       raw    `json:"raw,omitzero" doc:"Everything that Shopify told, under its own names" ja:"Shopifyの項目そのまま"`
}

// checkoutFields is what is read of an abandoned checkout.
const checkoutFields = `
  id name abandonedCheckoutUrl createdAt updatedAt completedAt note discountCodes
  customer { id firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
  totalPriceSet { shopMoney { amount currencyCode } }
  subtotalPriceSet { shopMoney { amount currencyCode } }
  shippingAddress { firstName lastName phone }
  lineItems(first: $lines) { nodes {
    id title variantTitle sku quantity
    originalUnitPriceSet { shopMoney { amount currencyCode } }
    discountedTotalPriceSet { shopMoney { amount currencyCode } }
    product { id }
    variant { id }
    image { url }
  } }
`

const (
	// checkoutLines is how many lines are read of a checkout: a message shows two.
	checkoutLines = 10
	checkoutCost  = 10 + checkoutLines*8
)

type checkoutNode struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	URL           string    `json:"abandonedCheckoutUrl"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	CompletedAt   time.Time `json:"completedAt"`
	Note          string    `json:"note"`
	DiscountCodes []string  `json:"discountCodes"`
	Customer      struct {
		ID        string `json:"id"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
		Email     struct {
			Address string `json:"emailAddress"`
		} `json:"defaultEmailAddress"`
		Phone struct {
			Number string `json:"phoneNumber"`
		} `json:"defaultPhoneNumber"`
	} `json:"customer"`
	Total    bagNode      `json:"totalPriceSet"`
	Subtotal bagNode      `json:"subtotalPriceSet"`
	ShipTo   *addressNode `json:"shippingAddress"`
	Lines    linesNode    `json:"lineItems"`
}

// checkoutFrom reads an abandoned checkout of the API.
func checkoutFrom(text []byte) (checkout, error) {
	var n checkoutNode
	if err := sdk.Decode(text, &n); err != nil {
		return checkout{}, err
	}
	c := checkout{Raw: raw(text)}
	c.Checkout = commerce.Checkout{
		ID: checkoutID(n.Name, number(n.ID), ""), Number: n.Name, CustomerID: number(n.Customer.ID), Email: n.Customer.Email.Address,
		FullName: joined(" ", n.Customer.LastName, n.Customer.FirstName), Phone: jp.Phone(n.Customer.Phone.Number),
		Subtotal: n.Subtotal.money(), Total: n.Total.money(), Coupons: n.DiscountCodes, Note: n.Note, URL: n.URL,
		CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt, OrderedAt: n.CompletedAt,
	}
	c.Phone = firstText(c.Phone, ownPhone(n.ShipTo.address(), c.FullName))
	for i := range n.Lines.Nodes {
		c.Items = append(c.Items, n.Lines.Nodes[i].item())
	}
	return c, nil
}

// checkoutID is the number of a checkout. Some deliveries have no id but a name
// that holds it, "#33330000"; without either the token has to do.
func checkoutID(name, id, token string) string {
	if n := strings.TrimPrefix(name, "#"); n != "" && strings.Trim(n, "0123456789") == "" {
		return n
	}
	return firstText(id, token)
}

// checkoutHook is a checkout as deliveries have it.
type checkoutHook struct {
	ID            scalar    `json:"id"`
	Token         string    `json:"token"`
	CartToken     string    `json:"cart_token"`
	Name          string    `json:"name"`
	Email         string    `json:"email"`
	Phone         string    `json:"phone"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
	CompletedAt   time.Time `json:"completed_at"`
	Currency      string    `json:"currency"`
	Note          string    `json:"note"`
	URL           string    `json:"abandoned_checkout_url"`
	Total         scalar    `json:"total_price"`
	Subtotal      scalar    `json:"subtotal_price"`
	DiscountCodes []struct {
		Code string `json:"code"`
	} `json:"discount_codes"`
	Customer struct {
		ID        scalar `json:"id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Email     string `json:"email"`
		Phone     string `json:"phone"`
	} `json:"customer"`
	ShipTo *addressHook `json:"shipping_address"`
	Lines  []lineHook   `json:"line_items"`
}

func (h *checkoutHook) checkout(body []byte) checkout {
	c := checkout{Token: h.Token, CartToken: h.CartToken, Raw: raw(body)}
	c.Checkout = commerce.Checkout{
		ID: checkoutID(h.Name, string(h.ID), h.Token), Number: h.Name, CustomerID: string(h.Customer.ID), Email: firstText(h.Email, h.Customer.Email),
		FullName: joined(" ", h.Customer.LastName, h.Customer.FirstName),
		Phone:    firstText(jp.Phone(h.Phone), jp.Phone(h.Customer.Phone)),
		Subtotal: money(h.Subtotal, h.Currency), Total: money(h.Total, h.Currency), Note: h.Note, URL: h.URL,
		CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt, OrderedAt: h.CompletedAt,
	}
	c.Phone = firstText(c.Phone, ownPhone(h.ShipTo.address(), c.FullName))
	for _, d := range h.DiscountCodes {
		c.Coupons = append(c.Coupons, d.Code)
	}
	for i := range h.Lines {
		c.Items = append(c.Items, h.Lines[i].item(h.Currency))
	}
	return c
}
