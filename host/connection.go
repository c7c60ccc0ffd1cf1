package host

import (
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Builtin is the connection, and the connector, of the host itself. It is
// always there, and no configured connection may have its name.
const Builtin = "musubi"

// ActionClaim is the action of Builtin by which a flow does something once only.
const ActionClaim = "once.claim"

// ConnectionState says how a connection fares.
type ConnectionState string

// The states of a connection.
const (
	// ConnectionReady works as far as anybody knows.
	ConnectionReady ConnectionState = "ready"
	// ConnectionPaused waits until Until: the platform asked to slow down, or failed too often.
	ConnectionPaused ConnectionState = "paused"
	// ConnectionParked needs a person: its credential is refused.
	ConnectionParked ConnectionState = "parked"
)

// CodeNoAnswer is the code of the error of a step that may have been carried out,
// which only a person can find out.
const CodeNoAnswer = "no_answer"

// CodeHeld is the code of the error of a call that did not go out, because its
// connection is known not to work.
const CodeHeld = "connection_held"

// CodeLoop is the code of the error of a write, or of an announcement, that a loop
// was cut at: flows that start each other, or themselves, for ever.
const CodeLoop = "loop"

// ConnectionStatus is a state with its reason.
type ConnectionStatus struct {
	State ConnectionState `json:"state"`
	Error *abi.Error      `json:"error,omitempty"`
	// Until is when the connection is tried again by itself.
	Until time.Time `json:"until,omitzero"`
}
