package rest_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// recorder is a host that keeps the request and gives one answer.
type recorder struct {
	sent   *abi.Request
	answer abi.Response
}

func (r *recorder) client() *rest.Client {
	return &rest.Client{BaseURL: "https://shop.example.com/api/", Send: func(sent *abi.Request) *abi.Response {
		r.sent = sent
		return &r.answer
	}}
}

func TestAddresses(t *testing.T) {
	type word string
	cases := []struct {
		name  string
		build func(*rest.Client) *rest.Request
		want  string
	}{
		{"joined", func(c *rest.Client) *rest.Request { return c.Path("GET", "/orders") }, "https://shop.example.com/api/orders"},
		{"without slash", func(c *rest.Client) *rest.Request { return c.Path("GET", "orders") }, "https://shop.example.com/api/orders"},
		{"arguments", func(c *rest.Client) *rest.Request {
			return c.Path("GET", "/a/%s/b/%d/%v%%", "x/y?z#&+ 山", 7, word("w"))
		}, "https://shop.example.com/api/a/x%2Fy%3Fz%23%26%2B%20%E5%B1%B1/b/7/w%"},
		{"argument in a query", func(c *rest.Client) *rest.Request { return c.Path("GET", "/q?a=%s", "1&b=2").Query("c", "d") }, "https://shop.example.com/api/q?a=1%26b%3D2&c=d"},
		{"query", func(c *rest.Client) *rest.Request {
			return c.Path("GET", "/q").Query("q[id_eq]", int64(9007199254740993)).Query("t", true).Query("f", 1.5).Query("s", "a b+c")
		}, "https://shop.example.com/api/q?q%5Bid_eq%5D=9007199254740993&t=true&f=1.5&s=a%20b%2Bc"},
		{"absolute", func(c *rest.Client) *rest.Request { return c.URL("GET", "https://b.example.com/x%2Fy?z=1") }, "https://b.example.com/x%2Fy?z=1"},
		{"next page", func(c *rest.Client) *rest.Request { return c.URL("GET", "/next/01g-2000?a=%20") }, "https://shop.example.com/api/next/01g-2000?a=%20"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := recorder{answer: abi.Response{Status: 200}}
			if _, err := c.build(r.client()).Send(); err != nil {
				t.Fatal(err)
			}
			if r.sent.URL != c.want {
				t.Errorf("got  %s\nwant %s", r.sent.URL, c.want)
			}
		})
	}
}

func TestMistakesAreNotSent(t *testing.T) {
	cases := []struct {
		name  string
		build func(*rest.Client) *rest.Request
		kind  abi.Kind
	}{
		{"empty argument", func(c *rest.Client) *rest.Request { return c.Path("DELETE", "/a/%s", "") }, abi.Invalid},
		{"dots", func(c *rest.Client) *rest.Request { return c.Path("DELETE", "/a/%s", "..") }, abi.Invalid},
		{"too few arguments", func(c *rest.Client) *rest.Request { return c.Path("GET", "/a/%s/%s", "x") }, abi.Internal},
		{"too many arguments", func(c *rest.Client) *rest.Request { return c.Path("GET", "/a", "x") }, abi.Internal},
		{"unknown verb", func(c *rest.Client) *rest.Request { return c.Path("GET", "/a/%q", "x") }, abi.Internal},
		{"list as argument", func(c *rest.Client) *rest.Request { return c.Path("GET", "/a/%v", []string{"x"}) }, abi.Internal},
		{"time in a query", func(c *rest.Client) *rest.Request { return c.Path("GET", "/a").Query("t", struct{}{}) }, abi.Internal},
		{"body that is no JSON", func(c *rest.Client) *rest.Request { return c.Path("POST", "/a").JSON(func() {}) }, abi.Internal},
	}
	for _, c := range cases {
		r := recorder{answer: abi.Response{Status: 200}}
		_, err := c.build(r.client()).Query("more", "x").Send()
		if abi.KindOf(err) != c.kind || err == nil || r.sent != nil {
			t.Errorf("%s: sent %v, error %v of kind %v; want kind %v", c.name, r.sent, err, abi.KindOf(err), c.kind)
		}
	}
	if _, err := (&rest.Client{}).Path("GET", "/a").Send(); abi.KindOf(err) != abi.Config {
		t.Errorf("without base_url: %v", err)
	}
}

