package main

import (
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// TestAnAnswerThatTellsNothingIsNoSuccess: JSON with 200 that does not have what
// was asked, as something in front of LINE may send it.
func TestAnAnswerThatTellsNothingIsNoSuccess(t *testing.T) {
	for action, tc := range map[string]struct {
		input any
		want  abi.Kind
	}{
		"profile.get":           {userID{hanako}, abi.Unavailable},
		"follower.list":         {map[string]any{}, abi.Unavailable},
		"bot.get":               {map[string]any{}, abi.Unavailable},
		"quota.get":             {map[string]any{}, abi.Unavailable},
		"delivery.count":        {map[string]any{"kind": "push", "date": "2026-10-01"}, abi.Unavailable},
		"narrowcast.get":        {requestID{"r"}, abi.Unavailable},
		"audience.get":          {map[string]any{"audience_id": 1}, abi.Unavailable},
		"audience.list":         {map[string]any{}, abi.Unavailable},
		"rich_menu.get":         {userID{hanako}, abi.Unavailable},
		"rich_menu.get_default": {map[string]any{}, abi.Unavailable},
		"rich_menu.list":        {map[string]any{}, abi.Unavailable},
		"rich_menu.alias_list":  {map[string]any{}, abi.Unavailable},
		"rich_menu.batch_get":   {requestID{"r"}, abi.Unavailable},
		"link_token.issue":      {userID{hanako}, abi.Unknown},
		"rich_menu.create":      {map[string]any{"menu": map[string]any{"name": "a"}}, abi.Unknown},
		"audience.create":       {map[string]any{"name": "a", "user_ids": []string{hanako}}, abi.Unknown},
	} {
		for _, body := range []string{"null", "{}", `{"message":"ok"}`} {
			c := answering(t, body)
			if got := abi.KindOf(c.Do(action, tc.input, nil)); got != tc.want {
				t.Errorf("%s, answered %s: %s, want %s", action, body, got, tc.want)
			}
		}
	}
}

// answering is a connection to a platform that answers everything the same way.
func answering(t *testing.T, body string) *sdktest.Connection {
	t.Helper()
	return sdktest.New(t, connector, map[string]any{"base_url": "https://api.line.me", "data_url": "https://api-data.line.me"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	}))
}

// TestEmptyListsAreAnswers: a list with nothing in it is not one that is missing.
func TestEmptyListsAreAnswers(t *testing.T) {
	for action, body := range map[string]string{
		"follower.list": `{"userIds":[]}`, "audience.list": `{"audienceGroups":[]}`, "rich_menu.list": `{"richmenus":[]}`, "rich_menu.alias_list": `{"aliases":[]}`,
	} {
		if err := answering(t, body).Do(action, map[string]any{}, nil); err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
}

// TestAnAudienceThatCannotBeLookedForIsNotMissing: it would be made twice.
func TestAnAudienceThatCannotBeLookedForIsNotMissing(t *testing.T) {
	c := answering(t, "{}")
	c.Since = sdktest.Epoch
	if done, err := c.Confirm("audience.create", map[string]any{"name": "a", "user_ids": []string{hanako}}, nil); done || abi.KindOf(err) != abi.Unavailable {
		t.Errorf("%t, %v", done, err)
	}
}

// TestAnAcceptedRetryKeyIsASuccess also without the header that names the first request.
func TestAnAcceptedRetryKeyIsASuccess(t *testing.T) {
	for key, want := range map[string]abi.Kind{"run-1/step-1": abi.OK, "": abi.Conflict} {
		c := sdktest.New(t, connector, map[string]any{"base_url": "https://api.line.me", "data_url": "https://api-data.line.me"},
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, `{"message":"The retry key is already accepted","sentMessages":[{"id":"590000000000000100","quoteToken":"q"}]}`, http.StatusConflict)
			}))
		c.IdempotencyKey = key
		if err := c.Do("message.push", textTo(hanako), nil); abi.KindOf(err) != want {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestContentWithoutBytesIsNoContent(t *testing.T) {
	if err := answering(t, "").Do("message.content", map[string]any{"message_id": "1"}, nil); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("%v", err)
	}
}

// TestAnEventOfAnotherFormTakesNoOtherWithIt: new events may come at any time,
// and what is refused as a whole does not come again.
func TestAnEventOfAnotherFormTakesNoOtherWithIt(t *testing.T) {
	c := answering(t, "{}")
	body := `{"destination":"U1","events":[
		{"type":"novelty","webhookEventId":"01A","timestamp":1790000000123,"source":{"type":"user","userId":"U1"},"link":"https://example.com","postback":[1],"message":null},
		{"type":"message","webhookEventId":"01B","timestamp":1790000000124,"source":{"type":"user","userId":"U1"},"message":{"id":"1","type":"text","text":"a","mention":{"mentionees":[]}}},
		{"type":"follow","webhookEventId":"01C","timestamp":1790000000125,"source":{"type":"user","userId":"U1"},"follow":null},
		{"type":"somewhere","webhookEventId":"01D","timestamp":1790000000126,"source":"elsewhere"}]}`
	receipt, err := c.Deliver(sdk.Delivery{Method: "POST", Body: []byte(body)})
	if err != nil || len(receipt.Events) != 4 {
		t.Fatalf("%+v, %v", receipt.Events, err)
	}
	for i, want := range []string{otherEvent + " U1 01A", messaged + " U1 01B", followed + " U1 01C", otherEvent + " 01D 01D"} {
		if e := receipt.Events[i]; e.Type+" "+e.Subject+" "+e.Dedupe != want {
			t.Errorf("%s %s %s, want %s", e.Type, e.Subject, e.Dedupe, want)
		}
	}
}
