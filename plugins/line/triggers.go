package main

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// The triggers. Every event of LINE's that has none of its own is event.received.
const (
	followed       = "user.followed"
	unfollowed     = "user.unfollowed"
	messaged       = "message.received"
	postedBack     = "postback.received"
	accountLinked  = "account.linked"
	accountNotLink = "account.link_failed"
	otherEvent     = "event.received"
)

func triggers() []sdk.Trigger {
	return []sdk.Trigger{
		sdk.Announce[follow](followed, abi.Text{EN: "A user became a friend, or unblocked the account", JA: "友だち追加・ブロック解除"}),
		sdk.Announce[origin](unfollowed, abi.Text{EN: "A user blocked the account", JA: "ブロックされた"}),
		sdk.Announce[messageEvent](messaged, abi.Text{EN: "A user sent a message", JA: "メッセージを受信した"}),
		sdk.Announce[postback](postedBack, abi.Text{EN: "A user pressed a button with data", JA: "ポストバック(ボタン操作)を受信した"}),
		sdk.Announce[linked](accountLinked, abi.Text{EN: "A user was linked with a customer", JA: "アカウント連携が完了した"}),
		sdk.Announce[linked](accountNotLink, abi.Text{EN: "Linking a user with a customer failed", JA: "アカウント連携に失敗した"}),
		sdk.Announce[other](otherEvent, abi.Text{EN: "Any other event", JA: "そのほかのイベント"}),
	}
}

// origin is what every event tells of where it comes from.
type origin struct {
	commerce.Contact
	EventID     string `json:"event_id,omitempty" doc:"LINE's id of the event (webhookEventId)" ja:"イベントID(webhookEventId)"`
	GroupID     string `json:"group_id,omitempty" doc:"Group that it happened in" ja:"グループID"`
	RoomID      string `json:"room_id,omitempty" doc:"Room that it happened in" ja:"トークルームID"`
	Mode        string `json:"mode" doc:"active; on standby another system talks to the user, and this one must not" ja:"状態(active。standbyでは応答してはいけない)"`
	Redelivered bool   `json:"redelivered" doc:"Whether LINE sent it again" ja:"再送されたイベントか"`
	ReplyToken  string `json:"reply_token,omitempty" doc:"Token to reply with, within a minute" ja:"応答トークン(1分以内に使用)"`
}

type follow struct {
	origin

	Unblocked bool `json:"unblocked" doc:"Whether the user had blocked the account before; not always reliable" ja:"ブロック解除か(必ずしも正確ではない)"`
}

type messageEvent struct {
	origin

	Message received `json:"message" doc:"The message" ja:"メッセージ"`
}

// received is a message that a user sent.
type received struct {
	ID         string `json:"id" doc:"Message id; message.content fetches what is in it" ja:"メッセージID(message.contentで内容を取得)"`
	Type       string `json:"type" doc:"text, image, video, audio, file, location or sticker" ja:"種類(text・image・video・audio・file・location・sticker)"`
	Text       string `json:"text,omitempty" doc:"The text" ja:"本文"`
	QuoteToken string `json:"quote_token,omitempty" doc:"Token to quote it by" ja:"引用トークン"`
	Raw        any    `json:"raw" doc:"The message as LINE sent it" ja:"LINEから届いたメッセージそのまま"`
}

type postback struct {
	origin

	Data   string         `json:"data" doc:"What the button carries" ja:"ボタンに設定したデータ"`
	Params map[string]any `json:"params,omitempty" doc:"What the user chose: date, time, datetime, or the rich menu" ja:"選択された値(date・time・datetime、リッチメニュー)"`
}

type linked struct {
	origin

	Nonce string `json:"nonce" doc:"What the shop gave to the dialog: it stands for the customer" ja:"連携時に発行したnonce(顧客に対応する値)"`
}

type other struct {
	origin

	Type string `json:"type" doc:"LINE's name of the event" ja:"LINEのイベント名"`
	Raw  any    `json:"raw" doc:"The event as LINE sent it" ja:"LINEから届いたイベントそのまま"`
}

// hookEvent is an event as LINE has it.
type hookEvent struct {
	Type      string `json:"type"`
	ID        string `json:"webhookEventId"`
	Mode      string `json:"mode"`
	Timestamp int64  `json:"timestamp"`
	Reply     string `json:"replyToken"`
	Delivery  struct {
		Redelivery bool `json:"isRedelivery"`
	} `json:"deliveryContext"`
	Source struct {
		UserID  string `json:"userId"`
		GroupID string `json:"groupId"`
		RoomID  string `json:"roomId"`
	} `json:"source"`
	Follow struct {
		Unblocked bool `json:"isUnblocked"`
	} `json:"follow"`
	Message  json.RawMessage `json:"message"`
	Postback struct {
		Data   string         `json:"data"`
		Params map[string]any `json:"params"`
	} `json:"postback"`
	Link struct {
		Result string `json:"result"`
		Nonce  string `json:"nonce"`
	} `json:"link"`

	// foreign says that only what every event has was read.
	foreign bool
}

