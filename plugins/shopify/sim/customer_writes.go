package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

func (s *shop) customerWrites() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"Mutation.customerSet":                         s.customerSet,
		"Mutation.customerCreate":                      s.customerCreate,
		"Mutation.customerUpdate":                      s.customerUpdate,
		"Mutation.customerEmailMarketingConsentUpdate": s.customerConsent,
	}
}

func argument(f *graphql.Field, name string) object {
	in, _ := f.Args[name].(map[string]any) //nolint:errcheck // the schema says so
	return in
}

// customerSet creates a customer, or writes the one that the identifier names.
func (s *shop) customerSet(f *graphql.Field) any {
	in, identifier := argument(f, "input"), argument(f, "identifier")
	if refused := checkIdentifier(identifier, in); refused != nil {
		return payload("customer", nil, refused)
	}
	current := s.identified(identifier)
	if _, byID := identifier["id"]; byID && current == nil {
		return payload("customer", nil, &refusal{[]any{"identifier", "id"}, "Resource matching the identifier was not found.", "NOT_FOUND"})
	}
	return s.writeCustomer(f, current, in, "input", true)
}

// checkIdentifier demands one identifier whose value the input repeats.
func checkIdentifier(identifier, in object) *refusal {
	if len(identifier) > 1 {
		return &refusal{[]any{"identifier"}, "Exactly one identifier must be given.", "INVALID"}
	}
	for name, value := range identifier {
		if _, both := in["id"]; both {
			return &refusal{[]any{"input"}, "The id field is not allowed if identifier is provided.", "ID_NOT_ALLOWED"}
		}
		if name != "email" && name != "phone" {
			continue
		}
		given, there := in[name]
		if !there {
			return &refusal{[]any{"input"}, "The input field corresponding to the identifier is required.", "MISSING_FIELD_REQUIRED"}
		}
		if given != value {
			return &refusal{[]any{"input"}, "The input value for the identifier does not match.", "INPUT_MISMATCH"}
		}
	}
	return nil
}

func (s *shop) customerCreate(f *graphql.Field) any {
	in := argument(f, "input")
	return s.writeCustomer(f, nil, in, "", false)
}

func (s *shop) customerUpdate(f *graphql.Field) any {
	in := argument(f, "input")
	current := s.get(fmt.Sprint(in["id"]))
	if current == nil || kindOf(text(current, "id")) != kindCustomer {
		return payload("customer", nil, &refusal{[]any{"id"}, "Customer does not exist", ""})
	}
	return s.writeCustomer(f, current, in, "", false)
}

// writeCustomer stores the fields of in. root stands before the fields' names
// in refusals, coded says whether they have codes.
func (s *shop) writeCustomer(f *graphql.Field, current, in object, root string, coded bool) any {
	fields, refused := s.customerInput(current, in)
	if refused == nil && current == nil && text(fields, "email") == "" && text(fields, "phone") == "" && text(fields, "lastName") == "" && text(fields, "firstName") == "" {
		refused = &refusal{nil, "A name, phone number, or email address must be present", "INVALID"}
	}
	if refused != nil {
		if root != "" && refused.field != nil {
			refused.field = append([]any{root}, refused.field...)
		}
		if !coded {
			refused.code = ""
		}
		return payload("customer", nil, refused)
	}
	if current == nil {
		created := s.newCustomer(fields)
		effect(f, "create Customer %s", number(text(created, "id")))
		return payload("customer", created)
	}
	changed := s.change(current, fields)
	effect(f, "update Customer %s", number(text(changed, "id")))
	s.announce("customers/update", changed)
	return payload("customer", changed)
}

var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// customerInput checks the input and returns what is stored of it.
func (s *shop) customerInput(current, in object) (object, *refusal) {
	fields := object{}
	for name, value := range in {
		switch name {
		case "id":
		case "email":
			email := strings.ToLower(strings.TrimSpace(text(in, "email")))
			if email != "" && !emailPattern.MatchString(email) {
				return nil, &refusal{[]any{"email"}, "Email is invalid", "INVALID"}
			}
			fields["email"] = orNil(email)
		case "phone":
			phone := normalPhone(text(in, "phone"))
			if phone == "" && text(in, "phone") != "" {
				return nil, &refusal{[]any{"phone"}, "Phone is invalid", "INVALID"}
			}
			fields["phone"] = orNil(phone)
		case "tags":
			fields["tags"] = cleanTags(texts(value))
		case "addresses":
			fields["addresses"] = s.newAddresses(objects(value))
		case "metafields":
			fields["metafields"] = s.merged(objects(current["metafields"]), objects(value))
		default:
			fields[name] = value
		}
	}
	if refused := checkInputs(kindCustomer, in); refused != nil {
		return nil, refused
	}
	return fields, s.taken(current, fields)
}

// taken says that e-mail or phone belong to another customer.
func (s *shop) taken(current, fields object) *refusal {
	for name, message := range map[string]string{"email": "Email has already been taken", "phone": "Phone has already been taken"} {
		value := text(fields, name)
		if value == "" {
			continue
		}
		if owner := s.customerWith(name, value); owner != nil && owner["id"] != current["id"] {
			return &refusal{[]any{name}, message, "TAKEN"}
		}
	}
	return nil
}

func (s *shop) newAddresses(inputs []object) []any {
	list := make([]any, 0, len(inputs))
	for _, in := range inputs {
		list = append(list, s.newAddress(in))
	}
	return list
}

// newAddress is an address as it is read, from one as it is written.
func (s *shop) newAddress(in object) object {
	address := object{"id": s.next("MailingAddress") + "?model_name=CustomerAddress"}
	for name, value := range in {
		address[name] = value
	}
	if code, ok := in["countryCode"]; ok {
		delete(address, "countryCode")
		address["countryCodeV2"] = code
	}
	address["name"] = strings.TrimSpace(text(in, "firstName") + " " + text(in, "lastName"))
	address["province"] = provinces[text(in, "provinceCode")]
	return address
}

// provinces are a few of ISO 3166-2:JP.
var provinces = map[string]any{"JP-13": "東京都", "JP-14": "神奈川県", "JP-27": "大阪府", "JP-01": "北海道"}

func (s *shop) customerConsent(f *graphql.Field) any {
	in := argument(f, "input")
	consent, _ := in["emailMarketingConsent"].(map[string]any) //nolint:errcheck // the schema says so
	current := s.get(fmt.Sprint(in["customerId"]))
	if current == nil {
		return payload("customer", nil, &refusal{[]any{"input", "customerId"}, "Customer not found", "INVALID"})
	}
	if text(current, "email") == "" {
		return payload("customer", nil, &refusal{[]any{"input", "emailMarketingConsent"}, "Customer has no email address", "MISSING_ARGUMENT"})
	}
	changed := s.change(current, object{
		"marketingState": consent["marketingState"], "marketingOptInLevel": orDefault(consent, "marketingOptInLevel", "SINGLE_OPT_IN"),
	})
	effect(f, "consent Customer %s %s", number(text(changed, "id")), text(changed, "marketingState"))
	s.announce("customers/update", changed)
	return payload("customer", changed)
}
