package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/formlink"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

var formKey = []byte("form-key")

// taker remembers what forms sent.
type taker struct{ taken []string }

func (f *taker) TakeForm(_ context.Context, form string, who api.FormMember, said api.MemberDetails, tag string) error {
	if said.Phone == "12" {
		return &abi.Error{Kind: abi.Invalid, Message: "no number"}
	}
	if said.Phone == "13" {
		return host.ErrNotFound
	}
	f.taken = append(f.taken, fmt.Sprint(form, " ", who, " ", said.Phone, " ", tag))
	return nil
}

func withForm(f *taker, perMinute int) func(*web.Options) {
	return func(o *web.Options) {
		o.Forms = f
		o.FormList = []web.Form{{Name: "contact", Key: formKey, Tag: "told", Origins: []string{"https://shop.example.com"}, PerMinute: perMinute}}
	}
}

func formToken(valid time.Duration) string {
	return url.QueryEscape(formlink.Token(formKey, "contact", "01M", time.Now().Add(valid)))
}

func TestTheFormIsShownInBothLanguages(t *testing.T) {
	s := start(t, withForm(&taker{}, 10))
	path := "/forms/contact?t=" + formToken(time.Hour)
	for query, want := range map[string]string{"": "電話番号", "&lang=en": "Telephone number"} {
		page := s.send(t, http.MethodGet, path+query, "")
		if page.status != http.StatusOK || !strings.Contains(page.body, want) || strings.Contains(page.body, "ZgotmplZ") {
			t.Errorf("%q: %d %s", query, page.status, page.body)
		}
	}
	if page := s.send(t, http.MethodGet, "/forms/contact?t="+formToken(-time.Hour), ""); page.status != http.StatusForbidden {
		t.Errorf("an expired link shows %d", page.status)
	}
	if page := s.send(t, http.MethodGet, "/forms/nothing", ""); page.status != http.StatusNotFound {
		t.Errorf("no form shows %d", page.status)
	}
}

func pairs(headers []string) []string {
	var all []string
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		all = append(all, name, value)
	}
	return all
}

const browser = "Content-Type: application/x-www-form-urlencoded"

func TestAFormIsTaken(t *testing.T) {
	f := &taker{}
	s := start(t, withForm(f, 100))
	path, json := "/forms/contact?t="+formToken(time.Hour), "Content-Type: application/json"
	signed := `{"connection":"line","user_id":"U1","phone":"09011112222"}`
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		status     int
		shows      string
	}{
		"page":            {path, "phone=09011112222", []string{browser, "Accept: text/html"}, 200, "送信しました"},
		"page, wrong":     {path, "phone=12", []string{browser, "Accept: text/html"}, 200, "ご確認ください"},
		"page, expired":   {"/forms/contact?t=x", "phone=12", []string{browser, "Accept: text/html"}, 403, "有効期限"},
		"page, erased":    {path, "phone=13", []string{browser, "Accept: text/html"}, 403, "有効期限"},
		"json":            {path, `{"phone":"09011112222"}`, []string{json, "Origin: https://shop.example.com"}, 200, `"ok":true`},
		"json, token":     {"/forms/contact", `{"t":"` + formlink.Token(formKey, "contact", "01M", time.Now().Add(time.Hour)) + `","phone":"1"}`, []string{json}, 200, "ok"},
		"json, nobody":    {"/forms/contact", `{"phone":"09011112222","member":"01M"}`, []string{json}, 403, "not valid"},
		"server":          {"/forms/contact", signed, []string{json, web.SignatureHeader + ": " + formlink.Signature(formKey, "contact", []byte(signed))}, 200, "ok"},
		"server, other":   {"/forms/contact", signed, []string{json, web.SignatureHeader + ": " + formlink.Signature(formKey, "survey", []byte(signed))}, 401, "form's name"},
		"server, changed": {"/forms/contact", signed + " ", []string{json, web.SignatureHeader + ": " + formlink.Signature(formKey, "contact", []byte(signed))}, 401, "signature"},
	} {
		if got := s.send(t, http.MethodPost, c.path, c.body, pairs(c.headers)...); got.status != c.status || !strings.Contains(got.body, c.shows) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if len(f.taken) != 4 {
		t.Errorf("taken: %q", f.taken)
	}
}

