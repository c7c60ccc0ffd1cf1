package egress

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// reading is what a gauge shows. Limit is 0 if it does not show one.
type reading struct {
	remaining, limit float64
}

// readGauge reads what an answer's header fields show; ok is false if they
// show nothing that makes sense.
func readGauge(g *abi.Gauge, headers []abi.Header) (r reading, ok bool) {
	text := gaugeText(abi.HeaderValue(headers, g.Header), g.Key)
	if g.Shows == abi.GaugeUsedOfLimit {
		used, limit, found := strings.Cut(text, "/")
		return usedOf(used, limit, found)
	}
	limit := gaugeText(abi.HeaderValue(headers, g.Limit), g.Key)
	if g.Shows == abi.GaugeUsed {
		return usedOf(text, limit, true)
	}
	r.limit, _ = figure(limit)
	r.remaining, ok = figure(text)
	return r, ok
}

func usedOf(usedText, limitText string, found bool) (reading, bool) {
	used, usedOK := figure(usedText)
	limit, limitOK := figure(limitText)
	return reading{remaining: limit - used, limit: limit}, found && usedOK && limitOK && limit > 0
}

// gaugeText returns the part of a field that belongs to key: all of it without a key.
func gaugeText(value, key string) string {
	if key == "" {
		return value
	}
	for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ';' || c == ',' }) {
		name, figure, found := strings.Cut(strings.TrimSpace(part), "=")
		if found && strings.EqualFold(strings.TrimSpace(name), key) {
			return figure
		}
	}
	return ""
}

func figure(text string) (float64, bool) {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return value, err == nil && value >= 0 && !math.IsInf(value, 0)
}

const standardPause = time.Minute

// pause is how long the connection has to wait when nothing is left.
func pause(g *abi.Gauge, headers []abi.Header, now time.Time) time.Duration {
	if wait := untilReset(abi.HeaderValue(headers, g.Reset), now); wait > 0 {
		return wait
	}
	return orDefault(time.Duration(g.PauseSeconds)*time.Second, standardPause)
}

// The smallest numbers that are taken for a Unix time, in seconds and in
// milliseconds: the year 2001. Smaller ones are seconds to wait.
const (
	leastUnix      = 1e9
	leastUnixMilli = 1e12
)

// untilReset reads when an allowance is whole again, in whichever form the
// platform writes it; 0 if it cannot be read or is over.
func untilReset(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	var at time.Time
	if seconds, ok := figure(text); ok {
		switch {
		case seconds >= leastUnixMilli:
			at = time.UnixMilli(int64(min(seconds, 1e3*math.MaxInt32)))
		case seconds >= leastUnix:
			at = time.Unix(int64(seconds), 0)
		default:
			return retryAfter(text, now)
		}
	} else if wait, err := time.ParseDuration(text); err == nil {
		at = now.Add(wait)
	} else if at, err = time.Parse(time.RFC3339, text); err != nil {
		if at, err = http.ParseTime(text); err != nil {
			return 0
		}
	}
	return min(max(0, at.Sub(now)), maxPause)
}
