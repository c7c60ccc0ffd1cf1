package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// caller is a client of a fresh org, logged in.
type caller struct {
	t     *testing.T
	sim   *simkit.Server
	token string
}

func start(t *testing.T) *caller {
	t.Helper()
	sim, err := simkit.Start(program(), "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	c := &caller{t: t, sim: sim}
	c.login()
	return c
}

func (c *caller) login() {
	c.t.Helper()
	answer := c.form("/services/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {defaultClient}, "client_secret": {defaultSecret},
	})
	if answer.status != 200 {
		c.t.Fatalf("logging in: %d %s", answer.status, answer.body)
	}
	c.token = answer.text("access_token")
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// at walks into the JSON body: object keys and array positions.
func (r reply) at(path ...any) any {
	var value any
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		return err.Error() + ": " + r.body
	}
	for _, step := range path {
		value = descend(value, fmt.Sprint(step))
	}
	return value
}

func (r reply) text(path ...any) string { return fmt.Sprint(r.at(path...)) }

// want fails unless the status is right and each path has its value.
func (r reply) want(t *testing.T, status int, values map[string]string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %s", r.status, status, r.body)
	}
	for path, want := range values {
		var steps []any
		for _, step := range strings.Split(path, ".") {
			steps = append(steps, step)
		}
		if got := r.text(steps...); got != want {
			t.Errorf("%s is %q, want %q in %s", path, got, want, r.body)
		}
	}
}

func (c *caller) form(path string, values url.Values) reply {
	c.t.Helper()
	return c.send("POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// do calls the REST API; headers are names and values in turn.
func (c *caller) do(method, path, body string, headers ...string) reply {
	c.t.Helper()
	return c.send(method, "/services/data/v68.0"+path, body, headers...)
}

func (c *caller) send(method, path, body string, headers ...string) reply {
	c.t.Helper()
	request, err := http.NewRequest(method, c.sim.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{status: response.StatusCode, header: response.Header, body: string(text)}
}

func (c *caller) query(soql string, headers ...string) reply {
	c.t.Helper()
	return c.do("GET", "/query?q="+url.QueryEscape(soql), "", headers...)
}

// create creates a record and returns its id.
func (c *caller) create(object, fields string) string {
	c.t.Helper()
	answer := c.do("POST", "/sobjects/"+object, fields)
	if answer.status != 201 {
		c.t.Fatalf("creating %s: %d %s", object, answer.status, answer.body)
	}
	return answer.text("id")
}

func (c *caller) control(method, path, body string) reply {
	c.t.Helper()
	answer := c.send(method, "/_sim/"+path, body)
	if answer.status != 200 {
		c.t.Fatalf("%s %s: %d %s", method, path, answer.status, answer.body)
	}
	return answer
}
