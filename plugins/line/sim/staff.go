package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// tables are what the account's staff, its friends and the platform's own people see and do.
func (a *account) tables() map[string]simkit.Table {
	return map[string]simkit.Table{
		"users":     {List: func() (any, error) { return a.users.Select(nil), nil }, Put: a.putUser, Delete: deleter(a.users)},
		"groups":    {List: func() (any, error) { return a.groups.Select(nil), nil }, Put: a.putGroup, Delete: deleter(a.groups)},
		"richmenus": {List: func() (any, error) { return a.menus.Select(nil), nil }, Put: a.putMenu, Delete: deleter(a.menus)},
		"audiences": {List: func() (any, error) { return a.audiences.Select(nil), nil }, Put: a.putAudience, Delete: deleter(a.audiences)},
		"contents":  {List: none, Put: a.putContent, Delete: deleter(a.contents)},
		// messages is the outbox: what went out, to whom, and who got it.
		"messages": {List: func() (any, error) { return a.outbox.Select(nil), nil }, Put: readOnly, Delete: deleter(a.outbox)},
		// events sends a webhook: {"type":"postback","userId":"U…","postback":{…}}.
		"events": {List: none, Put: a.putEvent, Delete: func(string) error { return errReadOnly }},
		// What a test may find there already, as if it had happened before.
		"reply_tokens": {List: none, Put: a.putReplyToken, Delete: func(string) error { return errReadOnly }},
		"narrowcasts":  {List: none, Put: a.putNarrowcast, Delete: func(string) error { return errReadOnly }},
		"batches":      {List: none, Put: a.putBatch, Delete: func(string) error { return errReadOnly }},
		"endpoint":     {List: none, Put: a.putEndpoint, Delete: func(string) error { return errReadOnly }},
		"aliases":      {List: func() (any, error) { return a.aliases.Select(nil), nil }, Put: readOnly, Delete: deleter(a.aliases)},
		"channel":      {List: a.listChannel, Put: readOnly, Delete: func(string) error { return errReadOnly }},
		"_tokens":      {List: none, Put: readOnly, Delete: func(string) error { a.tokens.expireAll(); return nil }},
		"_keys":        a.tokens.keyTable(),
	}
}

// listChannel tells what the channel is set to, and what it shows or has issued.
func (a *account) listChannel() (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return []any{map[string]any{
		"endpoint": a.endpoint, "default_menu": a.defaultMenu, "loading": maps.Clone(a.loadings), "link_tokens": slices.Sorted(maps.Keys(a.linkTokens)),
	}}, nil
}

var errReadOnly = errors.New("this cannot be changed")

func readOnly(string, json.RawMessage) error { return errReadOnly }

func none() (any, error) { return []any{}, nil }

func deleter[T any](c *simkit.Collection[T]) func(id string) error {
	return func(id string) error {
		if !c.Delete(id) {
			return fmt.Errorf("there is no %q", id)
		}
		return nil
	}
}

