package sdk

import (
	"fmt"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
	"github.com/musubi-run/musubi/sdk/internal/guest"
)

// plugin is an instance behind the ABI: frames in, frames out.
type plugin struct {
	instance *Instance
	reply    []byte
}

// Call answers a call frame with a reply frame, which the next call overwrites.
func (p *plugin) Call(frame []byte) []byte {
	var reply abi.Reply
	if call, err := abi.ParseCall(frame); err != nil {
		reply.Err = &abi.Error{Kind: abi.Internal, Message: fmt.Sprintf("reading the call: %v", err)}
	} else {
		reply = p.instance.Handle(&call)
	}
	p.reply = reply.Append(p.reply[:0])
	return p.reply
}

// Describe returns the manifest or, if the connector's declaration is wrong,
// an object {"error": why} that the builder shows.
func (p *plugin) Describe() []byte {
	manifest, err := p.instance.connector.manifest()
	if err == nil {
		var text []byte
		if text, err = codec.Marshal(manifest); err == nil {
			return text
		}
	}
	text, _ := codec.Marshal(map[string]string{"error": err.Error()}) //nolint:errcheck // a string cannot fail
	return text
}

// wasmHost is the Musubi host on the other side of the ABI.
type wasmHost struct{}

func (wasmHost) HTTP(request *abi.Request) *abi.Response {
	response, err := abi.ParseResponse(guest.HTTP(request.Append(nil)))
	if err != nil {
		return &abi.Response{Err: &abi.Error{Kind: abi.Internal, Message: fmt.Sprintf("reading the host's answer: %v", err)}}
	}
	return &response
}

func (wasmHost) StateGet(key string) ([]byte, bool, error) {
	value, ok := guest.StateGet(key)
	return value, ok, nil
}

func (wasmHost) StateSet(key string, value []byte) error {
	guest.StateSet(key, value)
	return nil
}

func (wasmHost) Learn(allowance abi.Allowance) {
	text, err := codec.Marshal(allowance)
	if err != nil { // an infinite number: nothing to learn from
		return
	}
	guest.Learn(text)
}

func (wasmHost) Log(level abi.Level, line string) { guest.Log(level, line) }
