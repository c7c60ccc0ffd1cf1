package sdktest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

func connector(events ...abi.Event) *sdk.Connector {
	return &sdk.Connector{
		ID: "c", Version: "1", Title: abi.Text{EN: "C"}, Settings: sdk.Settings[struct {
			BaseURL string `json:"base_url"`
		}](), Hosts: []string{"{base_url}"},
		Webhook: sdk.Webhook{Receive: func(*sdk.Call, sdk.Delivery) (sdk.Receipt, error) { return sdk.Receipt{Events: events}, nil }},
		Triggers: []sdk.Trigger{
			sdk.Announce[struct{}]("a.hooked", abi.Text{EN: "By webhook"}),
			sdk.Poll[struct{}]("a.polled", abi.Text{EN: "By poll"}, time.Minute, nothing),
		},
		Actions: []sdk.Action{sdk.Do("a.send", abi.Text{EN: "Send"}, func(call *sdk.Call, in struct {
			Method    string `json:"method"`
			Anonymous bool   `json:"anonymous,omitempty"`
		},
		) (struct{}, error) {
			r := call.Request(in.Method, "/x")
			if in.Anonymous {
				r.Anonymous()
			}
			_, err := r.Send()
			return struct{}{}, err
		})},
	}
}

func nothing(*sdk.Call, abi.PollInput) (abi.PollPage, error) { return abi.PollPage{}, nil }

const settings = `{"base_url":"https://c.example.com"}`

func TestUndeclaredEventsAreRefused(t *testing.T) {
	for typ, want := range map[string]abi.Kind{"a.hooked": abi.OK, "a.polled": abi.Internal, "a.other": abi.Internal} {
		c := sdktest.New(t, connector(abi.Event{Type: typ, Data: json.RawMessage(`{}`)}), settings, nil)
		if _, err := c.Deliver(sdk.Delivery{}); abi.KindOf(err) != want {
			t.Errorf("%s: got %v, want %v", typ, err, want)
		}
	}
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("reset") }

func TestLostAnswers(t *testing.T) {
	c := sdktest.New(t, connector(), settings, nil)
	c.Transport = broken{}
	for method, want := range map[string]abi.Kind{"GET": abi.Unavailable, "HEAD": abi.Unavailable, "POST": abi.Unknown, "DELETE": abi.Unknown} {
		if got := abi.KindOf(c.Do("a.send", map[string]string{"method": method}, nil)); got != want {
			t.Errorf("%s: got %v, want %v", method, got, want)
		}
	}
}

// What a connection leaves out has its default, and a setting may list hosts, as in a host.
func TestSettingsAreAsAHostHasThem(t *testing.T) {
	c := connector()
	c.Settings = sdk.Settings[struct {
		BaseURL string   `json:"base_url" default:"https://c.example.com"`
		More    []string `json:"more,omitempty"`
	}]()
	c.Hosts = []string{"{base_url}", "{more}"}
	c.Actions = []sdk.Action{sdk.Read("a.get", abi.Text{EN: "Get"}, func(call *sdk.Call, in struct {
		URL string `json:"url"`
	},
	) (struct{}, error) {
		_, err := call.Request("GET", in.URL).Send()
		return struct{}{}, err
	})}
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for settings, hosts := range map[string][]string{
		`{}`: {""},
		`{"more":["https://a.example.com","https://b.example.com"]}`: {"", "https://a.example.com", "https://b.example.com"},
	} {
		for _, host := range hosts {
			if err := sdktest.New(t, c, settings, handler).Do("a.get", map[string]string{"url": host + "/x"}, nil); err != nil {
				t.Errorf("%s with %s: %v", host, settings, err)
			}
		}
	}
	err := sdktest.New(t, c, nil, handler).Do("a.get", map[string]string{"url": "https://b.example.com/x"}, nil)
	if abi.KindOf(err) != abi.Blocked {
		t.Errorf("a host that nobody names: %v", err)
	}
}

func TestCredentialIsAddedByTheHost(t *testing.T) {
	var seen []string
	c := sdktest.New(t, connector(), settings, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
	}))
	c.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }
	for _, in := range []string{`{"method":"GET"}`, `{"method":"GET","anonymous":true}`} {
		if err := c.Do("a.send", in, nil); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(seen, "|") != "Bearer x|" || len(c.Requests()) != 2 {
		t.Errorf("got %q, %d requests", seen, len(c.Requests()))
	}
}

// A host follows redirects, and what a platform moves elsewhere is reached only if the connector names that place.
func TestRedirectsAreFollowedAsByAHost(t *testing.T) {
	c := connector()
	c.Hosts = append(c.Hosts, "https://files.example.com")
	for name, tc := range map[string]struct {
		method, to string
		status     int
		want       string
		kind       abi.Kind
	}{
		"within":              {"GET", "/there", 302, "GET c.example.com/x Bearer x|GET c.example.com/there Bearer x", abi.OK},
		"to another host":     {"GET", "https://files.example.com/there", 302, "GET c.example.com/x Bearer x|GET files.example.com/there ", abi.OK},
		"to a forgotten host": {"GET", "https://cdn.example.com/there", 302, "GET c.example.com/x Bearer x", abi.Blocked},
		"without an end":      {"GET", "/x", 302, strings.Repeat("GET c.example.com/x Bearer x|", 5) + "GET c.example.com/x Bearer x", abi.Blocked},
		"a write, moved":      {"POST", "/there", 301, "POST c.example.com/x Bearer x", abi.Config},
		"a write, see other":  {"POST", "/there", 303, "POST c.example.com/x Bearer x|GET c.example.com/there Bearer x", abi.OK},
		"a write, again":      {"POST", "/there", 308, "POST c.example.com/x Bearer x|POST c.example.com/there Bearer x", abi.OK},
	} {
		var seen []string
		connection := sdktest.New(t, c, settings, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.Method+" "+r.Host+r.URL.Path+" "+r.Header.Get("Authorization"))
			if r.URL.Path == "/x" {
				w.Header().Set("Location", tc.to)
				w.WriteHeader(tc.status)
			}
		}))
		connection.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }
		err := connection.Do("a.send", map[string]string{"method": tc.method}, nil)
		if got := strings.Join(seen, "|"); abi.KindOf(err) != tc.kind || got != tc.want {
			t.Errorf("%s: %v after %s", name, err, got)
		}
	}
}
