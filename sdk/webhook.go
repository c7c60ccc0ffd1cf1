package sdk

import (
	"fmt"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Webhook says how a platform's deliveries are checked and read.
type Webhook struct {
	// Signatures are checked by the host before anything is decoded. None, for a
	// platform that signs nothing: what then tells a delivery from a forged one
	// is the secret in the address, and rules fetch the record before they act.
	Signatures []abi.Signature
	// MaxBody is the largest body in bytes; 0 means 1 MiB.
	MaxBody int
	// Pings are answered 200 by the host although nothing signs them, and reach
	// nobody. A platform that sends none needs none.
	Pings []abi.Ping
	// Receive turns one delivery into events. A delivery that it cannot read is
	// an error of kind Invalid: the host keeps it, answers 2xx, and a person looks at it.
	// It runs while the platform waits, so it makes no requests.
	Receive func(call *Call, d Delivery) (Receipt, error)
}

// Delivery is one webhook request, byte for byte.
type Delivery struct {
	Method  string
	Query   string
	Headers []abi.Header
	// Body is valid only until Receive returns.
	Body []byte
}

// Header returns the first value of the named field, compared without case.
func (d Delivery) Header(name string) string { return abi.HeaderValue(d.Headers, name) }

// JSON decodes the body into v, a pointer; fields that v lacks are ignored. The error is of kind Invalid.
func (d Delivery) JSON(v any) error {
	if err := codec.Unmarshal(d.Body, v); err != nil {
		return Errorf(abi.Invalid, "reading the delivery: %w", err)
	}
	return nil
}

// Receipt is what became of a delivery: its events, and the exact reply that
// the platform insists on, if it does.
type Receipt = abi.Receipt

// NewEvent returns an event of the trigger typ about the record subject: its
// id as actions and [Records] have it, without its kind, because links are
// looked up by it.
//
// dedupe names the fact, so that a second event with the same typ and dedupe
// is dropped as a repetition: the platform's delivery id where it can be
// trusted, or the record's id with the number of its version or its time of
// change; see [abi.Event].Also for times without fractions. Empty means a hash of
// the data. at is when it happened, zero if the platform does not say.
func NewEvent(typ, subject, dedupe string, at time.Time, data any) (abi.Event, error) {
	encoded, err := codec.Marshal(data)
	if err != nil {
		return abi.Event{}, fmt.Errorf("encoding the data of %s %s: %w", typ, subject, err)
	}
	return abi.Event{Type: typ, Subject: subject, Dedupe: dedupe, Time: at, Data: encoded}, nil
}
