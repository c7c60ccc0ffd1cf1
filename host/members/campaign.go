package members

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// EventMessageRequested is announced for each batch of a campaign. A flow sends it.
const EventMessageRequested = "message.requested"

// campaignFor is how long it is remembered who had a campaign: a year and a month.
const campaignFor = 400 * 24 * time.Hour

// Campaign is one message to many members over one channel. Nobody gets what
// has the same name twice over it.
type Campaign struct{ Name, Connection string }

// MessageRequest is the data of [EventMessageRequested].
type MessageRequest struct {
	Campaign   string   `json:"campaign" doc:"Name of the campaign" ja:"配信の名前"`
	Connection string   `json:"connection" doc:"Connection of the channel" ja:"チャネルの接続名"`
	Batch      int64    `json:"batch" doc:"Number of the batch within the campaign, from 1" ja:"配信の何回目の分割か(1から)"`
	UserIDs    []string `json:"user_ids" doc:"Whom to send it to, each once" ja:"送信先のユーザーID(重複なし)"`
	MemberIDs  []string `json:"member_ids" doc:"The same people as members, in the same order" ja:"同じ人の会員ID(同じ順)"`
}

// Standing is what a campaign makes of a member.
type Standing int

const (
	// Reachable members get it.
	Reachable Standing = iota
	// Unreachable members follow nothing on the channel.
	Unreachable
	// Served members had it before.
	Served
)

// batches is how many batches of a campaign were announced.
type batches struct {
	Count int64 `json:"n"`
}

// Stands tells what the campaign makes of a member as it is now.
func (m *Members) Stands(ctx context.Context, c Campaign, member *commerce.Member) (Standing, error) {
	_, standing, err := m.begin(host.Cause{}).standing(ctx, c, member.Channels)
	return standing, err
}

// Draft is the next batch of a campaign if it were announced to these members now.
func (m *Members) Draft(ctx context.Context, c Campaign, ids []string) (*MessageRequest, error) {
	return m.begin(host.Cause{}).request(ctx, c, ids)
}

// Message announces the next batch of a campaign. Who had it before, or cannot
// be reached any more, is left out; nothing is announced if nobody remains. That
// they had it is kept in the same commit as the event, so that a crash can
// neither lose a batch nor repeat one.
func (m *Members) Message(ctx context.Context, cause host.Cause, c Campaign, ids []string) (*MessageRequest, error) {
	var r *MessageRequest
	err := m.change(ctx, cause, func(t *tx) (err error) {
		r, err = t.request(ctx, c, ids)
		if err == nil && len(r.UserIDs) > 0 {
			t.news = append(t.news, announcement{event: EventMessageRequested, subject: c.Name, data: *r})
		}
		return err
	})
	return r, err
}

// request makes the next batch, and marks those who are in it.
func (t *tx) request(ctx context.Context, c Campaign, ids []string) (*MessageRequest, error) {
	at := key(tableState, "campaign", c.Name)
	done, err := read[batches](ctx, t, at)
	if err != nil {
		return nil, err
	}
	if done == nil {
		done = new(batches)
	}
	r := &MessageRequest{Campaign: c.Name, Connection: c.Connection, Batch: done.Count + 1, UserIDs: []string{}, MemberIDs: []string{}}
	for _, id := range ids {
		if err := t.address(ctx, c, r, id); err != nil {
			return nil, err
		}
	}
	if len(r.UserIDs) > 0 {
		t.keepFor(at, &batches{r.Batch}, campaignFor)
	}
	return r, nil
}

// address adds a member to the batch, unless it is not to have it.
func (t *tx) address(ctx context.Context, c Campaign, r *MessageRequest, id string) error {
	p, err := t.person(ctx, id)
	if p == nil || err != nil {
		return err
	}
	user, standing, err := t.standing(ctx, c, p.Channels)
	if err != nil || standing != Reachable {
		return err
	}
	t.keepFor(servedKey(c, user), new(mark), campaignFor)
	r.UserIDs, r.MemberIDs = append(r.UserIDs, user), append(r.MemberIDs, p.ID)
	return nil
}

// standing looks at all users that a member is on the channel: members may have
// been merged since one of them had it.
func (t *tx) standing(ctx context.Context, c Campaign, channels []commerce.MemberChannel) (user string, standing Standing, err error) {
	for i := range channels {
		ch := &channels[i]
		if ch.Connection != c.Connection {
			continue
		}
		served, err := read[mark](ctx, t, servedKey(c, ch.UserID))
		if served != nil || err != nil {
			return "", Served, err
		}
		if user == "" && ch.Following {
			user = ch.UserID
		}
	}
	if user == "" {
		return "", Unreachable, nil
	}
	return user, Reachable, nil
}

// servedKey names a user's mark without saying who it is: marks outlive an erasure.
func servedKey(c Campaign, user string) string {
	sum := sha256.Sum256([]byte(key(c.Name, c.Connection, user)))
	return key(tableState, "served", hex.EncodeToString(sum[:16]))
}

// keepFor keeps v at k until the time is over.
func (t *tx) keepFor(k string, v any, keep time.Duration) {
	t.write(k, v)
	t.rows[k].expires = t.now.Add(keep)
}
