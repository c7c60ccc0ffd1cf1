package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, tokyo)
}

// A host was down from before 9:00 on the 1st until 9:30 on the 3rd.
func TestDueTimesAfterDowntime(t *testing.T) {
	daily, err := rules.ParseTimes("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[rules.CatchUp][]time.Time{
		rules.CatchUpSkip: nil,
		rules.CatchUpOnce: {at(3, 9, 0)},
		rules.CatchUpAll:  {at(1, 9, 0), at(2, 9, 0), at(3, 9, 0)},
	} {
		fire, next := (Plan{CatchUp: policy}).dueTimes(daily, at(1, 9, 0), at(3, 9, 30))
		if diff := cmp.Diff(want, fire); diff != "" || !next.Equal(at(4, 9, 0)) {
			t.Errorf("%s: next %s, fired (-want +got):\n%s", policy, next, diff)
		}
	}
}

func TestDueTimesOnTimeFireWhateverThePolicy(t *testing.T) {
	daily, err := rules.ParseTimes("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []rules.CatchUp{rules.CatchUpSkip, rules.CatchUpOnce, rules.CatchUpAll} {
		fire, _ := (Plan{CatchUp: policy}).dueTimes(daily, at(2, 9, 0), at(2, 9, 0).Add(20*time.Millisecond))
		if len(fire) != 1 {
			t.Errorf("%s fired %v", policy, fire)
		}
	}
}

func TestCatchUpAllIsBounded(t *testing.T) {
	minutely, err := rules.ParseTimes("* * * * *")
	if err != nil {
		t.Fatal(err)
	}
	fire, next := (Plan{CatchUp: rules.CatchUpAll}).dueTimes(minutely, at(1, 0, 0), at(3, 0, 0))
	if len(fire) != catchUpBatch || !next.Equal(fire[catchUpBatch-1].Add(time.Minute)) {
		t.Errorf("fired %d times, next %s", len(fire), next)
	}
}

func TestChangedPlanIsDueByItsNewTimes(t *testing.T) {
	moved := at(2, 9, 0).Add(time.Second)
	for name, c := range map[string]struct {
		times     string
		next, now time.Time
		want      time.Time
	}{
		"as before":          {"0 9 * * *", at(3, 9, 0), at(2, 12, 0), at(3, 9, 0)},
		"later than before":  {"0 18 * * *", at(3, 9, 0), at(2, 20, 0), at(3, 18, 0)},
		"more often":         {"0 * * * *", at(9, 9, 0), at(2, 12, 30), at(2, 13, 0)},
		"missed, by the new": {"0 18 * * *", at(3, 9, 0), at(5, 0, 0), at(3, 18, 0)},
		"clock set back":     {"0 9 * * *", at(3, 9, 0), at(2, 8, 0), at(3, 9, 0)},
		"interval":           {"every 45m", at(2, 9, 45), at(2, 9, 30), at(2, 9, 45)},
	} {
		times, err := rules.ParseTimes(c.times)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Plan{Zone: tokyo}).due(host.Cursor{Next: c.next, Updated: moved}, times, c.now); !got.Equal(c.want) {
			t.Errorf("%s: due %s, want %s", name, got, c.want)
		}
	}
}
