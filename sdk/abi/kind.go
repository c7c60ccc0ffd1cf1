package abi

import "strconv"

// Kind says what went wrong in a way that the engine can act on. The list is
// closed and append-only: it crosses the plugin boundary and is stored.
type Kind uint8

// The kinds. Each names who has to act and whether trying again can help.
const (
	// OK is the absence of an error; it is never carried by an [Error].
	OK Kind = 0
	// Internal is a fault of ours or of the connector: a panic, a broken frame.
	Internal Kind = 1
	// Invalid means that the platform, or we, refuse the input. Trying again cannot help.
	Invalid Kind = 2
	// NotFound means that the named record does not exist.
	NotFound Kind = 3
	// Conflict means that a record stands in the way: a duplicate, several matches, a lost race.
	Conflict Kind = 4
	// Auth means that the credential is refused, and nothing was done: the call is
	// made again. It concerns the connection, not the run.
	Auth Kind = 5
	// Denied means that the credential is good but lacks the right.
	Denied Kind = 6
	// RateLimited means that the platform asks us to slow down, and nothing was done; see Error.RetryAfter.
	RateLimited Kind = 7
	// Unavailable means that the platform does not work just now. Nothing was done; try again.
	Unavailable Kind = 8
	// Unknown means that a request went out and no answer came: it may have been carried out.
	Unknown Kind = 9
	// Limit means that the plugin went over a limit of its sandbox.
	Limit Kind = 10
	// Unsupported means that the connector does not have the named operation.
	Unsupported Kind = 11
	// Config means that the connection's settings or secrets are wrong. A person must act.
	Config Kind = 12
	// Blocked means that the host refused the request before it went out: a host that is not allowed.
	Blocked Kind = 13
)

var kindNames = [...]string{
	"ok", "internal", "invalid", "not_found", "conflict", "auth", "denied", "rate_limited",
	"unavailable", "unknown_outcome", "limit", "unsupported", "config", "blocked",
}

// String returns the kind's name in snake case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind_" + strconv.Itoa(int(k))
}

// ParseKind returns the kind of that name, and whether there is one.
func ParseKind(name string) (Kind, bool) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), true
		}
	}
	return OK, false
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name. A name from a newer ABI reads as Internal.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, ok := ParseKind(string(text))
	if !ok {
		parsed = Internal
	}
	*k = parsed
	return nil
}

// Retryable says whether the same call may succeed later without anybody acting.
func (k Kind) Retryable() bool {
	switch k {
	case RateLimited, Unavailable, Unknown:
		return true
	default:
		return false
	}
}
