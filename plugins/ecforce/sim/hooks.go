package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// Names of the templates that a webhook may have: ids only, with the time of
// the change or bare, and one like the shops' defaults. Any other text is a
// template of the shop's own.
const (
	templateIDs  = "ids"
	templateBare = "bare"
	templateFull = "full"
)

// announce sends a webhook of the family about rec, in the background.
func (s *shop) announce(event, family string, rec *record) {
	if s.env.Hooks.Wants(event) {
		s.env.Hooks.Send(s.about(event, family, rec))
	}
}

// hook builds the webhook that somebody asks for.
func (s *shop) hook(d simkit.Delivery) (simkit.Message, error) {
	if d.Body != "" {
		return s.headed(d.Event, d.Body), nil
	}
	family := familyOf(d.Event)
	t, ok := s.tables[family+"s"]
	if !ok {
		return simkit.Message{}, fmt.Errorf("event %q has no template: give a body", d.Event)
	}
	rec, ok := t.rows.Get(d.ID)
	if !ok {
		return simkit.Message{}, fmt.Errorf("no %s %q", family, d.ID)
	}
	return s.about(d.Event, family, rec), nil
}

// familyOf returns the resource family that an event's name begins with.
func familyOf(event string) string {
	for _, family := range []string{"customer", "subs_order", "order", "product", "payment"} {
		if strings.HasPrefix(event, family+"_") {
			return family
		}
	}
	return ""
}

// about renders the hook's template about one record.
func (s *shop) about(event, family string, rec *record) simkit.Message {
	template := s.env.Hooks.Config().Template
	switch template {
	case "", templateIDs:
		template = strings.TrimSuffix(bareTemplates[family], "}") + `,"updated_at":"{{ ` + family + `.updated_at }}"}`
	case templateBare:
		template = bareTemplates[family]
	case templateFull:
		template = fullTemplates[family]
	}
	return s.headed(event, s.render(template, family, rec))
}

// headed adds the head. How a secret is sent is not public: here as it is and
// as an HMAC, so that a receiver can check either.
func (s *shop) headed(event, body string) simkit.Message {
	header := http.Header{"Content-Type": {"application/json"}, "X-Ecf-Event": {event}}
	if secret := s.env.Hooks.Config().Secret; secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		header.Set("X-Ecf-Secret", secret)
		header.Set("X-Ecf-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return simkit.Message{Event: event, Header: header, Body: []byte(body)}
}

// bareTemplates have ids only, to be read again through the API.
var bareTemplates = map[string]string{
	"customer":   `{"musubi":1,"family":"customer","id":"{{ customer.id }}","number":"{{ customer.number }}"}`,
	"order":      `{"musubi":1,"family":"order","id":"{{ order.id }}","number":"{{ order.number }}","customer_id":"{{ order.customer.id }}","state":"{{ order.state }}"}`,
	"subs_order": `{"musubi":1,"family":"subs_order","id":"{{ subs_order.id }}","state":"{{ subs_order.state }}"}`,
	"product":    `{"musubi":1,"family":"product","id":"{{ product.id }}","number":"{{ product.number }}"}`,
}

// fullTemplates are like the defaults that shops have: everything that is
// known, as text, and nothing escaped.
var fullTemplates = map[string]string{
	"customer": `{"customer":{"id":"{{ customer.id }}","number":"{{ customer.number }}","state":"{{ customer.state }}",` +
		`"human_state_name":"{{ customer.human_state_name }}","email":"{{ customer.email }}","birth":"{{ customer.birth }}",` +
		`"buy_times":"{{ customer.buy_times }}","buy_total":"{{ customer.buy_total }}","point":"{{ customer.point }}",` +
		`"link_number":"{{ customer.link_number }}","line_id":"{{ customer.line_id }}",` +
		`"created_at":"{{ customer.created_at }}","updated_at":"{{ customer.updated_at }}",` +
		`"billing_address":{"name01":"{{ customer.billing_address.name01 }}","name02":"{{ customer.billing_address.name02 }}",` +
		`"kana01":"{{ customer.billing_address.kana01 }}","kana02":"{{ customer.billing_address.kana02 }}",` +
		`"zip01":"{{ customer.billing_address.zip01 }}","zip02":"{{ customer.billing_address.zip02 }}",` +
		`"prefecture_id":"{{ customer.billing_address.prefecture_id }}","addr01":"{{ customer.billing_address.addr01 }}",` +
		`"addr02":"{{ customer.billing_address.addr02 }}","addr03":"{{ customer.billing_address.addr03 }}",` +
		`"tel01":"{{ customer.billing_address.tel01 }}","tel02":"{{ customer.billing_address.tel02 }}","tel03":"{{ customer.billing_address.tel03 }}"}}}`,
	"order": `{"order":{"id":"{{ order.id }}","number":"{{ order.number }}","times":"{{ order.times }}","state":"{{ order.state }}",` +
		`"human_state_name":"{{ order.human_state }}","total":"{{ order.total }}","payment_state":"{{ order.payment_state }}",` +
		`"customer":{"id":"{{ order.customer.id }}","number":"{{ order.customer.number }}","email":"{{ order.customer.email }}"},` +
		`"billing_address":{"name01":"{{ order.billing_address.name01 }}","addr02":"{{ order.billing_address.addr02 }}"},` +
		`"updated_at":"{{ order.updated_at }}"}}`,
	"subs_order": `{"subs_order":{"id":"{{ subs_order.id }}","number":"{{ subs_order.number }}","times":"{{ subs_order.times }}",` +
		`"state":"{{ subs_order.state }}","human_state":"{{ subs_order.human_state }}","customer_number":"{{ subs_order.customer_number }}",` +
		`"updated_at":"{{ subs_order.updated_at }}"}}`,
	"product": `{"product":{"id":"{{ product.id }}","number":"{{ product.number }}","name":"{{ product.name }}","state":"{{ product.state }}",` +
		`"master_sku":"{{ product.master_sku }}","master_sales_price":"{{ product.master_sales_price }}","updated_at":"{{ product.updated_at }}"}}`,
}

// render replaces each {{ path }} by its value as text. nil and what does not
// exist are empty; nothing is escaped.
func (s *shop) render(template, family string, rec *record) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		path, after, _ := strings.Cut(rest, "}}")
		out.WriteString(s.lookUp(s.tables[family+"s"], rec, strings.Split(strings.TrimSpace(path), ".")[1:]))
		template = after
	}
}

// lookUp follows a path from a record through to-one relations to an attribute.
func (s *shop) lookUp(t *table, rec *record, path []string) string {
	for len(path) > 1 {
		rel, ok := t.relations[path[0]]
		if !ok {
			return ""
		}
		others := s.related(t, rec, path[0])
		if len(others) == 0 {
			return ""
		}
		t, rec, path = s.tables[rel.table], others[0], path[1:]
	}
	if len(path) == 0 {
		return ""
	}
	return rec.text(path[0])
}
