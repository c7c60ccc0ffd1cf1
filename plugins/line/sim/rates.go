package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// rates are how often each operation may be called. They run on real time,
// because the platform's clock may stand still.
type rates struct {
	mu      sync.Mutex
	off     bool
	seconds map[float64]*simkit.Bucket
	windows map[window]*simkit.Quota
	now     func() time.Time
}

type window struct {
	most int
	per  time.Duration
}

func newRates(now func() time.Time) *rates {
	return &rates{seconds: map[float64]*simkit.Bucket{}, windows: map[window]*simkit.Quota{}, now: now}
}

// admit counts a call of the operation "METHOD /path/{template}".
func (r *rates) admit(operation string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.off {
		return true
	}
	second, w := rateOf(operation)
	if second > 0 {
		if r.seconds[second] == nil {
			r.seconds[second] = simkit.NewBucket(r.now, second, second)
		}
		return r.seconds[second].Take(operation, 1) == 0
	}
	if r.windows[w] == nil {
		r.windows[w] = simkit.NewQuota(r.now, w.most, w.per)
	}
	_, ok := r.windows[w].Use(operation)
	return ok
}

// rateOf returns an operation's calls per second or, where that is 0, per window.
func rateOf(operation string) (second float64, w window) {
	_, path, _ := strings.Cut(operation, " ")
	switch {
	case path == "/v2/bot/message/narrowcast", path == "/v2/bot/message/broadcast", path == "/v2/bot/channel/webhook/test":
		return 0, window{60, time.Hour}
	case strings.HasPrefix(path, "/v2/bot/audienceGroup/"):
		return 0, window{60, time.Minute}
	case path == "/v2/bot/channel/webhook/endpoint":
		return 0, window{1000, time.Minute}
	case path == "/v2/bot/richmenu/batch":
		return 0, window{3, time.Hour}
	case operation == "POST /v2/bot/richmenu", operation == "DELETE /v2/bot/richmenu/{menuId}",
		operation == "DELETE /v2/bot/richmenu/alias/{aliasId}", path == "/v2/bot/richmenu/progress/batch":
		return 0, window{100, time.Hour}
	case path == "/v2/bot/richmenu/list":
		return 10, w
	case path == "/v2/bot/message/multicast":
		return 200, w
	case path == "/v2/bot/chat/loading/start":
		return 100, w
	default:
		return 2000, w
	}
}

// quota is how many messages a month has, and how many went out.
type quota struct {
	now  func() time.Time
	most int64 // 0: no limit
	used map[string]int64
	days map[string]int64 // by kind of sending and day
}

func newQuota(now func() time.Time) *quota {
	return &quota{now: now, most: 5000, used: map[string]int64{}, days: map[string]int64{}}
}

func (q *quota) month() string { return q.now().In(jst).Format("200601") }

func (q *quota) left() int64 { return q.most - q.used[q.month()] }

// fits says whether so many more messages may go out this month.
func (q *quota) fits(n int64) bool { return q.most == 0 || n <= q.left() }

// count notes what was delivered. Replies are free.
func (q *quota) count(kind string, n int64) {
	if kind != "reply" {
		q.used[q.month()] += n
	}
	q.days[kind+q.now().In(jst).Format("20060102")] += n
}

// limits is what PUT /_sim/limits takes; what is not named stays.
type limits struct {
	// Rates switches all rates on or off.
	Rates *bool `json:"rates"`
	// Monthly is the month's messages; 0 is no limit. Used is how many of them went out.
	Monthly *int64 `json:"monthly"`
	Used    *int64 `json:"used"`
	// Verified accounts may list their followers.
	Verified *bool `json:"verified"`
}

func (a *account) setLimits(raw json.RawMessage) error {
	var l limits
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.Rates != nil {
		a.rates.mu.Lock()
		a.rates.off = !*l.Rates
		a.rates.mu.Unlock()
	}
	if l.Monthly != nil {
		a.quota.most = *l.Monthly
	}
	if l.Used != nil {
		a.quota.used[a.quota.month()] = *l.Used
	}
	if l.Verified != nil {
		a.verified = *l.Verified
	}
	return nil
}
