package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func narrowcastActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("message.narrowcast", abi.Text{EN: "Send messages to a segment of the friends", JA: "属性やオーディエンスで絞り込んで送る"}, narrowcast).IdempotentFor(retryKeyLife),
		sdk.Read("narrowcast.get", abi.Text{EN: "See how far a narrowcast is", JA: "絞り込み配信の進行状況を確認する"}, narrowcastProgress),
	}
}

type narrowcastInput struct {
	content

	Recipient     map[string]any `json:"recipient,omitempty" doc:"Recipient object: audience, redelivery or operator; without it all friends" ja:"受信者オブジェクト(audience・redelivery・operator)。省略時は全友だち"`
	Demographic   map[string]any `json:"demographic,omitempty" doc:"Demographic filter object" ja:"属性フィルターオブジェクト"`
	Max           int64          `json:"max,omitempty" doc:"Send to so many at the most" ja:"最大送信数"`
	UpToRemaining bool           `json:"up_to_remaining_quota" default:"true" doc:"Send within what is left of the month's messages; otherwise the whole reach is reserved" ja:"当月の残り通数の範囲で送る(falseの場合は全対象分を確保)"`
	ForbidPartial bool           `json:"forbid_partial_delivery,omitempty" doc:"Cancel instead of sending to a part only" ja:"一部にしか送れない場合は中止する"`
}

// segment is the request as LINE has it.
type segment struct {
	Messages  []any          `json:"messages"`
	Recipient map[string]any `json:"recipient,omitempty"`
	Filter    *filter        `json:"filter,omitempty"`
	Limit     *limit         `json:"limit,omitempty"`
	Silent    bool           `json:"notificationDisabled,omitempty"`
}

type filter struct {
	Demographic map[string]any `json:"demographic"`
}

type limit struct {
	Max           int64 `json:"max,omitempty"`
	UpToRemaining bool  `json:"upToRemainingQuota,omitempty"`
	ForbidPartial bool  `json:"forbidPartialDelivery,omitempty"`
}

func narrowcast(call *sdk.Call, in narrowcastInput) (accepted, error) {
	ready, err := prepare(in.Messages)
	if err != nil {
		return accepted{}, err
	}
	body := segment{Messages: ready, Recipient: in.Recipient, Silent: in.Silent}
	if in.Demographic != nil {
		body.Filter = &filter{Demographic: in.Demographic}
	}
	if l := (limit{Max: in.Max, UpToRemaining: in.UpToRemaining, ForbidPartial: in.ForbidPartial}); l != (limit{}) {
		body.Limit = &l
	}
	answer, id, err := sendOnce(call, call.Post("/v2/bot/message/narrowcast").JSON(body), only)
	if err != nil {
		return accepted{}, err
	}
	return accepted{RequestID: id}, answer.JSON(&nothing{})
}

type requestID struct {
	RequestID string `json:"request_id" doc:"The request id that sending gave" ja:"送信時のリクエストID"`
}

type progress struct {
	Phase       string     `json:"phase" doc:"waiting, sending, succeeded or failed" ja:"段階(waiting・sending・succeeded・failed)"`
	Success     int64      `json:"success_count,omitempty" doc:"How many got it" ja:"成功数"`
	Failure     int64      `json:"failure_count,omitempty" doc:"How many did not" ja:"失敗数"`
	Target      int64      `json:"target_count,omitempty" doc:"How many it was meant for" ja:"対象数"`
	ErrorCode   int64      `json:"error_code,omitempty" doc:"Why it failed: 1 internal, 2 too few recipients, 3 repeated, 4 audience under 50, 5 cancelled as partial" ja:"失敗の理由(1=内部エラー、2=対象不足、3=重複、4=オーディエンスが50未満、5=一部送信のため中止)"`
	Description string     `json:"failed_description,omitempty" doc:"The same in words" ja:"失敗の説明"`
	Accepted    *time.Time `json:"accepted_at" doc:"When it was accepted" ja:"受付日時"`
	Completed   *time.Time `json:"completed_at" doc:"When it ended" ja:"完了日時"`
}

func narrowcastProgress(call *sdk.Call, in requestID) (progress, error) {
	var answer struct {
		Phase       string     `json:"phase"`
		Success     int64      `json:"successCount"`
		Failure     int64      `json:"failureCount"`
		Target      int64      `json:"targetCount"`
		ErrorCode   int64      `json:"errorCode"`
		Description string     `json:"failedDescription"`
		Accepted    *time.Time `json:"acceptedTime"`
		Completed   *time.Time `json:"completedTime"`
	}
	err := call.Get("/v2/bot/message/progress/narrowcast").Query("requestId", in.RequestID).Into(&answer)
	return progress(answer), told(err, answer.Phase != "", abi.Unavailable)
}
