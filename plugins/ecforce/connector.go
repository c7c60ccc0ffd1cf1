package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// settings are what ops write for a shop. What the platform's reference leaves
// open stands here with its most likely value.
type settings struct {
	BaseURL         string                          `json:"base_url" format:"uri" doc:"Base URL of the shop's API host, with or without /api/v2" ja:"ショップのAPIホストのURL(/api/v2 は有無どちらでも可)"`
	LineIDField     string                          `json:"line_id_field" enum:"line_id,link_number" default:"line_id" doc:"Customer field that holds the LINE user id" ja:"LINEユーザーIDを保存する顧客項目"`
	VerifyWrites    bool                            `json:"verify_writes" default:"true" doc:"Read a record again after writing it and compare: ecforce drops what it does not take and answers 200" ja:"書き込み後に再取得して確認する(ecforceは受け付けない項目を黙って無視するため)"`
	WebhookBodies   string                          `json:"webhook_bodies" enum:"any,ids" default:"any" doc:"Which webhook templates are accepted: any that has an id, or only Musubi's own (ids)" ja:"受け付けるWebhookテンプレート(any=idがあればよい、ids=Musubi用テンプレートのみ)"`
	SecretHeader    string                          `json:"webhook_secret_header" default:"X-Ecf-Secret" doc:"Header that carries the secret webhook_secret itself, if the shop sends one" ja:"webhook_secretの値がそのまま入るヘッダー名"`
	SignatureHeader string                          `json:"signature_header" default:"X-Ecf-Signature" doc:"Header that carries the HMAC made with webhook_hmac_key, if the shop signs" ja:"webhook_hmac_keyによるHMAC署名のヘッダー名"`
	SignatureHash   string                          `json:"signature_algorithm" enum:"sha256,sha1,sha512" default:"sha256" doc:"Hash of the HMAC" ja:"HMACのハッシュ方式"`
	SignatureText   string                          `json:"signature_encoding" enum:"base64,hex" default:"base64" doc:"How the HMAC is written" ja:"HMACの表記"`
	SignaturePrefix string                          `json:"signature_prefix" default:"" doc:"Text before the HMAC, as in sha256=" ja:"HMACの前に付く文字(例 sha256=)"`
	OrderInclude    string                          `json:"order_include" default:"customer,billing_address,shipping_address,order_items" doc:"What is read with an order; shorten it if the shop refuses a name" ja:"受注と一緒に取得する関連(拒否される場合は短くする)"`
	SubsInclude     string                          `json:"subscription_include" default:"customer,shipping_address,order_items" doc:"What is read with a subscription order" ja:"定期受注と一緒に取得する関連"`
	ProductInclude  string                          `json:"product_include" default:"variants" doc:"What is read with a product" ja:"商品と一緒に取得する関連"`
	AddsPoints      int64                           `json:"points_add_value" default:"1" doc:"Value of addition_and_subtraction that gives points; the other of 0 and 1 takes them" ja:"ポイント付与を表すaddition_and_subtractionの値(もう一方が減算)"`
	Statuses        map[string]commerce.Status      `json:"subscription_statuses,omitempty" doc:"The shop's own words for a subscription's state, each with active, paused or cancelled" ja:"定期受注の状態の独自表記とその意味(active・paused・cancelled)"`
	OrderStatuses   map[string]commerce.OrderStatus `json:"order_statuses,omitempty" doc:"The shop's own words for an order's state, each with open, shipped, delivered or cancelled; they go before ecforce's" ja:"受注の対応状況の独自表記とその意味(open・shipped・delivered・cancelled)。既定より優先"`
	UnknownOrders   string                          `json:"unknown_orders" enum:"count,ignore" default:"count" doc:"Whether a complete order in a state that neither ecforce's words nor order_statuses know counts as a purchase" ja:"対応状況の意味が不明な(order_statusesにもない)受注を購入として数えるか(count=数える、ignore=数えない)"`
	FailedPayments  []string                        `json:"failed_payments" default:"[\"auth_failed\",\"credit_exam_failed\",\"voided\"]" doc:"Payment states of orders by which nothing was bought" ja:"購入として数えない受注の決済状況"`
}

var connector = &sdk.Connector{
	ID:       "ecforce",
	Version:  "1.0.0",
	Title:    abi.Text{EN: "ecforce", JA: "ecforce"},
	Settings: sdk.Settings[settings](),
	Secrets: []abi.Secret{
		{Name: "token", Doc: abi.Text{EN: "Token of the API connection user", JA: "API連携ユーザーのトークン"}},
		{Name: "webhook_secret", Optional: true, Doc: abi.Text{EN: "Value that every webhook must carry in the header webhook_secret_header", JA: "Webhookのwebhook_secret_headerヘッダーに必要な値"}},
		{Name: "webhook_hmac_key", Optional: true, Doc: abi.Text{EN: "Key of the HMAC that every webhook must carry in the header signature_header", JA: "Webhookのsignature_headerヘッダーのHMACの鍵"}},
	},
	Hosts: []string{"{base_url}"},
	Auth:  []abi.AuthScheme{sdk.HeaderAuth("Authorization", `Token token="{token}"`)},
	// The platform publishes no limit; live shops ask for one request after the other.
	Limits: abi.Limits{PerSecond: 1, Burst: 1, Concurrency: 1},
	Webhook: sdk.Webhook{
		Signatures: []abi.Signature{
			{Type: abi.SignatureHeader, Header: "{webhook_secret_header}", Secret: "webhook_secret", Optional: true},
			{
				Type: abi.SignatureHMAC, Header: "{signature_header}", Secret: "webhook_hmac_key", Algorithm: "{signature_algorithm}",
				Encoding: "{signature_encoding}", Prefix: "{signature_prefix}", Optional: true,
			},
		},
		Receive: receive,
	},
	Triggers:  triggers(),
	Actions:   actions(),
	Records:   &sdk.Records{Search: searchRecords, Create: createRecord, Update: updateRecord, Confirm: confirmRecord},
	ReadError: readError,
}
