package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func start(t *testing.T) string {
	t.Helper()
	s, err := simkit.Start(simkit.Program{Name: "http", Now: time.Now, Open: open}, "127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.URL
}

func ask(t *testing.T, method, url, body string, header http.Header) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestCredentialsInEveryPlace(t *testing.T) {
	url := start(t)
	for name, c := range map[string]struct {
		path   string
		header http.Header
		want   int
	}{
		"none":       {"/echo", nil, 401},
		"open":       {"/open/echo", nil, 200},
		"bearer":     {"/echo", http.Header{"Authorization": {"Bearer sim-token"}}, 200},
		"header":     {"/echo", http.Header{"X-Api-Key": {"sim-token"}}, 200},
		"query":      {"/echo?key=sim-token", nil, 200},
		"basic":      {"/echo", http.Header{"Authorization": {"Basic c2ltOnNpbS1wYXNzd29yZA=="}}, 200},
		"path":       {"/services/sim-token", nil, 200},
		"wrong path": {"/services/other", nil, 401},
	} {
		if got, body := ask(t, "GET", url+c.path, "", c.header); got != c.want {
			t.Errorf("%s: %d %s", name, got, body)
		}
	}
}

func TestOneRecordForOneIdempotencyKey(t *testing.T) {
	url := start(t)
	key := http.Header{"Idempotency-Key": {"k1"}}
	_, first := ask(t, "POST", url+"/open/records/notes", `{"a":1}`, key)
	_, again := ask(t, "POST", url+"/open/records/notes", `{"a":1}`, key)
	_, other := ask(t, "POST", url+"/open/records/notes", `{"a":1}`, nil)
	if first != again || first == other {
		t.Errorf("%s, %s, %s", first, again, other)
	}
}

func TestChatWantsText(t *testing.T) {
	url := start(t)
	if status, body := ask(t, "POST", url+"/open/chat", `{"txt":"a"}`, nil); status != 400 || !strings.Contains(body, "no_text") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask(t, "POST", url+"/open/chat", `{"text":"a"}`, nil); status != 200 || body != "ok" {
		t.Errorf("%d %s", status, body)
	}
}
