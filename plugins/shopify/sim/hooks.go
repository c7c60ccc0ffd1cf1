package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// The platform tries a webhook eight times more, over four hours. Here the hours are seconds.
const (
	hookRetries = 8
	hookWait    = 250 * time.Millisecond
)

// announce sends a webhook about a record, in the background.
func (s *shop) announce(topic string, record object) {
	if topic == "" || !s.env.Hooks.Wants(topic) {
		return
	}
	s.send(topic, s.renderers[topic](s, record))
}

func (s *shop) announceTags(topic string, record object, tags []string) {
	if !s.env.Hooks.Wants(topic) {
		return
	}
	s.send(topic, object{"customerId": record["id"], "tags": tags, "occurredAt": s.env.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z")})
}

func (s *shop) send(topic string, body any) {
	if m, err := s.message(topic, body); err == nil {
		s.env.Hooks.Send(m)
	}
}

// message signs a delivery. One without a secret of its own is signed with the app's.
func (s *shop) message(topic string, body any) (simkit.Message, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return simkit.Message{}, err
	}
	return s.signed(topic, encoded), nil
}

func (s *shop) signed(topic string, body []byte) simkit.Message {
	secret := s.env.Hooks.Config().Secret
	if secret == "" {
		secret = appSecret
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	s.last["delivery"]++
	header := http.Header{"Content-Type": {"application/json"}}
	for name, value := range map[string]string{
		"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": domain, "X-Shopify-Api-Version": versions[len(versions)-1],
		"X-Shopify-Webhook-Id":   fmt.Sprintf("b54557e4-bdd9-4b37-8a5f-%012d", s.last["delivery"]),
		"X-Shopify-Event-Id":     fmt.Sprintf("98880550-7158-44d4-b7cd-%012d", s.last["delivery"]),
		"X-Shopify-Triggered-At": s.env.Clock.Now().UTC().Format(time.RFC3339Nano),
	} {
		header.Set(name, value)
	}
	return simkit.Message{Event: topic, Header: header, Body: body, Retry: simkit.Retry{Times: hookRetries, Wait: hookWait}}
}

// hook builds the webhook that somebody asks for. id is the record's number.
func (s *shop) hook(d simkit.Delivery) (simkit.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Body != "" {
		m := s.signed(d.Event, []byte(d.Body))
		return overridden(m, d.Headers), nil
	}
	render := s.renderers[d.Event]
	if render == nil {
		return simkit.Message{}, fmt.Errorf("no topic %q; there are %s", d.Event, strings.Join(slices.Sorted(maps.Keys(s.renderers)), ", "))
	}
	record := s.subjectOf(d.Event, d.ID)
	if record == nil {
		return simkit.Message{}, fmt.Errorf("%s: no record %q", d.Event, d.ID)
	}
	m, err := s.message(d.Event, render(s, record))
	return overridden(m, d.Headers), err
}

func overridden(m simkit.Message, headers map[string]string) simkit.Message {
	for name, value := range headers {
		m.Header.Set(name, value)
		if value == "" {
			m.Header.Del(name)
		}
	}
	return m
}

// subjects are the kinds of record that families of topics are about.
var subjects = map[string]string{
	"orders": kindOrder, "refunds": kindOrder, "fulfillments": kindOrder, "customers": kindCustomer, "customer": kindCustomer,
	"products": kindProduct, "variants": kindVariant, "inventory_levels": kindItem, "checkouts": kindCheckout, "bulk_operations": kindBulk,
	"subscription_contracts": kindCustomer,
}

func (s *shop) subjectOf(topic, id string) object {
	family, _, _ := strings.Cut(strings.ReplaceAll(topic, ".", "/"), "/")
	kind := subjects[family]
	switch {
	case kind == "": // the shop itself
		return object{"id": gid("Shop", "1")}
	case kind == kindItem:
		return s.firstLevel(s.get(gid(kindVariant, id)))
	case topic == "customers/data_request" || topic == "customers/redact":
		return s.get(gid(kindCustomer, id))
	}
	return s.get(gid(kind, id))
}
