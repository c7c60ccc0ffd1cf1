package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
)

// Clocks are set ahead on 8 March and back on 1 November: what is due once a
// day is due once on both days, and what is due each hour once in each.
func TestDueTimesWhenClocksAreSet(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	ahead, back := time.Date(2026, 3, 8, 0, 0, 0, 0, zone), time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
	for _, c := range []struct {
		times string
		day   time.Time
		want  string
	}{
		{"30 2 * * *", ahead, "03:30EDT"},
		{"30 2 * * *", back, "02:30EST"},
		{"30 1 * * *", ahead, "01:30EST"},
		{"30 1 * * *", back, "01:30EDT"},
		{"0 1,2,3 * * *", ahead, "01:00EST 03:00EDT"},
		{"0 1,2,3 * * *", back, "01:00EDT 02:00EST 03:00EST"},
		{"0 9 * * *", ahead, "09:00EDT"},
		{"0 9 * * *", back, "09:00EST"},
		{"@daily", ahead, "00:00EST"},
		{"@daily", back, "00:00EDT"},
		{"10 */8 * * *", back, "00:10EDT 08:10EST 16:10EST"},
	} {
		if got := firedOn(t, c.times, c.day); got != c.want {
			t.Errorf("%s on %s: fired at %s, want %s", c.times, c.day.Format(time.DateOnly), got, c.want)
		}
	}
	if n := len(strings.Fields(firedOn(t, "15 * * * *", back))); n != 25 {
		t.Errorf("each hour: %d times on a day of 25 hours", n)
	}
}

// firedOn are the times of a day at which a plan fires that is never late.
func firedOn(t *testing.T, text string, day time.Time) string {
	t.Helper()
	times, err := timesOf(text)
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Zone: day.Location()}
	var fired []string
	updated := day.Add(-time.Hour)
	for next := times.Next(day.Add(-time.Second)); next.Before(day.AddDate(0, 0, 1)); {
		now := next.Add(time.Millisecond)
		due := p.due(host.Cursor{Next: next.UTC(), Updated: updated}, times, now)
		var fire []time.Time
		fire, next = p.dueTimes(times, due, now)
		for _, at := range fire {
			fired, updated = append(fired, at.Format("15:04MST")), at
		}
	}
	return strings.Join(fired, " ")
}
