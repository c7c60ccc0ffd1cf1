package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestTextsBesidesTheMessage: who it is from, what actions say, and braces.
func TestTextsBesidesTheMessage(t *testing.T) {
	from := func(sender string) string { return `{"type":"text","text":"a","sender":` + sender + `}` }
	second := func(text, with string) string {
		return fmt.Sprintf(`{"type":"textV2","text":%q,"substitution":{%s}}`, text, with)
	}
	confirm := func(action string) string {
		return template(`{"type":"confirm","text":"a","actions":[` + labelled("a") + `,` + action + `]}`)
	}
	said := func(name string, n int) string {
		return confirm(fmt.Sprintf(`{"type":"postback","label":"a","data":"a",%q:%q}`, name, strings.Repeat("あ", n)))
	}
	const mention = `"who":{"type":"mention","mentionee":{"type":"all"}}`
	start(t).try(map[string]tried{
		"a name of 20":         {from(`{"name":"` + strings.Repeat("あ", 20) + `"}`), ""},
		"a name of 21":         {from(`{"name":"` + strings.Repeat("あ", 21) + `"}`), "messages[0].sender.name"},
		"an icon":              {from(`{"name":"a","iconUrl":"https://example.com/a.png"}`), ""},
		"an icon of http":      {from(`{"iconUrl":"http://example.com/a.png"}`), "messages[0].sender.iconUrl"},
		"21 emojis":            {`{"type":"text","text":"$","emojis":[` + strings.Repeat(`{},`, 20) + `{}]}`, "messages[0].emojis"},
		"a place":              {second("{who}さん", mention), ""},
		"a place of nothing":   {second("{who}さん", ""), "messages[0].substitution.who"},
		"doubled braces":       {second("{{who}} {{{who}}}", mention), ""},
		"a brace":              {second("a } b", ""), "messages[0].text"},
		"a place of no name":   {second("{お名前}", ""), "messages[0].text"},
		"braces of version 1":  {`{"type":"text","text":"a } {b}"}`, ""},
		"displayText of 300":   {said("displayText", 300), ""},
		"displayText of 301":   {said("displayText", 301), "/actions/1/displayText"},
		"fillInText of 301":    {said("fillInText", 301), "/actions/1/fillInText"},
		"a message of 301":     {confirm(`{"type":"message","label":"a","text":"` + strings.Repeat("a", 301) + `"}`), "/actions/1/text"},
		"a message of nothing": {confirm(`{"type":"message","label":"a"}`), "/actions/1/text"},
	})
}
