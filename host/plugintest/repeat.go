package plugintest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// checkRepeat loses the answer of an action that says that it is idempotent,
// and calls it again as the engine does. The platform must then hold what it
// holds after one call. What two single calls leave differently, such as a
// random id, is not compared; nor is the number of a record's version, nor the
// output, which may well tell that there was nothing left to do.
func (s *suite) checkRepeat(t *testing.T, c *actionCase, aim target) {
	t.Helper()
	var at time.Time // where all clocks stand
	once := func(t *testing.T, connection *connection, call abi.Call) {
		t.Helper()
		output, fault := connection.invoke(t, call)
		if fault != nil {
			t.Fatalf("%s: %s", fault.Kind, fault)
		}
		for _, fault := range conform("output", s.action(t, c.Action).Output, output) {
			t.Error(fault)
		}
	}
	single := func() map[string]string {
		p := s.stageAt(t, c, at)
		at = p.now(t)
		before := p.state(t)
		once(t, s.connect(t, p, options{settings: c.Settings}), c.call())
		return changes(before, p.state(t), s.fixture.Versions)
	}
	one, other := single(), single()
	if len(one) == 0 {
		t.Fatalf("one call of %s changes nothing in the sim's tables, so a second one would not be seen either: let the sim show it, or waive this", c.Action)
	}
	p := s.stageAt(t, c, at)
	before := p.state(t)
	connection, fault := s.fail(t, p, c, aim, failure{fault: simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}})
	(&errorWant{Kind: abi.Unknown}).check(t, fault)
	second := c.call()
	second.Since = at
	once(t, connection, second)
	if faults := differences(one, other, changes(before, p.state(t), s.fixture.Versions)); len(faults) > 0 {
		t.Errorf("%s says that it is idempotent, so the engine repeats it when an answer is lost. After a second call with the same input and "+
			"idempotency key:\n  %s\nPass call.IdempotencyKey() on to a platform that knows such keys, or look first what is there already; "+
			"otherwise leave Idempotent out and give Confirm. A field that only numbers the record's versions belongs in \"versions\" of conformance.json", c.Action, strings.Join(faults, "\n  "))
	}
}

// stageAt is stage on a platform whose clock stands, soon after the present if at is zero.
func (s *suite) stageAt(t *testing.T, c *actionCase, at time.Time) *platform {
	t.Helper()
	p := s.startSim(t)
	if at.IsZero() {
		at = p.now(t).Add(time.Minute) // later than any sim of the case was filled: what a call stamps differs from that
	}
	rig.Must(t, p.Freeze(t.Context(), at))
	p.seed(t, c)
	return p
}

// state is all that the platform holds: every value of every record by where it stands.
func (p *platform) state(t *testing.T) map[string]string {
	t.Helper()
	tables, err := p.Tables(t.Context())
	rig.Must(t, err)
	all := map[string]string{}
	for name, text := range tables {
		value, err := decodeAny(text)
		rig.Must(t, err)
		flatten(all, name, value)
	}
	return all
}

func flatten(all map[string]string, at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, property := range v {
			flatten(all, at+"."+name, property)
		}
	case []any:
		all["the number of "+at] = strconv.Itoa(len(v))
		for i, item := range v {
			flatten(all, fmt.Sprintf("%s[%d]", at, i), item)
		}
	default:
		all[at] = fmt.Sprint(v)
	}
}

// gone is what a place holds that there is no more.
const gone = "gone"

// changes are the places that hold something else than before: each sim was
// filled at a time of its own, and what nobody changed tells of that time only.
// The numbers of versions are left out.
func changes(before, after map[string]string, versions []string) map[string]string {
	changed := map[string]string{}
	for at := range before {
		if _, is := after[at]; !is {
			changed[at] = gone
		}
	}
	for at, now := range after {
		if was, there := before[at]; !there || was != now {
			changed[at] = now
		}
	}
	maps.DeleteFunc(changed, func(at, _ string) bool { return slices.Contains(versions, at[strings.LastIndexByte(at, '.')+1:]) })
	return changed
}

// differences lists what is not as one call leaves it, of all that one and
// another call leave alike.
func differences(one, other, got map[string]string) []string {
	var faults []string
	places := maps.Clone(one)
	maps.Copy(places, got)
	for _, at := range slices.Sorted(maps.Keys(places)) {
		want, was := one[at]
		now, is := got[at]
		if another, too := other[at]; was != too || want != another || was == is && want == now {
			continue
		}
		switch {
		case !was:
			faults = append(faults, fmt.Sprintf("%s is %s, which one call does not change", at, now))
		case !is:
			faults = append(faults, fmt.Sprintf("%s is as before the first one, not %s", at, want))
		default:
			faults = append(faults, fmt.Sprintf("%s is %s, not %s", at, now, want))
		}
	}
	return faults
}
