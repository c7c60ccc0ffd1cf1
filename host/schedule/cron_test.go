package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/rules"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, tokyo)
}

// A host was down from before 9:00 on the 1st until 9:30 on the 3rd.
func TestDueTimesAfterDowntime(t *testing.T) {
	daily, err := ParseCron("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[rules.CatchUp][]time.Time{
		rules.CatchUpSkip: nil,
		rules.CatchUpOnce: {at(3, 9, 0)},
		rules.CatchUpAll:  {at(1, 9, 0), at(2, 9, 0), at(3, 9, 0)},
	} {
		fire, next := dueTimes(policy, daily, at(1, 9, 0), at(3, 9, 30))
		if diff := cmp.Diff(want, fire); diff != "" || !next.Equal(at(4, 9, 0)) {
			t.Errorf("%s: next %s, fired (-want +got):\n%s", policy, next, diff)
		}
	}
}

func TestDueTimesOnTimeFireWhateverThePolicy(t *testing.T) {
	daily, err := ParseCron("0 9 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []rules.CatchUp{rules.CatchUpSkip, rules.CatchUpOnce, rules.CatchUpAll} {
		fire, _ := dueTimes(policy, daily, at(2, 9, 0), at(2, 9, 0).Add(20*time.Millisecond))
		if len(fire) != 1 {
			t.Errorf("%s fired %v", policy, fire)
		}
	}
}

func TestCatchUpAllIsBounded(t *testing.T) {
	minutely, err := ParseCron("* * * * *")
	if err != nil {
		t.Fatal(err)
	}
	fire, next := dueTimes(rules.CatchUpAll, minutely, at(1, 0, 0), at(3, 0, 0))
	if len(fire) != catchUpBatch || !next.Equal(fire[catchUpBatch-1].Add(time.Minute)) {
		t.Errorf("fired %d times, next %s", len(fire), next)
	}
}
