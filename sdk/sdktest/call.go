package sdktest

import (
	"encoding/json"

	"github.com/musubi-run/musubi/sdk/abi"
)

// call completes the call, sends it the whole way through frames, and returns the body or the error.
func (c *Connection) call(call abi.Call) ([]byte, error) {
	c.t.Helper()
	call.Settings = c.encode(c.Settings)
	call.Now, call.IdempotencyKey, call.Since = c.Now, c.IdempotencyKey, c.Since
	framed, err := abi.ParseCall(call.Append(nil))
	if err != nil {
		c.t.Fatalf("framing the call: %v", err)
	}
	reply := c.instance.Handle(&framed)
	if reply.Broken {
		c.t.Fatalf("%s\n%s", reply.Err.Message, c.host.lastLine())
	}
	if reply.Err != nil {
		return nil, reply.Err
	}
	return reply.Body, nil
}

// encode returns v as JSON; text is taken to be JSON already.
func (c *Connection) encode(v any) []byte {
	c.t.Helper()
	switch text := v.(type) {
	case nil:
		return []byte("{}")
	case string:
		return []byte(text)
	case []byte:
		return text
	}
	body, err := json.Marshal(v)
	if err != nil {
		c.t.Fatalf("encoding %T: %v", v, err)
	}
	return body
}

func (c *Connection) decode(body []byte, out any) {
	c.t.Helper()
	if out == nil {
		return
	}
	if err := json.Unmarshal(body, out); err != nil {
		c.t.Fatalf("decoding the answer into %T: %v\n%s", out, err, body)
	}
}

// checkEvents fails the test for an event that the manifest does not announce.
func (c *Connection) checkEvents(events []abi.Event, comes func(abi.Trigger) bool) {
	c.t.Helper()
	for _, event := range events {
		if !c.announces(event.Type, comes) {
			c.t.Errorf("the event %q of %q is of no trigger that comes this way", event.Type, event.Subject)
		}
		if !json.Valid(event.Data) {
			c.t.Errorf("the data of %s %s is not JSON: %s", event.Type, event.Subject, event.Data)
		}
	}
}

func (c *Connection) announces(typ string, comes func(abi.Trigger) bool) bool {
	for _, trigger := range c.manifest.Triggers {
		if trigger.Name == typ && comes(trigger) {
			return true
		}
	}
	return false
}
