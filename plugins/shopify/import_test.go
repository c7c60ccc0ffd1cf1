package main

import (
	"fmt"
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
