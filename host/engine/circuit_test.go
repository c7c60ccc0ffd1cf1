package engine

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// admitted says whether a call would go out; a probe then is under way.
func (c *circuit) admitted(now time.Time) bool {
	_, ok := c.admit(now)
	return ok
}

// call lets a call out that ends with err at once.
func (c *circuit) call(err *abi.Error, now time.Time) change {
	p, _ := c.admit(now)
	return c.report(p, err, now)
}

func shutCircuit(t *testing.T) *circuit {
	t.Helper()
	c := newCircuits().of("crm")
	for range tripAfter {
		if got := c.status().State; got != host.ConnectionReady {
			t.Fatal("a circuit shut too early")
		}
		c.call(&abi.Error{Kind: abi.Unavailable}, noon)
	}
	if c.admitted(noon) {
		t.Fatal("a call went out to a platform that is down")
	}
	return c
}

func TestCircuitLetsOneProbeThroughWhenItsPauseIsOver(t *testing.T) {
	c := shutCircuit(t)
	later := noon.Add(firstPause)
	probe, ok := c.admit(later)
	if !ok || c.admitted(later) {
		t.Fatal("want exactly one probe")
	}
	if got := c.report(probe, nil, later); got != reopened {
		t.Errorf("a probe that succeeds: %v, want reopened", got)
	}
	if first, second := c.admitted(later), c.admitted(later); !first || !second {
		t.Error("calls are held although the platform works again")
	}
}

func TestCircuitPausesLongerEachTimeAProbeFails(t *testing.T) {
	c := shutCircuit(t)
	for want := 2 * firstPause; want <= longestPause; want *= 2 {
		now := c.status().Until
		c.call(&abi.Error{Kind: abi.Unavailable}, now)
		if got := c.status().Until.Sub(now); got != want {
			t.Fatalf("pause %s, want %s", got, want)
		}
	}
}

// Calls that went out before the circuit shut say nothing new, whether they
// failed or not, and even while a probe is under way.
func TestCircuitIgnoresCallsFromBeforeItShut(t *testing.T) {
	c := newCircuits().of("crm")
	early, _ := c.admit(noon)
	for range tripAfter {
		c.call(&abi.Error{Kind: abi.Unavailable}, noon)
	}
	until := c.status().Until
	for range 20 {
		c.report(early, &abi.Error{Kind: abi.Unavailable}, noon)
		c.report(early, nil, noon)
	}
	if got := c.status(); got.State != host.ConnectionPaused || !got.Until.Equal(until) {
		t.Errorf("late answers: %+v, want a pause until %s", got, until)
	}
	probe, _ := c.admit(until)
	c.report(early, nil, until)
	if c.admitted(until) {
		t.Error("a late answer was taken for the probe's")
	}
	if got := c.report(probe, nil, until); got != reopened {
		t.Errorf("the probe succeeded: %v", got)
	}
}

// A probe whose run was canceled tells nothing: the next call is the probe.
func TestCircuitTakesAnotherProbeForACanceledOne(t *testing.T) {
	c := shutCircuit(t)
	later := noon.Add(firstPause)
	probe, _ := c.admit(later)
	c.giveBack(probe)
	if !c.admitted(later) {
		t.Error("no call goes out any more")
	}
}

func TestCircuitOfARefusedCredentialIsParked(t *testing.T) {
	c := newCircuits().of("crm")
	c.call(&abi.Error{Kind: abi.Auth}, noon)
	if got := c.status(); got.State != host.ConnectionParked || c.admitted(noon.Add(time.Minute)) {
		t.Errorf("after a refused credential: %+v", got)
	}
	c.resume()
	if !c.admitted(noon) {
		t.Error("a person's word that it works was not taken")
	}
}

func TestCircuitStaysShutForAsLongAsThePlatformAsked(t *testing.T) {
	c := newCircuits().of("crm")
	c.call(&abi.Error{Kind: abi.RateLimited, RetryAfterMS: 90_000}, noon)
	if c.admitted(noon.Add(89*time.Second)) || !c.admitted(noon.Add(90*time.Second)) {
		t.Error("Retry-After was not kept")
	}
}

func TestCircuitStaysOpenForAnswersThatAreErrors(t *testing.T) {
	c := newCircuits().of("crm")
	for range 100 {
		c.call(&abi.Error{Kind: abi.Invalid}, noon)
		c.call(&abi.Error{Kind: abi.Limit}, noon)
	}
	if !c.admitted(noon) {
		t.Error("a platform that answers was taken for down")
	}
}

func TestCircuitDoesNotWaitForAClockThatWasSetBack(t *testing.T) {
	c := shutCircuit(t)
	if !c.admitted(noon.Add(-time.Hour)) {
		t.Error("the pause of a few seconds became an hour")
	}
}

// What one endpoint takes says nothing about the others.
func TestCircuitStaysOpenForAnEndpointsLimit(t *testing.T) {
	c := newCircuits().of("crm")
	limited := &abi.Error{Kind: abi.RateLimited, Code: abi.CodeEndpointLimit, RetryAfterMS: 60_000}
	if got := c.call(limited, noon); got != unchanged || !c.admitted(noon) {
		t.Errorf("an endpoint's limit: %v, want the connection to stay open", got)
	}
}
