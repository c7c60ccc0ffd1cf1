package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// defaultRetryMS is how long to wait after a 429 that does not say: what shops
// with a live connection do.
const defaultRetryMS = 3000

// fault is a coded message of the platform.
type fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// readError maps an answer other than 2xx by its code. A page instead of JSON
// does not come from the API: see pageError.
func readError(r *rest.Response) error {
	e := rest.StatusError(r)
	if e.Kind == abi.RateLimited {
		if e.RetryAfterMS == 0 {
			e.RetryAfterMS = defaultRetryMS
		}
		return e
	}
	var body struct {
		Errors []fault `json:"errors"`
	}
	if err := sdk.Decode(r.Body, &body); err != nil {
		return pageError(e)
	}
	if len(body.Errors) == 0 {
		return e
	}
	e.Code = body.Errors[0].Code
	e.Message = messages(body.Errors)
	if r.Status < 500 && r.Status != 401 && r.Status != 403 {
		e.Kind = kindOf(e.Code, e.Kind)
	}
	return e
}

// pageError reads a page, and tells no more of it than its title. One that says
// that there is nothing here, or that it moved for good, comes from a host that
// is not the API's: that does not pass by waiting. Any other is of a firewall or
// a proxy in front of the shop: nothing was done, try later.
func pageError(e *abi.Error) error {
	switch {
	case e.Status == 404 || e.Status == 301 || e.Status == 308:
		e.Kind = abi.Config
		e.Message += ", and not as the API does: base_url is not the host of the API, or this shop's API does not have the call (base_urlがAPIのホストではありません)"
	case e.Status < 500 && e.Status != 401:
		e.Kind = abi.Unavailable
	}
	if e.Status == 403 {
		e.Message += ", and not as the shop does: if its console or a firewall takes certain IP addresses only, add the one that Musubi sends from"
	}
	return e
}

// kindOf returns the kind that the last four digits of a code mean, or other.
func kindOf(code string, other abi.Kind) abi.Kind {
	if len(code) < 4 {
		return other
	}
	switch digits := code[len(code)-4:]; {
	case digits == "2001" || digits == "2002":
		return abi.NotFound
	case digits[0] == '3':
		return abi.Invalid
	case digits[0] == '1':
		return abi.Auth
	default:
		return other
	}
}

func messages(faults []fault) string {
	texts := make([]string, 0, len(faults))
	for _, f := range faults {
		texts = append(texts, f.Message)
	}
	return strings.Join(texts, " ")
}

// bulkAnswer is what the bulk calls answer, with 200 even if everything failed.
type bulkAnswer struct {
	Success []value     `json:"success"`
	Failure []value     `json:"failure"`
	Errors  []bulkError `json:"errors"`
}

// bulkError says why one item was refused: a wrapper with the reasons inside.
type bulkError struct {
	ID value `json:"id"`
	fault

	Errors []fault `json:"errors"`
}

// bulkOutput is a bulk answer as rules see it.
type bulkOutput struct {
	Succeeded []string     `json:"succeeded" doc:"Ids of what was done" ja:"成功したid"`
	Failed    []bulkFailed `json:"failed" doc:"What was refused, and why; if all was, the step fails" ja:"失敗したものと理由(すべて失敗ならステップのエラー)"`
}

type bulkFailed struct {
	ID      string `json:"id" doc:"Id of what was refused" ja:"失敗したid"`
	Code    string `json:"code,omitempty" doc:"The platform's code" ja:"エラーコード"`
	Message string `json:"message,omitempty" doc:"Why" ja:"理由"`
}

// output pairs failures with their reasons; both lists may name an id that the other lacks.
func (b *bulkAnswer) output() bulkOutput {
	out := bulkOutput{Succeeded: []string{}, Failed: []bulkFailed{}}
	for _, raw := range b.Success {
		out.Succeeded = append(out.Succeeded, raw.text())
	}
	told := map[string]bool{}
	for _, e := range b.Errors {
		reasons := e.Errors
		if len(reasons) == 0 {
			reasons = []fault{e.fault}
		}
		failed := bulkFailed{ID: e.ID.text(), Code: reasons[0].Code, Message: messages(reasons)}
		out.Failed, told[failed.ID] = append(out.Failed, failed), true
	}
	for _, raw := range b.Failure {
		if id := raw.text(); id != "" && !told[id] && !told[strings.SplitN(id, "-", 2)[0]] {
			out.Failed = append(out.Failed, bulkFailed{ID: id})
		}
	}
	return out
}

// countGone counts what is not there any more as done: an earlier attempt deleted it.
func (b *bulkOutput) countGone() {
	kept := []bulkFailed{}
	for _, f := range b.Failed {
		if kindOf(f.Code, abi.Invalid) == abi.NotFound {
			b.Succeeded = append(b.Succeeded, f.ID)
			continue
		}
		kept = append(kept, f)
	}
	b.Failed = kept
}

// refused returns the error of a bulk call of which nothing was done, the first
// reason: a rule that does not look at the list must not go on as if it were.
func refused(done int, failed []bulkFailed) error {
	if done > 0 || len(failed) == 0 {
		return nil
	}
	first := failed[0]
	e := &abi.Error{Kind: kindOf(first.Code, abi.Invalid), Code: first.Code, Message: first.Message}
	if len(failed) > 1 {
		e.Message = fmt.Sprintf("all %d were refused, the first, %s: %s", len(failed), first.ID, first.Message)
	}
	return e
}
