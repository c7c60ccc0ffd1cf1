package egress_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// show answers with what the platform saw of a request.
func show(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = io.WriteString(w, r.Method+" "+r.URL.String()+" auth="+r.Header.Get("Authorization")+" cookie="+r.Header.Get("Cookie")+" body="+string(body))
}

// redirector answers /go with that status and address, everything else with show.
func redirector(status int, to func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/go" {
			show(w, r)
			return
		}
		w.Header().Set("Location", to())
		w.WriteHeader(status)
	}
}

func TestRedirectsFollowTheMethod(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		method string
		want   string
	}{
		"301 read":       {301, "GET", "GET /there auth= cookie=c body="},
		"302 read":       {302, "HEAD", ""},
		"303 write":      {303, "POST", "GET /there auth= cookie=c body="},
		"307 write":      {307, "POST", "POST /there auth= cookie=c body=data"},
		"308 write":      {308, "PUT", "PUT /there auth= cookie=c body=data"},
		"not a redirect": {201, "GET", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, redirector(c.status, func() string { return "/there" }))
			r := &abi.Request{Method: c.method, URL: server.URL + "/go", Headers: []abi.Header{{Name: "Cookie", Value: "c"}}}
			if c.method != "GET" && c.method != "HEAD" {
				r.Body = []byte("data")
			}
			response := newClient(t, o).Do(t.Context(), r)
			if response.Err != nil || string(response.Body) != c.want {
				t.Errorf("got %d %q %v", response.Status, response.Body, response.Err)
			}
		})
	}
}

func TestWriteIsNotTurnedIntoARead(t *testing.T) {
	server, o := platform(t, redirector(302, func() string { return "/there" }))
	answers(t, newClient(t, o), post(server.URL+"/go", "data"), 302)
}

func TestCredentialStaysAtItsOrigin(t *testing.T) {
	other, _ := platform(t, show)
	server, o := platform(t, redirector(307, func() string { return other.URL + "/there" }))
	o.Manifest.Hosts = append(o.Manifest.Hosts, "{other}")
	o.Settings = []byte(`{"base_url":"` + server.URL + `","other":"` + other.URL + `"}`)
	o.Manifest.Auth = []abi.AuthScheme{{Name: "header", Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"}}
	o.Secrets = map[string]string{"token": "s3cret-token"}
	r := post(server.URL+"/go", "data")
	r.Headers = []abi.Header{{Name: "Cookie", Value: "c"}}
	if got := answers(t, newClient(t, o), r, 200); got != "POST /there auth= cookie= body=data" {
		t.Errorf("the other origin saw %q", got)
	}
}

func TestRedirectCannotLeaveTheList(t *testing.T) {
	for name, to := range map[string]string{
		"metadata": "http://169.254.169.254/latest/meta-data/",
		"other":    "https://evil.example.com/",
		"file":     "file:///etc/passwd",
		"user":     "http://user:pass@127.0.0.1/",
		"broken":   "http://[::1",
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, redirector(302, func() string { return to }))
			refuses(t, newClient(t, o), get(server.URL+"/go"), abi.Blocked, "")
		})
	}
}

func TestABlockedRedirectSaysThatItIsOne(t *testing.T) {
	for name, status := range map[string]int{"read": 301, "answer of a write": 303} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, redirector(status, func() string { return "https://new.example.com/" }))
			r := get(server.URL + "/go")
			if status == 303 {
				r = post(server.URL+"/go", "data")
			}
			refuses(t, newClient(t, o), r, abi.Blocked, server.URL+" redirected the request: https://new.example.com is not among the hosts that this connection may reach: "+
				"those that the connector names in its Hosts")
		})
	}
}

// 303 says that a write was carried out. That its answer cannot be fetched must
// not have it sent again.
func TestAWriteWhoseAnswerCannotBeFetchedIsUnknown(t *testing.T) {
	for name, limits := range map[string]abi.Limits{"no answer": {}, "no turn": {PerDay: 1}} {
		t.Run(name, func(t *testing.T) {
			go303 := redirector(303, func() string { return "/there" })
			server, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/go" {
					panic(http.ErrAbortHandler)
				}
				go303(w, r)
			})
			o.Rate = limits
			refuses(t, newClient(t, o), post(server.URL+"/go", "data"), abi.Unknown, "carried out")
			r := post(server.URL+"/go", "data")
			r.Safe = true
			if response := newClient(t, o).Do(t.Context(), r); response.Err == nil || response.Err.Kind == abi.Unknown {
				t.Errorf("what may be repeated got %v", response.Err)
			}
		})
	}
}

func TestARedirectCanBeAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		method, to, want string
		status           int
	}{
		"relative":      {"GET", "files/7?sig=a%2Fb", "{server}/files/7?sig=a%2Fb", 302},
		"other host":    {"GET", "https://files.example.com/7", "https://files.example.com/7", 307},
		"of a write":    {"POST", "/there", "{server}/there", 303},
		"not a URL":     {"GET", "http://[::1", "http://[::1", 302},
		"of a 201":      {"POST", "/made/7", "{server}/made/7", 201},
		"leads nowhere": {"GET", "", "", 302},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := platform(t, redirector(c.status, func() string { return c.to }))
			response := newClient(t, o).Do(t.Context(), &abi.Request{Method: c.method, URL: server.URL + "/go", NoRedirect: true})
			want := strings.ReplaceAll(c.want, "{server}", server.URL)
			if got := abi.HeaderValue(response.Headers, "Location"); response.Err != nil || response.Status != c.status || got != want {
				t.Errorf("got %d, Location %q, %v; want %d, %q", response.Status, got, response.Err, c.status, want)
			}
		})
	}
}

// What was asked for is still no way out: the address is checked when it is used.
func TestARedirectThatWasAskedForOpensNothing(t *testing.T) {
	server, o := platform(t, redirector(302, func() string { return "https://evil.example.com/" }))
	client := newClient(t, o)
	response := client.Do(t.Context(), &abi.Request{Method: "GET", URL: server.URL + "/go", NoRedirect: true})
	refuses(t, client, get(abi.HeaderValue(response.Headers, "Location")), abi.Blocked, "is not among the hosts")
}

func TestEndlessRedirectsEnd(t *testing.T) {
	server, o := platform(t, redirector(302, func() string { return "/go" }))
	refuses(t, newClient(t, o), get(server.URL+"/go"), abi.Blocked, "redirected more than 5 times; the connection's setting limits.redirects raises it")
}
