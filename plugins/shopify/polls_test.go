package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

func deliver(t *testing.T, s *shopSim, topic, body string) abi.Event {
	t.Helper()
	receipt, err := s.Deliver(sdk.Delivery{Method: "POST", Headers: []abi.Header{{Name: "x-shopify-topic", Value: topic}}, Body: []byte(body)})
	if err != nil || len(receipt.Events) != 1 {
		t.Fatalf("%s: %d events, %v", topic, len(receipt.Events), err)
	}
	return receipt.Events[0]
}

// TestWebhookAndPollOfOneChangeAreOneEvent compares what the host tells repetitions by.
func TestWebhookAndPollOfOneChangeAreOneEvent(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	for trigger, change := range map[string]struct{ table, topic string }{
		"customer.created": {"customers", "customers/create"}, "customer.updated": {"customers", "customers/update"},
		"order.created": {"orders", "orders/create"}, "order.updated": {"orders", "orders/updated"}, "order.shipped": {"orders", "orders/fulfilled"},
		"product.created": {"products", "products/create"}, "product.updated": {"products", "products/update"},
	} {
		fields := map[string]any{}
		if change.table == "orders" {
			fields["fulfillments"] = []any{map[string]any{"createdAt": april.Format(time.RFC3339)}}
		}
		s.put(t, change.table, "700001", fields)
		polled, _, err := s.PollAll(trigger, abi.PollInput{Since: april.Add(-time.Hour)})
		if err != nil || len(polled) != 1 {
			t.Fatalf("%s: %d events, %v", trigger, len(polled), err)
		}
		sent := deliver(t, s, change.topic, `{"id":700001,"updated_at":"2026-04-01T09:00:00+09:00"}`)
		if sent.Type != trigger || cmp.Or(sent.Also, sent.Dedupe) != polled[0].Dedupe || sent.Subject != polled[0].Subject {
			t.Errorf("%s: webhook %s %q (%q), poll %q", trigger, sent.Type, sent.Dedupe, sent.Also, polled[0].Dedupe)
		}
	}
}

func TestShippedIsAnnouncedOnceAndNotForOldOrders(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := &abi.PollInput{}
	if got := s.subjects(t, "order.shipped", in); got != "" {
		t.Errorf("the first poll announced %s", got)
	}
	for id, at := range map[string]time.Time{"700001": april, "700002": april.AddDate(0, 0, -3), "700003": april.AddDate(-1, 0, 0)} {
		s.put(t, "orders", id, map[string]any{"fulfillments": []any{map[string]any{"createdAt": at.Format(time.RFC3339)}}})
	}
	s.put(t, "orders", "700004", map[string]any{"note": "not shipped"})
	if got := s.subjects(t, "order.shipped", in); got != "700001 700002" {
		t.Errorf("announced %q", got)
	}
}

func TestCompletedCheckoutsAreNotAbandoned(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := &abi.PollInput{}
	s.subjects(t, "checkout.abandoned", in)
	for _, id := range []string{"700001", "700002"} {
		s.put(t, "checkouts", id, map[string]any{"email": "a@example.com"})
	}
	s.freeze(t, april.Add(10*time.Minute))
	s.put(t, "checkouts", "700002", map[string]any{"completedAt": april.Format(time.RFC3339)})
	if got := s.subjects(t, "checkout.abandoned", in); got != "700001" {
		t.Errorf("announced %q", got)
	}
}

// TestAbandonedCheckoutsAreNotOvertaken: one that was listed long ago and moves
// now is seen before one that was left earlier and is not listed yet.
func TestAbandonedCheckoutsAreNotOvertaken(t *testing.T) {
	for name, c := range map[string]struct {
		late int
		move map[string]any
	}{
		"completed": {10, map[string]any{"completedAt": april.Add(9 * time.Minute).Format(time.RFC3339)}}, "touched": {10, map[string]any{"note": "x"}},
		"listed after an hour": {60, map[string]any{"note": "x"}},
	} {
		s := openShop(t, map[string]any{"abandoned_after_minutes": c.late})
		s.limit(t, map[string]any{"abandoned_after_minutes": c.late})
		minute := func(n int) { s.freeze(t, april.Add(time.Duration(n)*time.Minute)) }
		in := &abi.PollInput{}
		minute(-120)
		s.put(t, "checkouts", "700001", map[string]any{"email": "a@example.com"})
		minute(0)
		s.subjects(t, "checkout.abandoned", in)
		minute(1)
		s.put(t, "checkouts", "700002", map[string]any{"email": "b@example.com"})
		minute(9)
		s.put(t, "checkouts", "700001", c.move)
		var announced []string
		for at := 10; at <= 120; at += 10 {
			minute(at)
			if got := s.subjects(t, "checkout.abandoned", in); strings.Contains(got, "700002") {
				announced = append(announced, fmt.Sprint(at))
			}
		}
		if want := fmt.Sprint(c.late + 10); !slices.Equal(announced, []string{want}) {
			t.Errorf("%s: announced at +%q, not only at +%s", name, announced, want)
		}
	}
}

