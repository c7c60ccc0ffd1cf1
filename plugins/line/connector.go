package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// settings are what ops write for a LINE Official Account.
type settings struct {
	BaseURL    string `json:"base_url" format:"uri" default:"https://api.line.me" doc:"Base URL of the Messaging API" ja:"Messaging APIのURL"`
	DataURL    string `json:"data_url" format:"uri" default:"https://api-data.line.me" doc:"Base URL of the host that message contents come from" ja:"メッセージのコンテンツを取得するホストのURL"`
	ChannelID  string `json:"channel_id,omitempty" doc:"Channel id; every way to authenticate but long_lived needs it" ja:"チャネルID(long_lived以外の認証方式で必要)"`
	KeyID      string `json:"key_id,omitempty" doc:"For jwt and stateless_jwt: the kid that the console showed for the public key" ja:"jwtとstateless_jwt用: 公開鍵の登録時に表示されたkid"`
	MaxContent int64  `json:"max_content_bytes" default:"3000000" doc:"Largest content that message.content returns, in bytes" ja:"message.contentで取得する最大バイト数"`
}

const (
	concurrency = 32
	// maxDelivery is far above what LINE sends: several events of a few KB.
	maxDelivery = 2 << 20
)

var connector = &sdk.Connector{
	ID:       "line",
	Version:  "1.0.0",
	Title:    abi.Text{EN: "LINE Messaging API", JA: "LINE Messaging API"},
	Settings: sdk.Settings[settings](),
	Secrets: []abi.Secret{
		{Name: "channel_secret", Doc: abi.Text{EN: "Channel secret: webhooks are signed with it, and stateless tokens are issued for it", JA: "チャネルシークレット(Webhookの署名とステートレストークンの発行に使用)"}},
		{Name: "channel_access_token", Doc: abi.Text{EN: "For long_lived: the channel access token that the console issues", JA: "long_lived用: コンソールで発行した長期のチャネルアクセストークン"}},
		{Name: "private_key", Doc: abi.Text{EN: "For jwt and stateless_jwt: the assertion signing key, JWK or PEM", JA: "jwtとstateless_jwt用: アサーション署名キーの秘密鍵(JWKまたはPEM)"}},
	},
	Hosts:  []string{"{base_url}", "{data_url}"},
	Auth:   authentication(),
	Limits: abi.Limits{Concurrency: concurrency, Endpoints: endpoints()},
	Webhook: sdk.Webhook{
		Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "x-line-signature", Secret: "channel_secret"}},
		MaxBody:    maxDelivery,
		Receive:    receive,
	},
	Triggers:  triggers(),
	Actions:   actions(),
	ReadError: readError,
}

// endpoints are the operations that take less than the 2,000 requests a second
// that all others take: so many requests in so many seconds, each by itself.
func endpoints() (limits []abi.EndpointLimit) {
	const second, minute, hour = 1, 60, 3600
	for _, group := range []struct {
		requests, seconds int
		operations        []string
	}{
		{60, hour, []string{"POST /v2/bot/message/narrowcast", "POST /v2/bot/message/broadcast", "POST /v2/bot/channel/webhook/test"}},
		{60, minute, []string{
			"POST /v2/bot/audienceGroup/upload", "PUT /v2/bot/audienceGroup/upload", "GET /v2/bot/audienceGroup/list",
			"GET /v2/bot/audienceGroup/{id}", "DELETE /v2/bot/audienceGroup/{id}", "PUT /v2/bot/audienceGroup/{id}/updateDescription",
		}},
		{1000, minute, []string{"GET /v2/bot/channel/webhook/endpoint", "PUT /v2/bot/channel/webhook/endpoint"}},
		{3, hour, []string{"POST /v2/bot/richmenu/batch"}},
		{100, hour, []string{
			"POST /v2/bot/richmenu", "DELETE /v2/bot/richmenu/{id}", "DELETE /v2/bot/richmenu/alias/{id}", "GET /v2/bot/richmenu/progress/batch",
		}},
		{10, second, []string{"GET /v2/bot/richmenu/list"}},
		{200, second, []string{"POST /v2/bot/message/multicast"}},
		{100, second, []string{"POST /v2/bot/chat/loading/start"}},
	} {
		for _, operation := range group.operations {
			limits = append(limits, abi.EndpointLimit{Match: operation, Requests: group.requests, Seconds: group.seconds})
		}
	}
	return limits
}

const (
	// statelessSeconds is how long a stateless token lives if the answer does not say.
	statelessSeconds = 900
	// assertionSeconds is how long an assertion is valid; LINE takes up to 1,800.
	assertionSeconds = 600
	// tokenSeconds is how long a v2.1 token shall live. There may be 30 at one
	// time, so one a day never runs out of them; LINE takes up to 30 days.
	tokenSeconds = 24 * 60 * 60
)

// authentication lists the four ways. Stateless comes first: its tokens live for
// 15 minutes, need not be revoked, and may be issued without limit.
func authentication() []abi.AuthScheme {
	assertion := abi.AuthScheme{
		Type: abi.AuthJWTClient, Issuer: "{channel_id}", Subject: "{channel_id}", Audience: "https://api.line.me/",
		PrivateKey: "{private_key}", KeyID: "{key_id}", AssertionSeconds: assertionSeconds,
	}
	jwt, stateless := assertion, assertion
	jwt.Name, jwt.TokenURL, jwt.Claims = "jwt", "{base_url}/oauth2/v2.1/token", map[string]any{"token_exp": tokenSeconds}
	stateless.Name, stateless.TokenURL, stateless.TokenSeconds = "stateless_jwt", "{base_url}/oauth2/v3/token", statelessSeconds
	return []abi.AuthScheme{
		{
			Name: "stateless", Type: abi.AuthClientCredentials, TokenURL: "{base_url}/oauth2/v3/token",
			ClientID: "{channel_id}", ClientSecret: "{channel_secret}", TokenSeconds: statelessSeconds,
		},
		{Name: "long_lived", Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {channel_access_token}"},
		jwt,
		stateless,
	}
}
