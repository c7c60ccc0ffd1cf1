package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// settings are what PUT /_sim/limits changes; what is not named stays.
type settings struct {
	// Daily is how many calls the org may make in 24 hours, Concurrent how many
	// at once; 0 switches a limit off.
	Daily      int `json:"daily"`
	Concurrent int `json:"concurrent"`
	// SessionSeconds is how long a session lives without being used.
	SessionSeconds int `json:"session_seconds"`
	// RotateRefreshTokens hands out a new refresh token with each access token.
	RotateRefreshTokens bool `json:"rotate_refresh_tokens"`
	// LockRows makes the next so many writes of a record fail with UNABLE_TO_LOCK_ROW.
	LockRows int `json:"lock_rows"`
	// OutboundRetryMS is the wait before the first repetition of an outbound message.
	OutboundRetryMS int `json:"outbound_retry_ms"`
	// SendSessionID puts a session id into outbound messages.
	SendSessionID bool `json:"send_session_id"`
}

// limits are the org's allowances.
type limits struct {
	daily *simkit.Quota
	gate  *simkit.Gate

	mu       sync.Mutex
	settings settings
	used     int
}

const (
	day       = 24 * time.Hour
	everybody = "org"
	// sandboxCalls is a sandbox's daily allowance.
	sandboxCalls = 5_000_000
)

func newLimits(env *simkit.Env) *limits {
	l := &limits{settings: settings{Daily: sandboxCalls, SessionSeconds: 7200, OutboundRetryMS: 2000}}
	l.daily = simkit.NewQuota(env.Clock.Now, sandboxCalls, day)
	l.gate = simkit.NewGate(0)
	return l
}

func (l *limits) current() settings {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settings
}

// enter counts a call. leave ends it.
func (l *limits) enter() (leave func(), err error) {
	used, ok := l.daily.Use(everybody)
	l.mu.Lock()
	l.used = used
	l.mu.Unlock()
	if !ok {
		return nil, fault(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	if !l.gate.Enter(everybody) {
		return nil, fault(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
	}
	return func() { l.gate.Leave(everybody) }, nil
}

// info is the header that every answer carries.
func (l *limits) info() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("api-usage=%d/%d", l.used, l.shown())
}

// shown is the allowance that the org speaks of, even if it is not enforced.
func (l *limits) shown() int {
	if l.settings.Daily == 0 {
		return sandboxCalls
	}
	return l.settings.Daily
}

func (s *server) setLimits(change json.RawMessage) error {
	l := s.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settings.LockRows = 0
	if err := json.Unmarshal(change, &l.settings); err != nil {
		return err
	}
	l.daily.Set(l.settings.Daily)
	l.gate.Set(l.settings.Concurrent)
	s.auth.setSessionLife(time.Duration(l.settings.SessionSeconds)*time.Second, l.settings.RotateRefreshTokens)
	s.org.LockRows(l.settings.LockRows)
	return nil
}

func (s *server) readLimits(*request) (answer, error) {
	l := s.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	type allowance struct{ Max, Remaining int }
	return jsonAnswer(http.StatusOK, map[string]allowance{
		"DailyApiRequests":     {l.shown(), max(l.shown()-l.used, 0)},
		"DailyBulkV2QueryJobs": {10_000, 10_000},
		"DailyBulkApiBatches":  {15_000, 15_000},
		"DataStorageMB":        {1024, 1000},
		"FileStorageMB":        {1024, 1000},
	})
}
