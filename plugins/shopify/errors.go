package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// fault is an entry of an answer's errors.
type fault struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

// userError is why a mutation did not accept its input. Parts of Field are
// names and, in some versions, numbers.
type userError struct {
	Field   []any  `json:"field"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

const (
	codeThrottled = "THROTTLED"
	codeDenied    = "ACCESS_DENIED"
	codeBroken    = "INTERNAL_SERVER_ERROR"
	// codeFailedBefore says that an idempotency key belongs to an attempt that failed.
	codeFailedBefore = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
)

// faults reads the entries of errors, which may also be one text.
func (a *answer) faults() ([]fault, error) {
	if len(a.Errors) == 0 || string(a.Errors) == "null" {
		return nil, nil
	}
	var all []fault
	if err := sdk.Decode(a.Errors, &all); err == nil {
		return all, nil
	}
	var one string
	if err := sdk.Decode(a.Errors, &one); err != nil {
		return nil, sdk.Errorf(abi.Internal, "reading the platform's errors: %w", err)
	}
	return []fault{{Message: one}}, nil
}

// How many names of a fault's path lead to the record: a query's field, and a
// mutation's field with the record's name in it.
const (
	aboveRead    = 1
	aboveWritten = 2
)

// partial parts what the plan or the app's approval withholds within records
// that are there otherwise, by its path, from all other faults. above is how
// many names lead to the record.
func partial(faults []fault, above int) (withheld []string, others []fault) {
	for _, f := range faults {
		if f.Extensions.Code != codeDenied || len(f.Path) < 2 {
			others = append(others, f)
			continue
		}
		if name := pathOf(f.Path, above); !slices.Contains(withheld, name) {
			withheld = append(withheld, name)
		}
	}
	return withheld, others
}

// pathOf names a field of a record without the places in lists. A record that
// is withheld as a whole has its own name.
func pathOf(path []any, above int) string {
	var names []string
	for _, part := range path[min(above, len(path)-1):] {
		if name, ok := part.(string); ok && name != "nodes" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ".")
}

// refusal is the error for faults of a whole request. broken is the kind of a
// failure within the platform: whether something was done before it.
func (a *answer) refusal(faults []fault, broken abi.Kind) error {
	first := faults[0]
	e := &abi.Error{Kind: kindOfCode(first.Extensions.Code), Code: first.Extensions.Code, Message: messagesOf(faults)}
	switch first.Extensions.Code {
	case codeBroken:
		e.Kind = broken
	case codeThrottled:
		e.RetryAfterMS = a.wait()
	}
	return e
}

// wait is how long it takes until the bucket holds the request's cost, in milliseconds.
func (a *answer) wait() int64 {
	cost := a.Extensions.Cost
	if cost.Throttle == nil || cost.Throttle.Rate <= 0 {
		return 1000
	}
	missing := max(cost.Requested-cost.Throttle.Available, 1)
	return int64(math.Ceil(missing / cost.Throttle.Rate * 1000))
}

func messagesOf(faults []fault) string {
	messages := make([]string, 0, len(faults))
	for _, f := range faults {
		messages = append(messages, f.Message)
	}
	return strings.Join(slices.Compact(messages), "; ")
}

// kindOfCode is what a code of the platform means; anything else refuses the input.
func kindOfCode(code string) abi.Kind {
	switch code {
	case codeThrottled:
		return abi.RateLimited
	case codeDenied, "SHOP_INACTIVE", "SHOP_DORMANT", "APP_NOT_AUTHORIZED":
		return abi.Denied
	case "RESOURCE_NOT_FOUND", "NOT_FOUND":
		return abi.NotFound
	case "TAKEN", "CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE", "STALE_OBJECT", "INVENTORY_CLAIM_FAILED",
		"IDEMPOTENCY_KEY_PARAMETER_MISMATCH", codeFailedBefore:
		return abi.Conflict
	case "IDEMPOTENCY_CONCURRENT_REQUEST", "OPERATION_IN_PROGRESS", "LIMIT_REACHED", "NO_SUCH_FILE", "INTERNAL_FILE_SERVER_ERROR":
		return abi.Unavailable
	default:
		return abi.Invalid
	}
}

// refusedInput is the error for userErrors. Mutations without codes of their own
// say of a record that is not there only that its id is wrong.
func refusedInput(refused []userError) error {
	first := refused[0]
	e := &abi.Error{Kind: kindOfCode(first.Code), Code: first.Code}
	if first.Code == "" && len(first.Field) == 1 && first.Field[0] == "id" {
		e.Kind = abi.NotFound
	}
	messages := make([]string, 0, len(refused))
	for _, r := range refused {
		if r.Field == nil {
			messages = append(messages, r.Message)
			continue
		}
		parts := make([]string, 0, len(r.Field))
		for _, part := range r.Field {
			parts = append(parts, fmt.Sprint(part))
		}
		e.Fields = append(e.Fields, strings.Join(parts, "."))
		messages = append(messages, strings.Join(parts, ".")+": "+r.Message)
	}
	e.Message = strings.Join(messages, "; ")
	return e
}

// readError maps an answer other than 2xx. Its errors may be a text or an object.
func readError(r *rest.Response) error {
	e := rest.StatusError(r)
	var body struct {
		Errors any `json:"errors"`
	}
	if err := sdk.Decode(r.Body, &body); err == nil && body.Errors != nil {
		e.Message = fmt.Sprintf("the platform answered %d: %.200v", r.Status, body.Errors)
	}
	switch r.Status {
	case 402:
		e.Kind, e.Message = abi.Denied, e.Message+": the shop is frozen for unpaid bills"
	case 404:
		e.Kind, e.Message = abi.Config, e.Message+": no shop at base_url, or no such api_version"
	case 423:
		e.Kind, e.Message = abi.Denied, e.Message+": the shop is locked"
	case 430:
		e.Kind = abi.RateLimited
	}
	return e
}
