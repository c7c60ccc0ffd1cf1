package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func BenchmarkCreate(b *testing.B) {
	sim, err := simkit.Start(program(), "127.0.0.1:0", 1)
	if err != nil {
		b.Fatal(err)
	}
	defer sim.Close()
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
	body := []byte(`{"Name":"山田 花子","Mail__c":"hanako@example.com"}`)
	for b.Loop() {
		request, _ := http.NewRequest(http.MethodPost, sim.URL+"/services/data/v67.0/sobjects/Account", bytes.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+login.Token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != http.StatusCreated {
			b.Fatal(err, response)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}
