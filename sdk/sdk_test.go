package sdk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

const at = `{"base_url":"https://shop.example.com/api/"}`

// answering is a platform that answers each "METHOD path?query" with a status and a body.
func answering(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.Method+" "+r.URL.RequestURI()]
		if !ok {
			http.Error(w, `{"error":"nothing at `+r.URL.RequestURI()+`"}`, http.StatusNotFound)
			return
		}
		status := http.StatusOK
		if _, err := fmt.Sscanf(answer, "%d ", &status); err == nil {
			answer = answer[4:]
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}
}

func TestActionReachesThePlatform(t *testing.T) {
	c := sdktest.New(t, shop(), at, answering(map[string]string{
		"GET /api/customers/30%2F1.json?include=address": `{"id":"30/1","email":"hanako@example.com","new_field":1}`,
	}))
	var got commerce.Customer
	if err := c.Do("customer.get", customerInput{ID: "30/1"}, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(commerce.Customer{ID: "30/1", Email: "hanako@example.com"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestActionErrors(t *testing.T) {
	cases := []struct {
		name, action, input, answer string
		want                        abi.Error
	}{
		{"unknown field", "customer.get", `{"id":"1","idd":"2"}`, "", abi.Error{Kind: abi.Invalid, Message: "reading the input: idd: there is no such field"}},
		{"missing field", "customer.get", `{}`, "", abi.Error{Kind: abi.Invalid, Message: "reading the input: id: is missing"}},
		{"empty id", "customer.get", `{"id":""}`, "", abi.Error{Kind: abi.Invalid, Message: `fetching customer : argument 1 of the address is "": an id was expected`}},
		{"not found", "customer.get", `{"id":"1"}`, "404 {}", abi.Error{Kind: abi.NotFound, Status: 404, Message: "fetching customer 1: the platform answered 404"}},
		{"block page", "customer.get", `{"id":"1"}`, "200 <html><title>Access denied</title>", abi.Error{Kind: abi.Unavailable, Status: 200, Message: `fetching customer 1: the platform answered 200 with a page instead of data: "Access denied"`}},
		{"other shape", "customer.get", `{"id":"1"}`, `200 {"id":5}`, abi.Error{Kind: abi.Internal, Status: 200, Message: "fetching customer 1: reading the platform's answer: id: wants a string, not a number"}},
		{"no such action", "customer.steal", `{}`, "", abi.Error{Kind: abi.Unsupported, Message: `this connector has no action "customer.steal"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			connection := sdktest.New(t, shop(), at, answering(map[string]string{"GET /api/customers/1.json?include=address": c.answer}))
			err := connection.Do(c.action, c.input, nil)
			if diff := cmp.Diff(&c.want, abi.AsError(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyAllowedHostsAreReached(t *testing.T) {
	connector := shop()
	connector.Actions = append(connector.Actions, sdk.Read("file.get", abi.Text{EN: "Fetch a file"}, func(call *sdk.Call, in customerInput) (struct{}, error) {
		_, err := call.Request("GET", in.ID).Send()
		return struct{}{}, err
	}))
	c := sdktest.New(t, connector, at, answering(map[string]string{"GET /a": "{}"}))
	for url, want := range map[string]abi.Kind{
		"https://files.example.com/a":     abi.OK,
		"https://evil.example.com/a":      abi.Blocked,
		"http://files.example.com/a":      abi.Blocked,
		"https://files.example.com:444/a": abi.Blocked,
	} {
		if got := abi.KindOf(c.Do("file.get", customerInput{ID: url}, nil)); got != want {
			t.Errorf("%s: got %v, want %v", url, got, want)
		}
	}
}

func TestConfirmTellsWhatBecameOfAnAttempt(t *testing.T) {
	c := sdktest.New(t, shop(), at, answering(map[string]string{
		"GET /api/notes?since=2026-03-31T23%3A00%3A00Z&text=kept": `[{"id":"7","text":"kept"}]`,
		"GET /api/notes?since=2026-03-31T23%3A00%3A00Z&text=lost": `[]`,
	}))
	c.Since = sdktest.Epoch.Add(-time.Hour)
	var got note
	if done, err := c.Confirm("note.add", noteInput{"kept"}, &got); err != nil || !done || got.ID != "7" {
		t.Errorf("kept: %v, %v, %+v", done, err, got)
	}
	if done, err := c.Confirm("note.add", noteInput{"lost"}, &got); err != nil || done {
		t.Errorf("lost: %v, %v", done, err)
	}
	if _, err := c.Confirm("stock.set", `{"sku":"a","stock":1}`, nil); abi.KindOf(err) != abi.Unsupported {
		t.Errorf("an action without Confirm: %v", err)
	}
}

func TestIdempotencyKeyReachesThePlatform(t *testing.T) {
	var key string
	c := sdktest.New(t, shop(), at, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Idempotency-Key")
		_, _ = w.Write([]byte(`{"id":"1","text":"x"}`))
	}))
	c.IdempotencyKey = "run-1.note"
	if err := c.Do("note.add", noteInput{"x"}, nil); err != nil || key != "run-1.note" {
		t.Errorf("key %q, %v", key, err)
	}
}

func TestSettings(t *testing.T) {
	cases := []struct{ name, settings, want string }{
		{"defaults", at, `{"base_url":"https://shop.example.com/api/","zone":"jp"}`},
		{"given", `{"base_url":"https://b.example.com","zone":"us","pages":3}`, `{"base_url":"https://b.example.com","zone":"us","pages":3}`},
	}
	c := sdktest.New(t, shop(), nil, nil)
	for _, tc := range cases { // one instance: settings that change are read again
		c.Settings = tc.settings
		var got json.RawMessage
		if err := c.Do("zone.get", nil, &got); err != nil || string(got) != tc.want {
			t.Errorf("%s: got %s, %v", tc.name, got, err)
		}
	}
	c.Settings = `{"base_url":5}`
	if err := c.Do("zone.get", nil, nil); abi.KindOf(err) != abi.Config {
		t.Errorf("wrong settings: %v", err)
	}
	c.Settings = `{"base_url":"https://shop.example.com","pages":"many"}`
	if err := c.Do("customer.get", `{"id":"1"}`, nil); abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), "pages") {
		t.Errorf("a wrong setting that the action does not use: %v", err)
	}
	c.Settings = `{}`
	if err := c.Do("zone.get", nil, nil); abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), "base_url") {
		t.Errorf("a required setting that is missing: %v", err)
	}
}

func TestStateAndLog(t *testing.T) {
	c := sdktest.New(t, shop(), at, nil)
	for i, want := range []string{"", "word 0"} {
		var got noteInput
		if err := c.Do("word.recall", noteInput{fmt.Sprint("word ", i)}, &got); err != nil || got.Text != want {
			t.Errorf("got %q, %v; want %q", got.Text, err, want)
		}
	}
	if state, ok := c.State("word"); !ok || string(state) != "word 1" {
		t.Errorf("state: %q, %v", state, ok)
	}
	if diff := cmp.Diff([]string{`info word kept length="6"`, `info word kept length="6"`}, c.Logs()); diff != "" {
		t.Error(diff)
	}
}

func TestWebhook(t *testing.T) {
	c := sdktest.New(t, shop(), at, nil)
	headers := []abi.Header{{Name: "X-Delivery", Value: "d-1"}}
	receipt, err := c.Deliver(sdk.Delivery{Method: "POST", Headers: headers, Body: []byte(`{"id":"9","state":"new","more":true}`)})
	want := sdk.Receipt{Events: []abi.Event{{Type: "customer.updated", Subject: "9", Dedupe: "d-1", Time: sdktest.Epoch, Data: json.RawMessage(`{"id":"9","state":"new"}`)}}}
	if diff := cmp.Diff(want, receipt); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	receipt, err = c.Deliver(sdk.Delivery{Query: "challenge=5", Headers: []abi.Header{{Name: "X-Event", Value: "ping"}}, Body: []byte(`{}`)})
	if diff := cmp.Diff(sdk.Receipt{Events: []abi.Event{}, Reply: &abi.HookReply{Status: 200, Body: "challenge=5"}}, receipt); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err = c.Deliver(sdk.Delivery{Body: []byte(`{"id":"quote " inside"}`)}); abi.KindOf(err) != abi.Invalid {
		t.Errorf("broken body: %v", err)
	}
}

func TestPoll(t *testing.T) {
	c := sdktest.New(t, shop(), at, nil)
	page, err := c.Poll("customer.updated", abi.PollInput{Cursor: json.RawMessage(`{"n":1}`)})
	if diff := cmp.Diff(abi.PollPage{Events: []abi.Event{}, Cursor: json.RawMessage(`{"n":1}`)}, page); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := c.Poll("customer.created", abi.PollInput{}); abi.KindOf(err) != abi.Unsupported {
		t.Errorf("a trigger without poll: %v", err)
	}
}

// silent is a host that is never asked for anything but to log.
type silent struct {
	sdk.Host
	lines []string
}

func (s *silent) Log(_ abi.Level, line string) { s.lines = append(s.lines, line) }

func TestPanicBreaksTheInstance(t *testing.T) {
	host := &silent{}
	instance := shop().Instance(host)
	reply := instance.Handle(&abi.Call{Op: abi.OpAction, Name: "nil.read", Settings: []byte(at), Body: []byte(`null`)})
	if !reply.Broken || reply.Err == nil || reply.Err.Kind != abi.Internal || !strings.Contains(reply.Err.Message, "nil.read panicked: runtime error: invalid memory address") {
		t.Errorf("reply: %+v, %v", reply, reply.Err)
	}
	if len(host.lines) != 1 || !strings.Contains(host.lines[0], "shop_test.go") {
		t.Errorf("the log does not show where: %q", host.lines)
	}
}

func TestUnknownOperation(t *testing.T) {
	reply := shop().Instance(&silent{}).Handle(&abi.Call{Op: "dance", Settings: []byte(at)})
	if reply.Err == nil || reply.Err.Kind != abi.Unsupported || reply.Broken {
		t.Errorf("reply: %+v", reply)
	}
}

func TestErrorfKeepsWhatIsInside(t *testing.T) {
	inner := &abi.Error{Kind: abi.RateLimited, Message: "slow down", Code: "E7", Status: 429, RetryAfterMS: 3000, Fields: []string{"id"}}
	err := sdk.Errorf(abi.Unavailable, "step 2: %w", inner)
	want := &abi.Error{Kind: abi.Unavailable, Message: "step 2: slow down (E7)", Code: "E7", Status: 429, RetryAfterMS: 3000, Fields: []string{"id"}}
	if diff := cmp.Diff(want, abi.AsError(fmt.Errorf("%w", err))); diff != "" {
		t.Error(diff)
	}
	if want.Error() != "step 2: slow down (E7)" {
		t.Errorf("the code is said twice: %s", want.Error())
	}
}

func TestAChangeTellsNullFromMissing(t *testing.T) {
	var in struct {
		A sdk.Change `json:"a,omitempty"`
		B sdk.Change `json:"b,omitempty"`
		C sdk.Change `json:"c,omitempty"`
		D sdk.Change `json:"d,omitempty"`
	}
	if err := sdk.DecodeInput([]byte(`{"a":"x","b":"","c":null}`), &in); err != nil {
		t.Fatal(err)
	}
	if in.A != (sdk.Change{Text: "x", Given: true}) || in.B != (sdk.Change{Given: true}) || in.C != (sdk.Change{Given: true, Null: true}) || in.D != (sdk.Change{}) {
		t.Errorf("%+v", in)
	}
}
