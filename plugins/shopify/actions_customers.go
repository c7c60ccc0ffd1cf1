package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

func customerActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("customer.get", text("Read a customer", "顧客を取得する"), getCustomer),
		sdk.Read("customer.find", text("Find the one customer of an e-mail address or telephone number", "メールアドレスか電話番号で顧客を1件探す"), findCustomer),
		sdk.Read("customer.search", text("Search customers", "顧客を検索する"), searchCustomers).Pages("customers"),
		sdk.Do("customer.create", text("Create a customer", "顧客を作成する"), createCustomer).Confirm(confirmCustomer),
		sdk.Do("customer.update", text("Update a customer", "顧客を更新する"), updateCustomer).Idempotent(),
		sdk.Do("customer.upsert", text("Create the customer of an e-mail address or telephone number, or update", "メールアドレスか電話番号で顧客を作成または更新する"), upsertCustomer).Idempotent(),
		sdk.Do("customer.set_consent", text("Record a customer's consent to mail", "顧客のメール配信の同意を記録する"), setConsent).Idempotent(),
	}
}

type byID struct {
	ID string `json:"id" doc:"Id" ja:"ID"`
}

const customerQuery = `query Customer($id: ID!, ` + customerVariables + `) { customer(id: $id) {` + customerFields + `} }`

func getCustomer(call *sdk.Call, in byID) (customer, error) { return shopOf(call).customer(in.ID) }

func (s shop) customer(id string) (customer, error) {
	global, err := gid(kindCustomer, id)
	if err != nil {
		return customer{}, err
	}
	var data struct {
		Customer raw `json:"customer"`
	}
	withheld, err := s.read(customerQuery, customerCost, s.customerVars(variables{"id": global}), &data)
	if err != nil {
		return customer{}, err
	}
	if isNull(data.Customer) {
		return customer{}, sdk.Errorf(abi.NotFound, "there is no customer %s", id)
	}
	return s.customerFrom([]byte(data.Customer), withheld)
}

func isNull(r raw) bool { return r == "" || r == "null" }

type findCustomerInput struct {
	Email string `json:"email,omitempty" doc:"E-mail address" ja:"メールアドレス"`
	Phone string `json:"phone,omitempty" doc:"Telephone number, in any form" ja:"電話番号(形式不問)"`
}

type customerFound struct {
	Found    bool      `json:"found" doc:"Whether there is one" ja:"見つかったか"`
	Customer *customer `json:"customer,omitempty" doc:"The customer" ja:"顧客"`
}

const identifierQuery = `query CustomerBy($by: CustomerIdentifierInput!, ` + customerVariables + `) {
  customerByIdentifier(identifier: $by) {` + customerFields + `}
}`

func findCustomer(call *sdk.Call, in findCustomerInput) (customerFound, error) {
	by, err := in.identifier()
	if err != nil {
		return customerFound{}, err
	}
	c, err := shopOf(call).customerBy(by)
	return customerFound{Found: c != nil, Customer: c}, err
}

// identifier demands exactly one of the two.
func (in findCustomerInput) identifier() (map[string]any, error) {
	switch {
	case (in.Email == "") == (in.Phone == ""):
		return nil, sdk.Errorf(abi.Invalid, "give either email or phone")
	case in.Email != "":
		return map[string]any{"emailAddress": strings.TrimSpace(in.Email)}, nil
	}
	phone, err := jp.E164(in.Phone)
	if err != nil {
		return nil, sdk.Errorf(abi.Invalid, "phone: %w", err)
	}
	return map[string]any{"phoneNumber": phone}, nil
}

// customerBy reads the one customer of an identifier, nil if there is none.
// Unlike a search it knows what was written a moment ago.
func (s shop) customerBy(identifier map[string]any) (*customer, error) {
	var data struct {
		Customer raw `json:"customerByIdentifier"`
	}
	withheld, err := s.read(identifierQuery, customerCost, s.customerVars(variables{"by": identifier}), &data)
	if err != nil || isNull(data.Customer) {
		return nil, err
	}
	c, err := s.customerFrom([]byte(data.Customer), withheld)
	return &c, err
}

