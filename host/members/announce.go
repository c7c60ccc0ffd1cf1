package members

import (
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// What is announced about members, on the host's own connection.
const (
	EventLinked     = "member.linked"
	EventUnlinked   = "member.unlinked"
	EventTagAdded   = "member.tag_added"
	EventTagRemoved = "member.tag_removed"
	EventUpdated    = "member.updated"
)

// announcement is an event on its way into the inbox.
type announcement struct {
	event, subject, origin string
	data                   any
}

// TagChange is the data of [EventTagAdded] and [EventTagRemoved].
type TagChange struct {
	Tag    string          `json:"tag" doc:"The tag" ja:"タグ"`
	Reason string          `json:"reason" doc:"Why, for people" ja:"理由"`
	Member commerce.Member `json:"member" doc:"The member, as it is now" ja:"会員(現在の内容)"`
}

// LinkChange is the data of [EventLinked] and [EventUnlinked].
type LinkChange struct {
	Connection string          `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	CustomerID string          `json:"customer_id" doc:"The customer's id there" ja:"顧客ID"`
	Key        string          `json:"key" doc:"What the customer was recognised by: phone, email, line_id, person" ja:"照合に使った項目"`
	Member     commerce.Member `json:"member" doc:"The member, as it is now" ja:"会員(現在の内容)"`
}

// Update is the data of [EventUpdated].
type Update struct {
	Member commerce.Member `json:"member" doc:"The member, as it is now" ja:"会員(現在の内容)"`
}

// retag notes and announces a tag that somebody gave or took.
func (t *tx) retag(p *person, m *commerce.Member, event, what, name string, cause host.Cause) {
	t.save(p)
	t.note(p.ID, what, name, cause)
	t.touch(p.ID, partTags)
	if t.quiet || !t.m.Listens(event) {
		return
	}
	now := *m
	now.Tags = p.tagNames()
	t.news = append(t.news, announcement{event, p.ID, t.origin, TagChange{Tag: name, Reason: cause.Text().EN, Member: now}})
}

// linkNews is a link that was made or undone and is not announced yet.
type linkNews struct {
	event, member string
	customer      host.Ref
	key           string
}

// linksOf divides news of links into those of a member and the rest.
func linksOf(member string, all []linkNews) (its, rest []linkNews) {
	for _, l := range all {
		if l.member == member {
			its = append(its, l)
		} else {
			rest = append(rest, l)
		}
	}
	return its, rest
}

// publish adds the events to c and returns their ids.
func (t *tx) publish(c *ledger.Change) ([]string, error) {
	ids := make([]string, 0, len(t.news))
	for _, n := range t.news {
		data, err := sdk.Encode(n.data)
		if err != nil {
			return nil, fmt.Errorf("encoding the data of %s: %w", n.event, err)
		}
		ev := &host.Event{
			ID: t.m.NewID(), Connection: host.Builtin, Source: "musubi:" + host.Builtin, Type: n.event, Subject: n.subject,
			Time: t.now, Received: t.now, Data: data, Origin: n.origin,
		}
		ev.Dedupe = ev.ID // made once, in the commit that it tells of
		c.AcceptEvent(ev, time.Minute)
		ids = append(ids, ev.ID)
	}
	return ids, nil
}
