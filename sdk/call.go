package sdk

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// Call is one invocation of a handler. It is valid until the handler returns.
type Call struct {
	instance *Instance
	wire     *abi.Call
	client   rest.Client
}

// Now returns the host's time. It stands still during a call.
func (c *Call) Now() time.Time { return c.wire.Now }

// IdempotencyKey is the same for every attempt of one step and different for
// every other; empty outside a step. Platforms that take such a key get it.
func (c *Call) IdempotencyKey() string { return c.wire.IdempotencyKey }

// Since is when the first attempt of this step began whose outcome is unknown, or
// the present one if there is none; zero on the first attempt.
func (c *Call) Since() time.Time { return c.wire.Since }

// Get begins a GET of path under the setting base_url. Each %s or %d of path is
// replaced by the next of args, escaped; see [rest.Client.Path].
func (c *Call) Get(path string, args ...any) *rest.Request {
	return c.client.Path("GET", path, args...)
}

// Post begins a POST, as [Call.Get] does a GET.
func (c *Call) Post(path string, args ...any) *rest.Request {
	return c.client.Path("POST", path, args...)
}

// Put begins a PUT, as [Call.Get] does a GET.
func (c *Call) Put(path string, args ...any) *rest.Request {
	return c.client.Path("PUT", path, args...)
}

// Patch begins a PATCH, as [Call.Get] does a GET.
func (c *Call) Patch(path string, args ...any) *rest.Request {
	return c.client.Path("PATCH", path, args...)
}

// Delete begins a DELETE, as [Call.Get] does a GET.
func (c *Call) Delete(path string, args ...any) *rest.Request {
	return c.client.Path("DELETE", path, args...)
}

// Request begins a request to url as it stands: an absolute address, or a path
// under base_url that the platform gave ("next page") and that needs no escaping.
func (c *Call) Request(method, url string) *rest.Request { return c.client.URL(method, url) }

// State returns what [Call.SetState] kept under key, for this connection, and
// whether there is anything. It survives restarts; it is for what can be
// fetched again, such as a list of field names.
func (c *Call) State(key string) ([]byte, bool, error) { return c.instance.host.StateGet(key) }

// SetState keeps value under key for this connection.
func (c *Call) SetState(key string, value []byte) error { return c.instance.host.StateSet(key, value) }

// Learn tells the host what the platform said in an answer's body about the
// connection's points: the host corrects its bucket (abi.Limits.Points) and
// makes the requests of all the connection's calls wait for it. What stands in
// header fields needs no Learn: declare it in abi.Limits.Gauges. A GraphQL
// platform's connector declares a bucket, gives each request its cost with
// [rest.Request.Cost], and passes on what every answer says:
//
//	call.Learn(abi.Allowance{Available: t.CurrentlyAvailable, Capacity: t.MaximumAvailable, PerSecond: t.RestoreRate})
//
// An answer that says "throttled" is returned as an *abi.Error of kind
// RateLimited besides, with RetryAfterMS: the connection then pauses.
func (c *Call) Learn(allowance abi.Allowance) { c.instance.host.Learn(allowance) }

// Log writes a line to the host's log: a constant message and pairs of key and
// value. Keys are snake_case; nothing personal belongs there.
func (c *Call) Log(level abi.Level, message string, pairs ...any) {
	var line strings.Builder
	line.WriteString(message)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&line, " %v=%q", pairs[i], fmt.Sprint(pairs[i+1]))
	}
	c.instance.host.Log(level, line.String())
}
