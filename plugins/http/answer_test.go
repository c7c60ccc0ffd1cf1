package main

import (
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/sdk/sdktest"
)

// TestASessionIsInNoAnswer: a cookie that the service gives is as good as the
// credential, and runs, their records and flows show all of an answer.
func TestASessionIsInNoAnswer(t *testing.T) {
	s := sdktest.New(t, connector, map[string]any{"base_url": "https://api.example.com"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "session=0123456789abcdef; HttpOnly")
		w.Header().Set("Etag", "7")
	}))
	var got answer
	if err := s.Do("request.get", lookup{Path: "orders"}, &got); err != nil {
		t.Fatal(err)
	}
	if cookie, there := got.Headers["set-cookie"]; there || got.Headers["etag"] != "7" {
		t.Errorf("the answer has the cookie %q, and the headers %v", cookie, got.Headers)
	}
}
