package sdk

import (
	"fmt"
	"runtime/debug"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
	"github.com/musubi-run/musubi/sdk/rest"
)

// Host is what an instance can ask for. In a plugin it is the Musubi host,
// behind the ABI; sdktest brings one for native tests.
type Host interface {
	// HTTP sends a request. It always answers; why it could not send is in Response.Err.
	HTTP(*abi.Request) *abi.Response
	// StateGet returns the value of key and whether there is one.
	StateGet(key string) ([]byte, bool, error)
	// StateSet keeps value under key.
	StateSet(key string, value []byte) error
	// Learn takes what the platform said about the connection's points.
	Learn(abi.Allowance)
	// Log writes a line.
	Log(level abi.Level, line string)
}

// Instance is a connector at work for one connection. It handles one call at a time.
type Instance struct {
	connector *Connector
	host      Host
	settings  settings
	handlers  handlers
}

// Instance returns a connector at work on host.
func (c *Connector) Instance(host Host) *Instance {
	return &Instance{connector: c, host: host}
}

// Handle answers one call. A panic of a handler becomes an error of kind
// Internal and a reply that is Broken: the instance must not be used again.
func (i *Instance) Handle(call *abi.Call) (reply abi.Reply) {
	defer func() {
		if cause := recover(); cause != nil {
			i.host.Log(abi.LevelError, fmt.Sprintf("panic: %v\n%s", cause, debug.Stack()))
			message := fmt.Sprintf("%s %s panicked: %v", call.Op, call.Name, cause)
			reply = abi.Reply{Err: &abi.Error{Kind: abi.Internal, Message: message}, Broken: true}
		}
	}()
	body, err := i.answer(call)
	if err != nil {
		return abi.Reply{Err: abi.AsError(err)}
	}
	return abi.Reply{Body: body}
}

func (i *Instance) answer(wire *abi.Call) ([]byte, error) {
	if err := i.settings.use(wire.Settings, i.connector.Settings); err != nil {
		return nil, err
	}
	call := &Call{instance: i, wire: wire, client: rest.Client{
		BaseURL:   i.settings.baseURL,
		Send:      i.host.HTTP,
		ReadError: i.connector.ReadError,
	}}
	switch wire.Op {
	case abi.OpAction:
		return i.act(call)
	case abi.OpConfirm:
		return i.confirm(call)
	case abi.OpWebhook:
		return i.receive(call)
	case abi.OpPoll:
		return i.poll(call)
	default:
		return nil, unsupported("operation", string(wire.Op))
	}
}

func (i *Instance) act(call *Call) ([]byte, error) {
	a, ok := i.action(call.wire.Name)
	if !ok {
		return nil, unsupported("action", call.wire.Name)
	}
	in, err := a.read(call.wire.Body)
	if err != nil {
		return nil, err
	}
	output, err := a.run(call, in)
	if err != nil {
		return nil, err
	}
	return codec.Marshal(output)
}

func (i *Instance) confirm(call *Call) ([]byte, error) {
	a, ok := i.action(call.wire.Name)
	if !ok || a.confirm == nil {
		return nil, unsupported("confirmation of", call.wire.Name)
	}
	in, err := a.read(call.wire.Body)
	if err != nil {
		return nil, err
	}
	output, done, err := a.confirm(call, in)
	if err != nil || !done {
		return confirmation(nil, err)
	}
	return confirmation(codec.Marshal(output))
}

// confirmation wraps the output that a Confirm found; nil means that nothing was done.
func confirmation(output []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return codec.Marshal(abi.Confirmation{Done: output != nil, Output: output})
}

func (i *Instance) receive(call *Call) ([]byte, error) {
	receive := i.connector.Webhook.Receive
	if receive == nil {
		return nil, unsupported("operation", string(abi.OpWebhook))
	}
	wire := call.wire
	receipt, err := receive(call, Delivery{
		Method: wire.Method, Query: wire.Query, Headers: wire.Headers, Body: wire.Body,
	})
	if err != nil {
		return nil, err
	}
	if err := i.connector.checkEvents(receipt.Events, func(t *Trigger) bool { return t.webhook }); err != nil {
		return nil, err
	}
	return codec.Marshal(receipt)
}

func (i *Instance) poll(call *Call) ([]byte, error) {
	fetch, ok := i.polled(call.wire.Name)
	if !ok {
		return nil, unsupported("poll of", call.wire.Name)
	}
	var in abi.PollInput
	if err := codec.Unmarshal(call.wire.Body, &in); err != nil {
		return nil, Errorf(abi.Internal, "reading the poll's input: %w", err)
	}
	page, err := fetch(call, in)
	if err != nil {
		return nil, err
	}
	if err := i.connector.checkEvents(page.Events, func(t *Trigger) bool { return t.poll != nil }); err != nil {
		return nil, err
	}
	return codec.Marshal(page)
}

func unsupported(what, name string) error {
	return &abi.Error{Kind: abi.Unsupported, Message: fmt.Sprintf("this connector has no %s %q", what, name)}
}
