package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

func flexOf(contents map[string]any) message {
	return message{Type: "flex", AltText: "x", Contents: contents}
}

func bubbleOf(text string) map[string]any {
	return map[string]any{"type": "bubble", "body": map[string]any{
		"type": "box", "layout": "vertical", "contents": []any{map[string]any{"type": "text", "text": text}},
	}}
}

func carouselOf(n, size int) map[string]any {
	bubbles := []any{}
	for range n {
		bubbles = append(bubbles, bubbleOf(strings.Repeat("a", size)))
	}
	return map[string]any{"type": "carousel", "contents": bubbles}
}

// TestMessagesAreCheckedBeforeTheyAreSent: an empty want means that it may go.
func TestMessagesAreCheckedBeforeTheyAreSent(t *testing.T) {
	for name, tc := range map[string]struct {
		message message
		want    string
	}{
		"longest text":       {message{Type: "text", Text: strings.Repeat("あ", maxText)}, ""},
		"text too long":      {message{Type: "text", Text: strings.Repeat("あ", maxText) + "!"}, "5001"},
		"an emoji counts 2":  {message{Type: "text", Text: strings.Repeat("🍎", maxText/2) + "!"}, "5001"},
		"no text":            {message{Type: "text"}, "0 characters"},
		"no altText":         {message{Type: "flex", Contents: bubbleOf("a")}, "altText"},
		"altText too long":   {message{Type: "template", AltText: strings.Repeat("a", maxAltText+1)}, "altText"},
		"no contents":        {message{Type: "flex", AltText: "x"}, "contents"},
		"no template":        {message{Type: "template", AltText: "x"}, "template"},
		"bubble":             {flexOf(bubbleOf(strings.Repeat("a", 29<<10))), ""},
		"bubble too large":   {flexOf(bubbleOf(strings.Repeat("a", 31<<10))), "30720"},
		"carousel":           {flexOf(carouselOf(12, 3000)), ""},
		"carousel too large": {flexOf(carouselOf(12, 5000)), "51200"},
		"a bubble within":    {flexOf(carouselOf(1, 31<<10)), "bubble 1"},
		"13 bubbles":         {flexOf(carouselOf(13, 1)), "13"},
		"no bubbles":         {flexOf(carouselOf(0, 1)), "0"},
	} {
		_, err := prepare([]message{tc.message})
		if (tc.want == "") != (err == nil) || (err != nil && (!strings.Contains(err.Error(), tc.want) || abi.KindOf(err) != abi.Invalid)) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// TestEmptyTextsInAFlexMessageAreSent: LINE refuses the whole message for one.
func TestEmptyTextsInAFlexMessageAreSent(t *testing.T) {
	spans := []any{map[string]any{"type": "span", "text": ""}, map[string]any{"type": "span", "text": "a"}}
	contents := map[string]any{"type": "bubble", "body": map[string]any{"type": "box", "layout": "vertical", "contents": []any{
		map[string]any{"type": "text", "text": ""}, map[string]any{"type": "text", "text": "", "contents": spans},
	}}}
	a := openAccount(t)
	must(t, a.Do("message.push", map[string]any{"to": hanako, "messages": []any{flexOf(contents)}}, nil))
	var sent []struct {
		Messages []any `json:"messages"`
	}
	must(t, a.Records(t.Context(), "messages", &sent))
	got, err := sdk.Encode(sent[0].Messages)
	must(t, err)
	for _, want := range []string{`{"text":"-","type":"text"}`, `{"text":"-","type":"span"}`, `{"text":"a","type":"span"}`, `"text":"","type":"text"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestMessagesAreMended(t *testing.T) {
	contents := bubbleOf(" ")
	contents["hero"] = map[string]any{"type": "image", "url": "https://cdn.shop.example.com/商品/1 2.jpg?a=%E5%95%86"}
	ready, err := prepare([]message{flexOf(contents), {Type: "text", Text: "見る https://shop.example.com/商品", More: map[string]any{"quoteToken": "q"}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sdk.Encode(ready)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"url":"https://cdn.shop.example.com/%E5%95%86%E5%93%81/1%202.jpg?a=%E5%95%86"`, `"text":"-"`,
		`"text":"見る https://shop.example.com/商品"`, `"quoteToken":"q"`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(string(got), "more") {
		t.Errorf("more is sent: %s", got)
	}
}

// TestRetryKeys: a UUID for each part of a step, the same for every attempt.
func TestRetryKeys(t *testing.T) {
	c := sdktest.New(t, connector, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	c.Settings = `{"base_url":"https://api.line.me"}`
	keys := func(step string) string {
		c.IdempotencyKey = step
		begin := len(c.Requests())
		users := make([]string, maxRecipients+1)
		if err := c.Do("message.multicast", textTo(users), nil); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range c.Requests()[begin:] {
			all = append(all, abi.HeaderValue(r.Headers, retryHeader))
		}
		return strings.Join(all, " ")
	}
	first := keys("run/1")
	if one, two, _ := strings.Cut(first, " "); one == two || len(one) != 36 || one[14] != '5' || one[8] != '-' {
		t.Errorf("keys %s", first)
	}
	if keys("run/1") != first || keys("run/2") == first || keys("") != " " {
		t.Error("the keys do not stand for the step")
	}
}

func TestErrorsByTheirWords(t *testing.T) {
	for body, want := range map[string]abi.Error{
		`429 {"message":"You have reached your monthly limit."}`:                                  {Kind: abi.Denied, Code: codeMonthlyLimit},
		`429 {"message":"The API rate limit has been exceeded. Try again later."}`:                {Kind: abi.RateLimited},
		`400 {"message":"Invalid reply token"}`:                                                   {Kind: abi.Invalid, Code: codeReplyToken},
		`400 {"message":"x","details":[{"message":"AUDIENCE_GROUP_NOT_FOUND"}]}`:                  {Kind: abi.Invalid, Code: "AUDIENCE_GROUP_NOT_FOUND"},
		`400 {"message":"x","details":[{"message":"must be non-empty text","property":"/body"}]}`: {Kind: abi.Invalid},
		`401 {"message":"Authentication failed due to the following reason: expired"}`:            {Kind: abi.Auth},
		`403 {"message":"Access to this API is not available for your account"}`:                  {Kind: abi.Denied},
		`404 {"message":"Not found"}`:                                                             {Kind: abi.NotFound},
		`409 {"message":"conflict of another sort"}`:                                              {Kind: abi.Conflict},
		`500 {"message":"Internal server error"}`:                                                 {Kind: abi.Unknown},
		`503 <html><title>busy</title>`:                                                           {Kind: abi.Unavailable},
	} {
		status, text, _ := strings.Cut(body, " ")
		c := sdktest.New(t, connector, `{"base_url":"https://api.line.me"}`, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "409": 409, "429": 429, "500": 500, "503": 503}[status])
			_, _ = w.Write([]byte(text))
		}))
		got := abi.AsError(c.Do("message.push", textTo(hanako), nil))
		if got == nil || got.Kind != want.Kind || got.Code != want.Code {
			t.Errorf("%s: got %+v", body, got)
		}
	}
}
