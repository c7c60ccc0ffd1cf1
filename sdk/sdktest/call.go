package sdktest

import (
	"encoding/json"

	"github.com/musubi-run/musubi/sdk/abi"
)

// call completes the call, sends it the whole way through frames, and returns the body or the error.
func (c *Connection) call(call abi.Call) ([]byte, error) {
	c.t.Helper()
	call.Settings = c.effective()
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

// effective returns the settings with defaults filled in, as a host gives them
// to the plugin. What is no object stays as it is.
func (c *Connection) effective() []byte {
	c.t.Helper()
	given := c.encode(c.Settings)
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(given, &settings); err != nil || settings == nil {
		return given
	}
	for name, property := range c.manifest.Settings.Properties {
		if _, there := settings[name]; !there && property.Default != nil {
			settings[name] = property.Default
		}
	}
	return c.encode(settings)
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
