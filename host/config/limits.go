package config

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/sdk/abi"
)

// limits reads what bounds a connection: its pace, one call of its plugin, and
// one HTTP request.
func (r *reader) limits(c *Connection) take {
	return func(n *yaml.Node, path string) {
		keys := append(r.paceKeys(&c.Limits), r.callKeys(&c.CallLimits)...)
		r.object(n, path, append(keys, r.requestKeys(&c.RequestLimits)...)...)
	}
}

func (r *reader) paceKeys(l *abi.Limits) []key {
	return []key{
		{"per_second", r.rate(&l.PerSecond)},
		{"burst", r.count(&l.Burst)},
		{"concurrency", r.count(&l.Concurrency)},
		{"per_day", r.count(&l.PerDay)},
		{"day_start", r.dayStart(&l.DayStart)},
		{"points", r.points(&l.Points)},
	}
}

func (r *reader) callKeys(l *CallLimits) []key {
	return []key{
		{"memory", size(r, &l.Memory)},
		{"fuel", r.amount(&l.Fuel)},
		{"time", r.duration(&l.Time)},
		{"recursion", r.count(&l.Recursion)},
		{"http_calls", r.count(&l.HTTPCalls)},
		{"request_bytes", size(r, &l.RequestBytes)},
		{"output_bytes", size(r, &l.OutputBytes)},
		{"log_lines", r.count(&l.LogLines)},
		{"log_bytes", size(r, &l.LogBytes)},
		{"state_keys", r.count(&l.StateKeys)},
		{"state_bytes", size(r, &l.StateBytes)},
		{"state_total", r.count(&l.StateTotal)},
	}
}

func (r *reader) requestKeys(l *RequestLimits) []key {
	return []key{
		{"request_time", r.duration(&l.Time)},
		{"rate_wait", r.duration(&l.RateWait)},
		{"response_bytes", size(r, &l.ResponseBytes)},
		{"header_bytes", size(r, &l.HeaderBytes)},
		{"header_count", r.count(&l.HeaderCount)},
		{"redirects", r.redirects(&l.Redirects)},
	}
}

func (r *reader) points(to *abi.Points) take {
	return func(n *yaml.Node, path string) {
		r.object(n, path, key{"capacity", r.rate(&to.Capacity)}, key{"per_second", r.rate(&to.PerSecond)})
		if (to.Capacity > 0) != (to.PerSecond > 0) {
			r.fault("missing-key", path, say(
				"a bucket of points needs capacity and per_second", "points には capacity と per_second の両方が必要です"))
		}
	}
}

func (r *reader) dayStart(to *string) take {
	want := abi.Text{EN: `the start of a day, such as "00:00+09:00"`, JA: `1日の始まり("00:00+09:00" など)`}
	return scalar(r, to, want, func(n *yaml.Node) (string, bool) {
		_, err := abi.ParseDayStart(n.Value)
		return n.Value, err == nil && n.Value != ""
	})
}

// redirects reads how many redirects are followed; 0, none, is kept as -1.
func (r *reader) redirects(to *int) take {
	return scalar(r, to, abi.Text{EN: "a whole number from 0 to 20", JA: "0〜20の整数"}, func(n *yaml.Node) (int, bool) {
		value, err := strconv.Atoi(n.Value)
		if value == 0 {
			return -1, err == nil
		}
		return value, err == nil && value > 0 && value <= 20
	})
}
