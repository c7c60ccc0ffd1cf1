package rules

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must mean the same on every machine

	"github.com/robfig/cron/v3"

	"github.com/musubi-run/musubi/rules/source"
)

// defaultZone is where schedules live that name no zone.
const defaultZone = "Asia/Tokyo"

// schedule reads a cron expression with its zone.
func (b *builder) schedule(node *source.Node, keys map[string]*source.Node) {
	for _, key := range []string{"connection", "event"} {
		if keys[key] != nil {
			b.add(keys[key], notWithSchedule, key)
		}
	}
	s := &Schedule{CatchUp: CatchUpOnce}
	s.Times = b.times(keys["schedule"])
	zone := defaultZone
	if n := keys["zone"]; n != nil {
		zone = b.word(n)
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		at := keys["zone"]
		if at == nil {
			at = node
		}
		b.add(at, unknownZone, zone)
		return
	}
	s.Zone = location
	if n := keys["catch_up"]; n != nil {
		s.CatchUp = CatchUp(b.choice(n, string(CatchUpSkip), string(CatchUpOnce), string(CatchUpAll)))
	}
	if n := keys["jitter"]; n != nil {
		s.Jitter = b.duration(n)
	}
	b.flow.On.Schedule = s
}

func (b *builder) times(node *source.Node) string {
	text := b.word(node)
	if text == "" {
		return ""
	}
	if strings.Contains(text, "TZ=") {
		b.add(node, zoneInCron)
		return ""
	}
	if _, err := ParseTimes(text); err != nil {
		b.add(node, badCron, text)
		return ""
	}
	return text
}

// Times are the moments at which something is due.
type Times interface {
	// Next returns the first one after t, in t's zone.
	Next(t time.Time) time.Time
}

// ParseTimes reads a cron expression of five fields, @daily and its like, or
// an interval of at least a minute: every 45m.
func ParseTimes(text string) (Times, error) {
	if rest, ok := strings.CutPrefix(text, "every "); ok {
		d, ok := parseDuration(strings.TrimSpace(rest))
		if !ok || d < time.Minute {
			return nil, fmt.Errorf("%q is no interval of at least a minute", rest)
		}
		return every(d), nil
	}
	if strings.HasPrefix(text, "@every") {
		return nil, errors.New("an interval is written as in: every 45m")
	}
	return cron.ParseStandard(text)
}

// every is an interval, counted from a midnight long ago, so that neither a
// restart nor a second host moves it.
type every time.Duration

func (e every) Next(t time.Time) time.Time {
	midnight := time.Date(1970, 1, 1, 0, 0, 0, 0, t.Location())
	n := t.Sub(midnight)/time.Duration(e) + 1
	return midnight.Add(n * time.Duration(e))
}
