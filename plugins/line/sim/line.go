package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// jst is where the platform counts days and months.
var jst = time.FixedZone("JST", 9*60*60)

// maxRequest is the largest request body, in bytes.
const maxRequest = 2 << 20

// account is one Official Account with one channel.
type account struct {
	env *simkit.Env
	// mux has the operations of the API's host, data those of the host for what is large.
	mux, data *http.ServeMux
	tokens    *tokens
	rates     *rates
	quota     *quota
	hooks     *hooks

	users     *simkit.Collection[user]
	groups    *simkit.Collection[group]
	menus     *simkit.Collection[menu]
	aliases   *simkit.Collection[aliasBody]
	audiences *simkit.Collection[audience]
	contents  *simkit.Collection[content]
	outbox    *simkit.Collection[delivery]

	// mu is held by whoever changes anything below, or several collections at once.
	mu          sync.Mutex
	last        int64
	retries     map[string]attempt
	linkTokens  map[string]linkToken
	narrowcasts map[string]narrowcast
	batches     map[string]time.Time
	defaultMenu string
	endpoint    string
	// loadings are how long chats show that an answer is coming, in seconds.
	loadings map[string]int
	// verified accounts may list their followers; reach is what demographic filters see.
	verified bool
}

// open builds an account with the seed's friends.
func open(env *simkit.Env) (*simkit.Platform, error) {
	a := &account{
		env: env, mux: http.NewServeMux(), data: http.NewServeMux(), tokens: newTokens(env.Clock.Now), rates: newRates(env.Real), quota: newQuota(env.Clock.Now),
		users: simkit.NewCollection[user](), groups: simkit.NewCollection[group](), menus: simkit.NewCollection[menu](), aliases: simkit.NewCollection[aliasBody](),
		audiences: simkit.NewCollection[audience](), contents: simkit.NewCollection[content](), outbox: simkit.NewCollection[delivery](),
		last: 590000000000000100, retries: map[string]attempt{}, linkTokens: map[string]linkToken{},
		narrowcasts: map[string]narrowcast{}, batches: map[string]time.Time{}, loadings: map[string]int{}, verified: true,
	}
	a.hooks = newHooks(a)
	a.seed()
	a.routes()
	return &simkit.Platform{Handler: a, Tables: a.tables(), SetLimits: a.setLimits, Hook: a.hooks.build}, nil
}

// call is one request that was let in.
type call struct {
	w http.ResponseWriter
	r *http.Request
	// id is the X-Line-Request-Id.
	id string
}

// refusal is an answer other than 2xx.
type refusal struct {
	status int
	body   failure
	header map[string]string
}

type failure struct {
	Message string   `json:"message"`
	Details []detail `json:"details,omitempty"`
	Sent    any      `json:"sentMessages,omitempty"`
}

type detail struct {
	Message  string `json:"message"`
	Property string `json:"property,omitempty"`
}

func refused(status int, message string, details ...detail) *refusal {
	return &refusal{status: status, body: failure{Message: message, Details: details}}
}

var (
	errNotFound = refused(http.StatusNotFound, "Not found")
	errUser     = refused(http.StatusBadRequest, "The value for the 'userId' parameter is invalid")
)

// alreadyAnswered is the status of an operation that wrote its own answer.
const alreadyAnswered = 0

// operation carries out a request: the answer's status and body, or why not.
type operation func(c *call) (status int, body any, no *refusal)

// handle serves one operation: first the credential, then the rate, then the
// retry key, which few operations take.
func (a *account) handle(method, path string, op operation) { a.handleOn(a.mux, method, path, op) }

func (a *account) handleOn(host *http.ServeMux, method, path string, op operation) {
	pattern := method + " " + path
	host.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, id: a.requestID()}
		w.Header().Set("X-Line-Request-Id", c.id)
		status, body, no := a.admit(c, pattern, op)
		if no == nil {
			if status != alreadyAnswered {
				simkit.WriteJSON(w, status, body)
			}
			return
		}
		for name, value := range no.header {
			w.Header().Set(name, value)
		}
		simkit.WriteJSON(w, no.status, no.body)
	})
}

func (a *account) admit(c *call, pattern string, op operation) (status int, body any, no *refusal) {
	switch {
	case !a.tokens.good(c.r.Header.Get("Authorization")):
		return 0, nil, refused(http.StatusUnauthorized, "Authentication failed due to the following reason: invalid token. Confirm that the access token in the authorization header is valid.")
	case !a.rates.admit(pattern):
		return 0, nil, refused(http.StatusTooManyRequests, "The API rate limit has been exceeded. Try again later.")
	case c.r.Header.Get(retryHeader) != "" && !takesRetryKey(c.r.URL.Path):
		return 0, nil, refused(http.StatusBadRequest, "The retry key is not supported for this API")
	case c.r.ContentLength > maxRequest:
		return 0, nil, refused(http.StatusRequestEntityTooLarge, "The request body is too large")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return op(c)
}

// requestID makes the id of a request, a UUID in shape.
func (a *account) requestID() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	return fmt.Sprintf("80ad5a5c-0000-4000-8000-%012d", a.last%1_000_000_000_000)
}

// nextID makes a message id: beyond 2^53. The caller holds the lock.
func (a *account) nextID() string {
	a.last++
	return strconv.FormatInt(a.last, 10)
}

// read decodes the body, JSON with nothing unknown at the top.
func (c *call) read(into any) *refusal {
	if !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		return refused(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	decoder := json.NewDecoder(c.r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return refused(http.StatusBadRequest, "The request body could not be parsed as JSON (line: 1, column: 1)")
	}
	return nil
}

// empty is the body of an answer that has nothing to tell.
type empty struct{}

func (a *account) effect(c *call, format string, args ...any) {
	simkit.Effect(c.w, fmt.Sprintf(format, args...))
}

// ServeHTTP serves all of LINE's hosts. The one for what is large is known by
// its paths.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := a.data.Handler(r); pattern != "" && !strings.HasPrefix(r.URL.Path, "/v2/bot/richmenu/alias/") {
		a.data.ServeHTTP(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

func (a *account) routes() {
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		simkit.WriteJSON(w, http.StatusNotFound, errNotFound.body)
	})
	a.tokenRoutes()
	a.sendRoutes()
	a.narrowcastRoutes()
	a.userRoutes()
	a.accountRoutes()
	a.menuRoutes()
	a.menuMakingRoutes()
	a.audienceRoutes()
}