// receive turns one delivery, which may hold events of several users, into
// events. A delivery without events is how LINE tries the address.
func receive(_ *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	var body struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := d.JSON(&body); err != nil {
		return sdk.Receipt{}, err
	}
	events := make([]abi.Event, 0, len(body.Events))
	for i, raw := range body.Events {
		event, err := readEvent(raw)
		if err != nil {
			return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "events[%d]: %w", i, err)
		}
		events = append(events, event)
	}
	return sdk.Receipt{Events: events}, nil
}

func readEvent(raw json.RawMessage) (abi.Event, error) {
	var e hookEvent
	if err := sdk.Decode(raw, &e); err != nil {
		if e, err = foreign(raw); err != nil {
			return abi.Event{}, err
		}
	}
	if e.Type == "" {
		return abi.Event{}, sdk.Errorf(abi.Invalid, "the event has no type")
	}
	name, data := e.read(raw)
	at := time.UnixMilli(e.Timestamp).UTC()
	return sdk.NewEvent(name, e.subject(), e.dedupe(), at, data)
}

// foreign reads an event of a form that is not known here: what every event has,
// as far as it can be read. Refused, it would take the other events of its
// delivery with it.
func foreign(raw json.RawMessage) (hookEvent, error) {
	e := hookEvent{foreign: true}
	var members map[string]json.RawMessage
	if err := sdk.Decode(raw, &members); err != nil {
		return e, err
	}
	for name, into := range map[string]any{
		"type": &e.Type, "webhookEventId": &e.ID, "mode": &e.Mode, "timestamp": &e.Timestamp,
		"replyToken": &e.Reply, "deliveryContext": &e.Delivery, "source": &e.Source,
	} {
		if member, there := members[name]; there {
			_ = sdk.Decode(member, into) //nolint:errcheck // then it stays empty, and is in the raw event
		}
	}
	return e, nil
}

// read returns the trigger that the event is of, and its data.
func (e *hookEvent) read(raw json.RawMessage) (name string, data any) {
	o := origin{
		Contact: commerce.Contact{UserID: e.Source.UserID, Following: e.following()},
		EventID: e.ID, GroupID: e.Source.GroupID, RoomID: e.Source.RoomID,
		Mode: e.Mode, Redelivered: e.Delivery.Redelivery, ReplyToken: e.Reply,
	}
	switch {
	case e.foreign:
		return otherEvent, other{o, e.Type, raw}
	case e.Type == "follow":
		return followed, follow{o, e.Follow.Unblocked}
	case e.Type == "unfollow":
		return unfollowed, o
	case e.Type == "message":
		m, err := readMessage(e.Message)
		if err != nil { // of a form that is not known here, see foreign
			return otherEvent, other{o, e.Type, raw}
		}
		return messaged, messageEvent{o, m}
	case e.Type == "postback":
		return postedBack, postback{o, e.Postback.Data, e.Postback.Params}
	case e.Type == "accountLink" && e.Link.Result == "ok":
		return accountLinked, linked{o, e.Link.Nonce}
	case e.Type == "accountLink":
		return accountNotLink, linked{o, e.Link.Nonce}
	default:
		return otherEvent, other{o, e.Type, raw}
	}
}

// following says whether the user is a friend, as far as the event tells: one
// who follows is, one who unfollows is not. Anybody may write, or press a button.
func (e *hookEvent) following() *bool {
	yes := e.Type == "follow"
	if !yes && e.Type != "unfollow" {
		return nil
	}
	return &yes
}

func readMessage(raw json.RawMessage) (received, error) {
	var m struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Text       string `json:"text"`
		QuoteToken string `json:"quoteToken"`
	}
	if len(raw) == 0 {
		return received{}, sdk.Errorf(abi.Invalid, "the message event has no message")
	}
	err := sdk.Decode(raw, &m)
	return received{ID: m.ID, Type: m.Type, Text: m.Text, QuoteToken: m.QuoteToken, Raw: raw}, err
}

// subject is whose events are kept in order: the user's, or the group's. A
// linking that failed names nobody but its nonce.
func (e *hookEvent) subject() string {
	for _, id := range []string{e.Source.UserID, e.Source.GroupID, e.Source.RoomID, e.Link.Nonce, e.ID} {
		if id != "" {
			return id
		}
	}
	return e.Type
}

// dedupe is the event's id, the same when it is delivered again. Without one,
// moment and subject tell events apart.
func (e *hookEvent) dedupe() string {
	if e.ID != "" {
		return e.ID
	}
	return e.Type + " " + e.subject() + " " + strconv.FormatInt(e.Timestamp, 10)
}
