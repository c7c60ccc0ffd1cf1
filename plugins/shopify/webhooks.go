package main

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// maxDelivery is how large a delivery may be: a product with a hundred variants in full.
const maxDelivery = 2 << 20

// delivery is a webhook with what its head tells.
type delivery struct {
	shop
	topic string
	// fact names what happened: the same for every repetition and every subscription.
	fact string
	at   time.Time
	body []byte
}

// receive turns one delivery into events. The head names the topic; the body has
// the shape of the older REST API.
func receive(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	s := shopOf(call)
	if s.err != nil {
		return sdk.Receipt{}, s.err
	}
	topic := strings.ToLower(d.Header("X-Shopify-Topic"))
	if topic == "" {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "the header X-Shopify-Topic is missing")
	}
	if err := s.checkSender(d.Header("X-Shopify-Shop-Domain")); err != nil {
		return sdk.Receipt{}, err
	}
	in := delivery{shop: s, topic: topic, fact: firstText(d.Header("X-Shopify-Event-Id"), d.Header("X-Shopify-Webhook-Id")), body: d.Body}
	if at, err := time.Parse(time.RFC3339, d.Header("X-Shopify-Triggered-At")); err == nil {
		in.at = at
	}
	if err := in.checkBody(); err != nil {
		return sdk.Receipt{}, err
	}
	read, known := topics[topic]
	if !known {
		read = delivery.other
	}
	events, err := read(in)
	return sdk.Receipt{Events: events}, err
}

// checkSender refuses the deliveries of another shop: one app signs for all its shops.
func (s shop) checkSender(domain string) error {
	_, own, _ := strings.Cut(strings.TrimRight(s.BaseURL, "/"), "://")
	if !s.OnlyThisShop || domain == "" || !strings.HasSuffix(own, permanentHost) || strings.EqualFold(domain, own) {
		return nil
	}
	return sdk.Errorf(abi.Invalid, "the delivery is of the shop %s, this connection is %s", domain, own)
}

// checkBody demands an object.
func (d delivery) checkBody() error {
	if trimmed := strings.TrimLeft(string(d.body[:min(len(d.body), 16)]), " \t\r\n"); !strings.HasPrefix(trimmed, "{") {
		return sdk.Errorf(abi.Invalid, "the body of %s is not a JSON object", d.topic)
	}
	return nil
}

func (d delivery) decode(v any) error {
	if err := sdk.Decode(d.body, v); err != nil {
		return sdk.Errorf(abi.Invalid, "reading %s: %w", d.topic, err)
	}
	return nil
}

// reader makes the events of a topic's deliveries. What returns readers is not
// inlined: each copy of a closure is up to 3 kB of the plugin.
type reader func(delivery) ([]abi.Event, error)

// topics are those with triggers of their own; the rest is [otherEvent].
var topics = map[string]reader{
	"customers/create":                customerTopic("customer.created", true),
	"customers/update":                customerTopic("customer.updated", false),
	"customers/enable":                customerTopic("customer.enabled", false),
	"customers/disable":               customerTopic("customer.disabled", false),
	"customers/delete":                delivery.customerDeleted,
	"customers/merge":                 delivery.merged,
	"customer.tags_added":             delivery.tagsAdded,
	"customer.tags_removed":           delivery.tagsRemoved,
	"orders/create":                   orderTopic("order.created", true),
	"orders/updated":                  orderTopic("order.updated", false),
	"orders/paid":                     orderTopic("order.paid", true),
	"orders/fulfilled":                orderTopic("order.shipped", true),
	"orders/partially_fulfilled":      orderTopic("order.partially_shipped", false),
	"orders/cancelled":                orderTopic("order.cancelled", true),
	"orders/edited":                   delivery.edited,
	"orders/delete":                   delivery.orderDeleted,
	"refunds/create":                  delivery.refunded,
	"fulfillments/create":             parcelTopic("fulfillment.created", true),
	"fulfillments/update":             parcelTopic("fulfillment.updated", false),
	"products/create":                 productTopic("product.created", true),
	"products/update":                 productTopic("product.updated", false),
	"products/delete":                 deletedTopic("product.deleted"),
	"variants/out_of_stock":           variantTopic("variant.sold_out"),
	"variants/in_stock":               variantTopic("variant.restocked"),
	"inventory_levels/update":         levelTopic("stock.updated"),
	"inventory_levels/connect":        levelTopic("stock.connected"),
	"inventory_levels/disconnect":     levelTopic("stock.disconnected"),
	"checkouts/create":                checkoutTopic("checkout.created", true),
	"checkouts/update":                checkoutTopic("checkout.updated", false),
	"checkouts/delete":                checkoutTopic("checkout.deleted", true),
	"customers/data_request":          privacyTopic("privacy.data_requested"),
	"customers/redact":                privacyTopic("privacy.customer_redacted"),
	"shop/redact":                     privacyTopic("privacy.shop_redacted"),
	"bulk_operations/finish":          delivery.exported,
	"app/uninstalled":                 delivery.uninstalled,
	"subscription_contracts/create":   contractTopic("subscription.created"),
	"subscription_contracts/update":   contractTopic("subscription.updated"),
	"subscription_contracts/activate": contractTopic("subscription.resumed"),
	"subscription_contracts/pause":    contractTopic("subscription.paused"),
	"subscription_contracts/cancel":   contractTopic("subscription.cancelled"),
	"subscription_contracts/fail":     contractTopic("subscription.cancelled"),
	"subscription_contracts/expire":   contractTopic("subscription.cancelled"),
}

