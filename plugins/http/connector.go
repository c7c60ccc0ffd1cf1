package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// settings are what ops write for one service: where it is, how it knows us,
// and how its webhooks are read.
type settings struct {
	BaseURL    string   `json:"base_url" format:"uri" doc:"Address that paths are joined to" ja:"パスの前に付くURL"`
	MoreHosts  []string `json:"more_hosts,omitempty" doc:"Further origins that requests may go to, such as https://files.example.com" ja:"リクエストを送ってよい他のURL(例 https://files.example.com)"`
	AuthHeader string   `json:"auth_header" default:"X-Api-Key" doc:"Header that carries the token, with auth: header" ja:"トークンを入れるヘッダー名(auth: header のとき)"`
	AuthQuery  string   `json:"auth_query" default:"key" doc:"Query parameter that carries the token, with auth: query" ja:"トークンを入れるクエリパラメーター名(auth: query のとき)"`
	Username   string   `json:"username" default:"" doc:"User name, with auth: basic" ja:"ユーザー名(auth: basic のとき)"`
	KeyHeader  string   `json:"idempotency_header" default:"Idempotency-Key" doc:"Header that carries the same key with every attempt of one step; empty sends none" ja:"同じステップの再送で同じ値になるキーのヘッダー名(空なら送らない)"`
	AcceptHTML bool     `json:"accept_html" default:"false" doc:"Whether an HTML page is an answer; otherwise it is a failure, as maintenance pages answer 200 too" ja:"HTMLページを応答として受け付けるか(メンテナンス画面も200で返るため、通常は失敗とみなす)"`

	TokenHeader     string   `json:"webhook_token_header" default:"X-Webhook-Token" doc:"Header that carries the secret webhook_token itself, if the sender has one" ja:"webhook_tokenの値がそのまま入るヘッダー名"`
	SignatureHeader string   `json:"signature_header" default:"X-Signature" doc:"Header that carries the HMAC made with webhook_hmac_key, if the sender signs" ja:"webhook_hmac_keyによるHMAC署名のヘッダー名"`
	SignatureHash   string   `json:"signature_algorithm" enum:"sha256,sha1,sha512" default:"sha256" doc:"Hash of the HMAC" ja:"HMACのハッシュ方式"`
	SignatureText   string   `json:"signature_encoding" enum:"base64,hex" default:"hex" doc:"How the HMAC is written" ja:"HMACの表記"`
	SignaturePrefix string   `json:"signature_prefix" default:"" doc:"Text before the HMAC, as in sha256=" ja:"HMACの前に付く文字(例 sha256=)"`
	KeptHeaders     []string `json:"kept_headers,omitempty" doc:"Headers of webhooks that flows see" ja:"フローで使うWebhookのヘッダー名"`
	SubjectField    string   `json:"subject_field" default:"" doc:"Field of the body that names the record, such as order.id: events of one record are handled in order" ja:"レコードを表す本文の項目(例 order.id)。同じレコードのイベントは順番に処理される"`
	DeliveryHeader  string   `json:"delivery_header" default:"" doc:"Header that is the same when the sender repeats a delivery" ja:"再送時に同じ値になるヘッダー名"`
	Charset         string   `json:"webhook_charset" enum:"utf-8,shift_jis" default:"utf-8" doc:"What forms, texts and queries of webhooks are written in, where the sender names no charset" ja:"Webhookのフォーム・テキスト・クエリの文字コード(送信元がcharsetを示さないとき)"`
	DeliveryField   string   `json:"delivery_field" default:"" doc:"Field of the body that is the same when the sender repeats a delivery" ja:"再送時に同じ値になる本文の項目"`
}

var connector = &sdk.Connector{
	ID:       "http",
	Version:  "1.0.0",
	Title:    abi.Text{EN: "Any HTTP API, any webhook", JA: "HTTPリクエストとWebhook(汎用)"},
	Settings: sdk.Settings[settings](),
	Secrets: []abi.Secret{
		{Name: "token", Doc: abi.Text{EN: "Token that requests carry, with auth: bearer, header, query or path", JA: "リクエストに付けるトークン(auth: bearer・header・query・path のとき)"}},
		{Name: "password", Doc: abi.Text{EN: "Password, with auth: basic", JA: "パスワード(auth: basic のとき)"}},
		{Name: "webhook_token", Optional: true, Doc: abi.Text{EN: "Value that every webhook must carry in the header webhook_token_header", JA: "Webhookのwebhook_token_headerヘッダーに必要な値"}},
		{Name: "webhook_hmac_key", Optional: true, Doc: abi.Text{EN: "Key of the HMAC that every webhook must carry in the header signature_header", JA: "Webhookのsignature_headerヘッダーのHMACの鍵"}},
	},
	Hosts: []string{"{base_url}", "{more_hosts}"},
	Auth: []abi.AuthScheme{
		{Name: "none", Type: abi.AuthNone},
		named("bearer", sdk.HeaderAuth("Authorization", "Bearer {token}")),
		sdk.HeaderAuth("{auth_header}", "{token}"),
		sdk.BasicAuth("{username}", "{password}"),
		sdk.QueryAuth("{auth_query}", "{token}"),
		sdk.PathAuth("{token}"),
	},
	Webhook: sdk.Webhook{
		Signatures: []abi.Signature{
			{Type: abi.SignatureHeader, Header: "{webhook_token_header}", Secret: "webhook_token", Optional: true},
			{
				Type: abi.SignatureHMAC, Header: "{signature_header}", Secret: "webhook_hmac_key", Algorithm: "{signature_algorithm}",
				Encoding: "{signature_encoding}", Prefix: "{signature_prefix}", Optional: true,
			},
		},
		Receive: receive,
	},
	Triggers:  triggers(),
	Actions:   actions(),
	ReadError: readError,
}

func named(name string, scheme abi.AuthScheme) abi.AuthScheme {
	scheme.Name = name
	return scheme
}

func text(en, ja string) abi.Text { return abi.Text{EN: en, JA: ja} }

// maxSaid is how much of an error's body a person is shown, in bytes.
const maxSaid = 200

// readError adds the beginning of what the service said, unless it is a page.
func readError(r *rest.Response) error {
	err := rest.StatusError(r)
	if said := snippet(r); said != "" {
		err.Message += ": " + said
	}
	return err
}
