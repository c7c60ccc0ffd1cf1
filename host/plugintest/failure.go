package plugintest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	// retryAfter is how long the platform asks to wait, in seconds.
	retryAfter = "7"
	// patience is how long a request waits at first for an answer that never comes.
	patience = 150 * time.Millisecond
)

// failure is a way for a platform to fail, and the kinds that a connector may
// report it as: one for a request that reads, one for one that changes something.
type failure struct {
	name        string
	fault       simkit.Fault
	read, write kinds
	// silent goes with faults after which the answer may be whole after all: an
	// empty one cannot be cut.
	silent bool
}

// kinds are the ones that are right; how they print is the reason for the type.
type kinds []abi.Kind

// String lists the names.
func (ks kinds) String() string {
	names := make([]string, 0, len(ks))
	for _, k := range ks {
		names = append(names, k.String())
	}
	return strings.Join(names, " or ")
}

var (
	unavailable = kinds{abi.Unavailable}
	// lost is the outcome of a change that was asked for and not answered.
	// Unavailable would say that nothing was done, and have it done twice.
	lost = kinds{abi.Unknown}
	// doubtful is that of a change that was answered by something other than the
	// platform's own code, which may have run before.
	doubtful = kinds{abi.Unavailable, abi.Unknown}
)

// failures of a request before it takes effect.
var failures = []failure{
	{
		name:  "rate-limited",
		fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusTooManyRequests, Headers: map[string]string{"Retry-After": retryAfter}},
		read:  kinds{abi.RateLimited}, write: kinds{abi.RateLimited},
	},
	{
		name: "rate-limited-for-who-knows-how-long", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusTooManyRequests},
		read: kinds{abi.RateLimited}, write: kinds{abi.RateLimited},
	},
	{name: "status-500", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusInternalServerError}, read: unavailable, write: lost},
	{name: "status-503", fault: simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusServiceUnavailable}, read: unavailable, write: unavailable},
	{name: "html-page", fault: simkit.Fault{Kind: simkit.FaultHTML}, read: unavailable, write: unavailable},
	{name: "html-page-200", fault: simkit.Fault{Kind: simkit.FaultHTML, Status: http.StatusOK}, read: unavailable, write: doubtful},
	{name: "reset-before", fault: simkit.Fault{Kind: simkit.FaultReset}, read: unavailable, write: lost},
	{name: "hang-before", fault: simkit.Fault{Kind: simkit.FaultHang}, read: unavailable, write: lost},
}

// lateFailures take the answer away after the request took effect.
var lateFailures = []failure{
	{name: "cut", fault: simkit.Fault{Kind: simkit.FaultCut}, read: unavailable, write: lost, silent: true},
	{name: "reset-after", fault: simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}, read: unavailable, write: lost},
	{name: "hang-after", fault: simkit.Fault{Kind: simkit.FaultHang, AfterEffect: true}, read: unavailable, write: lost},
}

// failing returns the failure of that name.
func failing(name string) failure {
	return failures[slices.IndexFunc(failures, func(f failure) bool { return f.name == name })]
}
