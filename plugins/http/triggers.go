package main

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const received = "request.received"

// getMethod is that of deliveries without a body; net/http, which names it, is too big for a plugin.
const getMethod = "GET"

func triggers() []sdk.Trigger {
	return []sdk.Trigger{
		sdk.Announce[delivery](received, text("A webhook came in", "Webhookを受信した")),
	}
}

// delivery is the data of request.received.
type delivery struct {
	Method  string            `json:"method" doc:"HTTP method" ja:"HTTPメソッド"`
	Query   map[string]string `json:"query" doc:"Query parameters" ja:"クエリパラメーター"`
	Headers map[string]string `json:"headers" doc:"The headers that kept_headers names, in lower case" ja:"kept_headersで指定したヘッダー(名前は小文字)"`
	Body    any               `json:"body,omitempty" declared:"true" doc:"The body: JSON, or the fields of a form; absent if it is neither" ja:"本文(JSONまたはフォームの項目。どちらでもなければ項目なし)"`
	Text    string            `json:"text" doc:"The body, if it is neither JSON nor a form" ja:"本文(JSONでもフォームでもないとき)"`
}

// receive takes any request. Its body is JSON unless the sender says
// otherwise, because senders that say nothing mean JSON.
func receive(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return sdk.Receipt{}, err
	}
	data := delivery{Method: d.Method, Query: map[string]string{}, Headers: map[string]string{}}
	if data.Query, err = fields(d.Query); err != nil {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "reading the query: %w", err)
	}
	for _, name := range s.KeptHeaders {
		data.Headers[strings.ToLower(name)] = d.Header(name)
	}
	if err := readBody(&data, d); err != nil {
		return sdk.Receipt{}, err
	}
	event, err := sdk.NewEvent(received, subjectOf(&data, s), dedupeOf(&data, s, d), call.Now(), data)
	if err != nil {
		return sdk.Receipt{}, err
	}
	return sdk.Receipt{Events: []abi.Event{event}}, nil
}

func readBody(data *delivery, d sdk.Delivery) error {
	kind, _, _ := strings.Cut(strings.ToLower(d.Header("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	switch {
	case len(d.Body) == 0:
		if d.Method == getMethod { // all that it says is in its query
			return nil
		}
		return sdk.Errorf(abi.Invalid, "the request has no body")
	case kind == "application/x-www-form-urlencoded":
		form, err := fields(string(d.Body))
		if err != nil {
			return sdk.Errorf(abi.Invalid, "reading the form: %w", err)
		}
		data.Body = form
	case kind == "" || strings.Contains(kind, "json"):
		return d.JSON(&data.Body)
	default:
		data.Text = strings.ToValidUTF8(string(d.Body), "\ufffd")
	}
	return nil
}

// fields reads a query or a form; of a name that comes twice, the first value.
func fields(text string) (map[string]string, error) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(values))
	for name := range values {
		all[name] = values.Get(name)
	}
	return all, nil
}

// subjectOf is the record that the delivery is about. Without one all
// deliveries of the connection are of one subject, in their order.
func subjectOf(data *delivery, s settings) string {
	if subject := at(data.Body, s.SubjectField); subject != "" {
		return subject
	}
	return "webhook"
}

// dedupeOf tells repetitions by what the sender gives for that; without it, by
// the delivery's whole content.
func dedupeOf(data *delivery, s settings, d sdk.Delivery) string {
	if s.DeliveryHeader != "" {
		if id := d.Header(s.DeliveryHeader); id != "" {
			return id
		}
	}
	return at(data.Body, s.DeliveryField)
}

// at is the scalar at a path of names and places such as items.0.id, as text,
// "" if there is none.
func at(body any, path string) string {
	if path == "" {
		return ""
	}
	for name := range strings.SplitSeq(path, ".") {
		body = within(body, name)
	}
	switch v := body.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func within(body any, name string) any {
	switch v := body.(type) {
	case map[string]any:
		return v[name]
	case map[string]string:
		return v[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}
