package schedule

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/rules"
)

// timesOf reads a plan's times. Those at named hours are once a day that the
// zone's clocks show: where clocks are set ahead, an hour that is left out is
// made up for; where they are set back, the hour that comes twice counts once.
func timesOf(text string) (rules.Times, error) {
	times, err := rules.ParseTimes(text)
	if err != nil || !namesHours(text) {
		return times, err
	}
	return wall{times}, nil
}

// namesHours says whether a cron expression is about certain hours, and not about every, or every second one.
func namesHours(text string) bool {
	if strings.HasPrefix(text, "@") {
		return text != "@hourly"
	}
	fields := strings.Fields(text)
	return len(fields) == 5 && !strings.HasPrefix(fields[1], "*")
}

// wall are times as clocks show them.
type wall struct{ shown rules.Times }

// mostSet is more than clocks are ever set by.
const mostSet = 3 * time.Hour

// Next looks from some hours before, so that it finds what was moved out of an
// hour that is left out.
func (w wall) Next(t time.Time) time.Time {
	for shown := onClock(t, time.UTC).Add(-mostSet); ; {
		if shown = w.shown.Next(shown); shown.IsZero() {
			return shown
		}
		if next := when(shown, t.Location()); next.After(t) {
			return next
		}
	}
}

// when is the time at which clocks of the zone show what shown does. If they
// never do, it is when they would, had they not been set ahead.
func when(shown time.Time, zone *time.Location) time.Time {
	at := onClock(shown, zone)
	if at.Hour() == shown.Hour() && at.Minute() == shown.Minute() {
		return at
	}
	_, before := at.Add(-mostSet).Zone()
	return onClock(shown, time.FixedZone("", before)).In(zone)
}

// onClock is a time of the zone whose clocks show what t shows, if there is one.
func onClock(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}
