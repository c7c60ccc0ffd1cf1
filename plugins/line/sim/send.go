package main

import (
	"fmt"
	"net/http"
	"regexp"
	"time"
)

var (
	userPattern  = regexp.MustCompile(`^U[0-9a-f]{32}$`)
	groupPattern = regexp.MustCompile(`^[CR][0-9a-f]{32}$`)
	unitPattern  = regexp.MustCompile(`^[a-zA-Z0-9_]{1,30}$`)
)

// replyLife is how long a reply token is good.
const replyLife = time.Minute

// sending is the body of every way to send; each uses its part of it.
type sending struct {
	To         any              `json:"to"`
	ReplyToken string           `json:"replyToken"`
	Messages   []map[string]any `json:"messages"`
	Silent     bool             `json:"notificationDisabled"`
	Units      []string         `json:"customAggregationUnits"`
}

// delivery is one request to send as staff sees it afterwards.
type delivery struct {
	ID       string           `json:"id"`
	Kind     string           `json:"kind"`
	To       []string         `json:"to"`
	Messages []map[string]any `json:"messages"`
	Silent   bool             `json:"notificationDisabled"`
	// Delivered are those who got it: not who blocked the account or is no friend.
	Delivered []string  `json:"delivered"`
	At        time.Time `json:"at"`
	RequestID string    `json:"requestId"`
}

type sentMessages struct {
	Messages []sentMessage `json:"sentMessages"`
}

type sentMessage struct {
	ID         string `json:"id"`
	QuoteToken string `json:"quoteToken"`
}

func (a *account) sendRoutes() {
	a.handle("POST", "/v2/bot/message/push", a.once(a.push))
	a.handle("POST", "/v2/bot/message/multicast", a.once(a.multicast))
	a.handle("POST", "/v2/bot/message/broadcast", a.once(a.broadcast))
	a.handle("POST", "/v2/bot/message/reply", a.reply)
	for _, kind := range []string{"push", "multicast", "narrowcast", "broadcast", "reply"} {
		a.handle("POST", "/v2/bot/message/validate/"+kind, a.validate)
	}
	a.handle("POST", "/v2/bot/chat/loading/start", a.loading)
	a.handle("POST", "/bot/pnp/push", a.pushToPhone)
}

// readSending reads the body and checks its messages.
func (c *call) readSending() (s sending, no *refusal) {
	if no := c.read(&s); no != nil {
		return s, no
	}
	if len(s.Units) > 1 || (len(s.Units) == 1 && !unitPattern.MatchString(s.Units[0])) {
		return s, refused(http.StatusBadRequest, "The property, customAggregationUnits, in the request body is invalid (line: -, column: -)")
	}
	return s, checkMessages(s.Messages)
}

func (a *account) validate(c *call) (int, any, *refusal) {
	_, no := c.readSending()
	return http.StatusOK, empty{}, no
}

func (a *account) push(c *call) (int, any, *refusal) {
	s, no := c.readSending()
	if no != nil {
		return 0, nil, no
	}
	to := as[string](s.To)
	members, no := a.recipients(to)
	if no != nil {
		return 0, nil, no
	}
	got := a.reachable(members)
	if !a.quota.fits(int64(len(got))) {
		return 0, nil, errMonthly
	}
	a.deliver(c, "push", []string{to}, got, s)
	return http.StatusOK, a.answerSent(len(s.Messages)), nil
}

var errMonthly = refused(http.StatusTooManyRequests, "You have reached your monthly limit.")

// recipients are the users behind an id. One of another provider is refused; a
// friend who blocked the account is not.
func (a *account) recipients(to string) (ids []string, no *refusal) {
	if groupPattern.MatchString(to) {
		g, ok := a.groups.Get(to)
		if !ok {
			return nil, errForeign
		}
		return g.Members, nil
	}
	if !userPattern.MatchString(to) {
		return nil, refused(http.StatusBadRequest, "The property, to, in the request body is invalid (line: -, column: -)")
	}
	if _, ok := a.users.Get(to); !ok {
		return nil, errForeign
	}
	return []string{to}, nil
}

