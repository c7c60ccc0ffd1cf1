package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// event is one webhook event, as it goes out.
type event map[string]any

// hooks makes and signs webhooks, and knows the reply tokens that they carry.
type hooks struct {
	account *account

	mu    sync.Mutex
	count int
	sent  map[string]event // by webhookEventId, to be delivered again
	reply map[string]replyToken
}

// replyToken is good once, until a minute after it was delivered last.
type replyToken struct {
	user      string
	delivered time.Time
}

func newHooks(a *account) *hooks {
	return &hooks{account: a, sent: map[string]event{}, reply: map[string]replyToken{}}
}

// answerable are the events that can be replied to.
var answerable = map[any]bool{"follow": true, "message": true, "postback": true, "accountLink": true, "join": true, "memberJoined": true, "beacon": true}

// complete adds what every event has. An event without a source is a linking that failed.
func (h *hooks) complete(e event, source string) event {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
	now := h.account.env.Clock.Now()
	whole := event{
		"mode": "active", "timestamp": now.UnixMilli(), "webhookEventId": fmt.Sprintf("01K5ZQ2M7C8W3V9X4Y6T%06d", h.count),
		"deliveryContext": map[string]any{"isRedelivery": false},
	}
	if source != "" {
		whole["source"] = sourceOf(source)
		if answerable[e["type"]] {
			token := fmt.Sprintf("0f3779fba3b349968c5d07db%08d", h.count)
			h.reply[token] = replyToken{user: source, delivered: now}
			whole["replyToken"] = token
		}
	}
	maps.Copy(whole, e)
	h.sent[fmt.Sprint(whole["webhookEventId"])] = whole
	return whole
}

func sourceOf(id string) map[string]any {
	switch id[:1] {
	case "C":
		return map[string]any{"type": "group", "groupId": id}
	case "R":
		return map[string]any{"type": "room", "roomId": id}
	default:
		return map[string]any{"type": "user", "userId": id}
	}
}

// again returns an event that was sent before, marked as a redelivery. Nothing
// else of it changes.
func (h *hooks) again(id string) (event, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, ok := h.sent[id]
	if !ok {
		return nil, false
	}
	whole := maps.Clone(before)
	whole["deliveryContext"] = map[string]any{"isRedelivery": true}
	if token, ok := whole["replyToken"].(string); ok {
		if r, unused := h.reply[token]; unused {
			r.delivered = h.account.env.Clock.Now()
			h.reply[token] = r
		}
	}
	return whole, true
}

// grant makes a reply token.
func (h *hooks) grant(token, user string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reply[token] = replyToken{user: user, delivered: h.account.env.Clock.Now()}
}

// redeem uses a reply token up.
func (h *hooks) redeem(token string) (user string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, known := h.reply[token]
	delete(h.reply, token)
	return r.user, known && h.account.env.Clock.Now().Sub(r.delivered) <= replyLife
}

// send sends an event of source's in the background, if anybody wants it.
func (h *hooks) send(e event, source string) {
	name := fmt.Sprint(e["type"])
	if h.account.env.Hooks.Wants(name) {
		h.account.env.Hooks.Send(h.message(name, h.complete(e, source)))
	}
}

// message is a delivery of these events, signed over its bytes.
func (h *hooks) message(name string, events ...event) simkit.Message {
	if events == nil {
		events = []event{}
	}
	body, err := json.Marshal(map[string]any{"destination": botID, "events": events})
	if err != nil { // events hold nothing but what came as JSON
		panic(err)
	}
	return h.signed(name, body)
}

func (h *hooks) signed(name string, body []byte) simkit.Message {
	secret := h.account.env.Hooks.Config().Secret
	if secret == "" {
		secret = channelSecret
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return simkit.Message{Event: name, Body: body, Header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"LineBotWebhook/2.0"},
		"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}}
}

// build makes the webhook that somebody asks for. Events are LINE's types with a
// user's, group's or room's id; "ping" is the console's try, without events,
// and "redelivery" sends the event of that webhookEventId again.
func (h *hooks) build(d simkit.Delivery) (simkit.Message, error) {
	switch {
	case d.Body != "":
		return h.signed(d.Event, []byte(d.Body)), nil
	case d.Event == "ping":
		return h.message("ping"), nil
	case d.Event == "redelivery":
		e, ok := h.again(d.ID)
		if !ok {
			return simkit.Message{}, fmt.Errorf("no event %q was sent", d.ID)
		}
		return h.message(fmt.Sprint(e["type"]), e), nil
	}
	e, ok := samples[d.Event]
	if !ok {
		return simkit.Message{}, fmt.Errorf("no event %q", d.Event)
	}
	if !userPattern.MatchString(d.ID) && !groupPattern.MatchString(d.ID) {
		return simkit.Message{}, fmt.Errorf("%q is no user, group or room", d.ID)
	}
	return h.message(d.Event, h.complete(e, d.ID)), nil
}

// samples are what events carry unless somebody says otherwise.
var samples = map[string]event{
	"follow":       {"type": "follow", "follow": map[string]any{"isUnblocked": false}},
	"unfollow":     {"type": "unfollow"},
	"message":      {"type": "message", "message": map[string]any{"type": "text", "id": "590000000000000001", "text": "注文の状況を知りたい", "quoteToken": "q3Plxr4AgKd"}},
	"postback":     {"type": "postback", "postback": map[string]any{"data": "action=stop_cart&cart=991"}},
	"accountLink":  {"type": "accountLink", "link": map[string]any{"result": "ok", "nonce": "9rJ0m3u0xv3b6m3x2v1Wmg=="}},
	"join":         {"type": "join"},
	"leave":        {"type": "leave"},
	"memberJoined": {"type": "memberJoined"},
	"unsend":       {"type": "unsend", "unsend": map[string]any{"messageId": "590000000000000001"}},
}
