package main

import (
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// request is the input of request.send and request.repeat. At most one of
// json, form and text is the body.
type request struct {
	Method      string            `json:"method,omitempty" enum:"POST,PUT,PATCH,DELETE,GET" doc:"POST if left out" ja:"省略時はPOST"`
	Path        string            `json:"path,omitempty" doc:"Path under base_url, or a whole address at one of the hosts" ja:"base_url以下のパス、または許可されたホストのURL"`
	Query       map[string]any    `json:"query,omitempty" doc:"Query parameters" ja:"クエリパラメーター"`
	Headers     map[string]string `json:"headers,omitempty" doc:"Headers; the credential is added by the host" ja:"ヘッダー(認証情報はホストが付ける)"`
	JSON        any               `json:"json,omitempty" doc:"Body, sent as JSON" ja:"JSONとして送る本文"`
	Form        map[string]string `json:"form,omitempty" doc:"Body, sent as a form" ja:"フォームとして送る本文"`
	Text        string            `json:"text,omitempty" doc:"Body, sent as it is" ja:"そのまま送る本文"`
	ContentType string            `json:"content_type,omitempty" doc:"What text is; text/plain if left out" ja:"textの種類(省略時はtext/plain)"`
	Expect      []int64           `json:"expect,omitempty" doc:"Statuses that are right; any 2xx if left out" ja:"成功とみなすステータス(省略時は2xx)"`
	Shape       string            `json:"shape,omitempty" doc:"Kind of body that is expected, as described in the connection's .objects.json" ja:"応答の本文の種類(接続の.objects.jsonに書いた名前)"`
}

// lookup is the input of request.get.
type lookup struct {
	Path    string            `json:"path,omitempty" doc:"Path under base_url, or a whole address at one of the hosts" ja:"base_url以下のパス、または許可されたホストのURL"`
	Query   map[string]any    `json:"query,omitempty" doc:"Query parameters" ja:"クエリパラメーター"`
	Headers map[string]string `json:"headers,omitempty" doc:"Headers; the credential is added by the host" ja:"ヘッダー(認証情報はホストが付ける)"`
	Expect  []int64           `json:"expect,omitempty" doc:"Statuses that are right; any 2xx if left out" ja:"成功とみなすステータス(省略時は2xx)"`
	Shape   string            `json:"shape,omitempty" doc:"Kind of body that is expected, as described in the connection's .objects.json" ja:"応答の本文の種類(接続の.objects.jsonに書いた名前)"`
}

// answer is what came back.
type answer struct {
	Status  int64             `json:"status" doc:"HTTP status" ja:"HTTPステータス"`
	Headers map[string]string `json:"headers" doc:"Headers, names in lower case" ja:"ヘッダー(名前は小文字)"`
	Body    any               `json:"body,omitempty" declared:"true" doc:"The body, if it is JSON; absent otherwise" ja:"本文(JSONのとき。それ以外は項目なし)"`
	Text    string            `json:"text" doc:"The body, if it is not JSON" ja:"本文(JSONでないとき)"`
}

// answerOf reads what came back. Whether a body is JSON is seen from itself:
// many services name it text. doubt is the kind of error if it cannot be the service's own.
func answerOf(r *rest.Response, acceptHTML bool, doubt abi.Kind) (answer, error) {
	if !acceptHTML && isPage(r) {
		return answer{}, sdk.Errorf(doubt, "an HTML page came back with status %d, as from a firewall or during maintenance; set accept_html if that is right", r.Status)
	}
	a := answer{Status: int64(r.Status), Headers: make(map[string]string, len(r.Headers))}
	for _, h := range r.Headers {
		a.Headers[strings.ToLower(h.Name)] = h.Value
	}
	delete(a.Headers, "set-cookie") // a session is as good as the credential, and runs keep the answer
	said := readable(r)
	body := strings.TrimSpace(string(said))
	named := strings.Contains(strings.ToLower(r.Header("Content-Type")), "json")
	if !named && !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
		a.Text = body
		return a, nil
	}
	if body == "" {
		return a, nil
	}
	if err := sdk.Decode(said, &a.Body); err != nil && named {
		return a, sdk.Errorf(doubt, "the body is said to be JSON and is not: %w", err)
	} else if err != nil {
		a.Body, a.Text = nil, body
	}
	return a, nil
}

// readable is the body in UTF-8, if the answer says in which charset it is written
// and that can be read; else it is as it came.
func readable(r *rest.Response) []byte {
	if utf8.Valid(r.Body) {
		return r.Body
	}
	text, err := sdk.Delivery{Headers: r.Headers, Body: r.Body}.Text("")
	if err != nil {
		return r.Body
	}
	return []byte(text)
}

func isPage(r *rest.Response) bool {
	kind := strings.ToLower(r.Header("Content-Type"))
	body := strings.ToLower(strings.TrimSpace(string(r.Body[:min(len(r.Body), maxSaid)])))
	return strings.HasPrefix(kind, "text/html") || strings.HasPrefix(body, "<!doctype html") || strings.HasPrefix(body, "<html")
}

// snippet is the beginning of a body for people, "" for a page.
func snippet(r *rest.Response) string {
	if isPage(r) {
		return ""
	}
	said := strings.ToValidUTF8(strings.TrimSpace(string(r.Body)), "")
	if len(said) <= maxSaid {
		return said
	}
	return strings.ToValidUTF8(said[:maxSaid], "") + "…"
}
