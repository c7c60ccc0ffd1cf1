package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const tagging = `mutation Tag($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }`

// tagLines are the variables of tagging, a line for each customer.
func tagLines(tag string, customers ...string) []map[string]any {
	lines := make([]map[string]any, 0, len(customers))
	for _, c := range customers {
		lines = append(lines, map[string]any{"id": "gid://shopify/Customer/" + c, "tags": []string{tag}})
	}
	return lines
}

func tagImport(customers ...string) map[string]any {
	return map[string]any{"mutation": tagging, "variables": tagLines("輸入", customers...)}
}

// result reads an import to its end; it is asked once more while it runs.
func (s *shopSim) result(t *testing.T, id string, limit int) (all importResult, pages int) {
	t.Helper()
	var state bulk
	for range 2 {
		if err := s.Do("bulk.get", bulkRef{id}, &state); err != nil {
			t.Fatal(err)
		}
	}
	for next := ""; ; pages++ {
		var page importResult
		if err := s.Do("bulk.result", map[string]any{"id": id, "limit": limit, "next": next}, &page); err != nil {
			t.Fatal(err)
		}
		page.Refused = append(all.Refused, page.Refused...)
		if all, next = page, page.Next; next == "" {
			return all, pages + 1
		}
	}
}

func TestAnImportTellsWhichLinesWereRefused(t *testing.T) {
	s := openShop(t, nil)
	s.IdempotencyKey = "0197"
	var started bulk
	if err := s.Do("bulk.import", tagImport("7770001", "1", "7770002"), &started); err != nil || started.ID != "1" || started.Kind != "import" {
		t.Fatalf("%+v, %v", started, err)
	}
	if err := s.Do("bulk.result", bulkRef{"1"}, nil); abi.KindOf(err) != abi.Unavailable || !strings.Contains(err.Error(), "bulk import 1 is RUNNING") {
		t.Errorf("while it runs: %v", err)
	}
	got, _ := s.result(t, "1", 10)
	want := importResult{
		ID: "1", State: "COMPLETED", Lines: 3, Failed: 1,
		Refused: []refusedLine{{Line: 1, Fields: []string{"id"}, Reason: "id: Customer does not exist"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var c customer
	if err := s.Do("customer.get", byID{"7770002"}, &c); err != nil || !strings.Contains(strings.Join(c.Tags, " "), "輸入") {
		t.Errorf("%v, %v", c.Tags, err)
	}
}

// lose has the answer to the one request that starts an import get lost, after it took effect or before.
func (s *shopSim) lose(t *testing.T, after bool) {
	t.Helper()
	fault := simkit.Fault{Match: simkit.Match{Body: "bulkOperationRunMutation("}, Kind: simkit.FaultReset, AfterEffect: after}
	if err := s.Inject(t.Context(), fault); err != nil {
		t.Fatal(err)
	}
}

func TestAnImportWithoutAnswerIsFoundAgain(t *testing.T) {
	for _, started := range []bool{true, false} {
		s := openShop(t, nil)
		s.freeze(t, april)
		s.IdempotencyKey = "another-step"
		if err := s.Do("bulk.import", tagImport("7770003"), nil); err != nil {
			t.Fatal(err)
		}
		s.IdempotencyKey = "0197"
		s.lose(t, started)
		if err := s.Do("bulk.import", tagImport("7770001"), nil); abi.KindOf(err) != abi.Unknown {
			t.Errorf("lost: %v", err)
		}
		s.Since = april
		var found bulk
		done, err := s.Confirm("bulk.import", tagImport("7770001"), &found)
		if err != nil || done != started || started && (found.ID != "2" || found.Kind != "import") {
			t.Errorf("started %t: %t, %+v, %v", started, done, found, err)
		}
	}
}

// TestAnImportThatCannotBeToldApartIsLeftToAPerson: one without a mark began at the time.
func TestAnImportThatCannotBeToldApartIsLeftToAPerson(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	if err := s.Do("bulk.import", tagImport("7770001"), nil); err != nil {
		t.Fatal(err)
	}
	s.IdempotencyKey, s.Since = "0197", april
	if _, err := s.Confirm("bulk.import", tagImport("7770001"), nil); abi.KindOf(err) != abi.Conflict {
		t.Errorf("at that time: %v", err)
	}
	s.Since = april.Add(2 * bulkSkew)
	if done, err := s.Confirm("bulk.import", tagImport("7770001"), nil); done || err != nil {
		t.Errorf("long before: %t, %v", done, err)
	}
	for i := range listedBulk {
		s.put(t, "bulk_operations", fmt.Sprint(1000+i), map[string]any{"query": "{ products { edges { node { id } } } }", "status": "COMPLETED"})
	}
	s.Since = april
	if _, err := s.Confirm("bulk.import", tagImport("7770001"), nil); abi.KindOf(err) != abi.Conflict {
		t.Errorf("among too many: %v", err)
	}
}

func TestImportsWaitForOneAnother(t *testing.T) {
	for at, code := range map[int]string{1: "OPERATION_IN_PROGRESS", 2: "LIMIT_REACHED"} {
		s := openShop(t, nil)
		s.limit(t, map[string]any{"concurrent_bulk": at})
		s.put(t, "bulk_operations", "900", map[string]any{"query": "{ products { edges { node { id } } } }"}) // exports are counted by themselves
		for range at {
			if err := s.Do("bulk.import", tagImport("7770001"), nil); err != nil {
				t.Fatal(err)
			}
		}
		err := s.Do("bulk.import", tagImport("7770001"), nil)
		if fault := abi.AsError(err); fault == nil || fault.Kind != abi.Unavailable || fault.Code != code || !fault.Kind.Retryable() {
			t.Errorf("%d at once: %+v", at, fault)
		}
	}
}

func TestWhatGoesWrongWithTheUploadStartsNothing(t *testing.T) {
	for _, c := range []struct {
		fault simkit.Fault
		want  abi.Kind
	}{
		{simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusForbidden}, abi.Denied},
		{simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusUnauthorized}, abi.Denied},
		{simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusBadRequest}, abi.Invalid},
		{simkit.Fault{Kind: simkit.FaultStatus, Status: http.StatusBadGateway}, abi.Unavailable},
		{simkit.Fault{Kind: simkit.FaultReset, AfterEffect: true}, abi.Unavailable},
	} {
		s := openShop(t, nil)
		c.fault.Match.Path = "/staged-uploads"
		if err := s.Inject(t.Context(), c.fault); err != nil {
			t.Fatal(err)
		}
		err := s.Do("bulk.import", tagImport("7770001"), nil)
		if abi.KindOf(err) != c.want || strings.Contains(fmt.Sprint(err), s.URL) {
			t.Errorf("%s %d: %v", c.fault.Kind, c.fault.Status, err)
		}
		if err := s.Do("bulk.get", bulkRef{"1"}, nil); abi.KindOf(err) != abi.NotFound {
			t.Errorf("%s %d: something was started: %v", c.fault.Kind, c.fault.Status, err)
		}
	}
}

