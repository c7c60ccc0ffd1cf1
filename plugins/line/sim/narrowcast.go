package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// narrowcast is one sending to a segment, done some seconds after it was accepted.
type narrowcast struct {
	accepted time.Time
	// targets are whom it is meant for, got who got it.
	targets, got int
	// code is why it failed; 0 if it did not.
	code int
}

// narrowcastTime is how long a narrowcast takes.
const narrowcastTime = 10 * time.Second

type narrowcastBody struct {
	Messages  []map[string]any `json:"messages"`
	Recipient map[string]any   `json:"recipient"`
	Filter    map[string]any   `json:"filter"`
	Limit     struct {
		Max           int  `json:"max"`
		UpToRemaining bool `json:"upToRemainingQuota"`
		ForbidPartial bool `json:"forbidPartialDelivery"`
	} `json:"limit"`
	Silent bool `json:"notificationDisabled"`
}

func (a *account) narrowcastRoutes() {
	a.handle("POST", "/v2/bot/message/narrowcast", a.once(a.narrowcast))
	a.handle("GET", "/v2/bot/message/progress/narrowcast", a.narrowcastProgress)
}

func (a *account) narrowcast(c *call) (int, any, *refusal) {
	var body narrowcastBody
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	if no := checkMessages(body.Messages); no != nil {
		return 0, nil, no
	}
	// Demographics need a reach that this account does not have.
	if body.Filter["demographic"] != nil && len(a.friends()) < 100 {
		return 0, nil, refused(http.StatusForbidden, "Your account does not have enough friends")
	}
	targets, no := a.segment(body.Recipient)
	if no != nil {
		return 0, nil, no
	}
	reserved := len(targets)
	if body.Limit.Max > 0 {
		reserved = min(reserved, body.Limit.Max)
	}
	if !body.Limit.UpToRemaining && !a.quota.fits(int64(reserved)) {
		return 0, nil, errMonthly
	}
	n := narrowcast{accepted: a.env.Clock.Now(), targets: reserved, got: reserved}
	if a.quota.most > 0 {
		n.got = min(reserved, int(max(0, a.quota.left())))
	}
	if n.got < reserved && body.Limit.ForbidPartial {
		n.got, n.code = 0, 5
	}
	a.narrowcasts[c.id] = n
	a.deliver(c, "narrowcast", targets[:reserved], targets[:n.got], sending{Messages: body.Messages, Silent: body.Silent})
	return http.StatusAccepted, empty{}, nil
}

// segment is who a recipient object stands for: all friends, an audience, or
// several joined by an operator.
func (a *account) segment(recipient map[string]any) ([]string, *refusal) {
	switch recipient["type"] {
	case nil, "redelivery":
		return a.friends(), nil
	case "audience":
		id := fmt.Sprint(recipient["audienceGroupId"])
		group, ok := a.audiences.Get(id)
		if !ok || group.status(a.env.Clock.Now()) != "READY" {
			return nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"AUDIENCE_GROUP_NOT_FOUND", "recipient.audienceGroupId"})
		}
		return a.reachable(group.Members), nil
	case "operator":
		return a.operator(recipient)
	default:
		return nil, refused(http.StatusBadRequest, "The property, recipient/type, in the request body is invalid (line: -, column: -)")
	}
}

// operator joins segments: exactly one of and, or, not.
func (a *account) operator(o map[string]any) ([]string, *refusal) {
	all, isAnd := o["and"].([]any)
	some, isOr := o["or"].([]any)
	none, isNot := o["not"].(map[string]any)
	if given := len(o) - 1; given != 1 || (!isAnd && !isOr && !isNot) { // besides the type
		return nil, refused(http.StatusBadRequest, "The property, recipient, in the request body is invalid (line: -, column: -)")
	}
	votes, parts := map[string]int{}, slices.Concat(all, some)
	if isNot {
		parts = []any{none}
	}
	for _, part := range parts {
		inner := as[map[string]any](part)
		ids, no := a.segment(inner)
		if no != nil {
			return nil, no
		}
		for _, id := range ids {
			votes[id]++
		}
	}
	var ids []string
	for _, id := range a.friends() {
		if n := votes[id]; (isAnd && n == len(all)) || (isOr && n > 0) || (isNot && n == 0) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (a *account) narrowcastProgress(c *call) (int, any, *refusal) {
	n, ok := a.narrowcasts[c.r.FormValue("requestId")]
	if !ok {
		return 0, nil, errNotFound
	}
	done := n.accepted.Add(narrowcastTime)
	answer := map[string]any{"phase": "sending", "acceptedTime": stamp(n.accepted)}
	if a.env.Clock.Now().Before(done) {
		return http.StatusOK, answer, nil
	}
	answer["completedTime"] = stamp(done)
	if n.code != 0 {
		answer["phase"], answer["errorCode"], answer["failedDescription"] = "failed", n.code, "error code "+strconv.Itoa(n.code)
		return http.StatusOK, answer, nil
	}
	answer["phase"], answer["successCount"], answer["failureCount"], answer["targetCount"] = "succeeded", n.got, n.targets-n.got, n.targets
	return http.StatusOK, answer, nil
}

// stamp is how LINE writes times of jobs: UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
