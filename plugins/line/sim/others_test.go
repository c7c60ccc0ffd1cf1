package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhatMessagesMustHave: the kinds that are rarely sent, and what buttons say.
func TestWhatMessagesMustHave(t *testing.T) {
	quick := func(action string) string {
		return `{"type":"text","text":"a","quickReply":{"items":[{"type":"action","action":` + action + `}]}}`
	}
	place := func(title string) string {
		return fmt.Sprintf(`{"type":"location","title":%q,"address":"千代田1-1","latitude":35.6,"longitude":139.7}`, title)
	}
	const unlabelled = `{"type":"message","text":"a"}`
	start(t).try(map[string]tried{
		"audio":                     {`{"type":"audio","originalContentUrl":"https://example.com/a.m4a","duration":1000}`, ""},
		"audio of no length":        {`{"type":"audio","originalContentUrl":"https://example.com/a.m4a"}`, "messages[0].duration"},
		"audio of nowhere":          {`{"type":"audio","duration":1000}`, "messages[0].originalContentUrl"},
		"a place":                   {place(strings.Repeat("あ", 100)), ""},
		"a place of 101":            {place(strings.Repeat("あ", 101)), "messages[0].title"},
		"a place on no map":         {`{"type":"location","title":"a","address":"b"}`, "messages[0].latitude"},
		"an imagemap":               {`{"type":"imagemap","baseUrl":"https://example.com/a","altText":"a","baseSize":{"width":1040,"height":585},"actions":[]}`, ""},
		"an imagemap of no size":    {`{"type":"imagemap","baseUrl":"https://example.com/a","altText":"a"}`, "messages[0].baseSize.width"},
		"a coupon":                  {`{"type":"coupon","couponId":"01JYNW8JMQVFBNWF1APF8Z3FS7"}`, ""},
		"a coupon of nothing":       {`{"type":"coupon"}`, "messages[0].couponId"},
		"a button without a label":  {template(`{"type":"confirm","text":"a","actions":[` + labelled("a") + `,` + unlabelled + `]}`), "/actions/1/label"},
		"a picture without a label": {template(`{"type":"image_carousel","columns":[{"imageUrl":"https://example.com/a.png","action":` + unlabelled + `}]}`), ""},
		"a reply":                   {quick(labelled("a")), ""},
		"a reply without a label":   {quick(unlabelled), "messages[0].quickReply.items[0].action.label"},
	})
}
