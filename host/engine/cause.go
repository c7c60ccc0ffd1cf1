package engine

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
)

// cause is the event that a write is made for.
type cause struct {
	event, connection, subject string
	received                   time.Time
	// happened is when it happened by the platform's clock; received if the platform does not say.
	happened time.Time
	// names are those of the record that it is about, the subject first.
	names []host.Ref
	// object is where the record is kept, if the subject says so.
	object string
}

// causeOf reads how calls may name the record that an event is about: as its
// subject, or by the id that its data has.
func causeOf(ev *host.Event) cause {
	c := cause{
		event: ev.ID, connection: ev.Connection, subject: ev.Subject, received: ev.Received, happened: ev.Time,
		names: []host.Ref{{Connection: ev.Connection, ID: ev.Subject}},
	}
	c.object = objectOf(c.names[0])
	if id := recordOf(ev.Connection, ev.Data).ID; id != "" && id != ev.Subject {
		c.names = append(c.names, host.Ref{Connection: ev.Connection, ID: id})
	}
	return c
}

// tells says whether the event may be what its platform tells of our write to
// its record at a time: it came soon after or, however late it comes, as by a
// poll, it says that it happened then. Some platforms tell whole minutes.
func (c cause) tells(write time.Time) bool {
	if c.received.Sub(write) < mostLag {
		return true
	}
	step := time.Second
	if c.happened.Second() == 0 && c.happened.Nanosecond() == 0 {
		step = time.Minute
	}
	after := c.happened.Sub(write)
	return after < mostLag && after > -mostLag-step
}

// namedIn says whether the input of a call that takes no id names the event's
// record in another way, as in a path that ends with it.
func (c cause) namedIn(input []byte) bool {
	var all map[string]json.RawMessage
	if json.Unmarshal(input, &all) != nil {
		return false
	}
	for _, value := range all {
		said := plain(host.Ref{Connection: c.connection, ID: strings.Trim(string(value), `"`)})
		if slices.ContainsFunc(c.names, func(known host.Ref) bool { return plain(known) == said }) {
			return true
		}
	}
	return false
}
