package simkit

import (
	"net/http"
	"slices"
	"time"
)

// Hook is where and how the platform delivers its webhooks.
type Hook struct {
	// URL is the receiver; empty sends none.
	URL string `json:"url"`
	// Events are the events that are sent; none means all.
	Events []string `json:"events,omitempty"`
	// Template is the platform's name of a body form, such as "ids" or "full".
	Template string `json:"template,omitempty"`
	// Secret signs, in the platform's way.
	Secret string `json:"secret,omitempty"`
}

// wants says whether events of that name are sent.
func (h *Hook) wants(event string) bool {
	return h.URL != "" && (len(h.Events) == 0 || slices.Contains(h.Events, event))
}

// Message is one webhook, ready to be sent.
type Message struct {
	Event  string
	Method string // empty: POST
	Header http.Header
	Body   []byte
	// Retry is for platforms that send again what was not accepted; the zero
	// value sends once.
	Retry Retry
}

// Retry says how a platform repeats a webhook that was not accepted.
type Retry struct {
	// Times is how often it is sent again, Wait how long after.
	Times int
	Wait  time.Duration
	// Accepted judges an answer; nil accepts every 2xx.
	Accepted func(Answer) bool
}

func (r *Retry) accepted(a Answer) bool {
	if r.Accepted != nil {
		return r.Accepted(a)
	}
	return a.Status >= 200 && a.Status < 300
}

// Answer is what the receiver of a webhook answered; Error is set if nothing came.
type Answer struct {
	Event   string            `json:"event"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Request string            `json:"request,omitempty"`
	Body    string            `json:"body"`
	Error   string            `json:"error,omitempty"`
}
