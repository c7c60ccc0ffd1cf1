package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// The shop's permanent token, and its app.
const (
	permanentToken = "shpat_sim"
	appID          = "sim-client-id"
	appSecret      = "sim-client-secret"
	// tokenLife is how long a token of the app is good.
	tokenLife = 24 * time.Hour
)

// authority issues and checks tokens.
type authority struct {
	now    func() time.Time
	mu     sync.Mutex
	issued int
	until  map[string]time.Time
}

func newAuthority(env *simkit.Env) *authority {
	return &authority{now: env.Clock.Now, until: map[string]time.Time{}}
}

// grant is the client credentials grant; form and JSON are both taken.
func (a *authority) grant(w http.ResponseWriter, r *http.Request) {
	fields, err := grantFields(r)
	switch {
	case err != nil:
		refuseGrant(w, http.StatusBadRequest, "invalid_request")
	case fields["grant_type"] != "client_credentials":
		refuseGrant(w, http.StatusBadRequest, "unsupported_grant_type")
	case fields["client_id"] != appID || fields["client_secret"] != appSecret:
		refuseGrant(w, http.StatusUnauthorized, "invalid_client")
	default:
		simkit.WriteJSON(w, http.StatusOK, object{
			"access_token": a.issue(), "scope": "write_customers,write_inventory,write_orders,write_products", "expires_in": int(tokenLife.Seconds()) - 1,
		})
	}
}

func grantFields(r *http.Request) (map[string]string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	switch kind {
	case "application/json":
		err := json.NewDecoder(r.Body).Decode(&fields)
		return fields, err
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		for name := range r.PostForm {
			fields[name] = r.PostForm.Get(name)
		}
		return fields, nil
	}
	return nil, errors.New("neither a form nor JSON")
}

func refuseGrant(w http.ResponseWriter, status int, code string) {
	simkit.WriteJSON(w, status, object{"error": code, "error_description": "The request was refused."})
}

func (a *authority) issue() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued++
	token := fmt.Sprintf("shpat_%08d", a.issued)
	a.until[token] = a.now().Add(tokenLife)
	return token
}

func (a *authority) admits(token string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return token == permanentToken || a.now().Before(a.until[token])
}

// expire ends all tokens of the app.
func (a *authority) expire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.until)
}

// sessions is the collection _sessions: delete any of it, and all tokens expire.
func (a *authority) sessions() simkit.Table {
	return simkit.Table{
		List: func() (any, error) { return []object{}, nil },
		Put:  func(string, json.RawMessage) error { return errors.New("tokens are issued, not written") },
		Delete: func(string) error {
			a.expire()
			return nil
		},
	}
}

// admit answers 401 unless the request has a good token.
func (a *authority) admit(w http.ResponseWriter, r *http.Request) bool {
	if a.admits(strings.TrimSpace(r.Header.Get("X-Shopify-Access-Token"))) {
		return true
	}
	simkit.WriteJSON(w, http.StatusUnauthorized, object{"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
	return false
}
