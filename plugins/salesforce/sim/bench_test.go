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

// loaded starts an org and returns a function that calls it.
func loaded(b *testing.B) func(method, path, body string, want int) {
	b.Helper()
	sim, err := simkit.Start(program(), "127.0.0.1:0", 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(sim.Close)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {defaultClient}, "client_secret": {defaultSecret}}
	answer, err := http.PostForm(sim.URL+"/services/oauth2/token", form)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var login struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&login); err != nil {
		b.Fatal(err)
	}
	return func(method, path, body string, want int) {
		b.Helper()
		request, err := http.NewRequest(method, sim.URL+"/services/data/v67.0"+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+login.Token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if err := response.Body.Close(); err != nil || response.StatusCode != want {
			b.Fatal(err, response.Status)
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	call := loaded(b)
	for b.Loop() {
		call("POST", "/sobjects/Account", `{"Name":"山田 花子","Mail__c":"hanako@example.com"}`, http.StatusCreated)
	}
}

// BenchmarkSearch searches among 100,000 accounts.
func BenchmarkSearch(b *testing.B) {
	call := loaded(b)
	const accounts, batch = 100_000, 200
	for first := 0; first < accounts; first += batch {
		records := make([]string, batch)
		for i := range records {
			records[i] = fmt.Sprintf(`{"attributes":{"type":"Account"},"Name":"顧客 %d","Mail__c":"c%d@example.com"}`, first+i, first+i)
		}
		call("POST", "/composite/sobjects", `{"records":[`+strings.Join(records, ",")+`]}`, http.StatusOK)
	}
	n := 0
	for b.Loop() {
		n++
		q := fmt.Sprintf("SELECT Id FROM Account WHERE Mail__c = 'c%d@example.com' LIMIT 201", n%accounts)
		call("GET", "/query?q="+url.QueryEscape(q), "", http.StatusOK)
	}
}