var errForeign = refused(http.StatusBadRequest, "Failed to send messages")

// reachable are those who get a message: friends who did not block the account.
func (a *account) reachable(ids []string) []string {
	got := []string{}
	for _, id := range ids {
		if u, ok := a.users.Get(id); ok && u.Friend && !u.Blocked {
			got = append(got, id)
		}
	}
	return got
}

func (a *account) multicast(c *call) (int, any, *refusal) {
	s, no := c.readSending()
	if no != nil {
		return 0, nil, no
	}
	list := as[[]any](s.To)
	if len(list) == 0 || len(list) > 500 {
		return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"Size must be between 1 and 500", "to"})
	}
	ids := make([]string, 0, len(list))
	for i, item := range list {
		id := as[string](item)
		if _, ok := a.users.Get(id); !ok || !userPattern.MatchString(id) {
			return 0, nil, refused(http.StatusBadRequest, fmt.Sprintf("The property, to[%d], in the request body is invalid (line: -, column: -)", i))
		}
		ids = append(ids, id)
	}
	got := a.reachable(ids)
	if !a.quota.fits(int64(len(got))) {
		return 0, nil, errMonthly
	}
	a.deliver(c, "multicast", ids, got, s)
	return http.StatusOK, empty{}, nil
}

func (a *account) broadcast(c *call) (int, any, *refusal) {
	s, no := c.readSending()
	if no != nil {
		return 0, nil, no
	}
	got := a.friends()
	if !a.quota.fits(int64(len(got))) {
		return 0, nil, errMonthly
	}
	a.deliver(c, "broadcast", got, got, s)
	return http.StatusOK, empty{}, nil
}

func (a *account) friends() []string {
	ids := []string{}
	for _, u := range a.users.Select(func(u user) bool { return u.Friend && !u.Blocked }) {
		ids = append(ids, u.ID)
	}
	return ids
}

// reply takes a token once, within a minute, and costs nothing.
func (a *account) reply(c *call) (int, any, *refusal) {
	s, no := c.readSending()
	if no != nil {
		return 0, nil, no
	}
	to, ok := a.hooks.redeem(s.ReplyToken)
	if !ok {
		return 0, nil, refused(http.StatusBadRequest, "Invalid reply token")
	}
	a.deliver(c, "reply", []string{to}, a.reachable([]string{to}), s)
	return http.StatusOK, a.answerSent(len(s.Messages)), nil
}

// deliver puts the request into the outbox and counts it by recipients.
func (a *account) deliver(c *call, kind string, to, got []string, s sending) {
	a.quota.count(kind, int64(len(got)))
	id := fmt.Sprintf("%06d", a.outbox.Len()+1)
	a.outbox.Put(id, delivery{
		ID: id, Kind: kind, To: to, Messages: s.Messages, Silent: s.Silent, Delivered: got, At: a.env.Clock.Now(), RequestID: c.id,
	})
	target := fmt.Sprintf("%d users", len(to))
	if len(to) == 1 && kind != "multicast" && kind != "narrowcast" {
		target = to[0]
	}
	a.effect(c, "%s %d to %s", kind, len(s.Messages), target)
}

func (a *account) answerSent(n int) sentMessages {
	out := sentMessages{}
	for range n {
		id := a.nextID()
		out.Messages = append(out.Messages, sentMessage{ID: id, QuoteToken: "quote-" + id})
	}
	return out
}

func (a *account) loading(c *call) (int, any, *refusal) {
	var body struct {
		ChatID  string `json:"chatId"`
		Seconds int    `json:"loadingSeconds"`
	}
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	if body.Seconds < 5 || body.Seconds > 60 || body.Seconds%5 != 0 {
		return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"must be a multiple of 5 between 5 and 60", "loadingSeconds"})
	}
	a.loadings[body.ChatID] = body.Seconds
	a.effect(c, "loading %d s for %s", body.Seconds, body.ChatID)
	return http.StatusAccepted, empty{}, nil
}
