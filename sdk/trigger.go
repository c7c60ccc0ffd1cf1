package sdk

import (
	"reflect"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Trigger is something a connector can announce, made by [Announce] or [Poll].
// One name may have both: the fact then comes by webhook or, where the shop has
// none or as a safety net, by poll.
type Trigger struct {
	name       string
	title      abi.Text
	data       reflect.Type
	webhook    bool
	interval   time.Duration
	poll       func(*Call, abi.PollInput) (abi.PollPage, error)
	deprecated string
}

// Announce declares a trigger that comes by webhook, so from [Webhook].Receive.
// Its name is noun.past; T is the type of its data. A field of type any that is
// tagged declared:"true" is what ops may declare the shape of; see [abi.Schema].
func Announce[T any](name string, title abi.Text) Trigger {
	return Trigger{name: name, title: title, data: reflect.TypeFor[T](), webhook: true}
}

// Poll declares a trigger whose facts are fetched, every interval unless the
// connection says otherwise. Package page does most of what fetch has to do.
func Poll[T any](name string, title abi.Text, interval time.Duration, fetch func(*Call, abi.PollInput) (abi.PollPage, error)) Trigger {
	return Trigger{name: name, title: title, data: reflect.TypeFor[T](), interval: interval, poll: fetch}
}

// Deprecate marks the trigger with the platform's own advice.
func (t Trigger) Deprecate(advice string) Trigger {
	t.deprecated = advice
	return t
}

// checkEvents fails if an event is of no trigger that comes this way: rules
// could not be checked against it, so nobody would ever hear of it.
func (c *Connector) checkEvents(events []abi.Event, comes func(*Trigger) bool) error {
	for _, event := range events {
		announced := slices.ContainsFunc(c.Triggers, func(t Trigger) bool { return t.name == event.Type && comes(&t) })
		if !announced {
			return Errorf(abi.Internal, "the event %q of %q is of no trigger that comes this way", event.Type, event.Subject)
		}
	}
	return nil
}