// TestListedIsWhoCanBeReached: a checkout nobody can write about is not listed.
func TestListedIsWhoCanBeReached(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	for i, who := range []map[string]any{{}, {"email": "a@example.com"}, {"phone": "+819012345678"}, {"customerId": "7770001"}} {
		s.put(t, "checkouts", fmt.Sprint(700_000+i), who)
	}
	for minutes, want := range map[int]string{9: "", 10: "700001 700002 700003"} {
		s.freeze(t, april.Add(time.Duration(minutes)*time.Minute))
		if got := s.subjects(t, "checkout.abandoned", &abi.PollInput{Since: april}); got != want {
			t.Errorf("+%d: %q", minutes, got)
		}
	}
}

// names are the identities of events, sorted, repetitions left out as the host does.
func names(events []abi.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Type+" "+e.Dedupe+" "+string(e.Data[:min(len(e.Data), 60)]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// export polls a trigger from long ago, asking again while the export runs.
func export(t *testing.T, s *shopSim, trigger string, in *abi.PollInput) (events []abi.Event, waits int) {
	t.Helper()
	for range 100 {
		got, err := s.Poll(trigger, *in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Wait != nil {
			waits++
		}
		events, in.Cursor = append(events, got.Events...), got.Cursor
		if !got.More {
			return events, waits
		}
	}
	t.Fatal("the export does not end")
	return nil, 0
}

// TestBackfillByExportFindsTheSameAsPages compares both ways over a year, lines included.
func TestBackfillByExportFindsTheSameAsPages(t *testing.T) {
	for _, trigger := range []string{"order.updated", "customer.updated", "order.created", "product.updated"} {
		s := openShop(t, nil)
		s.freeze(t, april)
		lines := make([]any, 15)
		for i := range lines {
			lines[i] = map[string]any{"variantId": "4440001"}
		}
		for i := range 30 {
			s.put(t, "orders", fmt.Sprint(700000+i), map[string]any{"lineItems": lines[:i%15]})
		}
		in := abi.PollInput{Since: april.AddDate(-1, 0, 0), Limit: 7}
		exported, waits := export(t, s, trigger, &in)
		s.Settings = map[string]any{"base_url": s.URL, "bulk_after_days": 0}
		paged, _, err := s.PollAll(trigger, abi.PollInput{Since: april.AddDate(-1, 0, 0)})
		if err != nil || waits != 1 || len(paged) < 4 {
			t.Fatalf("%s: %v, %d waits, %d events", trigger, err, waits, len(paged))
		}
		if !slices.Equal(names(exported), names(paged)) {
			t.Errorf("%s: exported %d, paged %d:\n%s\n%s", trigger, len(exported), len(paged), strings.Join(names(exported), "\n"), strings.Join(names(paged), "\n"))
		}
	}
}

func TestChangesDuringAnExportArePolledAfterIt(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	in := abi.PollInput{Since: april.AddDate(-1, 0, 0)}
	first, err := s.Poll("customer.updated", in)
	if err != nil {
		t.Fatal(err)
	}
	in.Cursor = first.Cursor
	s.freeze(t, april.Add(time.Minute))
	s.put(t, "customers", "700001", map[string]any{"email": "late@example.com"})
	events, _ := export(t, s, "customer.updated", &in)
	if !slices.ContainsFunc(events, func(e abi.Event) bool { return e.Subject == "700001" }) {
		t.Error("a customer who came during the export is missing")
	}
}

func TestAnExportWithoutRightsIsTold(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	s.limit(t, fromJSON(t, `{"personal_data":"denied"}`))
	in := abi.PollInput{Since: april.AddDate(-1, 0, 0)}
	got, err := s.Poll("customer.updated", in)
	if err != nil {
		t.Fatal(err)
	}
	in.Cursor = got.Cursor
	for range 2 {
		_, err = s.Poll("customer.updated", in)
	}
	if abi.KindOf(err) != abi.Denied {
		t.Errorf("%v", err)
	}
}

// TestAnExportWithoutRightsGoesOn once the rights are there, or page by page, as
// its error says.
func TestAnExportWithoutRightsGoesOn(t *testing.T) {
	for name, mend := range map[string]func(*shopSim){
		"rights": func(s *shopSim) {
			s.limit(t, fromJSON(t, `{"personal_data":"shown"}`))
			s.freeze(t, april.Add(2*time.Hour))
		},
		"setting": func(s *shopSim) { s.Settings = map[string]any{"base_url": s.URL, "bulk_after_days": 0} },
	} {
		s := openShop(t, nil)
		s.freeze(t, april)
		s.limit(t, fromJSON(t, `{"personal_data":"denied"}`))
		in := abi.PollInput{Since: april.AddDate(-1, 0, 0)}
		for range 3 {
			if got, err := s.Poll("customer.updated", in); err == nil {
				in.Cursor = got.Cursor
			}
		}
		mend(s)
		if events, _ := export(t, s, "customer.updated", &in); len(events) == 0 {
			t.Errorf("%s: nothing came", name)
		}
	}
}

// TestAnExportThatIsOverIsStartedAgain, also one that somebody stopped, and one
// whose cursor does not have its beginning, as those of earlier versions.
func TestAnExportThatIsOverIsStartedAgain(t *testing.T) {
	for _, status := range []string{"FAILED", "EXPIRED", "CANCELED"} {
		for _, from := range []string{"", `,"from":"2025-04-01T00:00:00Z"`} {
			c := answering(t, map[string]string{"bulkOperation": strings.Replace(finished, "COMPLETED", status, 1)}, "")
			cursor := `{"export":{"id":"1","offset":7,"began":"2026-04-01T00:00:00Z"` + from + `}}`
			page, err := c.Poll("order.updated", abi.PollInput{Since: april.AddDate(-1, 0, 0), Cursor: []byte(cursor)})
			if err != nil || page.Wait == nil || !page.More {
				t.Errorf("%s %s: %+v, %v", status, from, page, err)
			}
		}
	}
}

// TestAFailedExportIsStartedAgain: the operation itself stays as failed, so the
// backfill would never come to its end.
func TestAFailedExportIsStartedAgain(t *testing.T) {
	s := openShop(t, nil)
	s.freeze(t, april)
	s.limit(t, fromJSON(t, `{"bulk_fails":true}`))
	in := abi.PollInput{Since: april.AddDate(-1, 0, 0)}
	var pauses []int64
	for range 7 { // started, running and failed, twice
		got, err := s.Poll("customer.updated", in)
		if err != nil {
			t.Fatal(err)
		}
		if in.Cursor = got.Cursor; got.Wait != nil && strings.Contains(got.Wait.For.EN, "FAILED") {
			pauses = append(pauses, got.Wait.AfterMS)
		}
	}
	if len(pauses) != 2 || pauses[1] <= pauses[0] {
		t.Errorf("pauses after a failure: %v", pauses)
	}
	s.limit(t, fromJSON(t, `{"bulk_fails":false}`))
	if events, _ := export(t, s, "customer.updated", &in); len(events) == 0 {
		t.Error("nothing came")
	}
}

func TestLinesOfAFailedExportAreNotAskedForAgainAndAgain(t *testing.T) {
	failed := strings.Replace(finished, "COMPLETED", "FAILED", 1)
	if got := kindFor(t, map[string]string{"bulkOperation": failed}, "", "bulk.read", map[string]any{"id": "1"}); got != abi.Conflict {
		t.Errorf("%s", got)
	}
}

func fromJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestGather cuts a file at every byte: only whole records come, each with its children.
func TestGather(t *testing.T) {
	file := `{"id":"1"}` + "\n" + `{"id":"a","__parentId":"1"}` + "\n" + `{"id":"b","__parentId":"1"}` + "\n" + `{"id":"2"}` + "\n" + `{"id":"3"}` + "\n" + `{"id":"c","__parentId":"3"}`
	whole := []string{
		`{"id":"1","lineItems":{"nodes":[{"id":"a","__parentId":"1"},{"id":"b","__parentId":"1"}]}}`, `{"id":"2"}`,
		`{"id":"3","lineItems":{"nodes":[{"id":"c","__parentId":"3"}]}}`,
	}
	for size := 1; size <= len(file); size++ {
		for limit := 1; limit <= 3; limit++ {
			if got := gatherAll(file, size, limit); !slices.Equal(got, whole) {
				t.Errorf("size %d, limit %d: %q", size, limit, got)
			}
		}
	}
}

// gatherAll reads the file in parts of size bytes or, where nothing whole is in one, more.
func gatherAll(file string, size, limit int) []string {
	var all []string
	grown := size
	for at := 0; at < len(file); {
		end := min(at+grown, len(file))
		records, used := gather([]byte(file[at:end]), end == len(file), limit, "lineItems")
		if used == 0 {
			grown += size
			continue
		}
		for _, r := range records {
			all = append(all, string(r))
		}
		at, grown = at+used, size
	}
	return all
}

// TestListsLongerThanCanBePagedAreBegunAgain walks past the end of paging.
func TestListsLongerThanCanBePagedAreBegunAgain(t *testing.T) {
	at := place{From: april}
	row := func(n int) found[entry] {
		return found[entry]{rows: []entry{{changed: april.Add(time.Duration(n) * time.Second)}}, page: pageInfo{More: true, End: "c"}}
	}
	for n := 1; n <= maxPaged+1; n++ {
		text, err := at.next(row(n), 1)
		if err != nil {
			t.Fatal(err)
		}
		if at, err = placeOf(page.Window{Next: text}); err != nil {
			t.Fatal(err)
		}
	}
	if at.Seen != 1 || !at.From.Equal(april.Add(maxPaged*time.Second)) || at.After != "c" {
		t.Errorf("%+v", at)
	}
	if text, err := at.next(found[entry]{}, 1); text != "" || err != nil {
		t.Errorf("behind the end: %q, %v", text, err)
	}
}
