package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

const (
	usageHeader = "Sforce-Limit-Info"
	usageState  = "usage"
	// usagePause is how long polls wait before they look whether calls are left again.
	usagePause = 15 * time.Minute
)

// usage is how many of the org's calls of the last 24 hours are used.
type usage struct{ used, allowed int }

// readUsage reads "api-usage=18/100000; per-app-api-usage=17/250(appName=x)".
func readUsage(header string) (usage, bool) {
	for _, part := range strings.Split(header, ";") {
		value, ok := strings.CutPrefix(strings.TrimSpace(part), "api-usage=")
		if !ok {
			continue
		}
		used, allowed, _ := strings.Cut(value, "/")
		u, errUsed := strconv.Atoi(used)
		a, errAllowed := strconv.Atoi(allowed)
		return usage{u, a}, errUsed == nil && errAllowed == nil && a > 0
	}
	return usage{}, false
}

func (u usage) above(percent int) bool { return percent > 0 && u.used*100 >= u.allowed*percent }

// kept is the state that remembers a high usage.
type kept struct {
	At time.Time `json:"at"`
}

// noteUsage warns, at most once per usagePause, that the day's calls run out,
// and makes polls pause.
func (o *org) noteUsage(r *rest.Response) error {
	u, ok := readUsage(r.Header(usageHeader))
	if !ok || !u.above(o.settings.UsagePercent) {
		return nil
	}
	if _, paused, err := o.paused(); err != nil || paused {
		return err
	}
	o.call.Log(abi.LevelWarn, "the org's API calls of the day run out: polls pause", "used", u.used, "allowed", u.allowed)
	value, err := sdk.Encode(kept{At: o.call.Now()})
	if err != nil {
		return err
	}
	return o.call.SetState(usageState, value)
}

// paused says whether a high usage was noted lately, and how long polls still pause.
func (o *org) paused() (left time.Duration, paused bool, err error) {
	value, ok, err := o.call.State(usageState)
	if err != nil || !ok {
		return 0, false, err
	}
	var k kept
	if err := sdk.Decode(value, &k); err != nil {
		return 0, false, sdk.Errorf(abi.Internal, "reading the noted usage: %w", err)
	}
	left = k.At.Add(usagePause).Sub(o.call.Now())
	return left, left > 0, nil
}

// spare refuses a poll while the day's calls run out: what is left belongs to
// the writes that people wait for. By its code the host knows that the rest of
// the connection goes on.
func (o *org) spare() error {
	left, paused, err := o.paused()
	if err != nil || !paused {
		return err
	}
	return &abi.Error{
		Kind: abi.RateLimited, Code: abi.CodeEndpointLimit, RetryAfterMS: left.Milliseconds(),
		Message: "polls pause: the org's API calls of the day run out (setting usage_percent)",
	}
}