func TestAnImportThatIsTooLargeIsNotSent(t *testing.T) {
	s := openShop(t, nil)
	err := s.Do("bulk.import", map[string]any{"mutation": tagging, "variables": tagLines(strings.Repeat("あ", maxLines/6), "1", "2", "3")}, nil)
	if abi.KindOf(err) != abi.Invalid || !strings.Contains(err.Error(), "分割してください") || len(s.Requests()) != 0 {
		t.Errorf("%v after %d requests", err, len(s.Requests()))
	}
	if err := s.Do("bulk.import", `{"mutation":"mutation { userErrors }","variables":[{},[1]]}`, nil); abi.KindOf(err) != abi.Invalid || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line that is no object: %v", err)
	}
}

func TestAnImportThatFailsTellsHowFarItCame(t *testing.T) {
	s := openShop(t, nil)
	s.limit(t, map[string]any{"bulk_fails": true})
	if err := s.Do("bulk.import", tagImport("1", "7770001", "7770002", "7770003"), nil); err != nil {
		t.Fatal(err)
	}
	got, _ := s.result(t, "1", 10)
	if got.State != "FAILED" || got.Error != codeBroken || !got.Partial || got.Lines != 2 || got.Failed != 1 {
		t.Errorf("%+v", got)
	}
}

// TestALongResultIsReadInPieces reads one of several chunks, in one page and in several.
func TestALongResultIsReadInPieces(t *testing.T) {
	s := openShop(t, nil)
	lines := make([]string, 9000)
	for i := range lines {
		lines[i] = "7770001"
		if i%16 == 0 {
			lines[i] = "1"
		}
	}
	if err := s.Do("bulk.import", tagImport(lines...), nil); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int]int{1000: 1, 200: 3} {
		got, pages := s.result(t, "1", limit)
		if got.Lines != 9000 || got.Failed != 563 || len(got.Refused) != 563 || pages != want {
			t.Errorf("%d lines, %d and %d refused, %d pages", got.Lines, got.Failed, len(got.Refused), pages)
		}
		for i, line := range got.Refused {
			if line.Line != int64(i*16) {
				t.Fatalf("refused line %d has the number %d", i, line.Line)
			}
		}
	}
	reads := 0
	for _, r := range s.Requests() {
		if r.Method == http.MethodGet {
			reads++
			if abi.HeaderValue(r.Headers, "Range") == "" || !r.Anonymous {
				t.Errorf("the file was asked for whole, or with the shop's token: %v", r.Headers)
			}
		}
	}
	if reads < 5 { // two for the one page
		t.Errorf("%d reads", reads)
	}
}

// TestFormsAreReadBackAsTheyWereWritten reads a form with the standard library.
func TestFormsAreReadBackAsTheyWereWritten(t *testing.T) {
	u := stagedUpload{Parameters: []uploadParameter{{"key", "tmp/1/bulk/変数"}, {"policy", "eyJ9=="}, {"empty", ""}}}
	lines := []raw{`{"a":"1\r\n--` + formBoundary + `--"}`, "{\r\n  \"b\": \"二\"\n}"}
	form, err := u.form(lines)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(bytes.NewReader(form), formBoundary)
	var got []string
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		content, err2 := io.ReadAll(part)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		got = append(got, part.FormName()+" "+part.FileName()+" "+string(content))
	}
	want := []string{
		"key  tmp/1/bulk/変数", "policy  eyJ9==", "empty  ",
		"file variables.jsonl " + `{"a":"1\r\n--` + formBoundary + `--"}` + "\n" + "{    \"b\": \"二\" }\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range []uploadParameter{{"a\"b", ""}, {"a\nb", ""}, {"a", "b\r\nc"}} {
		if _, err := (&stagedUpload{Parameters: []uploadParameter{p}}).form(nil); abi.KindOf(err) != abi.Internal {
			t.Errorf("%q: %v", p, err)
		}
	}
}

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
