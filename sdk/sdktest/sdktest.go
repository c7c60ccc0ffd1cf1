// Package sdktest runs a connector natively, with an http.Handler as its
// platform, for unit tests of a connector's own code. It goes the whole way of
// a call, settings and input as JSON, answer as JSON, so what passes here is
// decoded the same way in the sandbox.
package sdktest

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Epoch is the time it is in a test that does not say otherwise.
var Epoch = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// Connection is a connector at work for one made-up account. Its exported
// fields may be changed between calls.
type Connection struct {
	// Settings are the connection's settings: a value of the connector's type, a map, or JSON text.
	Settings any
	// Transport is what answers requests.
	Transport http.RoundTripper
	// Authorize adds the credential the way the host would; nil adds none. It
	// is not called for anonymous requests.
	Authorize func(*http.Request)
	// Now is the clock; Epoch unless set.
	Now time.Time
	// IdempotencyKey and Since are those of the step that calls.
	IdempotencyKey string
	Since          time.Time

	t        testing.TB
	manifest *abi.Manifest
	instance *sdk.Instance
	host     *host
}

// New returns a connection whose platform is handler. A connector with a wrong
// manifest fails the test.
func New(t testing.TB, c *sdk.Connector, settings any, handler http.Handler) *Connection {
	t.Helper()
	manifest, err := c.Manifest()
	if err != nil {
		t.Fatalf("manifest: %v", err)
	}
	connection := &Connection{
		Settings: settings, Transport: handlerTransport{handler}, Now: Epoch,
		t: t, manifest: manifest,
	}
	connection.host = &host{connection: connection, state: map[string][]byte{}}
	connection.instance = c.Instance(connection.host)
	return connection
}

// Do calls the action with in and decodes its output into out, unless that is
// nil. In is a value of the action's input type, a map, or JSON text.
func (c *Connection) Do(action string, in, out any) error {
	c.t.Helper()
	body, err := c.call(abi.Call{Op: abi.OpAction, Name: action, Body: c.encode(in)})
	if err != nil {
		return err
	}
	c.decode(body, out)
	return nil
}

// Confirm asks whether an attempt of the action with in was carried out, and
// decodes what it would have answered into out.
func (c *Connection) Confirm(action string, in, out any) (done bool, err error) {
	c.t.Helper()
	body, err := c.call(abi.Call{Op: abi.OpConfirm, Name: action, Body: c.encode(in)})
	if err != nil {
		return false, err
	}
	var answer abi.Confirmation
	c.decode(body, &answer)
	if answer.Done {
		c.decode(answer.Output, out)
	}
	return answer.Done, nil
}

// Deliver has the connector read one webhook delivery. Signatures are the host's and not checked here.
func (c *Connection) Deliver(d sdk.Delivery) (abi.Receipt, error) {
	c.t.Helper()
	body, err := c.call(abi.Call{
		Op: abi.OpWebhook, Body: d.Body, Headers: d.Headers, Method: d.Method, Query: d.Query,
	})
	var receipt abi.Receipt
	if err == nil {
		c.decode(body, &receipt)
	}
	return receipt, err
}

// Poll fetches one page of the trigger.
func (c *Connection) Poll(trigger string, in abi.PollInput) (abi.PollPage, error) {
	c.t.Helper()
	body, err := c.call(abi.Call{Op: abi.OpPoll, Name: trigger, Body: c.encode(in)})
	var page abi.PollPage
	if err == nil {
		c.decode(body, &page)
	}
	return page, err
}

// PollAll fetches pages of the trigger until there are no more, and returns
// all their events and the last cursor.
func (c *Connection) PollAll(trigger string, in abi.PollInput) ([]abi.Event, json.RawMessage, error) {
	c.t.Helper()
	var events []abi.Event
	for range maxPages {
		page, err := c.Poll(trigger, in)
		if err != nil {
			return events, in.Cursor, err
		}
		events = append(events, page.Events...)
		in.Cursor = page.Cursor
		if !page.More && page.Wait == nil {
			return events, in.Cursor, nil
		}
	}
	c.t.Fatalf("poll of %s does not end", trigger)
	return nil, nil, nil
}

const maxPages = 10_000

// Requests returns the requests that were sent, in order.
func (c *Connection) Requests() []abi.Request { return c.host.requests }

// State returns what the connector keeps under key, and whether there is anything.
func (c *Connection) State(key string) ([]byte, bool) {
	value, ok := c.host.state[key]
	return value, ok
}

// Learned returns what the connector has told of the platform's points, in order.
func (c *Connection) Learned() []abi.Allowance { return c.host.learned }

// Logs returns the lines that the connector logged.
func (c *Connection) Logs() []string { return c.host.lines }
