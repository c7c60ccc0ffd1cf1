package engine

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func shutCircuit(t *testing.T) *circuit {
	t.Helper()
	c := newCircuits().of("crm")
	for range tripAfter {
		if !c.admit(noon) {
			t.Fatal("a circuit shut too early")
		}
		c.report(&abi.Error{Kind: abi.Unavailable}, noon)
	}
	if c.admit(noon) {
		t.Fatal("a call went out to a platform that is down")
	}
	return c
}

func TestCircuitLetsOneProbeThroughWhenItsPauseIsOver(t *testing.T) {
	c := shutCircuit(t)
	later := noon.Add(firstPause)
	if first, second := c.admit(later), c.admit(later); !first || second {
		t.Fatal("want exactly one probe")
	}
	if got := c.report(nil, later); got != reopened {
		t.Errorf("a probe that succeeds: %v, want reopened", got)
	}
	if first, second := c.admit(later), c.admit(later); !first || !second {
		t.Error("calls are held although the platform works again")
	}
}

func TestCircuitPausesLongerEachTimeAProbeFails(t *testing.T) {
	c := shutCircuit(t)
	for want := 2 * firstPause; want <= longestPause; want *= 2 {
		now := c.status().Until
		c.admit(now)
		c.report(&abi.Error{Kind: abi.Unavailable}, now)
		if got := c.status().Until.Sub(now); got != want {
			t.Fatalf("pause %s, want %s", got, want)
		}
	}
}

func TestCircuitIgnoresFailuresOfCallsFromBeforeItShut(t *testing.T) {
	c := shutCircuit(t)
	until := c.status().Until
	for range 20 {
		c.report(&abi.Error{Kind: abi.Unavailable}, noon)
	}
	if got := c.status().Until; !got.Equal(until) {
		t.Errorf("late failures moved the probe from %s to %s", until, got)
	}
}

func TestCircuitOfARefusedCredentialIsParked(t *testing.T) {
	c := newCircuits().of("crm")
	c.admit(noon)
	c.report(&abi.Error{Kind: abi.Auth}, noon)
	if got := c.status(); got.State != host.ConnectionParked || c.admit(noon.Add(time.Minute)) {
		t.Errorf("after a refused credential: %+v", got)
	}
	c.resume()
	if !c.admit(noon) {
		t.Error("a person's word that it works was not taken")
	}
}

func TestCircuitStaysShutForAsLongAsThePlatformAsked(t *testing.T) {
	c := newCircuits().of("crm")
	c.admit(noon)
	c.report(&abi.Error{Kind: abi.RateLimited, RetryAfterMS: 90_000}, noon)
	if c.admit(noon.Add(89*time.Second)) || !c.admit(noon.Add(90*time.Second)) {
		t.Error("Retry-After was not kept")
	}
}

func TestCircuitStaysOpenForAnswersThatAreErrors(t *testing.T) {
	c := newCircuits().of("crm")
	for range 100 {
		c.admit(noon)
		c.report(&abi.Error{Kind: abi.Invalid}, noon)
		c.report(&abi.Error{Kind: abi.Limit}, noon)
	}
	if !c.admit(noon) {
		t.Error("a platform that answers was taken for down")
	}
}

func TestCircuitDoesNotWaitForAClockThatWasSetBack(t *testing.T) {
	c := shutCircuit(t)
	if !c.admit(noon.Add(-time.Hour)) {
		t.Error("the pause of a few seconds became an hour")
	}
}

// What one endpoint takes says nothing about the others.
func TestCircuitStaysOpenForAnEndpointsLimit(t *testing.T) {
	c := newCircuits().of("crm")
	limited := &abi.Error{Kind: abi.RateLimited, Code: abi.CodeEndpointLimit, RetryAfterMS: 60_000}
	if got := c.report(limited, noon); got != unchanged || !c.admit(noon) {
		t.Errorf("an endpoint's limit: %v, want the connection to stay open", got)
	}
}
