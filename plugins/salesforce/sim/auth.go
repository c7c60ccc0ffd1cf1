package main

import (
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// client is an External Client App.
type client struct {
	ID     string
	Secret string
	// RunAs is the user of the client credentials flow; empty if the flow is off.
	RunAs string
	// Key is the uploaded certificate's, Users are who approved the app.
	Key   *rsa.PublicKey
	Users []string
}

// session is an access token in use. It is extended by use.
type session struct {
	token   string
	user    string
	client  string
	issued  time.Time
	expires atomic.Int64 // Unix nanoseconds
}

// authority is the org's OAuth 2.0 endpoints.
type authority struct {
	now func() time.Time
	url string

	mu       sync.RWMutex
	clients  map[string]*client
	sessions map[string]*session
	refresh  map[string]string // token to client id
	issued   int
	life     time.Duration
	rotate   bool
	private  *rsa.PrivateKey // generated on demand
}

// The app that every simulated org has.
const (
	defaultClient  = "sim-client-id"
	defaultSecret  = "sim-client-secret"
	defaultUser    = "integration@example.com"
	defaultRefresh = "sim-refresh-token"
	orgLogin       = "https://login.salesforce.com"
)

func newAuthority(env *simkit.Env) *authority {
	return &authority{
		now: env.Clock.Now, url: env.URL, life: 2 * time.Hour,
		clients: map[string]*client{defaultClient: {
			ID: defaultClient, Secret: defaultSecret, RunAs: defaultUser, Users: []string{defaultUser},
		}},
		sessions: map[string]*session{},
		refresh:  map[string]string{defaultRefresh: defaultClient},
	}
}

func (a *authority) setSessionLife(life time.Duration, rotate bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.life, a.rotate = life, rotate
}

// expireAll ends every session.
func (a *authority) expireAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.sessions)
}

// session returns the session of a request's bearer token.
func (a *authority) session(r *http.Request) (*session, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a.mu.RLock()
	found, life := a.sessions[token], a.life
	a.mu.RUnlock()
	now := a.now()
	if !ok || found == nil || now.UnixNano() > found.expires.Load() {
		return nil, fault(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	}
	found.expires.Store(now.Add(life).UnixNano())
	return found, nil
}

// refused is an OAuth error.
type refused struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// token is the token endpoint.
func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		simkit.WriteJSON(w, http.StatusBadRequest, refused{"invalid_request", "unreadable form"})
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var g grant
	var no *refused
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		g, no = a.clientCredentials(r)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		g, no = a.jwtBearer(r.PostForm.Get("assertion"))
	case "refresh_token":
		g, no = a.refreshToken(r)
	default:
		no = &refused{"unsupported_grant_type", "grant type not supported"}
	}
	if no != nil {
		simkit.WriteJSON(w, http.StatusBadRequest, no)
		return
	}
	simkit.WriteJSON(w, http.StatusOK, a.issue(g, r))
}

// grant is what a token is issued for.
type grant struct {
	client  *client
	refresh string // a new refresh token, if there is one
}

// identify finds the client by the form or by HTTP Basic.
func (a *authority) identify(r *http.Request, needSecret bool) (*client, *refused) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	c := a.clients[id]
	if c == nil {
		return nil, &refused{"invalid_client_id", "client identifier invalid"}
	}
	if c.Secret != secret && (needSecret || secret != "") {
		return nil, &refused{"invalid_client", "invalid client credentials"}
	}
	return c, nil
}

func (a *authority) clientCredentials(r *http.Request) (grant, *refused) {
	c, no := a.identify(r, true)
	if no == nil && c.RunAs == "" {
		no = &refused{"invalid_grant", "no client credentials user enabled"}
	}
	return grant{client: c}, no
}

func (a *authority) refreshToken(r *http.Request) (grant, *refused) {
	c, no := a.identify(r, false)
	if no != nil {
		return grant{}, no
	}
	token := r.PostForm.Get("refresh_token")
	if a.refresh[token] != c.ID {
		return grant{}, &refused{"invalid_grant", "expired access/refresh token"}
	}
	g := grant{client: c}
	if a.rotate {
		delete(a.refresh, token)
		g.refresh = fmt.Sprintf("sim-refresh-%d", a.issued+1)
		a.refresh[g.refresh] = c.ID
	}
	return g, nil
}

// issue opens a session. There is no expires_in: how long it lives is the org's setting.
func (a *authority) issue(g grant, r *http.Request) map[string]string {
	a.issued++
	now := a.now()
	s := &session{
		token: fmt.Sprintf("%s!AQ0AQ.sim%d", org.OrganizationID[:15], a.issued),
		user:  org.IntegrationUser, client: g.client.ID, issued: now,
	}
	s.expires.Store(now.Add(a.life).UnixNano())
	a.sessions[s.token] = s
	answer := map[string]string{
		"access_token": s.token, "scope": "api", "token_type": "Bearer",
		"instance_url": "http://" + r.Host, "id": orgLogin + "/id/" + org.OrganizationID + "/" + s.user,
		"issued_at": strconv.FormatInt(now.UnixMilli(), 10),
		"signature": base64.StdEncoding.EncodeToString([]byte(s.token)),
	}
	if g.refresh != "" {
		answer["refresh_token"] = g.refresh
	}
	return answer
}

func (a *authority) introspect(w http.ResponseWriter, r *http.Request) {
	token := r.PostFormValue("token") // reads the form, for identify too
	a.mu.RLock()
	defer a.mu.RUnlock()
	if _, no := a.identify(r, true); no != nil {
		simkit.WriteJSON(w, http.StatusUnauthorized, no)
		return
	}
	s := a.sessions[token]
	if s == nil || a.now().UnixNano() > s.expires.Load() {
		simkit.WriteJSON(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{
		"active": true, "scope": "api", "client_id": s.client, "username": defaultUser, "token_type": "access_token",
		"sub": orgLogin + "/id/" + org.OrganizationID + "/" + s.user, "iat": s.issued.Unix(), "exp": s.expires.Load() / int64(time.Second),
	})
}

func (a *authority) revoke(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token := r.PostFormValue("token")
	_, isRefresh := a.refresh[token]
	if a.sessions[token] == nil && !isRefresh {
		simkit.WriteJSON(w, http.StatusBadRequest, refused{"unsupported_token_type", "this token is not known"})
		return
	}
	delete(a.sessions, token)
	delete(a.refresh, token)
	w.WriteHeader(http.StatusOK)
}

func (a *authority) userinfo(w http.ResponseWriter, r *http.Request) {
	s, err := a.session(r)
	if err != nil {
		http.Error(w, "Bad_OAuth_Token", http.StatusUnauthorized)
		return
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{
		"sub": orgLogin + "/id/" + org.OrganizationID + "/" + s.user, "user_id": s.user, "organization_id": org.OrganizationID,
		"preferred_username": defaultUser, "name": "Musubi", "email": defaultUser, "zoneinfo": "Asia/Tokyo", "locale": "ja_JP",
	})
}

// approved says whether the user may be impersonated by the app.
func (c *client) approved(user string) bool { return slices.Contains(c.Users, user) }
