package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

const (
	hanako = "Ufedcba9876543210fedcba9876543210"
	taro   = "U00000000000000000000000000000002"
	suzuki = "U00000000000000000000000000000004" // has blocked the account
)

// bot is a running sim and who talks to it.
type bot struct {
	*simclient.Client

	t     *testing.T
	token string
	key   string // retry key
}

func start(t *testing.T) *bot {
	t.Helper()
	s, err := simkit.Start(simkit.Program{Name: "line", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &bot{Client: simclient.New(s.URL), t: t, token: longLived}
}

type answer struct {
	status int
	header http.Header
	text   string
}

// call sends a request with a JSON body.
func (b *bot) call(method, path, body string) answer {
	return b.send(method, path, "application/json", body)
}

func (b *bot) send(method, path, kind, body string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Content-Type", kind)
	if b.key != "" {
		req.Header.Set(retryHeader, b.key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// want fails unless the answer has that status and holds that text.
func (b *bot) want(a answer, status int, text string) {
	b.t.Helper()
	if a.status != status || !strings.Contains(a.text, text) {
		b.t.Errorf("got %d %s, want %d %s", a.status, a.text, status, text)
	}
}

func (b *bot) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func push(to, text string) string {
	return fmt.Sprintf(`{"to":%q,"messages":[{"type":"text","text":%q}]}`, to, text)
}

const pushPath = "/v2/bot/message/push"

func TestCredentials(t *testing.T) {
	b := start(t)
	b.token = "wrong"
	b.want(b.call("GET", "/v2/bot/info", ""), 401, "Authentication failed")
	b.token = longLived
	a := b.call("GET", "/v2/bot/info", "")
	b.want(a, 200, `"basicId":"@123abcde"`)
	if a.header.Get("X-Line-Request-Id") == "" {
		t.Error("no request id")
	}
}

const form = "application/x-www-form-urlencoded"

func TestStatelessTokensLiveFor15Minutes(t *testing.T) {
	b := start(t)
	credentials := "grant_type=client_credentials&client_id=" + channelID + "&client_secret="
	b.want(b.send("POST", "/oauth2/v3/token", form, credentials+"wrong"), 400, `"error_description":"Invalid 'client_credentials'."`)
	var issued struct {
		Token   string `json:"access_token"`
		Expires int    `json:"expires_in"`
	}
	b.must(json.Unmarshal([]byte(b.send("POST", "/oauth2/v3/token", form, credentials+channelSecret).text), &issued))
	b.token = issued.Token
	b.want(b.call("GET", "/v2/bot/info", ""), 200, "userId")
	b.must(b.Advance(t.Context(), time.Duration(issued.Expires)*time.Second))
	b.want(b.call("GET", "/v2/bot/info", ""), 401, "")
}

func TestThe31stTokenIsRefused(t *testing.T) {
	now := time.Now()
	issuer := newTokens(func() time.Time { return now })
	for i := range maxTokens {
		if _, ok := issuer.issue(time.Hour, true); !ok {
			t.Fatalf("token %d refused", i+1)
		}
	}
	if _, ok := issuer.issue(time.Hour, true); ok {
		t.Error("one too many")
	}
	now = now.Add(time.Hour)
	if _, ok := issuer.issue(time.Hour, true); !ok {
		t.Error("refused although the others have expired")
	}
}

func TestARetryKeyIsAcceptedOnce(t *testing.T) {
	b := start(t)
	b.key = "123e4567-e89b-12d3-a456-426614174000"
	b.want(b.call("POST", pushPath, push(hanako, "")), 400, "messages[0].text")
	first := b.call("POST", pushPath, push(hanako, "a"))
	b.want(first, 200, `"sentMessages":[{"id":"5900000000000`)
	second := b.call("POST", pushPath, push(hanako, "a"))
	b.want(second, 409, `"message":"The retry key is already accepted","sentMessages":[{"id"`)
	if second.header.Get("X-Line-Accepted-Request-Id") != first.header.Get("X-Line-Request-Id") {
		t.Errorf("accepted %v", second.header)
	}
	b.must(b.Advance(t.Context(), retryLife))
	b.want(b.call("POST", pushPath, push(hanako, "a")), 200, "sentMessages")
	b.want(b.call("GET", "/v2/bot/profile/"+hanako, ""), 400, "retry key")
	b.key = "no-uuid"
	b.want(b.call("POST", pushPath, push(hanako, "a")), 400, "retry key")
}

func TestTheMonthIsCountedByRecipients(t *testing.T) {
	b := start(t)
	b.must(b.SetLimits(t.Context(), map[string]any{"monthly": 3}))
	b.want(b.call("POST", pushPath, `{"to":"C00000000000000000000000000000001","messages":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`), 200, "")
	b.want(b.call("POST", pushPath, push(suzuki, "does not count")), 200, "")
	b.want(b.call("GET", "/v2/bot/message/quota/consumption", ""), 200, `{"totalUsage":2}`)
	b.want(b.call("POST", "/v2/bot/message/multicast", fmt.Sprintf(`{"to":[%q,%q],"messages":[{"type":"text","text":"a"}]}`, hanako, taro)), 429, "You have reached your monthly limit.")
	b.want(b.call("POST", pushPath, push(hanako, "the last")), 200, "")
	b.want(b.call("POST", pushPath, push(hanako, "too much")), 429, "monthly limit")
	b.must(b.Advance(t.Context(), 31*24*time.Hour))
	b.want(b.call("POST", pushPath, push(hanako, "a new month")), 200, "")
}

func TestRatesAreForEachOperation(t *testing.T) {
	b := start(t)
	for range 3 {
		b.want(b.call("POST", "/v2/bot/richmenu/batch", `{"operations":[{"type":"unlinkAll"}]}`), 202, "{}")
	}
	b.want(b.call("POST", "/v2/bot/richmenu/batch", `{"operations":[{"type":"unlinkAll"}]}`), 429, "The API rate limit has been exceeded")
	b.want(b.call("GET", "/v2/bot/richmenu/list", ""), 200, "richmenu-guest")
	b.must(b.SetLimits(t.Context(), map[string]any{"rates": false}))
	b.want(b.call("POST", "/v2/bot/richmenu/batch", `{"operations":[{"type":"unlinkAll"}]}`), 202, "{}")
}

func TestMessagesThatAreRefused(t *testing.T) {
	b := start(t)
	flex := func(component string) string {
		return `{"type":"flex","altText":"x","contents":{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[` + component + `]}}}`
	}
	for message, want := range map[string]string{
		`{"type":"text","text":"` + strings.Repeat("a", 5001) + `"}`: `"Length must be between 0 and 5000","property":"messages[0].text"`,
		`{"type":"telegram"}`: `messages[0].type`,
		`{"type":"image","originalContentUrl":"http://a/b","previewImageUrl":"https://a"}`:                                                 `messages[0].originalContentUrl`,
		flex(`{"type":"text","text":""}`):                                                                                                  `"must be non-empty text","property":"/body/contents/0/text"`,
		flex(`{"type":"text","text":"a","colour":"#000000"}`):                                                                              `"invalid property","property":"/body/contents/0/colour"`,
		flex(`{"type":"text","text":"a","color":"red"}`):                                                                                   `"invalid color"`,
		flex(`{"type":"button","action":{"type":"uri","label":"a","uri":"https://例"}}`):                                                    `"invalid uri scheme"`,
		`{"type":"template","altText":"x","template":{"type":"confirm","text":"a","actions":[{"type":"message","label":"a","text":"a"}]}}`: `"/actions"`,
	} {
		b.want(b.call("POST", "/v2/bot/message/validate/push", `{"messages":[`+message+`]}`), 400, want)
	}
	b.want(b.call("POST", pushPath, push("U1", "a")), 400, "The property, to, in the request body is invalid")
	b.want(b.call("POST", pushPath, push("U0000000000000000000000000000ffff", "a")), 400, "Failed to send messages")
	b.want(b.call("POST", pushPath, "{"), 400, "could not be parsed as JSON")
	b.want(b.send("POST", pushPath, "text/plain", "{}"), 415, "")
}

// tried is a message that is validated; without a fault it is taken.
type tried struct{ message, fault string }

func (b *bot) try(all map[string]tried) {
	b.t.Helper()
	for name, tc := range all {
		a := b.call("POST", "/v2/bot/message/validate/push", `{"messages":[`+tc.message+`]}`)
		if want := map[bool]int{true: 200, false: 400}[tc.fault == ""]; a.status != want || !strings.Contains(a.text, tc.fault) {
			b.t.Errorf("%s: got %d %s, want %d %s", name, a.status, a.text, want, tc.fault)
		}
	}
}

func template(body string) string {
	return `{"type":"template","altText":"x","template":` + body + `}`
}

func labelled(label string) string {
	return fmt.Sprintf(`{"type":"message","label":%q,"text":"a"}`, label)
}

func TestLengthsOfTemplates(t *testing.T) {
	buttons := func(title, text, more string) string {
		return template(fmt.Sprintf(`{"type":"buttons","title":%q,"text":%q,"actions":[%s]%s}`, title, text, labelled("a"), more))
	}
	confirm := func(text, label string) string {
		return template(fmt.Sprintf(`{"type":"confirm","text":%q,"actions":[%s,%s]}`, text, labelled(label), labelled("b")))
	}
	column := func(title, text, more string) string {
		return fmt.Sprintf(`{"title":%q,"text":%q,"actions":[%s]%s}`, title, text, labelled("a"), more)
	}
	carousel := func(columns ...string) string {
		return template(`{"type":"carousel","columns":[` + strings.Join(columns, ",") + `]}`)
	}
	images := func(label string) string {
		return template(`{"type":"image_carousel","columns":[{"imageUrl":"https://a/b.png","action":` + labelled(label) + `}]}`)
	}
	long := func(n int) string { return strings.Repeat("あ", n) }
	const image = `,"thumbnailImageUrl":"https://a/b.png"`
	start(t).try(map[string]tried{
		"plain text":                {buttons("", long(160), ""), ""},
		"plain text too long":       {buttons("", long(161), ""), `"length must be between 1 and 160","property":"/text"`},
		"text with a title":         {buttons(long(40), long(60), ""), ""},
		"too long with a title":     {buttons("a", long(61), ""), `"length must be between 1 and 60","property":"/text"`},
		"text with an image":        {buttons("", long(60), image), ""},
		"too long with an image":    {buttons("", long(61), image), `"/text"`},
		"title too long":            {buttons(long(41), "a", ""), `"property":"/title"`},
		"confirm":                   {confirm(long(240), "a"), ""},
		"confirm too long":          {confirm(long(241), "a"), `"/text"`},
		"label":                     {confirm("a", long(20)), ""},
		"an emoji is one character": {confirm("a", strings.Repeat("👨‍👩‍👧", 20)), ""},
		"label too long":            {confirm("a", long(21)), `"/actions/0/label"`},
		"column":                    {carousel(column("", long(120), "")), ""},
		"column too long":           {carousel(column("", long(121), "")), `"/columns/0/text"`},
		"column with an image":      {carousel(column("", "a", image), column("", long(61), image)), `"/columns/1/text"`},
		"columns with titles":       {carousel(column(long(40), long(60), ""), column("a", "a", "")), ""},
		"column's title too long":   {carousel(column(long(41), "a", "")), `"/columns/0/title"`},
		"not all with a title":      {carousel(column("a", "a", ""), column("", "a", "")), `"/columns/1/title"`},
		"not all with an image":     {carousel(column("a", "a", image), column("a", "a", "")), `"/columns/1/thumbnailImageUrl"`},
		"label of an image":         {images(long(12)), ""},
		"too long for an image":     {images(long(13)), `"/columns/0/action/label"`},
	})
}

func TestActionsOfQuickRepliesAndRichMenus(t *testing.T) {
	b := start(t)
	reply := func(kind, action string) string {
		return `{"type":"text","text":"a","quickReply":{"items":[{"type":"action","action":` + labelled("a") + `},{"type":"` + kind + `","action":` + action + `}]}}`
	}
	ok, long := labelled(strings.Repeat("あ", 20)), labelled(strings.Repeat("あ", 21))
	b.try(map[string]tried{
		"good":           {reply("action", ok), ""},
		"label too long": {reply("action", long), `"property":"messages[0].quickReply.items[1].action.label"`},
		"no data":        {reply("action", `{"type":"postback","label":"a"}`), `"messages[0].quickReply.items[1].action.data"`},
		"unknown action": {reply("action", `{"type":"dance","label":"a"}`), `"messages[0].quickReply.items[1].action.type"`},
		"no button":      {reply("text", ok), `"messages[0].quickReply.items[1].type"`},
	})
	menu := func(action string) string {
		return `{"name":"a","chatBarText":"a","size":{"width":2500,"height":843},"areas":[{"bounds":{},"action":` + action + `}]}`
	}
	b.want(b.call("POST", "/v2/bot/richmenu", menu(ok)), 200, "richMenuId")
	b.want(b.call("POST", "/v2/bot/richmenu", menu(long)), 400, `"property":"areas[0].action.label"`)
}

func TestBubblesOfACarouselHaveOneSize(t *testing.T) {
	carousel := func(properties ...string) string {
		bubbles := make([]string, 0, len(properties))
		for _, p := range properties {
			bubbles = append(bubbles, `{"type":"bubble"`+p+`,"body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":"a"}]}}`)
		}
		return `{"type":"flex","altText":"x","contents":{"type":"carousel","contents":[` + strings.Join(bubbles, ",") + `]}}`
	}
	start(t).try(map[string]tried{
		"one":       {carousel(`,"size":"nano"`, `,"size":"nano"`), ""},
		"two":       {carousel(`,"size":"mega"`, `,"size":"mega"`, `,"size":"nano"`), `"all bubbles must have the same size","property":"/contents/2/size"`},
		"mega":      {carousel("", `,"size":"mega"`), ""},
		"none said": {carousel("", `,"size":"kilo"`), `"/contents/1/size"`},
	})
}

// lastEvent returns the only event of the last webhook that was sent.
func (b *bot) lastEvent() map[string]any {
	b.t.Helper()
	sent, err := b.Sent(b.t.Context())
	b.must(err)
	var body struct {
		Events []map[string]any `json:"events"`
	}
	b.must(json.Unmarshal([]byte(sent[len(sent)-1].Request), &body))
	if len(body.Events) != 1 {
		b.t.Fatalf("%d events", len(body.Events))
	}
	return body.Events[0]
}

func TestReplyTokensAreGoodOnceAndForAMinute(t *testing.T) {
	b := start(t)
	b.must(b.Freeze(t.Context(), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)))
	b.must(b.SetHook(t.Context(), simkit.Hook{URL: b.URL + "/nobody"}))
	replyTo := func() string {
		return fmt.Sprintf(`{"replyToken":%q,"messages":[{"type":"text","text":"a"}]}`, b.lastEvent()["replyToken"])
	}
	const path = "/v2/bot/message/reply"
	_, err := b.Deliver(t.Context(), simkit.Delivery{Event: "message", ID: hanako})
	b.must(err)
	b.want(b.call("POST", path, replyTo()), 200, "sentMessages")
	b.want(b.call("POST", path, replyTo()), 400, "Invalid reply token")
	b.want(b.call("GET", "/v2/bot/message/quota/consumption", ""), 200, `{"totalUsage":0}`)

	_, err = b.Deliver(t.Context(), simkit.Delivery{Event: "postback", ID: hanako})
	b.must(err)
	b.must(b.Advance(t.Context(), replyLife+time.Second))
	id := fmt.Sprint(b.lastEvent()["webhookEventId"])
	_, err = b.Deliver(t.Context(), simkit.Delivery{Event: "redelivery", ID: id})
	b.must(err)
	b.want(b.call("POST", path, replyTo()), 200, "sentMessages")
}

func TestFriendsAnnounceThemselves(t *testing.T) {
	b := start(t)
	b.must(b.SetHook(t.Context(), simkit.Hook{URL: b.URL + "/nobody"}))
	b.must(b.PutRecord(t.Context(), "users", taro, map[string]any{"blocked": true}))
	if e := b.lastEvent(); e["type"] != "unfollow" || e["replyToken"] != nil {
		t.Errorf("blocked: %v", e)
	}
	b.must(b.PutRecord(t.Context(), "users", taro, map[string]any{"blocked": false}))
	if e := b.lastEvent(); e["type"] != "follow" || fmt.Sprint(e["follow"]) != "map[isUnblocked:true]" {
		t.Errorf("unblocked: %v", e)
	}
	b.must(b.PutRecord(t.Context(), "events", "1", map[string]any{"type": "postback", "userId": taro, "postback": map[string]any{"data": "a=1"}}))
	if e := b.lastEvent(); fmt.Sprint(e["postback"]) != "map[data:a=1]" || fmt.Sprint(e["source"]) != "map[type:user userId:"+taro+"]" {
		t.Errorf("postback: %v", e)
	}
	b.want(b.call("GET", "/v2/bot/profile/"+suzuki, ""), 404, "Not found")
}

func TestNarrowcastGoesToWhoIsMeant(t *testing.T) {
	b := start(t)
	a := b.call("POST", "/v2/bot/message/narrowcast", `{"messages":[{"type":"text","text":"a"}],"recipient":{"type":"operator","not":{"type":"audience","audienceGroupId":1234567890123}}}`)
	b.want(a, 202, "{}")
	progress := "/v2/bot/message/progress/narrowcast?requestId=" + a.header.Get("X-Line-Request-Id")
	b.want(b.call("GET", progress, ""), 200, `"phase":"sending"`)
	b.must(b.Advance(t.Context(), narrowcastTime))
	b.want(b.call("GET", progress, ""), 200, `"phase":"succeeded","successCount":1,"targetCount":1`)
	b.must(b.SetLimits(t.Context(), map[string]any{"monthly": 2}))
	const all = `{"messages":[{"type":"text","text":"a"}]`
	b.want(b.call("POST", "/v2/bot/message/narrowcast", all+`}`), 429, "monthly limit")
	a = b.call("POST", "/v2/bot/message/narrowcast", all+`,"limit":{"upToRemainingQuota":true,"forbidPartialDelivery":true}}`)
	b.must(b.Advance(t.Context(), narrowcastTime))
	b.want(b.call("GET", "/v2/bot/message/progress/narrowcast?requestId="+a.header.Get("X-Line-Request-Id"), ""), 200, `"errorCode":5`)
}

func TestAudienceIsReadyLater(t *testing.T) {
	b := start(t)
	b.want(b.call("PUT", "/v2/bot/audienceGroup/upload", fmt.Sprintf(`{"audienceGroupId":1234567890123,"audiences":[{"id":%q}]}`, suzuki)), 202, "{}")
	const send = `{"messages":[{"type":"text","text":"a"}],"recipient":{"type":"audience","audienceGroupId":1234567890123}}`
	b.want(b.call("POST", "/v2/bot/message/narrowcast", send), 400, "AUDIENCE_GROUP_NOT_FOUND")
	b.must(b.Advance(t.Context(), uploadTime))
	b.want(b.call("GET", "/v2/bot/audienceGroup/1234567890123", ""), 200, `"audienceCount":3`)
	b.want(b.call("POST", "/v2/bot/message/narrowcast", send), 202, "")
	b.must(b.Advance(t.Context(), audienceLife))
	b.want(b.call("GET", "/v2/bot/audienceGroup/1234567890123", ""), 200, `"status":"EXPIRED"`)
}

func TestAnyIDBelongsToADocumentedShape(t *testing.T) {
	b := start(t)
	b.want(b.call("POST", "/v2/bot/user/nobody/richmenu/richmenu-guest", ""), 400, "userId")
	b.want(b.call("GET", "/v2/bot/audienceGroup/1", ""), 404, "AUDIENCE_GROUP_NOT_FOUND")
	b.must(b.SetLimits(t.Context(), map[string]any{"verified": false}))
	b.want(b.call("GET", "/v2/bot/followers/ids", ""), 403, "Access to this API is not available")
	b.want(b.call("GET", "/v2/bot/nothing", ""), 404, "Not found")
}
