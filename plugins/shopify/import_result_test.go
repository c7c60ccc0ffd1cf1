package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
)

// resultFile holds a line of every form that the platform's guide shows.
const resultFile = `{"data":{"productCreate":{"product":{"id":"gid:\/\/shopify\/Product\/1"},"userErrors":[]}},"__lineNumber":2}
{"id":"gid://shopify/ProductVariant/1","__parentId":"gid://shopify/Product/1"}
{"data":{"productCreate":{"userErrors":[{"message":"Some error message","field":["some field"]}]}}}

{"errors":[{"message":"Variable input of type ProductInput! was provided invalid value","extensions":{"code":"INVALID_VARIABLE","problems":[]}}],"__lineNumber":0}
{"errors":"Throttled","__lineNumber":3}
{"data":{"productCreateMedia":{"userErrors":[],"mediaUserErrors":[{"code":"INVALID","field":["media","0"],"message":"no picture"}]}},"__lineNumber":4}
{"data":{"customerUpdate":{"customer":{"phone":null},"userErrors":[]}},"errors":[{"message":"not approved","path":["customerUpdate","customer","phone"],"extensions":{"code":"ACCESS_DENIED"}}],"__lineNumber":6}
{"data":{"customerUpdate":null},"errors":[{"message":"Access denied","path":["customerUpdate"],"extensions":{"code":"ACCESS_DENIED"}}],"__lineNumber":7}
{"data":{"productCreate":null},"__lineNumber":5}`

// TestResultsAreCutAnywhere reads a result in parts of every size, and pages of every length.
func TestResultsAreCutAnywhere(t *testing.T) {
	want := importResult{Lines: 8, Failed: 6, Refused: []refusedLine{
		{Line: 1, Fields: []string{"some field"}, Reason: "some field: Some error message"},
		{Line: 0, Code: "INVALID_VARIABLE", Reason: "Variable input of type ProductInput! was provided invalid value"},
		{Line: 3, Reason: "Throttled"},
		{Line: 4, Code: "INVALID", Fields: []string{"media.0"}, Reason: "media.0: no picture"},
		{Line: 7, Code: codeDenied, Reason: "Access denied"},
		{Line: 5, Reason: "the platform answered without saying what it did"},
	}}
	for size := 1; size <= len(resultFile); size++ {
		for limit := 1; limit <= 6; limit++ {
			if diff := cmp.Diff(want, takeAll(t, resultFile, size, limit)); diff != "" {
				t.Fatalf("size %d, limit %d: %s", size, limit, diff)
			}
		}
	}
}

// takeAll reads the file in parts of size bytes or, where no line ends in one, more.
func takeAll(t *testing.T, file string, size, limit int) importResult {
	t.Helper()
	all, grown := importResult{}, size
	for at := 0; at < len(file); {
		end := min(at+grown, len(file))
		page := importResult{Lines: all.Lines, Failed: all.Failed}
		used, err := page.take([]byte(file[at:end]), end == len(file), limit)
		if err != nil || len(page.Refused) > limit {
			t.Fatal(err, len(page.Refused))
		}
		page.Refused = append(all.Refused, page.Refused...)
		if all, at = page, at+used; used == 0 {
			grown += size
		} else {
			grown = size
		}
	}
	return all
}

func TestNextOfAResultIsChecked(t *testing.T) {
	for _, next := range []string{"x", "1.2", "1.2.3.4", "-1.0.0", "1.2.x", "99999999999999999999.0.0"} {
		if _, err := placeInResult(next); abi.KindOf(err) != abi.Invalid {
			t.Errorf("%q: %v", next, err)
		}
	}
	if at, err := placeInResult("5.4.3"); err != nil || at != (resultPlace{5, 4, 3}) {
		t.Errorf("%+v, %v", at, err)
	}
}

// FuzzResult takes any file: what is counted adds up, and no reason is long.
func FuzzResult(f *testing.F) {
	f.Add([]byte(resultFile), 3)
	f.Add([]byte("{}\n{\"errors\":[]}\n[]"), 1)
	f.Fuzz(func(t *testing.T, file []byte, limit int) {
		var r importResult
		used, err := r.take(file, true, limit)
		if used > len(file) || r.Failed != int64(len(r.Refused)) || r.Failed > r.Lines || len(r.Refused) > max(limit, 0) {
			t.Fatalf("%d of %d bytes, %+v, %v", used, len(file), r, err)
		}
		for _, line := range r.Refused {
			if len(line.Reason) > maxReason+len("…") {
				t.Errorf("a reason of %d bytes", len(line.Reason))
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}
