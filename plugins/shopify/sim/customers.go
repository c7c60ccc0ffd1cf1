package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

func (s *shop) customerFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.customer":             s.byID(kindCustomer),
		"QueryRoot.customers":            s.list(s.customerListing()),
		"QueryRoot.customerByIdentifier": s.customerByIdentifier,
		"Customer.firstName":             member,
		"Customer.lastName":              member,
		"Customer.legacyResourceId":      legacyID,
		"Customer.displayName": func(f *graphql.Field) any {
			return strings.TrimSpace(text(f.Source, "firstName") + " " + text(f.Source, "lastName"))
		},
		"Customer.defaultEmailAddress": func(f *graphql.Field) any {
			if text(f.Source, "email") == "" {
				return nil
			}
			return object{
				"emailAddress": f.Source["email"], "marketingState": orDefault(f.Source, "marketingState", "NOT_SUBSCRIBED"),
				"marketingOptInLevel": f.Source["marketingOptInLevel"],
			}
		},
		"Customer.defaultPhoneNumber": func(f *graphql.Field) any {
			if text(f.Source, "phone") == "" {
				return nil
			}
			return object{"phoneNumber": f.Source["phone"], "marketingState": "NOT_SUBSCRIBED"}
		},
		"Customer.numberOfOrders": func(f *graphql.Field) any { return strconv.Itoa(len(s.ordersOf(f.Source))) },
		"Customer.amountSpent": func(f *graphql.Field) any {
			return object{"amount": s.spent(f.Source), "currencyCode": currency}
		},
		"Customer.lastOrder": func(f *graphql.Field) any {
			all := s.ordersOf(f.Source)
			if len(all) == 0 {
				return nil
			}
			return all[len(all)-1]
		},
		"Customer.defaultAddress": func(f *graphql.Field) any {
			all := objects(f.Source["addresses"])
			if len(all) == 0 {
				return nil
			}
			return all[0]
		},
		"Customer.addressesV2": func(f *graphql.Field) any {
			if s.rules.PersonalData != personalShown {
				return nested(f, nil)
			}
			return nested(f, objects(f.Source["addresses"]))
		},
	}
}

func (s *shop) customerListing() listing {
	return listing{
		kind: kindCustomer,
		filters: map[string]func(object) []string{
			"id": byNumber, "email": one("email"), "phone": one("phone"), "first_name": one("firstName"), "last_name": one("lastName"),
			"tag": many("tags"), "state": one("state"), "updated_at": one("updatedAt"), "customer_date": one("createdAt"),
			"orders_count": func(c object) []string { return []string{strconv.Itoa(len(s.ordersOf(c)))} },
			"total_spent":  func(c object) []string { return []string{s.spent(c)} },
		},
		sorts: map[string]string{"UPDATED_AT": "updatedAt", "CREATED_AT": "createdAt", "NAME": "lastName"},
	}
}

func legacyID(f *graphql.Field) any { return number(text(f.Source, "id")) }

func orDefault(o object, name, value string) any {
	if t := text(o, name); t != "" {
		return t
	}
	return value
}

// customerByIdentifier reads the database, not the search index: it lags behind nothing.
func (s *shop) customerByIdentifier(f *graphql.Field) any {
	identifier, _ := f.Args["identifier"].(map[string]any) //nolint:errcheck // the schema says so
	if len(identifier) != 1 {
		f.Fail("INVALID_FIELD_ARGUMENTS", "Exactly one identifier must be given.")
		return nil
	}
	return found(s.identified(identifier))
}

// identified returns the customer that the one member of an identifier names.
func (s *shop) identified(identifier map[string]any) object {
	for name, value := range identifier {
		switch name {
		case "id":
			if id := fmt.Sprint(value); kindOf(id) == kindCustomer {
				return s.get(id)
			}
		case "email", "emailAddress":
			return s.customerWith("email", fmt.Sprint(value))
		case "phone", "phoneNumber":
			return s.customerWith("phone", normalPhone(fmt.Sprint(value)))
		case "customId":
			if custom, ok := value.(map[string]any); ok {
				return s.byMetafield(kindCustomer, custom)
			}
		}
	}
	return nil
}

func (s *shop) customerWith(name, value string) object {
	found := s.tables[kindCustomer].Select(func(c object) bool { return value != "" && strings.EqualFold(text(c, name), value) })
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// ordersOf returns a customer's orders, oldest first.
func (s *shop) ordersOf(customer object) []object {
	return s.tables[kindOrder].Select(func(o object) bool { return o["customerId"] == customer["id"] })
}

func (s *shop) spent(customer object) string {
	var amounts []string
	for _, o := range s.ordersOf(customer) {
		if text(o, "cancelledAt") == "" {
			amounts = append(amounts, totalsOf(o).total)
		}
	}
	return sum(amounts...)
}

// normalPhone returns a Japanese number in E.164, empty if it is none.
func normalPhone(phone string) string {
	var digits strings.Builder
	for _, r := range phone {
		if r >= '0' && r <= '9' {
			digits.WriteRune(r)
		}
	}
	n := digits.String()
	switch {
	case strings.HasPrefix(phone, "+") && len(n) >= 8:
		return "+" + n
	case strings.HasPrefix(n, "0") && len(n) >= 10:
		return "+81" + n[1:]
	}
	return ""
}

// newCustomer stores a customer and announces it.
func (s *shop) newCustomer(fields object) object {
	now := s.stamp()
	record := object{
		"id": s.next(kindCustomer), "firstName": nil, "lastName": nil, "email": nil, "phone": nil, "note": nil, "tags": []any{},
		"state": "DISABLED", "locale": "ja", "verifiedEmail": true, "taxExempt": false, "createdAt": now, "updatedAt": now,
		"addresses": []any{}, "metafields": []any{},
	}
	maps.Copy(record, fields)
	s.put(record)
	s.announce("customers/create", record)
	return record
}
