package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
)

// cause is the event that a write is made for.
type cause struct {
	event, connection, subject string
	received                   time.Time
	// names are those of the record that it is about, the subject first.
	names []host.Ref
}

// causeOf reads how calls may name the record that an event is about: as its
// subject, or by the id that its data has.
func causeOf(ev *host.Event) cause {
	c := cause{
		event: ev.ID, connection: ev.Connection, subject: ev.Subject, received: ev.Received,
		names: []host.Ref{{Connection: ev.Connection, ID: ev.Subject}},
	}
	if id := recordID(ev.Data); id != "" && id != ev.Subject {
		c.names = append(c.names, host.Ref{Connection: ev.Connection, ID: id})
	}
	return c
}

// thing is what a call without an id is about: the event's record if its input
// names that, or else all that it takes beside lists and objects.
func (c cause) thing(input []byte) string {
	var all map[string]json.RawMessage
	if json.Unmarshal(input, &all) != nil {
		return ""
	}
	var facts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		value := strings.Trim(string(all[name]), `"`)
		if strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
			continue
		}
		for _, known := range c.names {
			if value == plain(known).ID || value == known.ID {
				return value
			}
		}
		facts = append(facts, name+"="+value)
	}
	return strings.Join(facts, "\x00")
}