// A page of the shop's own may post in each of the three ways that pages have.
func TestAFormIsTakenHoweverItIsWritten(t *testing.T) {
	f := &teller{}
	s := start(t, withForm(nil, 100), func(o *web.Options) { o.Forms = f })
	parts := ""
	for name, value := range map[string]string{"phone": "09011112222", "email": "a@example.com", "name": "花子", "kana": "ハナコ", "birthday": "--04-02"} {
		parts += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for kind, body := range map[string]string{
		"application/json":                  `{"phone":"09011112222","email":"a@example.com","name":"花子","kana":"ハナコ","birthday":"--04-02"}`,
		"application/x-www-form-urlencoded": "phone=09011112222&email=a%40example.com&name=%E8%8A%B1%E5%AD%90&kana=%E3%83%8F%E3%83%8A%E3%82%B3&birthday=--04-02",
		multipartType:                       parts + "--b--\r\n",
	} {
		f.said = api.MemberDetails{}
		got := s.send(t, http.MethodPost, "/forms/contact?t="+formToken(time.Hour), body, "Content-Type", kind)
		want := api.MemberDetails{Phone: "09011112222", Email: "a@example.com", Name: "花子", Kana: "ハナコ", Birthday: "--04-02"}
		if got.status != http.StatusOK || f.said != want {
			t.Errorf("%s: %d %s, said %+v", kind, got.status, got.body, f.said)
		}
	}
	if got := s.send(t, http.MethodPost, "/forms/contact?t="+formToken(time.Hour), parts, "Content-Type", multipartType); got.status != http.StatusBadRequest {
		t.Errorf("half a form got %d", got.status)
	}
}

// teller remembers what was said last.
type teller struct{ said api.MemberDetails }

func (f *teller) TakeForm(_ context.Context, _ string, _ api.FormMember, said api.MemberDetails, _ string) error {
	f.said = said
	return nil
}

func TestAFormThatIsSentTooOften(t *testing.T) {
	f := &taker{}
	s := start(t, withForm(f, 2))
	post := func(path, body string, headers ...string) answer {
		return s.send(t, http.MethodPost, path, body, pairs(headers)...)
	}
	for range 10 { // strangers use up nobody's share
		post("/forms/contact", "phone=1", browser)
		post("/forms/contact", `{"member":"01M"}`, "Content-Type: application/json", web.SignatureHeader+": 00")
	}
	path := "/forms/contact?t=" + formToken(time.Hour)
	for n := range 3 {
		got := post(path, "phone=1", browser)
		if want := map[bool]int{true: 200, false: 429}[n < 2]; got.status != want {
			t.Errorf("post %d: %d", n, got.status)
		}
	}
	page := post(path+"&lang=en", "phone=09011112222", browser, "Accept: text/html")
	if page.status != http.StatusTooManyRequests || page.headers.Get("Retry-After") != "60" || !strings.Contains(page.body, "<form") ||
		!strings.Contains(page.body, "too often") || !strings.Contains(page.body, "09011112222") {
		t.Errorf("a person is shown %d %s", page.status, page.body)
	}
	other := url.QueryEscape(formlink.Token(formKey, "contact", "01N", time.Now().Add(time.Hour)))
	if got := post("/forms/contact?t="+other, "phone=1", browser); got.status != http.StatusOK {
		t.Errorf("another member got %d", got.status)
	}
	for _, user := range []string{"U1", "U2", "U3"} {
		body := `{"connection":"line","user_id":"` + user + `","phone":"1"}`
		if got := post("/forms/contact", body, "Content-Type: application/json", web.SignatureHeader+": "+formlink.Signature(formKey, "contact", []byte(body))); got.status != http.StatusOK {
			t.Errorf("a server's post for %s got %d", user, got.status)
		}
	}
	if len(f.taken) != 6 {
		t.Errorf("taken: %q", f.taken)
	}
}
