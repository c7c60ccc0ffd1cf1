package rules

import (
	"strings"
	"testing"
)

// ordinary are texts for people, as they stand behind `text: `, that look a
// little like templates, quotes or comments.
var ordinary = []string{
	`本日は「山田」様のご予約です`,
	`"“山田”"`,
	`「山田」`,
	`『大切なお知らせ』`,
	`“山田”さんと“鈴木”さん`,
	`“山田”さんから連絡がありました`,
	`お名前は“山田”`,
	`Don’t panic`,
	`注文 ＃123 を受け付けました`,
	`Order ＃123`,
	`"注文 #123 を受け付けました"`,
	`"{お名前} 様"`,
	`"{customer} 様"`,
	`"{{お名前}}"`,
	`"{{first_name}} 様、こんにちは"`,
	`"{{customer.nickname}}"`,
	`"{customer.nickname}"`,
	`｛至急｝ご確認ください`,
	`｛至急｝`,
	`＄100 のクーポン`,
	`＄｛`,
	`合計は ＄{割引} です`,
	`"$5.00"`,
	`"$100 (税込)"`,
	`"$(税込)"`,
	`"$customer"`,
	`$customer.email と書くと値が入ります`,
	`customer.email は空です`,
	`"customer.email"`,
	`customer`,
	`event`,
	`order.created`,
	`example.com`,
	`customer.example.com`,
	`$${customer.email}`,
	`"${'{{customer.email}}'}"`,
	`"${'＄{customer.email}'} と書きます"`,
	`"JSON は {\"a\": 1} のように書きます"`,
	`'{"id": "{customer}", "items": [1, 2]}'`,
	`a { color }`,
	`(^_^)/~~`,
	`100％ ＆ ＠`,
}

// TestOrdinaryTextsPass demands that texts for people are left as they are.
func TestOrdinaryTextsPass(t *testing.T) {
	c := catalog(t)
	for _, text := range ordinary {
		flow := strings.Join([]string{
			"language: 1", "flow: fine", "on: {connection: shop, event: order.created}", "steps:",
			"  - id: customer", "    call: shop.customer.get", "    with: {id: '1'}",
			"  - call: chat.message.send", "    with:", "      channel: orders ＃受注", "      text: " + text, "",
		}, "\n")
		if _, err := LoadSources(map[string][]byte{"flow.yaml": []byte(flow)}, c); err != nil {
			t.Errorf("%s: %s", text, rendered(t, err, English))
		}
	}
}