// putUser changes a user as they would themselves: becoming a friend, blocking
// and unblocking are announced.
func (a *account) putUser(id string, fields json.RawMessage) error {
	if !userPattern.MatchString(id) {
		return fmt.Errorf("%q is no user id", id)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.users.Get(id)
	now := before
	if !known {
		now = user{DisplayName: "友だち", Language: "ja"}
	}
	if err := json.Unmarshal(fields, &now); err != nil {
		return err
	}
	now.ID = id
	a.users.Put(id, now)
	was, is := before.Friend && !before.Blocked, now.Friend && !now.Blocked
	switch {
	case !was && is:
		a.hooks.send(event{"type": "follow", "follow": map[string]any{"isUnblocked": before.Blocked}}, id)
	case was && !is:
		a.hooks.send(event{"type": "unfollow"}, id)
	}
	return nil
}

func (a *account) putGroup(id string, fields json.RawMessage) error {
	var g group
	if err := json.Unmarshal(fields, &g); err != nil {
		return err
	}
	g.ID = id
	a.groups.Put(id, g)
	return nil
}

// putMenu also makes a menu the default one.
func (a *account) putMenu(id string, fields json.RawMessage) error {
	m, known := a.menus.Get(id)
	if !known {
		m.Name = id
	}
	more := struct {
		*menu

		Default bool `json:"default"`
	}{menu: &m}
	if err := json.Unmarshal(fields, &more); err != nil {
		return err
	}
	m.ID = id
	a.menus.Put(id, m)
	a.mu.Lock()
	defer a.mu.Unlock()
	if more.Default {
		a.defaultMenu = id
	}
	return nil
}

func (a *account) putAudience(id string, fields json.RawMessage) error {
	g, known := a.audiences.Get(id)
	if !known {
		g.Created, g.Jobs = a.env.Clock.Now(), []string{"console"}
	}
	if err := json.Unmarshal(fields, &g); err != nil {
		return err
	}
	if _, err := fmt.Sscan(id, &g.ID); err != nil {
		return fmt.Errorf("audience %q: %w", id, err)
	}
	a.audiences.Put(id, g)
	return nil
}

func (a *account) putContent(id string, fields json.RawMessage) error {
	var c content
	if err := json.Unmarshal(fields, &c); err != nil {
		return err
	}
	a.contents.Put(id, c)
	return nil
}

// putEvent sends any event. "userId" is its source; "mode" and the like replace what it would have.
func (a *account) putEvent(_ string, fields json.RawMessage) error {
	var e event
	if err := json.Unmarshal(fields, &e); err != nil {
		return err
	}
	source := as[string](e["userId"])
	delete(e, "userId")
	if e["type"] == nil {
		return errors.New("an event has a type")
	}
	a.hooks.send(e, source)
	return nil
}

func (a *account) putReplyToken(id string, fields json.RawMessage) error {
	var of struct {
		UserID string `json:"userId"`
	}
	if err := json.Unmarshal(fields, &of); err != nil {
		return err
	}
	a.hooks.grant(id, of.UserID)
	return nil
}

func (a *account) putNarrowcast(id string, fields json.RawMessage) error {
	var n struct {
		Accepted           time.Time
		Targets, Got, Code int
	}
	if err := json.Unmarshal(fields, &n); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.narrowcasts[id] = narrowcast{accepted: n.Accepted, targets: n.Targets, got: n.Got, code: n.Code}
	return nil
}

func (a *account) putBatch(id string, fields json.RawMessage) error {
	var b struct{ Accepted time.Time }
	if err := json.Unmarshal(fields, &b); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batches[id] = b.Accepted
	return nil
}

func (a *account) putEndpoint(_ string, fields json.RawMessage) error {
	var e struct{ Endpoint string }
	if err := json.Unmarshal(fields, &e); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.endpoint = e.Endpoint
	return nil
}

// seed is what every account begins with.
func (a *account) seed() {
	for _, u := range []user{
		{ID: "Ufedcba9876543210fedcba9876543210", DisplayName: "山田 花子", Language: "ja", PictureURL: "https://profile.example.com/hanako", Friend: true, Phone: "+819011112222"},
		{ID: "U00000000000000000000000000000002", DisplayName: "佐藤 太郎", Language: "ja", Friend: true},
		{ID: "U00000000000000000000000000000003", DisplayName: "Emma", Language: "en", StatusMessage: "hello", Friend: true, RichMenuID: "richmenu-member"},
		{ID: "U00000000000000000000000000000004", DisplayName: "鈴木", Language: "ja", Friend: true, Blocked: true},
	} {
		a.users.Put(u.ID, u)
	}
	a.groups.Put("C00000000000000000000000000000001", group{
		ID: "C00000000000000000000000000000001", Members: []string{"Ufedcba9876543210fedcba9876543210", "U00000000000000000000000000000002"},
	})
	for _, m := range []menu{{"richmenu-guest", "ゲスト", true, nil}, {"richmenu-member", "会員", true, nil}, {"richmenu-draft", "下書き", false, nil}} {
		a.menus.Put(m.ID, m)
	}
	a.aliases.Put("tab-a", aliasBody{"tab-a", "richmenu-guest"})
	a.audiences.Put("1234567890123", audience{
		ID: 1234567890123, Name: "春の購入者", Members: []string{"Ufedcba9876543210fedcba9876543210", "U00000000000000000000000000000002"},
		Created: a.env.Clock.Now().Add(-24 * time.Hour), Jobs: []string{"batch 1"},
	})
	a.contents.Put("590000000000000009", content{Type: "image/jpeg", Data: []byte("\xff\xd8\xff\xe0 picture \xff\xd9")})
}