// event makes the one event of a delivery about a record. A fact that happens
// once needs no more than the id. A change is told from the next one by its
// time, the same way as polls do, so that webhook and poll of one change are
// one event; and, because its time has no fractions, by what else the delivery says.
// Without a time the platform's name of the fact tells repetitions.
func (d delivery) event(trigger, id string, once bool, changed time.Time, data any) ([]abi.Event, error) {
	if err := d.checkID(id); err != nil {
		return nil, err
	}
	dedupe, also, at := id, "", changed
	switch {
	case once:
	case !changed.IsZero():
		also = id + "@" + changed.UTC().Format(time.RFC3339Nano)
		dedupe = also + "#" + d.hash()
	default:
		dedupe = d.unstamped(id)
	}
	if at.IsZero() {
		at = d.at
	}
	event, err := sdk.NewEvent(trigger, id, dedupe, at, data)
	event.Also = also
	return []abi.Event{event}, err
}

// hash tells deliveries about one second apart. A repetition has the same body
// and name of the fact.
func (d delivery) hash() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(d.fact)) // a hash takes everything
	_, _ = h.Write(d.body)
	return strconv.FormatUint(h.Sum64(), 36)
}

// maxID is longer than any id or token of the platform.
const maxID = 200

func (d delivery) checkID(id string) error {
	if id == "" || len(id) > maxID {
		return sdk.Errorf(abi.Invalid, "the body of %s has no id", d.topic)
	}
	return nil
}

// unstamped names the fact by the platform's name of it; without one, nothing is
// folded, because doing something twice is better than losing it.
func (d delivery) unstamped(id string) string {
	return id + " " + firstText(d.fact, d.Now().UTC().Format(time.RFC3339Nano))
}

// otherEvent is the trigger of every topic without one of its own.
const otherEvent = "event.received"

// other is the data of [otherEvent].
type other struct {
	Topic string `json:"topic" doc:"The platform's topic" ja:"トピック"`
	ID    string `json:"id,omitempty" doc:"Id in the body, if it has one" ja:"本文のid(ある場合)"`
	Raw   raw    `json:"raw" doc:"The body" ja:"本文"`
}

func (d delivery) otherData() (other, error) {
	var body struct {
		ID scalar `json:"id"`
	}
	err := d.decode(&body)
	return other{Topic: d.topic, ID: string(body.ID), Raw: raw(d.body)}, err
}

func (d delivery) other() ([]abi.Event, error) {
	data, err := d.otherData()
	if err != nil {
		return nil, err
	}
	subject := firstText(data.ID, d.topic)
	if err := d.checkID(subject); err != nil {
		return nil, err
	}
	event, err := sdk.NewEvent(otherEvent, subject, d.topic+" "+d.unstamped(data.ID), d.at, data)
	return []abi.Event{event}, err
}

// uninstalled comes when the token is dead already.
func (d delivery) uninstalled() ([]abi.Event, error) {
	data, err := d.otherData()
	if err != nil {
		return nil, err
	}
	return d.event("app.uninstalled", data.ID, false, time.Time{}, data)
}
