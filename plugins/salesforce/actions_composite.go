package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func compositeActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("composite.run", abi.Text{EN: "Run up to 25 dependent requests in one call", JA: "依存関係のある最大25件のリクエストを1回で実行する"}, runComposite),
	}
}

// compositeCall is a composite request as the platform reads it.
type compositeCall struct {
	AllOrNone bool            `json:"allOrNone"`
	Parts     []compositePart `json:"compositeRequest"`
}

type compositePart struct {
	Method    string `json:"method"`
	URL       string `json:"url"`
	Reference string `json:"referenceId"`
	// Headers are the part's own: those of the request around it do not count for it.
	Headers map[string]string `json:"httpHeaders,omitempty"`
	Body    any               `json:"body,omitempty"`
}

type compositeAnswer struct {
	Parts []compositeResult `json:"compositeResponse"`
}

type compositeResult struct {
	Body      json.RawMessage `json:"body"`
	Status    int64           `json:"httpStatusCode"`
	Reference string          `json:"referenceId"`
}

// refusal returns the error of a part that failed; nil if it did not.
func (r *compositeResult) refusal() error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &abi.Error{Kind: abi.Invalid, Status: int(r.Status), Message: fmt.Sprintf("part %s was answered %d", r.Reference, r.Status)}
	if r.Status == 300 {
		e.Kind = abi.Conflict
	}
	if errs := readErrors(r.Body); len(errs) > 0 {
		decideKind(e, &errs[0])
	}
	return e
}

type compositeInput struct {
	AllOrNone bool               `json:"all_or_none" default:"true" doc:"Undo everything if one request fails" ja:"1件でも失敗したらすべて取り消す"`
	Requests  []compositeRequest `json:"requests" doc:"The requests, in order" ja:"リクエスト(順番に実行)"`
}

type compositeRequest struct {
	Method    string         `json:"method" enum:"GET,POST,PATCH,PUT,DELETE" doc:"HTTP method" ja:"HTTPメソッド"`
	Path      string         `json:"path" doc:"Path behind the version, such as /sobjects/Order" ja:"バージョンより後のパス(例: /sobjects/Order)"`
	Reference string         `json:"reference" doc:"Name by which later requests refer to the answer: @{reference.id}" ja:"後のリクエストから@{reference.id}で参照する名前"`
	Body      map[string]any `json:"body,omitempty" doc:"Body" ja:"本文"`
}

type compositeOutput struct {
	Results []compositeLine `json:"results" doc:"One answer for each request" ja:"リクエストごとの結果"`
}

type compositeLine struct {
	Reference string `json:"reference" doc:"Name of the request" ja:"リクエストの名前"`
	Status    int64  `json:"status" doc:"HTTP status" ja:"HTTPステータス"`
	Body      any    `json:"body" doc:"Answer" ja:"応答本文"`
}

// runComposite fails with all_or_none if any request failed, by the error of
// the one that was to blame. Without it the statuses tell, unless it
// writes and all of it failed.
func runComposite(call *sdk.Call, in compositeInput) (compositeOutput, error) {
	o, err := open(call)
	if err != nil {
		return compositeOutput{}, err
	}
	request := compositeCall{AllOrNone: in.AllOrNone}
	for _, r := range in.Requests {
		if !strings.HasPrefix(r.Path, "/") {
			return compositeOutput{}, sdk.Errorf(abi.Invalid, "the path of %s must begin with a slash: %q", r.Reference, r.Path)
		}
		part := compositePart{Method: r.Method, Reference: r.Reference, URL: "/services/data/v" + o.settings.APIVersion + r.Path}
		if r.Method != reading {
			part.Headers = o.writeHeaders()
		}
		if r.Body != nil {
			part.Body = r.Body
		}
		request.Parts = append(request.Parts, part)
	}
	var answer compositeAnswer
	if err := o.change(o.request("POST", "/composite").JSON(request), &answer); err != nil {
		return compositeOutput{}, fmt.Errorf("running the composite request: %w", err)
	}
	if err := told(len(answer.Parts) == len(in.Requests) && answer.hasStatuses(), abi.Unknown); err != nil {
		return compositeOutput{}, fmt.Errorf("running the composite request: %w", err)
	}
	if in.AllOrNone || in.wroteNothing(answer.Parts) {
		if err := blame(answer.Parts); err != nil {
			return compositeOutput{}, err
		}
	}
	return answer.output()
}

// reading is the method of requests that only look; net/http, which names it, is too big for a plugin.
const reading = "GET"

// wroteNothing says that some requests do more than look, and all of those failed.
func (in *compositeInput) wroteNothing(parts []compositeResult) bool {
	writes := false
	for i, r := range in.Requests {
		if r.Method == reading {
			continue
		}
		if parts[i].refusal() == nil {
			return false
		}
		writes = true
	}
	return writes
}

func (a *compositeAnswer) hasStatuses() bool {
	return !slices.ContainsFunc(a.Parts, func(p compositeResult) bool { return p.Status == 0 })
}

// blame returns the error of the part that made the others be undone.
func blame(parts []compositeResult) error {
	var halted error
	for i := range parts {
		refused := parts[i].refusal()
		if refused == nil {
			continue
		}
		if !isCode(refused, codeHalted) {
			return fmt.Errorf("%s: %w", parts[i].Reference, refused)
		}
		halted = fmt.Errorf("%s: %w", parts[i].Reference, refused)
	}
	return halted
}

func (a *compositeAnswer) output() (compositeOutput, error) {
	out := compositeOutput{Results: make([]compositeLine, 0, len(a.Parts))}
	for i := range a.Parts {
		line := compositeLine{Reference: a.Parts[i].Reference, Status: a.Parts[i].Status}
		if len(a.Parts[i].Body) > 0 {
			if err := sdk.Decode(a.Parts[i].Body, &line.Body); err != nil {
				return out, sdk.Errorf(abi.Internal, "reading the answer of %s: %w", line.Reference, err)
			}
		}
		out.Results = append(out.Results, line)
	}
	return out, nil
}
