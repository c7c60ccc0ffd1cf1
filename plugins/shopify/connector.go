// Package main is the connector for Shopify: the Admin GraphQL API and webhooks.
package main

import (
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// settings are what ops write for a shop.
type settings struct {
	BaseURL       string                     `json:"base_url" format:"uri" doc:"The shop's permanent address, such as https://example-shop.myshopify.com; not its own domain" ja:"ショップの固定URL(例: https://example-shop.myshopify.com。独自ドメインは不可)"`
	APIVersion    string                     `json:"api_version" default:"2026-10" doc:"Version of the Admin API, 2026-04 at least" ja:"Admin APIのバージョン(2026-04以降)"`
	AdminURL      string                     `json:"admin_url,omitempty" doc:"Address that links into the admin begin with, such as https://admin.shopify.com/store/example-shop; without it base_url/admin" ja:"管理画面へのリンクの先頭(例: https://admin.shopify.com/store/example-shop。省略時は base_url/admin)"`
	BulkFileHost  string                     `json:"bulk_file_host" format:"uri" default:"https://storage.googleapis.com" doc:"Where the platform keeps the files of bulk exports, and the results of imports" ja:"一括エクスポートのファイルと一括インポートの結果の置き場所"`
	BulkUpload    string                     `json:"bulk_upload_host" format:"uri" default:"https://shopify-staged-uploads.storage.googleapis.com" doc:"Where the platform takes the files of bulk imports" ja:"一括インポートのファイルのアップロード先"`
	BulkAfterDays int                        `json:"bulk_after_days" default:"7" doc:"A backfill that begins longer ago than this is fetched by bulk export; 0 never" ja:"この日数より前からの過去データ取得には一括エクスポートを使う(0は使わない)"`
	Abandoned     int                        `json:"abandoned_after_minutes" default:"10" doc:"How long a checkout lies idle until the platform lists it as abandoned; checkout.abandoned looks back that much further" ja:"チェックアウトが離脱として一覧に現れるまでの放置時間(分)。checkout.abandonedはその分さかのぼって確認する"`
	OrderKey      string                     `json:"order_key_metafield,omitempty" doc:"Metafield of orders, as custom.external_id, with a definition of type id: order.create writes its source_identifier there, and so finds at once what it made; without it the search is asked, a minute late" ja:"受注のメタフィールド(例: custom.external_id。型idの定義が必要)。order.createがsource_identifierを書き込み、作成済みかを即座に確認できる。省略時は検索(約1分遅れ)で確認する"`
	Birthday      string                     `json:"birthday_metafield" default:"facts.birth_date" doc:"Metafield of customers that holds the birthday" ja:"顧客の誕生日のメタフィールド"`
	LineID        string                     `json:"line_id_metafield" default:"custom.line_id" doc:"Metafield of customers that holds the LINE user id" ja:"顧客のLINEユーザーIDのメタフィールド"`
	OrderTags     []string                   `json:"subscription_order_tags" default:"[\"subscription*\",\"定期*\"]" doc:"Patterns of tags that make an order a delivery of a subscription; * is any text" ja:"定期の受注を表す受注タグのパターン(*は任意の文字列)"`
	CountTags     []string                   `json:"subscription_count_tags" default:"[\"subscription-count{n}\",\"subscription-count-{n}\",\"subscription-count:{n}\",\"subscription-count_{n}\",\"*{n}回目*\"]" doc:"Patterns of an order's tags that tell which delivery it is; {n} is the number, * any text" ja:"定期回数を表す受注タグのパターン({n}は回数、*は任意の文字列)"`
	SubscriberTag string                     `json:"subscriber_customer_tag" default:"Active_Subscriber" doc:"Tag of customers who have an active subscription" ja:"定期継続中の顧客のタグ"`
	FormerTag     string                     `json:"former_subscriber_customer_tag" default:"Disactive_Subscriber" doc:"Tag of customers whose subscriptions have all ended" ja:"定期をすべて解約した顧客のタグ"`
	Statuses      map[string]commerce.Status `json:"subscription_statuses,omitempty" doc:"Words for a subscription's state, each with active, paused or cancelled; they go before the usual ones" ja:"定期の状態の表記とその意味(active・paused・cancelled)。既定より優先"`
	Failed        []string                   `json:"failed_payments" default:"[\"voided\",\"expired\",\"refunded\"]" doc:"Payment states of orders by which nothing was bought, refunded meaning all of the payment; with pending, what is not paid yet counts for nothing either" ja:"購入として数えない注文の支払い状況(refundedは全額返金。pendingを加えると入金待ちも数えない)"`
	OnlyThisShop  bool                       `json:"only_this_shop" default:"true" doc:"Refuse webhooks that name another shop than base_url" ja:"base_url以外のショップのWebhookを拒否する"`
}

// permanentHost is how the permanent address of every shop ends.
const permanentHost = ".myshopify.com"

func connector() *sdk.Connector {
	return &sdk.Connector{
		ID: "shopify", Version: "1.0.0",
		Title:    abi.Text{EN: "Shopify", JA: "Shopify"},
		Settings: sdk.Settings[settings](),
		Secrets:  secrets(),
		Hosts:    []string{"{base_url}", "{bulk_file_host}", "{bulk_upload_host}"},
		Auth:     authentication(),
		// An ordinary plan's bucket; every answer corrects it.
		Limits: abi.Limits{Points: abi.Points{Capacity: 2000, PerSecond: 100}},
		Webhook: sdk.Webhook{
			Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "X-Shopify-Hmac-Sha256", Secret: "webhook_secret"}},
			MaxBody:    maxDelivery,
			Receive:    receive,
		},
		Triggers:  triggers(),
		Actions:   actions(),
		Records:   &sdk.Records{Search: searchRecords, Create: createRecord, Update: updateRecord, Confirm: confirmRecord},
		ReadError: readError,
	}
}

func secrets() []abi.Secret {
	return []abi.Secret{
		{Name: "client_id", Doc: text("Client id of the app in the Dev Dashboard", "Dev DashboardアプリのクライアントID")},
		{Name: "client_secret", Doc: text("Client secret of the app", "アプリのクライアントシークレット")},
		{Name: "token", Doc: text("For token: permanent Admin API token (shpat_…) of an app made in the shop's admin before 2026", "token用: 2026年より前に管理画面で作成したカスタムアプリのAdmin APIトークン(shpat_…)")},
		{Name: "webhook_secret", Doc: text("Key that signs webhooks: the client secret again or, with token, the app's API secret key; while it is being changed both, one a line", "Webhook署名の鍵(クライアントシークレットと同じ値。token方式ではAPIシークレットキー。変更中は新旧を1行ずつ)")},
	}
}

// authentication lists the two ways for an app of one's own. Apps with a
// permanent token cannot be made any more, so the other one is the default.
func authentication() []abi.AuthScheme {
	const header = "X-Shopify-Access-Token"
	return []abi.AuthScheme{
		{
			Name: "client_credentials", Type: abi.AuthClientCredentials, TokenURL: "{base_url}/admin/oauth/access_token",
			ClientID: "{client_id}", ClientSecret: "{client_secret}", Header: header, Value: "{access_token}", TokenSeconds: 86399,
		},
		{Name: "token", Type: abi.AuthHeader, Header: header, Value: "{token}"},
	}
}

func actions() []sdk.Action {
	return slices.Concat(
		customerActions(), orderActions(), tagActions(), metafieldActions(), productActions(), stockActions(),
		checkoutActions(), bulkActions(), webhookActions(), shopActions(),
	)
}

func text(en, ja string) abi.Text { return abi.Text{EN: en, JA: ja} }
