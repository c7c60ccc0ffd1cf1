package simkit

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// FaultKind is a way for an exchange to go wrong.
type FaultKind string

// The kinds of fault.
const (
	// FaultStatus answers Status with Headers and Body.
	FaultStatus FaultKind = "status"
	// FaultHTML answers an error page, as a firewall in front of the platform does; Status is 503 if not given.
	FaultHTML FaultKind = "html"
	// FaultSlow answers properly after DelayMS.
	FaultSlow FaultKind = "slow"
	// FaultReset resets the TCP connection without an answer.
	FaultReset FaultKind = "reset"
	// FaultCut sends the proper head and half of the body, then resets. The effect always takes place.
	FaultCut FaultKind = "cut"
	// FaultHang sends nothing until the client goes away.
	FaultHang FaultKind = "hang"
)

// Forever is the Times of a fault that stays until it is removed.
const Forever = -1

// Fault is an injected fault: which requests it meets, and what happens to them.
type Fault struct {
	Match   Match             `json:"match"`
	Kind    FaultKind         `json:"fault"`
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	DelayMS int               `json:"delay_ms,omitempty"`
	// Skip lets that many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests it meets: 0 means one, Forever all.
	Times int `json:"times,omitempty"`
	// AfterEffect lets the request take effect; only its answer goes wrong.
	AfterEffect bool `json:"after_effect,omitempty"`
}

// Match selects requests. Empty fields match anything.
type Match struct {
	Method string `json:"method,omitempty"`
	// Path and Body match when they are contained.
	Path string `json:"path,omitempty"`
	Body string `json:"body,omitempty"`
}

func (m *Match) matches(method, path string, body []byte) bool {
	return (m.Method == "" || strings.EqualFold(m.Method, method)) &&
		strings.Contains(path, m.Path) &&
		(m.Body == "" || bytes.Contains(body, []byte(m.Body)))
}

var errFaultStatus = errors.New("a fault of kind status needs a status from 200 to 599")

func (f *Fault) validate() error {
	switch f.Kind {
	case FaultStatus:
		if f.Status < http.StatusOK || f.Status > 599 {
			return errFaultStatus
		}
	case FaultHTML, FaultSlow, FaultReset, FaultCut, FaultHang:
	default:
		return fmt.Errorf("no such fault: %q", f.Kind)
	}
	return nil
}

// reaches says whether the request gets to the platform at all.
func (f *Fault) reaches() bool {
	return f.AfterEffect || f.Kind == FaultSlow || f.Kind == FaultCut
}

// faults are the injected faults, oldest first.
type faults struct {
	mu   sync.Mutex
	last int
	list []*Fault
}

// add takes a copy of f and returns its number.
func (fs *faults) add(f Fault) (int, error) {
	if err := f.validate(); err != nil {
		return 0, err
	}
	if f.Times == 0 {
		f.Times = 1
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.last++
	fs.list = append(fs.list, &f)
	return fs.last, nil
}

func (fs *faults) clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = nil
}

// take returns the fault that meets this request, or nil, and counts it.
func (fs *faults) take(method, path string, body []byte) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.list {
		if !f.Match.matches(method, path, body) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times != Forever {
			f.Times--
		}
		if f.Times == 0 {
			fs.list = slices.Delete(fs.list, i, i+1)
		}
		return f
	}
	return nil
}
