package egress

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

func fields(pairs ...string) []abi.Header {
	var all []abi.Header
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, abi.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

func TestGaugesAreRead(t *testing.T) {
	remaining := abi.Gauge{Header: "X-Remaining", Limit: "X-Limit", Shows: abi.GaugeRemaining}
	used := abi.Gauge{Header: "X-Used", Limit: "X-Limit", Shows: abi.GaugeUsed}
	call := abi.Gauge{Header: "Call-Limit", Shows: abi.GaugeUsedOfLimit}
	usage := abi.Gauge{Header: "Limit-Info", Key: "api-usage", Shows: abi.GaugeUsedOfLimit}
	for _, c := range []struct {
		gauge   abi.Gauge
		headers []abi.Header
		want    reading
		ok      bool
	}{
		{remaining, fields("x-remaining", "12", "x-limit", "300"), reading{12, 300}, true},
		{remaining, fields("X-Remaining", "0"), reading{0, 0}, true},
		{remaining, fields("X-Remaining", "soon"), reading{}, false},
		{remaining, fields("X-Remaining", "-3"), reading{}, false},
		{remaining, nil, reading{}, false},
		{used, fields("X-Used", "288", "X-Limit", "300"), reading{12, 300}, true},
		{used, fields("X-Used", "288"), reading{}, false},
		{call, fields("Call-Limit", "32/40"), reading{8, 40}, true},
		{call, fields("Call-Limit", "32"), reading{}, false},
		{call, fields("Call-Limit", "0/0"), reading{}, false},
		{usage, fields("Limit-Info", "api-usage=18/100; per-app-api-usage=17/250(appName=shop)"), reading{82, 100}, true},
		{usage, fields("Limit-Info", "per-app-api-usage=17/250, API-Usage=20/100"), reading{80, 100}, true},
		{usage, fields("Limit-Info", "per-app-api-usage=17/250"), reading{}, false},
	} {
		got, ok := readGauge(&c.gauge, c.headers)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%+v of %v: %+v, %v", c.gauge, c.headers, got, ok)
		}
	}
}

func TestResetsAreReadInEveryForm(t *testing.T) {
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	unix := now.Unix()
	for text, want := range map[string]time.Duration{
		"90": 90 * time.Second, "1.5": 1500 * time.Millisecond, "6m0s": 6 * time.Minute, "20ms": 20 * time.Millisecond,
		strconv.FormatInt(unix+30, 10): 30 * time.Second, strconv.FormatInt(unix*1000+1500, 10): 1500 * time.Millisecond,
		"2026-04-01T09:00:10+09:00": 10 * time.Second, "Wed, 01 Apr 2026 00:00:10 GMT": 10 * time.Second,
		strconv.FormatInt(unix-30, 10): 0, "": 0, "later": 0, "-5s": 0, "999999999999999999999": maxPause,
	} {
		if got := untilReset(text, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestWhenNothingIsLeftTheConnectionPauses(t *testing.T) {
	gauge := abi.Gauge{Header: "X-Remaining", Shows: abi.GaugeRemaining, Reset: "X-Reset", Reserve: 5, PauseSeconds: 20}
	for _, c := range []struct {
		headers []abi.Header
		want    time.Duration
	}{
		{fields("X-Remaining", "6", "X-Reset", "30"), 0},
		{fields("X-Remaining", "5", "X-Reset", "30"), 30 * time.Second},
		{fields("X-Remaining", "0"), 20 * time.Second},
		{nil, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newTestLimited(t, &counter{status: http.StatusOK, headers: c.headers}, abi.Limits{Gauges: []abi.Gauge{gauge}}, time.Second)
			l.send(t.Context(), &hop{})
			r := l.send(t.Context(), &hop{})
			if (r.Err != nil) != (c.want > 0) || r.Err != nil && r.Err.RetryAfter() != c.want {
				t.Errorf("%v: %+v, want to wait for %s", c.headers, r.Err, c.want)
			}
		})
	}
}

func TestAGaugeCorrectsThePoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: http.StatusOK, headers: fields("Call-Limit", "38/40")}
		l := newTestLimited(t, next, abi.Limits{
			Points: abi.Points{Capacity: 80, PerSecond: 2},
			Gauges: []abi.Gauge{{Header: "Call-Limit", Shows: abi.GaugeUsedOfLimit, Points: true}},
		}, time.Minute)
		l.send(t.Context(), &hop{})
		began := time.Now()
		l.send(t.Context(), &hop{cost: 6})
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("4 points more than there were, at 2 a second, took %s", took)
		}
	})
}
