package abi

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits is how fast the platform lets one connection go. Zero means no limit.
// All flows, polls and backfills of the connection share them.
type Limits struct {
	PerSecond   float64 `json:"per_second,omitempty"`
	Burst       int     `json:"burst,omitempty"`
	Concurrency int     `json:"concurrency,omitempty"`

	// PerDay is how many requests a day takes. They are counted over restarts.
	PerDay int `json:"per_day,omitempty"`
	// DayStart is when a day begins, as "00:00Z" (the default) or "09:00+09:00":
	// see [ParseDayStart].
	DayStart string `json:"day_start,omitempty"`

	// Endpoints are what single endpoints take, besides all that is above.
	Endpoints []EndpointLimit `json:"endpoints,omitempty"`

	// Points is the bucket of a platform that prices its requests.
	Points Points `json:"points,omitzero"`
	// Gauges are the header fields in which the platform says how much is left.
	// A 429 or 503 with Retry-After pauses the connection without any.
	Gauges []Gauge `json:"gauges,omitempty"`
}

// EndpointLimit is what the platform takes at some endpoint: so many requests
// in so many seconds. A run that would go beyond it waits alone; the
// connection's other requests go on. It is counted from the start of the host.
type EndpointLimit struct {
	// Match is the method, or * for any, and the path below base_url, as
	// "POST /v2/bot/user/{id}/richmenu": {id} is any one segment, or the rest of
	// one as in "/values/{range}:append", and {...} at the end any rest of the
	// path. Of several that match a request the first one counts.
	Match    string `json:"match"`
	Requests int    `json:"requests"`
	Seconds  int    `json:"seconds"`
}

// CodeEndpointLimit is the code of a RateLimited error that says nothing about
// the rest of the platform: the host keeps an [EndpointLimit] by it, and a
// connector may tell by it that only one record or one kind of call has to wait.
const CodeEndpointLimit = "endpoint_limit"

// Points is a leaky bucket: a request takes its cost out ([Request.Cost], 1
// unless it says otherwise) and waits while there is not enough; the platform
// pours PerSecond back. What is declared here is where a connection starts: an
// [Allowance] or a [Gauge] then corrects it.
type Points struct {
	Capacity  float64 `json:"capacity,omitempty"`
	PerSecond float64 `json:"per_second,omitempty"`
}

// Gauge is a header field in which a platform says how much it will still take.
// Answers without the field, or with something else in it, teach nothing.
type Gauge struct {
	// Header is the field, as "X-RateLimit-Remaining".
	Header string `json:"header"`
	// Key names the part to read in a field that holds several, as api-usage in
	// "api-usage=18/100000; per-app-api-usage=17/250".
	Key string `json:"key,omitempty"`
	// Shows is what the field holds.
	Shows GaugeShows `json:"shows"`
	// Limit is the field that holds the whole allowance, as "X-RateLimit-Limit".
	// [GaugeUsed] needs it, the others may have it.
	Limit string `json:"limit,omitempty"`
	// Reset is the field that says when the allowance is whole again: in
	// seconds, as "6m0s", as a Unix time in seconds or milliseconds, or as a date.
	Reset string `json:"reset,omitempty"`
	// PauseSeconds is how long the connection pauses when nothing is left and
	// Reset says nothing; 0 means 60.
	PauseSeconds int `json:"pause_seconds,omitempty"`
	// Reserve is how many of the allowance are left alone, for others that share it.
	Reserve int `json:"reserve,omitempty"`
	// Points says that the field shows the bucket of [Points], which it then
	// corrects. Otherwise the connection pauses when nothing is left.
	Points bool `json:"points,omitempty"`
}

// GaugeShows is what a gauge's field holds.
type GaugeShows string

// The kinds of figures.
const (
	// GaugeRemaining is how much is left: "12".
	GaugeRemaining GaugeShows = "remaining"
	// GaugeUsed is how much was used, of what Gauge.Limit holds: "88".
	GaugeUsed GaugeShows = "used"
	// GaugeUsedOfLimit is both in one field: "88/100".
	GaugeUsedOfLimit GaugeShows = "used/limit"
)

// Allowance is what a plugin has read in an answer's body about the bucket of
// [Points]. It replaces what the host reckoned; requests that are still under
// way are taken off by the host. Zero fields other than Available change nothing.
type Allowance struct {
	// Available is how many points the platform says are left.
	Available float64 `json:"available"`
	Capacity  float64 `json:"capacity,omitempty"`
	PerSecond float64 `json:"per_second,omitempty"`
}

// ParseDayStart reads when a day begins: "15:04" and a zone, as "00:00Z" or
// "09:00+09:00"; empty is midnight UTC. Add the result to a time and count
// whole days of UTC.
func ParseDayStart(text string) (shift time.Duration, err error) {
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse("15:04Z07:00", text)
	if err != nil {
		return 0, fmt.Errorf(`%q is not the start of a day, such as "00:00Z" or "09:00+09:00"`, text)
	}
	begin := at.Sub(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC))
	return -begin, nil
}

var errNegative = errors.New("is negative")

func (v *validator) limits() {
	l := v.manifest.Limits
	for _, n := range []struct {
		name  string
		value float64
	}{
		{"per_second", l.PerSecond},
		{"burst", float64(l.Burst)},
		{"concurrency", float64(l.Concurrency)},
		{"per_day", float64(l.PerDay)},
		{"points.capacity", l.Points.Capacity},
		{"points.per_second", l.Points.PerSecond},
	} {
		if n.value < 0 {
			v.fault("limits: %s %w", n.name, errNegative)
		}
	}
	if _, err := ParseDayStart(l.DayStart); err != nil {
		v.fault("limits: day_start: %w", err)
	}
	if (l.Points.Capacity > 0) != (l.Points.PerSecond > 0) {
		v.fault("limits: points need both capacity and per_second")
	}
	for i := range l.Endpoints {
		v.endpoint(fmt.Sprintf("limits: endpoint %d", i+1), &l.Endpoints[i])
	}
	for i := range l.Gauges {
		v.gauge(fmt.Sprintf("limits: gauge %d", i+1), &l.Gauges[i])
	}
}

func (v *validator) gauge(at string, g *Gauge) {
	if g.Header == "" {
		v.fault("%s: header is missing", at)
	}
	switch g.Shows {
	case GaugeRemaining, GaugeUsedOfLimit:
	case GaugeUsed:
		if g.Limit == "" {
			v.fault("%s: a field that shows what was used needs the field of the limit", at)
		}
	default:
		v.fault("%s: it shows %q, not one of remaining, used, used/limit", at, g.Shows)
	}
	if g.Points && v.manifest.Limits.Points.Capacity == 0 {
		v.fault("%s: it shows points, and the limits declare none", at)
	}
	if g.PauseSeconds < 0 || g.Reserve < 0 {
		v.fault("%s: pause_seconds or reserve %w", at, errNegative)
	}
}

func (v *validator) endpoint(at string, e *EndpointLimit) {
	method, path, _ := strings.Cut(e.Match, " ")
	if method == "" || method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") {
		v.fault(`%s: match %q is not of the form "POST /path/{id}" or "* /path/{...}"`, at, e.Match)
	}
	if before, _, rest := strings.Cut(path, "{...}"); rest && before+"{...}" != path {
		v.fault("%s: match %q: {...} stands at the end", at, e.Match)
	}
	if e.Requests <= 0 || e.Seconds <= 0 {
		v.fault("%s: it needs requests and seconds", at)
	}
}