func TestBodies(t *testing.T) {
	cases := []struct {
		name       string
		build      func(*rest.Request) *rest.Request
		kind, body string
	}{
		{"json", func(r *rest.Request) *rest.Request { return r.JSON(map[string]any{"b": []int{1}, "a": "<山>"}) }, "application/json", `{"a":"<山>","b":[1]}`},
		{"form", func(r *rest.Request) *rest.Request { return r.Form(url.Values{"b": {"1", "2"}, "a": {"x y&z"}}) }, "application/x-www-form-urlencoded", "a=x%20y%26z&b=1&b=2"},
		{"raw", func(r *rest.Request) *rest.Request { return r.Body("text/csv", []byte("a,b")) }, "text/csv", "a,b"},
	}
	for _, c := range cases {
		r := recorder{answer: abi.Response{Status: 204}}
		if _, err := c.build(r.client().Path("POST", "/x").Anonymous().Safe()).Send(); err != nil {
			t.Fatal(err)
		}
		want := abi.Request{
			Method: "POST", URL: "https://shop.example.com/api/x", Anonymous: true, Safe: true,
			Headers: []abi.Header{{Name: "Content-Type", Value: c.kind}}, Body: []byte(c.body),
		}
		if diff := cmp.Diff(&want, r.sent); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestARedirectIsAnAnswerWhereItIsAskedFor(t *testing.T) {
	const to = "https://files.example.com/7?sig=abc"
	r := recorder{answer: abi.Response{Status: 302, Headers: []abi.Header{{Name: "Location", Value: to}}}}
	answer, err := r.client().Path("GET", "/files/7").NoRedirect().Send()
	if err != nil || answer.Location() != to || !r.sent.NoRedirect {
		t.Errorf("got %+v, %v", answer, err)
	}
	if _, err := r.client().Path("GET", "/files/7").Send(); abi.KindOf(err) != abi.Config {
		t.Errorf("without asking: %v", err)
	}
	r.answer.Status = 404
	if _, err := r.client().Path("GET", "/files/7").NoRedirect().Send(); abi.KindOf(err) != abi.NotFound {
		t.Errorf("no redirect: %v", err)
	}
}

func TestAnswersBecomeErrorsByStatus(t *testing.T) {
	cases := []struct {
		method string
		status int
		want   abi.Kind
	}{
		{"GET", 200, abi.OK},
		{"GET", 299, abi.OK},
		{"GET", 400, abi.Invalid},
		{"GET", 401, abi.Auth},
		{"GET", 403, abi.Denied},
		{"GET", 404, abi.NotFound},
		{"GET", 410, abi.NotFound},
		{"GET", 408, abi.Unavailable},
		{"GET", 409, abi.Conflict},
		{"GET", 422, abi.Invalid},
		{"GET", 429, abi.RateLimited},
		{"GET", 500, abi.Unavailable},
		{"GET", 503, abi.Unavailable},
		{"GET", 302, abi.Internal},
		{"POST", 408, abi.Unavailable},
		{"POST", 429, abi.RateLimited},
		{"POST", 500, abi.Unknown},
		{"PUT", 502, abi.Unknown},
		{"POST", 503, abi.Unavailable},
		{"POST", 504, abi.Unknown},
	}
	for _, c := range cases {
		r := recorder{answer: abi.Response{Status: c.status}}
		_, err := r.client().Path(c.method, "/x").Send()
		if got := abi.KindOf(err); got != c.want {
			t.Errorf("%s %d: got %v, want %v", c.method, c.status, got, c.want)
		}
	}
	r := recorder{answer: abi.Response{Status: 500}}
	if _, err := r.client().Path("POST", "/search").Safe().Send(); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("a search by POST: %v", err)
	}
}

func TestAWriteThatIsRedirectedSaysWhereTo(t *testing.T) {
	r := recorder{answer: abi.Response{Status: 301, Headers: []abi.Header{{Name: "location", Value: "https://www.example.com/x?key=secret"}}}}
	_, err := r.client().Path("POST", "/x").Send()
	if abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), "moved to https://www.example.com/x. The address in the connection's settings (base_url)") {
		t.Errorf("got %v", err)
	}
}

