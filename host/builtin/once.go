package builtin

import (
	"cmp"
	"context"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Claim notes that a flow does something once only: the first owner of the
// key has it, however often it asks, until keep is over.
type Claim func(ctx context.Context, flow, key, owner string, keep time.Duration) (first bool, err error)

// Once is the part with which a flow does something once only, whatever is
// announced again: a message per order, a greeting per year.
func Once(claim Claim) Part {
	return Part{Actions: []Action{
		Do(host.ActionClaim, abi.Text{EN: "Note that this flow does something, and tell whether it has done it before", JA: "1回だけ行うことを記録し、すでに行ったかを確かめる"},
			func(ctx context.Context, call host.Invocation, in OnceInput) (OnceOutput, error) {
				days := cmp.Or(in.Days, usualDays)
				if in.Key == "" || days < 1 || days > mostDays {
					return OnceOutput{}, &abi.Error{Kind: abi.Invalid, Message: "once.claim needs a key, and 1 to 36500 days"}
				}
				first, err := claim(ctx, call.Flow, in.Key, cmp.Or(call.Step, call.IdempotencyKey), time.Duration(days)*24*time.Hour)
				return OnceOutput{Again: !first}, err
			}),
	}}
}

const (
	// usualDays is a year and a month: what is done every year is not forgotten before.
	usualDays = 400
	// mostDays is a hundred years.
	mostDays = 36_500
)

// OnceInput names what is done once.
type OnceInput struct {
	Key  string `json:"key" doc:"What is done once, as in the order's id; each flow has its own keys" ja:"1回だけ行う対象(受注IDなど)。キーはフローごとに別"`
	Days int64  `json:"days,omitempty" doc:"For how many days that is remembered; 400 if missing" ja:"何日間記憶するか(省略時400)"`
}

// OnceOutput says whether it was done before. A flow that is rehearsed is told
// that it was not, and goes on.
type OnceOutput struct {
	Again bool `json:"again" doc:"Whether this flow has done it before" ja:"このフローですでに行ったか"`
}
