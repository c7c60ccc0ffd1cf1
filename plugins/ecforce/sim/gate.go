package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// Tokens that work from the start.
const (
	simToken      = "sim-token"
	readOnlyToken = "sim-token-readonly"
)

// The administrator who may sign in.
const (
	adminID       = 12
	adminEmail    = "bot@shop.example.com"
	adminPassword = "sim-password"
)

// gate checks tokens and rates. Rates run on real time, because the shop's
// clock may stand still.
type gate struct {
	rate    *simkit.Bucket
	signIns *simkit.Quota
	mu      sync.Mutex
	tokens  map[string]bool // token: may write
	issued  int
}

func newGate(env *simkit.Env) *gate {
	return &gate{
		rate:    simkit.NewBucket(env.Real, 1, 1),
		signIns: simkit.NewQuota(env.Real, 5, time.Hour),
		tokens:  map[string]bool{simToken: true, readOnlyToken: false},
	}
}

// admit lets a request in or refuses it: 401 without the exact header form, 429
// above the rate, 403 for a write that the token's user may not do.
func (g *gate) admit(w http.ResponseWriter, r *http.Request) bool {
	token, ok := tokenOf(r)
	g.mu.Lock()
	mayWrite, known := g.tokens[token]
	g.mu.Unlock()
	if !ok || !known {
		refuse(w, errToken)
		return false
	}
	if g.rate.Take(token, 1) > 0 {
		tooMany(w)
		return false
	}
	if r.Method != http.MethodGet && !mayWrite {
		refuse(w, errPermission)
		return false
	}
	return true
}

// tooMany answers like the middleware in front of the application: text, no code.
func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "3")
	http.Error(w, "Retry later", http.StatusTooManyRequests)
}

// tokenOf reads `Token token="..."`; no other form is right.
func tokenOf(r *http.Request) (token string, ok bool) {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), `Token token="`)
	if !ok {
		return "", false
	}
	token, ok = strings.CutSuffix(rest, `"`)
	return token, ok && token != ""
}

// signIn gives a token for an administrator's password, five times an hour.
func (g *gate) signIn(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Admin struct {
			Email    string `json:"email"`
			Password string `json:"password"`
		} `json:"admin"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil && err != io.EOF {
		refuse(w, errToken)
		return
	}
	if _, ok := g.signIns.Use(body.Admin.Email); !ok {
		tooMany(w)
		return
	}
	if body.Admin.Email != adminEmail || body.Admin.Password != adminPassword {
		refuse(w, errToken)
		return
	}
	g.mu.Lock()
	g.issued++
	token := fmt.Sprintf("sim-issued-%04d", g.issued)
	g.tokens[token] = true
	g.mu.Unlock()
	simkit.Effect(w, "sign in")
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"id": adminID, "email": adminEmail, "authentication_token": token})
}

// signOut revokes the token that it is called with.
func (g *gate) signOut(w http.ResponseWriter, r *http.Request) {
	token, _ := tokenOf(r)
	g.mu.Lock()
	_, known := g.tokens[token]
	delete(g.tokens, token)
	g.mu.Unlock()
	if !known {
		refuse(w, errToken)
		return
	}
	simkit.Effect(w, "sign out")
	w.WriteHeader(http.StatusNoContent)
}
