package main

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	retryHeader = "X-Line-Retry-Key"
	// retryLife is how long a key is known, from its first request on.
	retryLife = 24 * time.Hour
)

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// attempt is what a retry key stands for: a request that was accepted.
type attempt struct {
	requestID string
	at        time.Time
	sent      any
}

// takesRetryKey says whether an operation knows the header.
func takesRetryKey(path string) bool {
	kind, ok := strings.CutPrefix(path, "/v2/bot/message/")
	return ok && slices.Contains([]string{"push", "multicast", "narrowcast", "broadcast"}, kind)
}

// once carries a sending out, unless its retry key was accepted before.
func (a *account) once(op operation) operation {
	return func(c *call) (int, any, *refusal) {
		key := strings.ToLower(c.r.Header.Get(retryHeader))
		if key == "" {
			return op(c)
		}
		if !uuid.MatchString(key) {
			return 0, nil, refused(http.StatusBadRequest, "The retry key is invalid")
		}
		before, known := a.retries[key]
		if known && a.env.Clock.Now().Sub(before.at) < retryLife {
			return 0, nil, &refusal{
				status: http.StatusConflict, body: failure{Message: "The retry key is already accepted", Sent: before.sent},
				header: map[string]string{"X-Line-Accepted-Request-Id": before.requestID},
			}
		}
		status, body, no := op(c)
		if no == nil {
			a.retries[key] = attempt{requestID: c.id, at: a.env.Clock.Now(), sent: sentIn(body)}
		}
		return status, body, no
	}
}

// sentIn returns what a push tells of its messages, which 409 repeats.
func sentIn(body any) any {
	if s, ok := body.(sentMessages); ok {
		return s.Messages
	}
	return nil
}