type searchCustomersInput struct {
	Email       string `json:"email,omitempty" doc:"E-mail address" ja:"メールアドレス"`
	Phone       string `json:"phone,omitempty" doc:"Telephone number, in any form" ja:"電話番号(形式不問)"`
	Tag         string `json:"tag,omitempty" doc:"Tag" ja:"タグ"`
	CreatedFrom string `json:"created_from,omitempty" format:"date-time" doc:"Created at or after" ja:"作成日時(以降)"`
	UpdatedFrom string `json:"updated_from,omitempty" format:"date-time" doc:"Changed at or after" ja:"更新日時(以降)"`
	Query       string `json:"query,omitempty" doc:"Further conditions in Shopify's search syntax. A mistake in it is not reported: more may be found" ja:"Shopifyの検索構文による追加条件(誤りがあってもエラーにならず余分に見つかることがある)"`
	Limit       int64  `json:"limit,omitempty" default:"50" doc:"How many on a page, up to 125" ja:"1ページの件数(125まで)"`
	Next        string `json:"next,omitempty" doc:"The next of the page before" ja:"前ページのnext"`
}

type customerList struct {
	Customers []customer `json:"customers" doc:"The customers" ja:"顧客"`
	Next      string     `json:"next" doc:"For the next page; empty behind the last" ja:"次ページ用(最後なら空)"`
}

func searchCustomers(call *sdk.Call, in searchCustomersInput) (customerList, error) {
	filters, err := in.filters()
	if err != nil {
		return customerList{}, err
	}
	q := search{query: filters, sort: "UPDATED_AT", first: clamp(in.Limit, most(customerCost)), after: in.Next}
	got, err := shopOf(call).customers(q)
	list := customerList{Customers: []customer{}, Next: got.page.next()}
	for i := range got.rows {
		if in.fits(&got.rows[i]) {
			list.Customers = append(list.Customers, got.rows[i])
		}
	}
	return list, err
}

func clamp(limit, top int64) int64 { return max(1, min(limit, top)) }

