package members

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// fact is something that a platform told, in the shared model.
type fact struct {
	connection string
	value      commerce.Modelled // as Blank makes it
	raw        []byte
	// event tells where it came from; nil for an import.
	event *host.Event
	// err is why it cannot be read.
	err error
}

// factsOf picks the events that are about people and reads them.
func (m *Members) factsOf(events []host.Event) []fact {
	var facts []fact
	for i := range events {
		ev := &events[i]
		if ev.Connection == host.Builtin {
			continue
		}
		value := Blank(m.Model(ev.Connection, ev.Type))
		if value == nil {
			continue
		}
		f := fact{connection: ev.Connection, value: value, raw: ev.Data, event: ev}
		if err := sdk.Decode(ev.Data, value); err != nil {
			f.err = RefusedError{"reading the data of the event: " + err.Error(), "イベントのデータを読めません: " + err.Error()}
		}
		facts = append(facts, f)
	}
	return facts
}

// Adds says whether again, which is the same fact as told, says something of a
// person that told left out: a webhook may tell no more than an id, and a poll
// the whole order.
func (m *Members) Adds(told, again *host.Event) bool {
	if !m.wanted() {
		return false
	}
	had, has := Blank(m.Model(told.Connection, told.Type)), Blank(m.Model(again.Connection, again.Type))
	if had == nil || has == nil || sdk.Decode(again.Data, has) != nil {
		return false
	}
	return sdk.Decode(told.Data, had) != nil || fills(reflect.ValueOf(had).Elem(), reflect.ValueOf(has).Elem())
}

// fills says whether any field is empty in had and not in has.
func fills(had, has reflect.Value) bool {
	for i := range had.NumField() {
		if had.Field(i).IsZero() && !has.Field(i).IsZero() {
			return true
		}
	}
	return false
}

// Blank returns a pointer to an empty value of the model, nil for what is not about people.
func Blank(model abi.Model) commerce.Modelled {
	switch model {
	case abi.ModelCustomer:
		return new(commerce.Customer)
	case abi.ModelOrder:
		return new(commerce.Order)
	case abi.ModelSubscription:
		return new(commerce.Subscription)
	case abi.ModelContact:
		return new(commerce.Contact)
	case abi.ModelCheckout:
		return nil
	default:
		return nil
	}
}

// take takes one fact in. Only a fault of the store is an error.
func (t *tx) take(ctx context.Context, f *fact) error {
	if f.event != nil {
		t.origin = f.event.Origin
	}
	if f.err == nil {
		f.err = t.apply(ctx, f)
	}
	if f.err == nil {
		return t.settle(ctx)
	}
	if !errors.As(f.err, new(RefusedError)) {
		return f.err
	}
	t.fault(f)
	return nil
}

// RefusedError says why a fact cannot be taken in, however often it is told.
type RefusedError abi.Text

func (r RefusedError) Error() string { return r.EN }

// Text is why in both languages.
func (r RefusedError) Text() abi.Text { return abi.Text(r) }

// Unwrap says by its kind that what was given is wrong.
func (r RefusedError) Unwrap() error { return &abi.Error{Kind: abi.Invalid, Message: r.EN} }

func (t *tx) apply(ctx context.Context, f *fact) error {
	connection := f.connection
	switch v := f.value.(type) {
	case *commerce.Customer:
		return t.customer(ctx, v, f)
	case *commerce.Order:
		return t.order(ctx, connection, v)
	case *commerce.Subscription:
		return t.subscription(ctx, connection, v)
	case *commerce.Contact:
		return t.contact(ctx, connection, v, f.happened())
	default:
		return fmt.Errorf("members know no %T", f.value)
	}
}

// happened is when the platform says that it was; zero for what is only known to be so.
func (f *fact) happened() time.Time {
	if f.event == nil {
		return time.Time{}
	}
	return f.event.Time
}

// fault notes an event for the list of errors.
func (t *tx) fault(f *fact) {
	if f.event == nil {
		return
	}
	t.write(key(tableFault, f.event.ID), &host.MemberFault{
		Event: f.event.ID, Connection: f.connection, Type: f.event.Type, Subject: f.event.Subject, At: t.now, Error: f.err.Error(),
	})
}

// touch notes that parts of a member changed.
func (t *tx) touch(id string, parts part) {
	if id == "" {
		return
	}
	if !slices.Contains(t.queue, id) {
		t.queue = append(t.queue, id)
	}
	t.changed[id] |= parts
}
