package main

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const received = "request.received"

// getMethod is that of requests that only read; net/http, which names it, is too big for a plugin.
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
	Body    any               `json:"body,omitempty" declared:"true" doc:"The body: JSON, or the fields of a form, of which one that comes several times is a list; absent if it is neither" ja:"本文(JSONまたはフォームの項目。同じ名前が複数あればリスト。どちらでもなければ項目なし)"`
	Text    string            `json:"text" doc:"The body, if it is neither JSON nor a form; and that of a form whose characters cannot be read, as it came" ja:"本文(JSONでもフォームでもないとき。文字コードの合わないフォームは届いたまま)"`
}

// receive takes any request. Its body is JSON unless the sender says
// otherwise, because senders that say nothing mean JSON.
func receive(call *sdk.Call, d sdk.Delivery) (sdk.Receipt, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return sdk.Receipt{}, err
	}
	data := delivery{Method: d.Method, Query: map[string]string{}, Headers: map[string]string{}}
	query, _, err := fields(sdk.Delivery{Headers: d.Headers, Body: []byte(d.Query)}, s.Charset)
	if err != nil {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "reading the query: %w", err)
	}
	for name, all := range query {
		data.Query[name] = all[0]
	}
	for _, name := range s.KeptHeaders {
		data.Headers[strings.ToLower(name)] = d.Header(name)
	}
	if err := readBody(&data, d, s.Charset); err != nil {
		return sdk.Receipt{}, err
	}
	event, err := sdk.NewEvent(received, subjectOf(&data, s), dedupeOf(call, &data, s, d), call.Now(), data)
	if err != nil {
		return sdk.Receipt{}, err
	}
	return sdk.Receipt{Events: []abi.Event{event}}, nil
}

func readBody(data *delivery, d sdk.Delivery, charset string) error {
	kind, _, _ := strings.Cut(strings.ToLower(d.Header("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	switch {
	case len(d.Body) == 0: // all that it says is in its address and headers
		return nil
	case kind == "application/x-www-form-urlencoded":
		return data.readForm(d, charset)
	case kind == "" || strings.Contains(kind, "json"):
		return readJSON(data, d, charset)
	default:
		text, err := d.Text(charset)
		if err != nil {
			text = asItCame(d.Body)
		}
		data.Text = text
	}
	return nil
}

// readJSON reads JSON, which is UTF-8 by its standard: what is not is read as a
// text is. Where that cannot be done, its ASCII can be told all the same.
func readJSON(data *delivery, d sdk.Delivery, charset string) error {
	if utf8.Valid(d.Body) {
		return d.JSON(&data.Body)
	}
	if text, err := d.Text(charset); err == nil {
		d.Body = []byte(text)
	}
	return d.JSON(&data.Body)
}

func asItCame(body []byte) string { return strings.ToValidUTF8(string(body), "\ufffd") }

// fields reads a form. One whose characters cannot be read comes byte by byte,
// since what is plain ASCII in it, such as a number, can be told all the same.
func fields(form sdk.Delivery, charset string) (values map[string][]string, readable bool, err error) {
	if values, err := form.Form(charset); err == nil {
		return values, true, nil
	}
	values, err = url.ParseQuery(string(form.Body))
	return values, false, err
}

// readForm reads the fields of a form; of a name that comes several times, as
// boxes that are ticked do, all values. What cannot be read in the fields stands
// in the text, too.
func (data *delivery) readForm(d sdk.Delivery, charset string) error {
	values, readable, err := fields(d, charset)
	if err != nil {
		return sdk.Errorf(abi.Invalid, "reading the form: %w", err)
	}
	if !readable {
		data.Text = asItCame(d.Body)
	}
	form := make(map[string]any, len(values))
	for name, all := range values {
		form[name] = all[0]
		if len(all) > 1 {
			form[name] = list(all)
		}
	}
	data.Body = form
	return nil
}

func list(texts []string) []any {
	all := make([]any, 0, len(texts))
	for _, text := range texts {
		all = append(all, text)
	}
	return all
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
// the delivery's whole content. Of deliveries without any, each is one of its own.
func dedupeOf(call *sdk.Call, data *delivery, s settings, d sdk.Delivery) string {
	if s.DeliveryHeader != "" {
		if id := d.Header(s.DeliveryHeader); id != "" {
			return id
		}
	}
	if len(d.Body) == 0 && d.Query == "" {
		return "received " + call.Now().UTC().Format(time.RFC3339Nano)
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
	case []any: // of a form's field that comes several times, the first
		if len(v) > 0 {
			return at(v, "0")
		}
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
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}
