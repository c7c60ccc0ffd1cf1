package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func hookActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("webhook.get", abi.Text{EN: "See where the channel sends its webhooks", JA: "WebhookのURLを確認する"}, getHook),
		sdk.Do("webhook.set", abi.Text{EN: "Say where the channel sends its webhooks", JA: "WebhookのURLを設定する"}, setHook).Idempotent(),
		sdk.Do("webhook.test", abi.Text{EN: "Have LINE try the webhook address", JA: "WebhookのURLをLINEに疎通確認させる"}, testHook).Idempotent(),
	}
}

type endpoint struct {
	Endpoint string `json:"endpoint" format:"uri" doc:"Address of the webhook, https" ja:"WebhookのURL(https)"`
}

type endpointState struct {
	endpoint

	Active bool `json:"active" doc:"Whether webhooks are switched on in the console" ja:"Webhookが有効か(コンソールで切り替え)"`
}

func getHook(call *sdk.Call, _ nothing) (endpointState, error) {
	var answer endpointState
	err := call.Get("/v2/bot/channel/webhook/endpoint").Into(&answer)
	return answer, err
}

func setHook(call *sdk.Call, in endpoint) (nothing, error) {
	return ask(call.Put("/v2/bot/channel/webhook/endpoint").JSON(in))
}

type testInput struct {
	Endpoint string `json:"endpoint,omitempty" doc:"Another address than the one that is set" ja:"設定済みとは別のURL"`
}

type testOutput struct {
	Success bool       `json:"success" doc:"Whether it answered 2xx" ja:"成功したか"`
	Status  int64      `json:"status" doc:"What it answered; 0 or less: nothing" ja:"応答のステータス(0以下は応答なし)"`
	Reason  string     `json:"reason" doc:"Why it failed" ja:"理由"`
	Detail  string     `json:"detail" doc:"Details" ja:"詳細"`
	At      *time.Time `json:"at" doc:"When it was tried" ja:"日時"`
}

func testHook(call *sdk.Call, in testInput) (testOutput, error) {
	var answer struct {
		Success bool       `json:"success"`
		Status  int64      `json:"statusCode"`
		Reason  string     `json:"reason"`
		Detail  string     `json:"detail"`
		At      *time.Time `json:"timestamp"`
	}
	err := call.Post("/v2/bot/channel/webhook/test").JSON(in).Into(&answer)
	return testOutput(answer), err
}
