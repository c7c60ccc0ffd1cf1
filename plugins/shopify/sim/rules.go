package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// How personal data is shown, for the setting of that name in PUT /_sim/limits.
const (
	personalShown  = "shown"
	personalNull   = "null"
	personalDenied = "denied"
)

// rules is what PUT /_sim/limits changes besides rates.
type rules struct {
	// PersonalData is shown, null or denied: the two ways in which a shop on the
	// Basic plan withholds names, addresses, phones and e-mail.
	PersonalData string `json:"personal_data"`
	// Scopes are those that the app was granted.
	Scopes []string `json:"scopes"`
	// Plan is the shop's plan.
	Plan string `json:"plan"`
	// SearchLag is how long a change takes to be found by a search.
	SearchLag int `json:"search_lag_seconds"`
	// BulkPolls is how often a bulk operation is seen running before it is done.
	BulkPolls int `json:"bulk_polls"`
	// BulkFails has bulk operations fail.
	BulkFails bool `json:"bulk_fails"`
	// AbandonedAfter is how long a checkout is idle before it is listed.
	AbandonedAfter int `json:"abandoned_after_minutes"`
	// ConcurrentBulk is how many bulk operations may run at once.
	ConcurrentBulk int `json:"concurrent_bulk"`
}

func defaultRules() rules {
	return rules{
		PersonalData: personalShown, Plan: "Grow", BulkPolls: 1, ConcurrentBulk: 5, AbandonedAfter: 10,
		Scopes: []string{
			"read_all_orders", "read_customer_merge", "read_locations", "write_customers", "write_discounts",
			"write_fulfillments", "write_inventory", "write_orders", "write_products",
		},
	}
}

// setLimits changes rates and rules; what is not named stays.
func (s *shop) setLimits(raw json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := struct {
		*rules
		*rates
	}{&s.rules, s.meter.rates()}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&changed); err != nil {
		return err
	}
	if !slices.Contains([]string{personalShown, personalNull, personalDenied}, s.rules.PersonalData) {
		return fmt.Errorf("personal_data is %q, not shown, null or denied", s.rules.PersonalData)
	}
	s.meter.set(changed.rates)
	return nil
}

// lagging says whether a search does not find the record yet.
func (s *shop) lagging(record object) bool {
	if s.rules.SearchLag == 0 {
		return false
	}
	at, err := time.Parse(time.RFC3339, text(record, "updatedAt"))
	return err == nil && s.env.Clock.Now().Sub(at) < time.Duration(s.rules.SearchLag)*time.Second
}

// abandoned says whether a checkout is listed: its buyer can be reached and has
// left it alone for long enough. One that was listed stays so.
func (s *shop) abandoned(checkout object) bool {
	if checkout["listed"] == true {
		return true
	}
	reachable := text(checkout, "email") != "" || text(checkout, "phone") != "" || text(checkout, "customerId") != ""
	at, err := time.Parse(time.RFC3339, text(checkout, "updatedAt"))
	idle := s.env.Clock.Now().Sub(at) >= time.Duration(s.rules.AbandonedAfter)*time.Minute
	return reachable && text(checkout, "completedAt") == "" && err == nil && idle
}

// personal are the fields that hold personal data. Those without a resolver of
// their own are guarded all the same.
var personal = []string{
	"Customer.firstName", "Customer.lastName", "Customer.defaultEmailAddress", "Customer.defaultPhoneNumber", "Customer.defaultAddress",
	"Order.email", "Order.phone", "Order.shippingAddress", "Order.billingAddress", "AbandonedCheckout.shippingAddress",
}

// member resolves a field to the record's member of that name.
func member(f *graphql.Field) any { return f.Source[f.Name] }

// scopes are what a root field needs.
var scopes = map[string]string{
	"customer": "read_customers", "customers": "read_customers", "customerByIdentifier": "read_customers",
	"order": "read_orders", "orders": "read_orders", "orderByIdentifier": "read_orders", "abandonedCheckouts": "read_orders",
	"product": "read_products", "products": "read_products", "productVariants": "read_products",
	"inventoryItem": "read_inventory", "locations": "read_locations",
	"customerSet": "write_customers", "customerCreate": "write_customers", "customerUpdate": "write_customers",
	"customerEmailMarketingConsentUpdate": "write_customers", "orderCreate": "write_orders", "orderUpdate": "write_orders",
	"inventorySetQuantities": "write_inventory",
}

// guarded checks scope and plan before a field is resolved.
func (s *shop) guarded(name string, resolve graphql.Resolver) graphql.Resolver {
	typ, field, _ := strings.Cut(name, ".")
	if scope := scopes[field]; scope != "" && (typ == "QueryRoot" || typ == "Mutation") {
		return func(f *graphql.Field) any {
			if !s.granted(scope) {
				f.Fail("ACCESS_DENIED", "Access denied for "+field+" field. Required access: `"+scope+"` access scope.")
				return nil
			}
			return resolve(f)
		}
	}
	if !slices.Contains(personal, name) {
		return resolve
	}
	return func(f *graphql.Field) any {
		switch s.rules.PersonalData {
		case personalDenied:
			f.Fail("ACCESS_DENIED", "This app is not approved to access the "+typ+" object.")
			return nil
		case personalNull:
			return nil
		}
		return resolve(f)
	}
}

// granted says whether the app has the scope; one to write includes reading.
func (s *shop) granted(scope string) bool {
	return slices.Contains(s.rules.Scopes, scope) || slices.Contains(s.rules.Scopes, strings.Replace(scope, "read_", "write_", 1))
}
