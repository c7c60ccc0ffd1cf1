package egress

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

func newTestPortioned(next sender, limits ...abi.EndpointLimit) *portioned {
	o := Options{Manifest: &abi.Manifest{Limits: abi.Limits{Endpoints: limits}}, Clock: time.Now}.withDefaults()
	return newPortioned(next, &o, names{"base_url": "https://api.example.com/line/"})
}

func hopTo(t *testing.T, method, path string) *hop {
	t.Helper()
	u, err := url.Parse("https://api.example.com" + path)
	if err != nil {
		t.Fatal(err)
	}
	return &hop{method: method, url: u}
}

func TestEndpointsAreToldApart(t *testing.T) {
	p := newTestPortioned(nil,
		abi.EndpointLimit{Match: "POST /v2/menu", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "DELETE /v2/menu/alias/{id}", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "* /v2/audience/{...}", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "DELETE /v2/menu/{id}", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "POST /values/{range}:append", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "GET /items/sku-{sku}.json", Requests: 1, Seconds: 1},
		abi.EndpointLimit{Match: "POST /values/{range}", Requests: 1, Seconds: 1},
	)
	for request, want := range map[[2]string]string{
		{"POST", "/line/v2/menu"}:               "POST /v2/menu",
		{"GET", "/line/v2/menu"}:                "",
		{"POST", "/line/v2/menu/"}:              "",
		{"POST", "/v2/menu"}:                    "POST /v2/menu",
		{"DELETE", "/line/v2/menu/1"}:           "DELETE /v2/menu/{id}",
		{"DELETE", "/line/v2/menu/"}:            "",
		{"DELETE", "/line/v2/menu/a%2Fb"}:       "DELETE /v2/menu/{id}",
		{"DELETE", "/line/v2/menu/alias/1"}:     "DELETE /v2/menu/alias/{id}",
		{"DELETE", "/line/v2/menu/alias/1/2"}:   "",
		{"PUT", "/line/v2/audience/upload"}:     "* /v2/audience/{...}",
		{"GET", "/line/v2/audience/1/2/3"}:      "* /v2/audience/{...}",
		{"GET", "/line/v2/audience"}:            "",
		{"GET", "/other"}:                       "",
		{"POST", "/line/values/A1%3AB2:append"}: "POST /values/{range}:append",
		{"POST", "/line/values/A1:clear"}:       "POST /values/{range}",
		{"POST", "/line/values/:append"}:        "POST /values/{range}",
		{"GET", "/line/items/sku-7.json"}:       "GET /items/sku-{sku}.json",
		{"GET", "/line/items/sku-.json"}:        "",
		{"GET", "/line/items/7.json"}:           "",
	} {
		got := ""
		if of := p.of(hopTo(t, request[0], request[1])); of != nil {
			got = of.Match
		}
		if got != want {
			t.Errorf("%v counts against %q, want %q", request, got, want)
		}
	}
}

// An endpoint that takes little is kept to it, with the delay, and does not
// hold up the others.
func TestEndpointIsKeptToItsPortion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: http.StatusOK}
		p := newTestPortioned(next, abi.EndpointLimit{Match: "POST /broadcast", Requests: 60, Seconds: 3600})
		for range 60 {
			p.send(t.Context(), hopTo(t, "POST", "/broadcast"))
		}
		for range 2 { // a refusal takes nothing
			refused := p.send(t.Context(), hopTo(t, "POST", "/broadcast")).Err
			if refused == nil || refused.Kind != abi.RateLimited || refused.Code != abi.CodeEndpointLimit || refused.RetryAfter() != time.Minute {
				t.Errorf("got %+v", refused)
			}
		}
		if other := p.send(t.Context(), hopTo(t, "POST", "/push")); other.Err != nil {
			t.Errorf("another endpoint: %v", other.Err)
		}
		time.Sleep(time.Minute - time.Second)
		began := time.Now()
		if late := p.send(t.Context(), hopTo(t, "POST", "/broadcast")); late.Err != nil || time.Since(began) != time.Second {
			t.Errorf("a second before its turn: %v after %s", late.Err, time.Since(began))
		}
		if len(next.sent) != 62 {
			t.Errorf("%d requests were sent, want 62", len(next.sent))
		}
	})
}

// asked refuses as the connection's own limits do, until it is open.
type asked struct {
	counter

	open bool
}

func (a *asked) send(ctx context.Context, h *hop) *abi.Response {
	if !a.open {
		return tooFast(time.Minute, "the platform asked to wait")
	}
	return a.counter.send(ctx, h)
}

// What is refused for the connection's sake was not sent: while the platform
// asks to wait, runs that try again use up nothing of an endpoint.
func TestAPortionIsForWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &asked{counter: counter{status: http.StatusOK}}
		p := newTestPortioned(next, abi.EndpointLimit{Match: "POST /broadcast", Requests: 2, Seconds: 3600})
		for range 5 {
			time.Sleep(time.Second)
			if refused := p.send(t.Context(), hopTo(t, "POST", "/broadcast")).Err; refused == nil || refused.Code == abi.CodeEndpointLimit {
				t.Errorf("got %+v", refused)
			}
		}
		next.open = true
		for range 2 {
			if got := p.send(t.Context(), hopTo(t, "POST", "/broadcast")); got.Err != nil {
				t.Errorf("refused though nothing was sent: %v", got.Err)
			}
		}
		if third := p.send(t.Context(), hopTo(t, "POST", "/broadcast")).Err; third == nil || third.Code != abi.CodeEndpointLimit {
			t.Errorf("the third got %+v", third)
		}
	})
}
