package main

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// eventHeader names the event; the body does not.
const eventHeader = "x-ecf-event"

// family is the sort of record that an event is about.
type family string

const (
	customers     family = "customer"
	orders        family = "order"
	subscriptions family = "subs_order"
	products      family = "product"
)

// announced says what an event of the platform is to us.
type announced struct {
	trigger string
	family  family
	// once: the fact happens once per record, so the record's id alone tells repetitions.
	once bool
}

// events are the platform's events by name. The last two of subs_order are not
// documented under exactly these names, so their likely spellings are taken too.
var events = map[string]announced{
	"customer_created":     {trigger: "customer.created", family: customers, once: true},
	"customer_updated":     {trigger: "customer.updated", family: customers},
	"customer_destroyed":   {trigger: "customer.deleted", family: customers, once: true},
	"customer_member":      {trigger: "customer.joined", family: customers},
	"customer_cancel":      {trigger: "customer.withdrawn", family: customers},
	"order_created":        {trigger: "order.created", family: orders, once: true},
	"order_updated":        {trigger: "order.updated", family: orders},
	"order_completed":      {trigger: "order.completed", family: orders, once: true},
	"order_complete":       {trigger: "order.confirmed", family: orders, once: true},
	"order_shipped":        {trigger: "order.shipped", family: orders, once: true},
	"order_delivered":      {trigger: "order.delivered", family: orders, once: true},
	"order_canceled":       {trigger: "order.cancelled", family: orders, once: true},
	"subs_order_created":   {trigger: "subscription.created", family: subscriptions, once: true},
	"subs_order_updated":   {trigger: "subscription.updated", family: subscriptions},
	"subs_order_active":    {trigger: "subscription.activated", family: subscriptions},
	"subs_order_suspend":   {trigger: "subscription.paused", family: subscriptions},
	"subs_order_suspended": {trigger: "subscription.paused", family: subscriptions},
	"subs_order_canceled":  {trigger: "subscription.cancelled", family: subscriptions},
	"subs_order_cancel":    {trigger: "subscription.cancelled", family: subscriptions},
	"product_created":      {trigger: "product.created", family: products, once: true},
	"product_updated":      {trigger: "product.updated", family: products},
	"product_destroyed":    {trigger: "product.deleted", family: products, once: true},
}

// otherEvent is the trigger of every event without one of its own: payments,
// credit cards, addresses, ad URLs, jobs, and names that are new.
const otherEvent = "event.received"

// other is the data of [otherEvent].
type other struct {
	Event string     `json:"event" doc:"The platform's name of the event (header x-ecf-event)" ja:"イベント名(x-ecf-eventヘッダー)"`
	ID    string     `json:"id,omitempty" doc:"Id in the body, if it has one" ja:"本文のid(ある場合)"`
	Raw   attributes `json:"raw" doc:"The body as the template made it" ja:"テンプレートの内容そのまま"`
}

// receive turns one delivery into one event. The body is whatever the shop's
// template renders: text values without escapes, so that a quotation mark in an
// address breaks it. What cannot be read is Invalid, and a person looks at it.
func receive(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	name := d.Header(eventHeader)
	if name == "" {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "the header %s with the event's name is missing", eventHeader)
	}
	var body attributes
	if err := d.JSON(&body); err != nil || body.json == "" {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid,
			"the body of %s is not a JSON object: a value of the template may hold a quotation mark or a line break (ecforce does not escape them); use a template with ids only", name)
	}
	event, err := eventOf(call, name, body)
	if err != nil {
		return sdk.Receipt{}, err
	}
	return sdk.Receipt{Events: []abi.Event{event}}, nil
}

func eventOf(call *sdk.Call, name string, body attributes) (abi.Event, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return abi.Event{}, err
	}
	what, known := events[name]
	if !known {
		return otherEventOf(call, name, body)
	}
	if s.WebhookBodies == "ids" && body.text("musubi") == "" {
		return abi.Event{}, sdk.Errorf(abi.Invalid, "the body of %s is not Musubi's template, and the setting webhook_bodies demands it", name)
	}
	id, fields, err := identify(name, what.family, body)
	if err != nil {
		return abi.Event{}, err
	}
	changed := fields.moment("updated_at")
	event, err := sdk.NewEvent(what.trigger, id, what.dedupe(call, id, changed), changed, what.dataOf(id, fields, s))
	if !what.once && !changed.IsZero() {
		event.CoarseMS, event.Also = stampResolution, event.Dedupe
		event.Dedupe += "#" + hashOf(body.json)
	}
	return event, err
}

// stampResolution is that of updated_at, in milliseconds: two changes of one
// second carry the same one. Bodies that hold ids only are then equal, too.
const stampResolution = 1000

// otherEventOf keeps an event that we have no trigger for. The platform's name
// is part of what tells it from others, since they share one trigger. So is the
// body where no id is: a job of the shop changes many customers in one second.
func otherEventOf(call *sdk.Call, name string, body attributes) (abi.Event, error) {
	id, changed := body.text("id"), body.moment("updated_at")
	fact := announced{}.dedupe(call, id, changed) + "#" + hashOf(body.json)
	event, err := sdk.NewEvent(otherEvent, firstText(id, name), name+" "+fact, changed, other{Event: name, ID: id, Raw: body})
	event.CoarseMS = stampResolution
	return event, err
}

func hashOf(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash takes everything
	return strconv.FormatUint(h.Sum64(), 36)
}

// identify finds the record's id and fields: at the top, or within an object
// named after the family or "data".
func identify(event string, f family, body attributes) (id string, fields attributes, err error) {
	fields = body
	id = firstText(body.text("id"), body.text(string(f)+"_id"))
	for _, name := range []string{string(f), "data", "attributes"} {
		if inner, ok := fields.object(name); ok {
			fields = inner
			id = firstText(fields.text("id"), id)
		}
	}
	if checkID(id) != nil {
		return "", attributes{}, sdk.Errorf(abi.Invalid, "the body of %s has no numeric id (found %q): check the template's path, such as {{ %s.id }}", event, id, f)
	}
	return id, fields, nil
}

// dedupe names the fact. A fact that happens once needs no more than the id;
// a change is told from the next one by its time, the same way a poll does,
// so that webhook and poll of one change are one event; what the body says tells
// two of one second apart, which a poll cannot. A template without
// updated_at leaves nothing to tell a repetition from a change: then nothing
// is folded, because doing something twice is better than losing it.
func (a announced) dedupe(call *sdk.Call, id string, changed time.Time) string {
	switch {
	case a.once:
		return id
	case changed.IsZero():
		return unstamped(call, id)
	default:
		return id + "@" + changed.UTC().Format(time.RFC3339Nano)
	}
}

// unstamped makes every delivery a fact of its own.
func unstamped(call *sdk.Call, id string) string {
	return id + " received " + call.Now().UTC().Format(time.RFC3339Nano)
}

// dataOf returns the event's data: what the template had, under the same names as from the API.
func (a announced) dataOf(id string, fields attributes, s settings) any {
	switch a.family {
	case customers:
		c := customerFrom(id, fields, s.LineIDField)
		c.Deleted = c.Deleted || a.trigger == "customer.deleted"
		return c
	case orders:
		o := orderFrom(id, fields, &s)
		if a.trigger == "order.created" && o.Status == "" && o.IsPurchase == nil {
			o.IsPurchase = new(bool) // it may be incomplete, and this template does not tell
		}
		return o
	case subscriptions:
		return subscriptionFrom(id, fields, s.Statuses)
	case products:
		return productFrom(id, fields)
	}
	return fields
}

func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
