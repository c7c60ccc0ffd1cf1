// Package simkit is what simulated platforms are built from: a server that
// journals every exchange, injects faults, keeps a settable clock, limits rates
// and sends webhooks, all steered over HTTP under /_sim/.
//
// A sim brings the platform's behaviour as an [http.Handler] and hands it to
// [Main] (as a program) or [Start] (in a test). It never learns of faults: they
// happen around its handler, before or after the effect.
//
// simkit is native only: sims are programs, they never become wasm.
package simkit

import (
	"encoding/json"
	"net/http"
	"time"
)

// Program is a sim, ready to be started.
type Program struct {
	// Name is the platform's id, such as "ecforce".
	Name string
	// Now is real time; a program passes time.Now.
	Now func() time.Time
	// Open builds the platform, seeded. It is called once per start.
	Open func(*Env) (*Platform, error)
}

// Env is what a platform is given to live in.
type Env struct {
	// URL is where the sim listens, without a trailing slash.
	URL string
	// Seed makes the data: the same seed, the same data.
	Seed int64
	// Clock is the platform's clock. Real is the machine's, for limits that
	// must refill while the platform's clock stands still.
	Clock *Clock
	Real  func() time.Time
	// Hooks sends the platform's webhooks.
	Hooks *Hooks
}

// Platform is the behaviour that a sim brings. Only Handler is required.
type Platform struct {
	// Handler is the platform's API. The request body and the response writer
	// are valid until it returns.
	Handler http.Handler
	// Tables are the collections under /_sim/records/, by name.
	Tables map[string]Table
	// SetLimits changes the platform's limits; what is not named stays.
	SetLimits func(limits json.RawMessage) error
	// Hook builds the webhook for a delivery that somebody asks for by
	// POST /_sim/deliver, the way the platform does.
	Hook func(Delivery) (Message, error)
}

// Table is a collection as the platform's staff sees it. Put merges fields into
// a record or creates it; it may send webhooks.
type Table struct {
	List   func() (any, error)
	Put    func(id string, fields json.RawMessage) error
	Delete func(id string) error
}

// Delivery asks for one webhook to be sent now.
type Delivery struct {
	Event string `json:"event"`
	ID    string `json:"id"`
	// Times sends the same bytes that often; 0 means once.
	Times int `json:"times,omitempty"`
	// Body replaces what the platform would send.
	Body string `json:"body,omitempty"`
	// Headers are set on top of the platform's; an empty value removes one.
	Headers map[string]string `json:"headers,omitempty"`
}

// Effect notes in the journal what a request changed, such as "create Account
// 001". A handler calls it once per change, with its own response writer; the
// notes of one exchange are joined by "; ".
func Effect(w http.ResponseWriter, what string) {
	if x, ok := w.(*exchange); ok {
		x.noteEffect(what)
	}
}

// WriteJSON answers with a status and a JSON document. A value that cannot be
// encoded is a fault of the sim and answers 500 with the reason.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "sim: "+err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) //nolint:errcheck // into the exchange's buffer: cannot fail
}
