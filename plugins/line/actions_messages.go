package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

func messageActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("message.push", abi.Text{EN: "Send messages to one user, group or room", JA: "1人のユーザー・グループ・トークルームに送る"}, push).IdempotentFor(retryKeyLife),
		sdk.Do("message.multicast", abi.Text{EN: "Send the same messages to many users", JA: "同じメッセージを複数のユーザーに送る"}, multicast).IdempotentFor(retryKeyLife),
		sdk.Do("message.reply", abi.Text{EN: "Answer an event, within a minute and free of charge", JA: "イベントに応答する(1分以内・無料)"}, reply).Idempotent(),
		sdk.Do("message.broadcast", abi.Text{EN: "Send messages to all friends", JA: "すべての友だちに送る"}, broadcast).IdempotentFor(retryKeyLife),
		sdk.Read("message.validate", abi.Text{EN: "Have LINE check messages without sending them", JA: "メッセージを送信せずにLINEに検証させる"}, validate),
	}
}

// content is what every way to send has.
type content struct {
	Messages []message `json:"messages" doc:"Up to 5 message objects" ja:"メッセージオブジェクト(5件まで)"`
	Silent   bool      `json:"notification_disabled" default:"false" doc:"Do not notify the user" ja:"ユーザーに通知しない"`
}

// sending is a request to send, as LINE has it.
type sending struct {
	To         any      `json:"to,omitempty"`
	ReplyToken string   `json:"replyToken,omitempty"`
	Messages   []any    `json:"messages"`
	Silent     bool     `json:"notificationDisabled,omitempty"`
	Units      []string `json:"customAggregationUnits,omitempty"`
}

func (c *content) sending() (sending, error) {
	ready, err := prepare(c.Messages)
	return sending{Messages: ready, Silent: c.Silent}, err
}

// sent is what LINE tells of messages to one recipient.
type sent struct {
	Messages  []sentMessage `json:"sent_messages" doc:"The messages that were sent" ja:"送信されたメッセージ"`
	RequestID string        `json:"request_id" doc:"LINE's id of the request" ja:"LINEのリクエストID"`
}

type sentMessage struct {
	ID         string `json:"id" doc:"Message id" ja:"メッセージID"`
	QuoteToken string `json:"quote_token,omitempty" doc:"Token to quote the message by" ja:"引用トークン"`
}

// sentAnswer is the same under LINE's names.
type sentAnswer struct {
	Messages []struct {
		ID         string `json:"id"`
		QuoteToken string `json:"quoteToken"`
	} `json:"sentMessages"`
}

func readSent(answer *rest.Response, requestID string) (sent, error) {
	out := sent{Messages: []sentMessage{}, RequestID: requestID}
	var body sentAnswer
	if err := answer.JSON(&body); err != nil {
		return out, err
	}
	for _, m := range body.Messages {
		out.Messages = append(out.Messages, sentMessage{ID: m.ID, QuoteToken: m.QuoteToken})
	}
	return out, nil
}

type pushInput struct {
	content

	To   string `json:"to" doc:"User id, group id or room id" ja:"ユーザーID・グループID・トークルームID"`
	Unit string `json:"aggregation_unit,omitempty" doc:"Name to count these messages under: letters, digits, _, up to 30" ja:"集計ユニット名(半角英数字と_、30文字まで)"`
}

// push answers 200 also for a user who has blocked the account: that it was
// sent does not mean that it was delivered.
func push(call *sdk.Call, in pushInput) (sent, error) {
	body, err := in.sending()
	if err != nil {
		return sent{}, err
	}
	if in.To == "" {
		return sent{}, sdk.Errorf(abi.Invalid, "to is empty: nobody would get the message")
	}
	body.To, body.Units = in.To, unit(in.Unit)
	answer, id, err := sendOnce(call, call.Post("/v2/bot/message/push").JSON(body), only)
	if err != nil {
		return sent{}, err
	}
	return readSent(answer, id)
}

func unit(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

type replyInput struct {
	content

	ReplyToken string `json:"reply_token" doc:"The event's reply token: good once, for about a minute" ja:"イベントの応答トークン(1回・約1分間有効)"`
}

// reply may be repeated: a token is good for one reply only. Whether it was the
// attempt before this one that used it, LINE does not tell.
func reply(call *sdk.Call, in replyInput) (sent, error) {
	body, err := in.sending()
	if err != nil {
		return sent{}, err
	}
	body.ReplyToken = in.ReplyToken
	answer, err := call.Post("/v2/bot/message/reply").JSON(body).Send()
	if fault := abi.AsError(err); err != nil && fault.Code == codeReplyToken && !call.Since().IsZero() {
		fault.Message += ": the first attempt, whose answer is not known, may have been delivered"
		return sent{}, fault
	}
	if err != nil {
		return sent{}, err
	}
	return readSent(answer, answer.Header("x-line-request-id"))
}

// accepted is what LINE tells of messages to many.
type accepted struct {
	RequestID string `json:"request_id" doc:"LINE's id of the request, to look up how it went" ja:"LINEのリクエストID(結果の照会に使用)"`
}

func broadcast(call *sdk.Call, in content) (accepted, error) {
	body, err := in.sending()
	if err != nil {
		return accepted{}, err
	}
	answer, id, err := sendOnce(call, call.Post("/v2/bot/message/broadcast").JSON(body), only)
	if err != nil {
		return accepted{}, err
	}
	return accepted{RequestID: id}, answer.JSON(&nothing{})
}

type validateInput struct {
	For      string    `json:"for" enum:"push,multicast,narrowcast,broadcast,reply" default:"push" doc:"How they would be sent" ja:"送信方法"`
	Messages []message `json:"messages" doc:"Up to 5 message objects" ja:"メッセージオブジェクト(5件まで)"`
}

type validateOutput struct {
	Valid    bool      `json:"valid" doc:"Whether LINE would take them" ja:"LINEが受け付けるか"`
	Problems []problem `json:"problems" doc:"What is wrong" ja:"問題点"`
}

type problem struct {
	Property string `json:"property" doc:"Where it is wrong" ja:"箇所"`
	Message  string `json:"message" doc:"What is wrong, in LINE's words" ja:"内容(LINEのメッセージ)"`
}

// validate answers what is wrong instead of failing.
func validate(call *sdk.Call, in validateInput) (validateOutput, error) {
	out := validateOutput{Problems: []problem{}}
	ready, wrong := prepare(in.Messages)
	if wrong != nil {
		out.Problems = append(out.Problems, problem{Property: "messages", Message: wrong.Error()})
		return out, nil //nolint:nilerr // what is wrong is the answer
	}
	answer, err := call.Post("/v2/bot/message/validate/%s", in.For).JSON(sending{Messages: ready}).Safe().Raw()
	switch {
	case err != nil:
		return out, err
	case answer.Status == 400:
		return readProblems(answer)
	case !answer.OK():
		return out, readError(answer)
	}
	out.Valid = true
	return out, answer.JSON(&nothing{})
}

func readProblems(answer *rest.Response) (validateOutput, error) {
	out := validateOutput{Problems: []problem{}}
	var body failure
	if err := answer.JSON(&body); err != nil {
		return out, err
	}
	for _, d := range body.Details {
		out.Problems = append(out.Problems, problem{Property: d.Property, Message: d.Message})
	}
	if len(out.Problems) == 0 {
		out.Problems = append(out.Problems, problem{Property: "messages", Message: body.Message})
	}
	return out, nil
}