func TestReadErrorDecidesFirst(t *testing.T) {
	r := recorder{answer: abi.Response{Status: 400, Body: []byte(`{"code":"DUP"}`)}}
	client := r.client()
	client.ReadError = func(answer *rest.Response) error {
		var body struct {
			Code string `json:"code"`
		}
		e := rest.StatusError(answer)
		if err := answer.JSON(&body); err == nil && body.Code == "DUP" {
			e.Kind, e.Code = abi.Conflict, body.Code
		}
		return e
	}
	if _, err := client.Path("GET", "/x").Send(); abi.KindOf(err) != abi.Conflict {
		t.Errorf("got %v", err)
	}
	r.answer.Body = []byte("oops")
	if _, err := client.Path("GET", "/x").Send(); abi.KindOf(err) != abi.Invalid {
		t.Errorf("an error it cannot read: %v", err)
	}
	if raw, err := client.Path("GET", "/x").Raw(); err != nil || raw.Status != 400 {
		t.Errorf("raw: %+v, %v", raw, err)
	}
}

func TestNoAnswerIsTheHostsError(t *testing.T) {
	blocked := &abi.Error{Kind: abi.Blocked, Message: "not allowed"}
	r := recorder{answer: abi.Response{Err: blocked}}
	if _, err := r.client().Path("GET", "/x").Raw(); !errors.Is(err, blocked) {
		t.Errorf("got %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	cases := []struct {
		value, date string
		now         time.Time
		want        time.Duration
	}{
		{"3", "", now, 3 * time.Second},
		{"0.5", "", now, 500 * time.Millisecond},
		{"-3", "", now, 0},
		{"", "", now, 0},
		{"soon", "", now, 0},
		{"1e300", "", now, 1e9 * time.Second},
		{"NaN", "", now, 0},
		{"Wed, 01 Apr 2026 00:00:10 GMT", "", now, 10 * time.Second},
		{"Wed, 01 Apr 2026 00:00:10 GMT", "Wed, 01 Apr 2026 00:00:04 GMT", now, 6 * time.Second},
		{"Wed, 01 Apr 2026 00:00:10 GMT", "", time.Time{}, 0},
		{"Wed, 01 Apr 2020 00:00:10 GMT", "", now, 0},
	}
	for _, c := range cases {
		r := rest.Response{Headers: []abi.Header{{Name: "retry-after", Value: c.value}, {Name: "date", Value: c.date}}}
		if got := r.RetryAfter(c.now); got != c.want {
			t.Errorf("%q, %q: got %v, want %v", c.value, c.date, got, c.want)
		}
	}
}

func TestPagesAreNotQuotedAtLength(t *testing.T) {
	r := recorder{answer: abi.Response{Status: 200, Body: []byte("<html><title> " + strings.Repeat("長", 200) + "</title>secret")}}
	err := r.client().Path("GET", "/x").Into(new(json.RawMessage))
	if abi.KindOf(err) != abi.Unavailable || strings.Contains(err.Error(), "secret") || len(err.Error()) > 400 {
		t.Errorf("got %v", err)
	}
}

func TestPageInsteadOfDataAfterAWrite(t *testing.T) {
	r := recorder{answer: abi.Response{Status: 200, Body: []byte("<html>")}}
	if err := r.client().Path("POST", "/x").Into(new(any)); abi.KindOf(err) != abi.Unknown {
		t.Errorf("got %v", err)
	}
}

func FuzzArgumentsStayOneSegment(f *testing.F) {
	for _, seed := range []string{"a", "../x", "a/b", "%2e%2e", "?q#f", "山田"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, argument string) {
		r := recorder{answer: abi.Response{Status: 200}}
		if _, err := r.client().Path("GET", "/a/%s/b", argument).Send(); err != nil {
			return
		}
		parsed, err := url.Parse(r.sent.URL)
		if err != nil || strings.Count(parsed.EscapedPath(), "/") != 4 || parsed.RawQuery != "" || parsed.Fragment != "" || parsed.Path != "/api/a/"+argument+"/b" {
			t.Errorf("%q became %s (%v)", argument, r.sent.URL, err)
		}
	})
}