func (in *searchCustomersInput) filters() (string, error) {
	var terms []string
	if in.Email != "" {
		terms = append(terms, filter("email", "", in.Email))
	}
	if in.Phone != "" {
		phone, err := jp.E164(in.Phone)
		if err != nil {
			return "", sdk.Errorf(abi.Invalid, "phone: %w", err)
		}
		terms = append(terms, filter("phone", "", phone))
	}
	if in.Tag != "" {
		terms = append(terms, filter("tag", "", in.Tag))
	}
	for _, bound := range []struct{ name, field, from string }{
		{"created_from", "customer_date", in.CreatedFrom}, {"updated_from", "updated_at", in.UpdatedFrom},
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

// fits checks again what the search may have read loosely: it finds addresses
// by their parts, and ignores what it does not know.
func (in *searchCustomersInput) fits(c *customer) bool {
	return (in.Email == "" || c.Email == "" || strings.EqualFold(c.Email, in.Email)) &&
		(in.Phone == "" || c.Phone == "" || c.Phone == jp.Phone(in.Phone)) &&
		(in.Tag == "" || hasTag(c.Tags, in.Tag)) &&
		notOlder(c.CreatedAt, in.CreatedFrom) && notOlder(c.UpdatedAt, in.UpdatedFrom)
}

func hasTag(tags []string, wanted string) bool {
	for _, tag := range tags {
		if strings.EqualFold(tag, wanted) {
			return true
		}
	}
	return false
}

func notOlder(at time.Time, from string) bool {
	bound, err := time.Parse(time.RFC3339, from)
	return err != nil || !at.Before(bound.Truncate(time.Second))
}

// customerInput is what can be written of a customer. What is missing or empty
// stays as it is; null clears it.
type customerInput struct {
	Email     sdk.Change `json:"email,omitempty" doc:"E-mail address; null clears it" ja:"メールアドレス(nullで消去)"`
	Phone     sdk.Change `json:"phone,omitempty" doc:"Telephone number, in any form; null clears it" ja:"電話番号(形式不問。nullで消去)"`
	LastName  sdk.Change `json:"last_name,omitempty" doc:"Family name; null clears it" ja:"姓(nullで消去)"`
	FirstName sdk.Change `json:"first_name,omitempty" doc:"Given name; null clears it" ja:"名(nullで消去)"`
	FullName  string     `json:"full_name,omitempty" doc:"Family name and given name, if they are not at hand separately" ja:"氏名(姓名が分かれていない場合)"`
	Note      sdk.Change `json:"note,omitempty" doc:"Staff's note; empty text or null clears it" ja:"メモ(空の文字かnullで消去)"`
	Tags      []string   `json:"tags,omitempty" doc:"Tags: on a new customer all, on another one those to add" ja:"タグ(新規は全タグ、既存は追加するタグ)"`
	Locale    string     `json:"locale,omitempty" doc:"Language" ja:"言語"`
	Birthday  sdk.Change `json:"birthday,omitempty" format:"date" doc:"Date of birth, into birthday_metafield; null removes it" ja:"生年月日(birthday_metafieldに書く。nullで削除)"`
	LineID    sdk.Change `json:"line_id,omitempty" doc:"LINE user id, into line_id_metafield; null removes it" ja:"LINEユーザーID(line_id_metafieldに書く。nullで削除)"`
}

// wire is the input as mutations take it. Fields that are not given stay.
func (in *customerInput) wire() (map[string]any, error) {
	last, first := in.LastName.Text, in.FirstName.Text
	if in.FullName != "" && last == "" && first == "" && !in.LastName.Null && !in.FirstName.Null {
		last, first = jp.SplitName(in.FullName)
	}
	phone := ""
	if in.Phone.Text != "" {
		var err error
		if phone, err = jp.E164(in.Phone.Text); err != nil {
			return nil, &abi.Error{Kind: abi.Invalid, Fields: []string{"phone"}, Message: "phone: " + err.Error()}
		}
	}
	if err := checkBirthday(in.Birthday.Text); err != nil {
		return nil, err
	}
	wire := given{"email": strings.TrimSpace(in.Email.Text), "phone": phone, "lastName": last, "firstName": first, "locale": in.Locale}.object()
	for name, change := range map[string]sdk.Change{"email": in.Email, "phone": in.Phone, "lastName": in.LastName, "firstName": in.FirstName} {
		if change.Null {
			wire[name] = nil
		}
	}
	if in.Note.Given {
		wire["note"] = in.Note.Text
	}
	return wire, nil
}

// checkBirthday refuses what a metafield of days would: it is written when the
// rest of the customer has been. A birthday that some channels tell has no year.
func checkBirthday(text string) error {
	if _, err := time.Parse(time.DateOnly, text); text != "" && err != nil {
		return &abi.Error{Kind: abi.Invalid, Fields: []string{"birthday"}, Message: fmt.Sprintf("birthday is %q, not a day with its year such as 1990-04-02", text)}
	}
	return nil
}

// metafields are those that hold what customers have no fields for.
func (in *customerInput) metafields(s shop) []metafieldValue {
	var all []metafieldValue
	for _, m := range []struct{ name, value, kind string }{
		{s.Birthday, in.Birthday.Text, "date"}, {s.LineID, in.LineID.Text, "single_line_text_field"},
	} {
		if m.value != "" {
			all = append(all, metafieldValue{metafieldName: metafieldNamed(m.name), Value: m.value, Type: m.kind})
		}
	}
	return all
}

// clear removes the metafields of a customer that are null in the input.
func (in *customerInput) clear(s shop, c *customer) error {
	var names []string
	if in.Birthday.Null {
		c.Birthday, names = "", append(names, s.Birthday)
	}
	if in.LineID.Null {
		c.LineID, names = "", append(names, s.LineID)
	}
	if len(names) == 0 {
		return nil
	}
	return s.removeMetafields(gidPrefix+kindCustomer+"/"+c.ID, names)
}

const createCustomerMutation = `mutation CreateCustomer($in: CustomerInput!, ` + customerVariables + `) {
  customerCreate(input: $in) { customer {` + customerFields + `} userErrors { field message } }
}`

const updateCustomerMutation = `mutation UpdateCustomer($in: CustomerInput!, ` + customerVariables + `) {
  customerUpdate(input: $in) { customer {` + customerFields + `} userErrors { field message } }
}`

const setCustomerMutation = `mutation SetCustomer($by: CustomerSetIdentifiers, $in: CustomerSetInput!, ` + customerVariables + `) {
  customerSet(identifier: $by, input: $in) { customer {` + customerFields + `} userErrors { field message code } }
}`

// writeCustomer sends a mutation and reads the customer whom it wrote. id is the
// customer's, if it is known before.
func (s shop) writeCustomer(id, document string, vars variables) (customer, error) {
	var out struct {
		Customer raw `json:"customer"`
	}
	withheld, err := s.mutate(document, s.customerVars(vars), &out)
	switch {
	case err != nil:
		return customer{}, err
	case !isNull(out.Customer):
		return s.customerFrom([]byte(out.Customer), withheld)
	case id == "" || len(withheld) == 0:
		return customer{}, unshown("customer")
	}
	return customer{Customer: commerce.Customer{ID: id}, Withheld: withheld}, nil
}

func createCustomer(call *sdk.Call, in customerInput) (customer, error) {
	s := shopOf(call)
	wire, err := in.wire()
	if err != nil {
		return customer{}, err
	}
	if len(in.Tags) > 0 {
		wire["tags"] = in.Tags
	}
	if m := in.metafields(s); len(m) > 0 {
		wire["metafields"] = wireMetafields("", m)
	}
	c, err := s.writeCustomer("", createCustomerMutation, variables{"in": wire})
	return c, s.taken(err, wire)
}

// taken makes a conflict of a refused address or number that another customer
// has. These mutations have no codes that would tell it from a malformed one, so
// the customer is looked for; who cannot be found leaves the refusal as it is.
func (s shop) taken(err error, wire map[string]any) error {
	e := abi.AsError(err)
	if e == nil || e.Kind != abi.Invalid || e.Code != "" || len(e.Fields) != 1 {
		return err
	}
	by := map[string]string{"email": "emailAddress", "phone": "phoneNumber"}[e.Fields[0]]
	if by == "" {
		return err
	}
	if owner, looking := s.customerBy(map[string]any{by: wire[e.Fields[0]]}); looking == nil && owner != nil {
		e.Kind = abi.Conflict
	}
	return e
}

// confirmCustomer looks for the customer whom an attempt without an answer may
// have made: the one of that address or number, if it is not older.
func confirmCustomer(call *sdk.Call, in customerInput) (customer, bool, error) {
	s := shopOf(call)
	for _, by := range []findCustomerInput{{Email: in.Email.Text}, {Phone: in.Phone.Text}} {
		if by.Email == "" && by.Phone == "" {
			continue
		}
		identifier, err := by.identifier()
		if err != nil {
			return customer{}, false, err
		}
		c, err := s.customerBy(identifier)
		if err != nil || c == nil {
			return customer{}, false, err
		}
		return *c, !c.CreatedAt.Before(call.Since().Add(-clockSkew)), nil
	}
	return customer{}, false, sdk.Errorf(abi.Unknown, "a customer without e-mail address and telephone number cannot be looked for")
}

// clockSkew is how far the platform's clock may be behind ours.
const clockSkew = 5 * time.Minute

type updateCustomerInput struct {
	ID string `json:"id" doc:"Id of the customer" ja:"顧客ID"`
	customerInput
}

func updateCustomer(call *sdk.Call, in updateCustomerInput) (customer, error) {
	s := shopOf(call)
	global, err := gid(kindCustomer, in.ID)
	if err != nil {
		return customer{}, err
	}
	wire, err := in.wire()
	if err != nil {
		return customer{}, err
	}
	wire["id"] = global
	if m := in.metafields(s); len(m) > 0 {
		wire["metafields"] = wireMetafields("", m)
	}
	c, err := s.writeCustomer(number(global), updateCustomerMutation, variables{"in": wire})
	if err != nil {
		return customer{}, s.taken(err, wire)
	}
	if err := in.clear(s, &c); err != nil {
		return c, err
	}
	return s.withTags(c, in.Tags)
}

// withTags adds tags to a customer who was just written, and returns the customer.
func (s shop) withTags(c customer, tags []string) (customer, error) {
	if len(tags) == 0 {
		return c, nil
	}
	if _, err := s.changeTags(addTagsMutation, kindCustomer, c.ID, tags); err != nil {
		return c, err
	}
	for _, tag := range tags {
		if !hasTag(c.Tags, tag) {
			c.Tags = append(c.Tags, tag)
		}
	}
	return c, nil
}

type upsertCustomerInput struct {
	By string `json:"by" enum:"email,phone" default:"email" doc:"What the customer is recognised by" ja:"照合する項目"`
	customerInput
}

func upsertCustomer(call *sdk.Call, in upsertCustomerInput) (customer, error) {
	s := shopOf(call)
	wire, err := in.wire()
	if err != nil {
		return customer{}, err
	}
	key := wire[in.By]
	if key == nil {
		return customer{}, &abi.Error{Kind: abi.Invalid, Fields: []string{in.By}, Message: in.By + " is empty, and the customer is to be recognised by it"}
	}
	c, err := s.writeCustomer("", setCustomerMutation, variables{"by": map[string]any{in.By: key}, "in": wire})
	if err != nil {
		return customer{}, err
	}
	if c, err = s.withTags(c, in.Tags); err != nil {
		return c, err
	}
	if err := in.clear(s, &c); err != nil {
		return c, err
	}
	m := in.metafields(s)
	if len(m) == 0 {
		return c, nil
	}
	c.Birthday = commerce.Date(firstText(in.Birthday.Text, string(c.Birthday)))
	c.LineID = firstText(in.LineID.Text, c.LineID)
	err = s.setMetafields(gidPrefix+kindCustomer+"/"+c.ID, m)
	return c, err
}

type setConsentInput struct {
	ID    string `json:"id" doc:"Id of the customer" ja:"顧客ID"`
	State string `json:"state" enum:"SUBSCRIBED,UNSUBSCRIBED,PENDING" doc:"The consent" ja:"同意の状態"`
	Level string `json:"level,omitempty" enum:"SINGLE_OPT_IN,CONFIRMED_OPT_IN,UNKNOWN" doc:"How it was given" ja:"同意の方法"`
	At    string `json:"at,omitempty" format:"date-time" doc:"When it was given" ja:"同意した日時"`
}

const consentMutation = `mutation Consent($in: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $in) { customer { id } userErrors { field message code } }
}`

func setConsent(call *sdk.Call, in setConsentInput) (ref, error) {
	global, err := gid(kindCustomer, in.ID)
	if err != nil {
		return ref{}, err
	}
	if err := checkTime("at", in.At); err != nil {
		return ref{}, err
	}
	consent := given{"marketingState": in.State, "marketingOptInLevel": in.Level, "consentUpdatedAt": in.At}.object()
	_, err = write[struct{}](shopOf(call), consentMutation, variables{"in": map[string]any{"customerId": global, "emailMarketingConsent": consent}})
	return ref{ID: in.ID}, err
}

// ref names the record that was changed.
type ref struct {
	ID string `json:"id" doc:"Id of the record" ja:"レコードのID"`
}
