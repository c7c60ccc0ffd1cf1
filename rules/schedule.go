package rules

import (
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
	s.Cron = b.cron(keys["schedule"])
	zone := defaultZone
	if n := keys["zone"]; n != nil {
		zone = b.plain(n)
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
	b.flow.On.Schedule = s
}

func (b *builder) cron(node *source.Node) string {
	text := b.plain(node)
	if text == "" {
		return ""
	}
	if strings.Contains(text, "TZ=") {
		b.add(node, zoneInCron)
		return ""
	}
	if _, err := cron.ParseStandard(text); err != nil || strings.HasPrefix(text, "@every") {
		b.add(node, badCron, text)
		return ""
	}
	return text
}
