package main

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// customer is a customer as rules see it: the words that all carts share, and
// Shopify's own. What is unknown, empty or withheld is missing.
type customer struct {
	commerce.Customer
	Locale    string     `json:"locale,omitempty" doc:"Language" ja:"言語"`
	Marketing string     `json:"email_marketing,omitempty" doc:"Consent to mail: SUBSCRIBED, UNSUBSCRIBED, NOT_SUBSCRIBED, PENDING, INVALID, REDACTED" ja:"メール配信の同意状態"`
	Zip       string     `json:"zip,omitempty" doc:"Postcode of the default address, seven digits" ja:"郵便番号(7桁)"`
	LastOrder string     `json:"last_order_id,omitempty" doc:"Id of the last order" ja:"最終受注ID"`
	Contracts []contract `json:"contracts,omitempty" doc:"Subscriptions that the app 定期購買 wrote as tags, with what only that app tells" ja:"定期購買アプリがタグに書いた定期(アプリ固有の情報)"`
	Withheld  []string   `json:"withheld,omitempty" doc:"Personal data that the shop's plan does not show: unknown, not empty. Do not overwrite other systems with it" ja:"ショップのプランで非表示の個人情報(空ではなく不明。他システムを上書きしないこと)"`
	Raw       raw        `json:"raw,omitzero" doc:"Everything that Shopify told, under its own names" ja:"Shopifyの項目そのまま"`
}

// customerFields is what is read of a customer.
const customerFields = `
  id firstName lastName note tags state locale verifiedEmail createdAt updatedAt numberOfOrders
  defaultEmailAddress { emailAddress marketingState }
  defaultPhoneNumber { phoneNumber }
  amountSpent { amount currencyCode }
  lastOrder { id createdAt }
  defaultAddress { firstName lastName company zip province provinceCode city address1 address2 countryCodeV2 phone }
  birthday: metafield(namespace: $birthdayNamespace, key: $birthdayKey) { value }
  lineId: metafield(namespace: $lineNamespace, key: $lineKey) { value }
`

// customerVariables declares what customerFields refers to.
const customerVariables = `$birthdayNamespace: String, $birthdayKey: String!, $lineNamespace: String, $lineKey: String!`

// customerCost is the price of one customer with these fields.
const customerCost = 8

// customerVars fills in customerVariables.
func (s shop) customerVars(more variables) variables {
	birthday, line := metafieldNamed(s.Birthday), metafieldNamed(s.LineID)
	vars := variables{
		"birthdayNamespace": birthday.namespace, "birthdayKey": birthday.key, "lineNamespace": line.namespace, "lineKey": line.key,
	}
	for name, value := range more {
		vars[name] = value
	}
	return vars
}

// customerNode is a customer as the API has it.
type customerNode struct {
	ID        string    `json:"id"`
	FirstName string    `json:"firstName"`
	LastName  string    `json:"lastName"`
	Note      string    `json:"note"`
	Tags      []string  `json:"tags"`
	State     string    `json:"state"`
	Locale    string    `json:"locale"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Orders    scalar    `json:"numberOfOrders"`
	Email     struct {
		Address   string `json:"emailAddress"`
		Marketing string `json:"marketingState"`
	} `json:"defaultEmailAddress"`
	Phone struct {
		Number string `json:"phoneNumber"`
	} `json:"defaultPhoneNumber"`
	Spent     *moneyNode `json:"amountSpent"`
	LastOrder *struct {
		ID        string    `json:"id"`
		CreatedAt time.Time `json:"createdAt"`
	} `json:"lastOrder"`
	Address  *addressNode `json:"defaultAddress"`
	Birthday metaValue    `json:"birthday"`
	LineID   metaValue    `json:"lineId"`
}

type metaValue struct {
	Value string `json:"value"`
}

// moneyNode is a MoneyV2.
type moneyNode struct {
	Amount   scalar `json:"amount"`
	Currency string `json:"currencyCode"`
}

func (m *moneyNode) money() *commerce.Money {
	if m == nil {
		return nil
	}
	return money(m.Amount, m.Currency)
}

// customerFrom reads a customer of the API. withheld are the paths of a whole
// answer; only what they have of customers counts.
func (s shop) customerFrom(text []byte, withheld []string) (customer, error) {
	var n customerNode
	if err := sdk.Decode(text, &n); err != nil {
		return customer{}, err
	}
	c := customer{Locale: n.Locale, Marketing: n.Email.Marketing, Withheld: withheld, Raw: raw(text)}
	c.Customer = commerce.Customer{
		ID: number(n.ID), State: n.State, Email: n.Email.Address, Phone: jp.Phone(n.Phone.Number), LastName: n.LastName, FirstName: n.FirstName,
		FullName: joined(" ", n.LastName, n.FirstName), Birthday: commerce.Date(n.Birthday.Value), Address: n.Address.address(), Tags: n.Tags,
		OptIn: optIn(n.Email.Marketing), Orders: count(n.Orders), Spent: n.Spent.money(), LineID: n.LineID.Value, Note: n.Note,
		AdminURL: s.adminURL("customers", n.ID), CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt,
	}
	if n.LastOrder != nil {
		c.LastOrder, c.LastOrderAt = number(n.LastOrder.ID), n.LastOrder.CreatedAt
	}
	c.finish(s)
	c.clear()
	return c, nil
}

// clear notes what is empty and not withheld. A shop's plan may hide a person's
// data as null, too: then nothing of the person is there.
func (c *customer) clear() {
	withheld := func(path string) bool { return strings.HasSuffix(path, "lineId") }
	if c.LineID == "" && !slices.ContainsFunc(c.Withheld, withheld) {
		c.Cleared = append(c.Cleared, "line_id")
	}
	if len(c.Withheld) > 0 || joined("", c.FullName, c.Email, c.Phone) == "" {
		return
	}
	if c.Phone == "" {
		c.Cleared = append(c.Cleared, "phone")
	}
	if c.Email == "" {
		c.Cleared = append(c.Cleared, "email")
	}
}

// finish fills in what follows from other fields.
func (c *customer) finish(s shop) {
	if c.Address != nil {
		c.Zip, c.Company = c.Address.Postcode, c.Address.Company
		c.Phone = firstText(c.Phone, ownPhone(c.Address, c.FullName))
	}
	c.Contracts = s.contractsOf(c.ID, c.Tags)
	for i := range c.Contracts {
		c.Subscriptions = append(c.Subscriptions, c.Contracts[i].Subscription)
	}
	c.SubscriptionStatus = commerce.Overall(c.Subscriptions)
	if c.SubscriptionStatus == "" {
		c.SubscriptionStatus = s.subscriberStatus(c.Tags)
	}
}

// optIn says whether a consent is given; nil if nobody asked.
func optIn(state string) *bool {
	yes := strings.EqualFold(state, "SUBSCRIBED")
	if state == "" {
		return nil
	}
	return &yes
}

// count reads a number that the platform writes as text.
func count(n scalar) *int64 {
	var v int64
	if n == "" || sdk.Decode([]byte(n), &v) != nil {
		return nil
	}
	return &v
}

// adminURL is a record's page in the admin.
func (s shop) adminURL(section, gid string) string {
	base := strings.TrimRight(s.AdminURL, "/")
	if base == "" {
		base = strings.TrimRight(s.BaseURL, "/") + "/admin"
	}
	return base + "/" + section + "/" + number(gid)
}
