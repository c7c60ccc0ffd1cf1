package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// platform answers requests by "METHOD path", one answer after the other.
type platform struct {
	t       *testing.T
	answers map[string][]answer
	usage   string
}

type answer struct {
	status int
	body   string
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/services/data/v67.0")
	list := p.answers[key]
	if len(list) == 0 {
		p.t.Errorf("unexpected request %s?%s", key, r.URL.RawQuery)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	p.answers[key] = list[1:]
	if p.usage != "" {
		w.Header().Set("Sforce-Limit-Info", p.usage)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(list[0].status)
	_, _ = w.Write([]byte(list[0].body))
}

func (p *platform) on(key string, answers ...answer) *platform {
	p.answers[key] = answers
	return p
}

func connect(t *testing.T, settings map[string]any) (*sdktest.Connection, *platform) {
	t.Helper()
	p := &platform{t: t, answers: map[string][]answer{}}
	all := map[string]any{"base_url": "https://example.my.salesforce.com"}
	for name, value := range settings {
		all[name] = value
	}
	return sdktest.New(t, connector(), all, p), p
}

// queries returns the SOQL of the requests that were sent.
func queries(c *sdktest.Connection) []string {
	var list []string
	for _, r := range c.Requests() {
		request, err := http.NewRequest(r.Method, r.URL, http.NoBody) //nolint:noctx // never sent
		if err == nil && request.URL.Query().Has("q") {
			list = append(list, request.URL.Query().Get("q"))
		}
	}
	return list
}

func rows(records ...string) answer {
	return answer{200, fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[%s]}`, len(records), strings.Join(records, ","))}
}

func refusal(status int, code string) answer {
	return answer{status, fmt.Sprintf(`[{"errorCode":%q,"message":"…","fields":[]}]`, code)}
}

func TestErrorKinds(t *testing.T) {
	for _, c := range []struct {
		answer answer
		want   abi.Kind
	}{
		{refusal(401, "INVALID_SESSION_ID"), abi.Auth},
		{refusal(403, "REQUEST_LIMIT_EXCEEDED"), abi.RateLimited},
		{refusal(403, "API_DISABLED_FOR_ORG"), abi.Config},
		{refusal(403, "INSUFFICIENT_ACCESS"), abi.Denied},
		{refusal(400, "INSUFFICIENT_ACCESS_OR_READONLY"), abi.Denied},
		{refusal(400, "UNABLE_TO_LOCK_ROW"), abi.RateLimited},
		{refusal(400, "QUERY_TIMEOUT"), abi.Unavailable},
		{refusal(400, "DUPLICATE_VALUE"), abi.Conflict},
		{refusal(400, "MALFORMED_QUERY"), abi.Invalid},
		{refusal(400, "SOMETHING_NEW"), abi.Invalid},
		{refusal(400, "ENTITY_IS_DELETED"), abi.NotFound},
		{refusal(404, "NOT_FOUND"), abi.NotFound},
		{refusal(410, "UNSUPPORTED_API_VERSION"), abi.Config},
		{refusal(500, "UNKNOWN_EXCEPTION"), abi.Unavailable},
		{refusal(400, "UNKNOWN_EXCEPTION"), abi.Unavailable},
		{answer{503, "<html><title>Down</title>"}, abi.Unavailable},
		{answer{414, ""}, abi.Invalid},
		{answer{420, ""}, abi.Unavailable},
		{answer{300, `["/services/data/v67.0/sobjects/Contact/003"]`}, abi.Conflict},
	} {
		connection, p := connect(t, nil)
		p.on("GET /sobjects/Account/001", c.answer)
		err := connection.Do("record.get", map[string]any{"object": "Account", "id": "001"}, nil)
		if abi.KindOf(err) != c.want {
			t.Errorf("%+v: %v, want %s", c.answer, err, c.want)
		}
	}
}

func TestDuplicatesAreReadInBothSpellings(t *testing.T) {
	for _, key := range []string{"duplicateResut", "duplicateResult"} {
		c, p := connect(t, map[string]any{"on_duplicate": "use_match"})
		p.on("POST /sobjects/Contact", answer{400, `[{"errorCode":"DUPLICATES_DETECTED","message":"m","` + key + `":{"duplicateRule":"R","matchResults":[{"matchRecords":[
			{"record":{"attributes":{"type":"Contact"},"Id":"003A"}},{"record":{"attributes":{"type":"Lead"},"Id":"00QB"}},{"record":{"attributes":{"type":"Contact"},"Id":"003A"}}]}]}}]`})
		p.on("PATCH /sobjects/Contact/003A", answer{204, ""})
		var ref abi.RecordRef
		if err := c.Do("record.create", abi.RecordDraft{Object: "Contact", Fields: map[string]any{"LastName": "山田"}}, &ref); err != nil || ref.ID != "003A" {
			t.Errorf("%s: %+v, %v", key, ref, err)
		}
	}
}

func TestWaitsAfterTheLimit(t *testing.T) {
	for usage, want := range map[string]time.Duration{
		"api-usage=100000/100000":                                   10 * time.Minute,
		"api-usage=18/100000; per-app-api-usage=17/250(appName=EC)": 5 * time.Second,
		"": 5 * time.Second,
	} {
		c, p := connect(t, nil)
		p.usage = usage
		p.on("GET /limits", refusal(403, "REQUEST_LIMIT_EXCEEDED"))
		err := c.Do("limits.get", map[string]any{}, nil)
		if got := abi.AsError(err).RetryAfter(); got != want {
			t.Errorf("usage %q: wait %s, want %s", usage, got, want)
		}
	}
}

// TestALockedRecordHoldsUpNothingElse: however the refusal comes, its code
// keeps the connection open, and without a delay the host's own back-off counts.
func TestALockedRecordHoldsUpNothingElse(t *testing.T) {
	const locked = `{"errorCode":"UNABLE_TO_LOCK_ROW","message":"busy","fields":[]}`
	c, p := connect(t, nil)
	p.on("PATCH /sobjects/Account/001", answer{400, `[` + locked + `]`})
	p.on("POST /composite/sobjects", answer{200, `[{"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"busy","fields":[]}]}]`})
	p.on("POST /composite", answer{200, `{"compositeResponse":[{"referenceId":"a","httpStatusCode":400,"body":[` + locked + `]}]}`})
	for action, input := range map[string]any{
		"record.update":  map[string]any{"object": "Account", "id": "001", "fields": map[string]any{"Name": "a"}},
		"records.create": map[string]any{"object": "Account", "all_or_none": true, "records": []map[string]any{{"Name": "a"}}},
		"composite.run":  map[string]any{"all_or_none": true, "requests": []map[string]any{{"method": "POST", "path": "/sobjects/Account", "reference": "a"}}},
	} {
		e := abi.AsError(c.Do(action, input, nil))
		if e == nil || e.Kind != abi.RateLimited || e.Code != abi.CodeEndpointLimit || e.RetryAfterMS != 0 || !strings.Contains(e.Message, "UNABLE_TO_LOCK_ROW: busy") {
			t.Errorf("%s: %+v", action, e)
		}
	}
}

func TestPollsPauseWhenTheCallsOfTheDayRunOut(t *testing.T) {
	c, p := connect(t, map[string]any{"poll": []map[string]any{{"object": "Account"}}})
	p.usage = "api-usage=90/100"
	p.on("GET /limits", answer{200, `{}`}, answer{200, `{}`})
	for range 2 { // actions go on
		if err := c.Do("limits.get", map[string]any{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.Logs()) != 1 || !strings.HasPrefix(c.Logs()[0], "warn") {
		t.Errorf("logged %q, want one warning", c.Logs())
	}
	for _, trigger := range []string{"record.updated", "record.deleted"} {
		_, err := c.Poll(trigger, abi.PollInput{})
		e := abi.AsError(err)
		if e == nil || e.Kind != abi.RateLimited || e.RetryAfter() != usagePause {
			t.Fatalf("%s: %v", trigger, err)
		}
		if e.Code != abi.CodeEndpointLimit { // with any other code the host pauses the whole connection
			t.Errorf("%s pauses the actions too: %v", trigger, err)
		}
	}
	c.Now = c.Now.Add(usagePause)
	p.on("GET /query", rows())
	if _, err := c.Poll("record.updated", abi.PollInput{}); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestFieldTypesAreLearntOnce(t *testing.T) {
	c, p := connect(t, nil)
	p.on("GET /query", refusal(400, "INVALID_FIELD"), rows(`{"Id":"003A"}`), rows(`{"Id":"003A"}`))
	p.on("GET /sobjects/Contact/describe", answer{200, `{"fields":[{"name":"Birthdate","type":"date"}]}`})
	for range 2 {
		var list abi.RecordList
		in := abi.RecordQuery{Object: "Contact", Match: map[string]any{"Birthdate": "1990-03-04"}}
		if err := c.Do("record.search", in, &list); err != nil || list.TotalSize != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
	}
	want := []string{"'1990-03-04'", "1990-03-04 ", "1990-03-04 "}
	for i, q := range queries(c) {
		if !strings.Contains(q, "Birthdate = "+want[i]) {
			t.Errorf("query %d is %s, want %s", i, q, want[i])
		}
	}
}

func TestAnUnknownFieldIsDescribedOnceAndReported(t *testing.T) {
	c, p := connect(t, nil)
	p.on("GET /query", refusal(400, "INVALID_FIELD"))
	p.on("GET /sobjects/Contact/describe", answer{200, `{"fields":[]}`})
	err := c.Do("record.search", abi.RecordQuery{Object: "Contact", Match: map[string]any{"Nope__c": "x"}}, nil)
	if e := abi.AsError(err); e == nil || e.Code != "INVALID_FIELD" {
		t.Errorf("%v", err)
	}
}

func TestConfirmLooksForTheSameTexts(t *testing.T) {
	draft := abi.RecordDraft{Object: "Account", Fields: map[string]any{"Name": " O'Neil ", "Mail__c": "h@example.com", "AnnualRevenue": 5, "Vip__c": true}}
	for _, tc := range []struct {
		found string
		want  string
	}{
		{"", ""},
		{`{"Id":"001A","Name":"O'Neil","Mail__c":"h@example.com"}`, "001A"},
		{`{"Id":"001A","Name":"o'neil","Mail__c":"h@example.com"},{"Id":"001B","Name":"O'Neil","Mail__c":"h@example.com"}`, "001B"},
	} {
		c, p := connect(t, map[string]any{"integration_user_id": "005A"})
		c.Since = sdktest.Epoch
		p.on("GET /query", answer{200, `{"totalSize":1,"done":true,"records":[` + tc.found + `]}`})
		var ref abi.RecordRef
		done, err := c.Confirm("record.create", draft, &ref)
		if err != nil || done != (tc.want != "") || ref.ID != tc.want {
			t.Errorf("%s: %v %+v %v", tc.found, done, ref, err)
		}
		want := `SELECT Id, Mail__c, Name FROM Account WHERE CreatedDate >= 2026-03-31T23:59:00Z AND CreatedById = '005A' AND Mail__c = 'h@example.com' AND Name = ' O\'Neil ' ORDER BY CreatedDate, Id LIMIT 200`
		if got := queries(c)[0]; got != want {
			t.Errorf("query\n%s, want\n%s", got, want)
		}
	}
}

func TestConfirmWithoutATextLeavesItToAPerson(t *testing.T) {
	c, _ := connect(t, nil)
	_, err := c.Confirm("record.create", abi.RecordDraft{Object: "Line__c", Fields: map[string]any{"Quantity__c": 2}}, nil)
	if abi.KindOf(err) != abi.Conflict {
		t.Errorf("%v", err)
	}
}

func TestPollGoesOnBehindTheLastRow(t *testing.T) {
	c, p := connect(t, map[string]any{"integration_user_id": "005A", "poll": []map[string]any{{"object": "Account", "fields": []string{"Name"}, "where": "A = 1 OR B = 2"}}})
	row := func(id string) string {
		return `{"attributes":{"type":"Account"},"Id":"` + id + `","Name":"x","SystemModstamp":"2026-04-01T00:00:05.000+0000","CreatedDate":"2026-04-01T00:00:05.000+0000"}`
	}
	p.on("GET /query", rows(row("001A"), row("001B")), rows(row("001C")))
	events, _, err := c.PollAll("record.updated", abi.PollInput{Limit: 2})
	if err != nil || len(events) != 3 || events[2].Subject != "001C" {
		t.Fatalf("%+v, %v", events, err)
	}
	want := []string{
		"WHERE SystemModstamp >= 2026-04-01T00:00:00Z AND LastModifiedById != '005A' AND (A = 1 OR B = 2) ORDER BY SystemModstamp ASC, Id ASC LIMIT 2",
		"WHERE (SystemModstamp > 2026-04-01T00:00:05Z OR (SystemModstamp = 2026-04-01T00:00:05Z AND Id > '001B')) AND",
	}
	for i, q := range queries(c) {
		if !strings.Contains(q, want[i]) {
			t.Errorf("query %d is %s, want %s", i, q, want[i])
		}
	}
	var data updatedData
	if err := json.Unmarshal(events[0].Data, &data); err != nil || !data.Created || data.Fields["Name"] != "x" || data.Object != "Account" {
		t.Errorf("%+v, %v", data, err)
	}
}

func TestObjectsTakeTurns(t *testing.T) {
	c, p := connect(t, map[string]any{"poll": []map[string]any{{"object": "Account"}, {"object": "Contact"}}})
	p.on("GET /query", rows(), rows(), rows(), rows())
	var cursor json.RawMessage
	for range 2 {
		var err error
		if _, cursor, err = c.PollAll("record.updated", abi.PollInput{Cursor: cursor}); err != nil {
			t.Fatal(err)
		}
	}
	for i, object := range []string{"Account", "Contact", "Account", "Contact"} {
		if q := queries(c)[i]; !strings.Contains(q, "FROM "+object) {
			t.Errorf("query %d is %s, want one of %s", i, q, object)
		}
	}
}

func TestAnObjectIsPolledOnce(t *testing.T) {
	c, _ := connect(t, map[string]any{"poll": []map[string]any{{"object": "Account"}, {"object": "Account", "where": "A = 1"}}})
	if _, err := c.Poll("record.updated", abi.PollInput{}); abi.KindOf(err) != abi.Config {
		t.Errorf("%v", err)
	}
}

func TestPollWithoutObjectsAsksNothing(t *testing.T) {
	c, _ := connect(t, nil)
	for _, trigger := range []string{"record.updated", "record.deleted"} {
		page, err := c.Poll(trigger, abi.PollInput{})
		if err != nil || len(page.Events) != 0 || page.More {
			t.Errorf("%s: %+v, %v", trigger, page, err)
		}
	}
}

func TestDeletedRecordsComeInPages(t *testing.T) {
	c, p := connect(t, map[string]any{"poll": []map[string]any{{"object": "Account"}}})
	list := answer{200, `{"deletedRecords":[{"id":"001A","deletedDate":"2026-03-31T23:10:00.000+0000"},{"id":"001B","deletedDate":"2026-03-31T23:20:00.000+0000"},{"id":"001C","deletedDate":"2026-03-31T23:30:00.000+0000"}],"latestDateCovered":"2026-03-31T23:58:00.000+0000"}`}
	p.on("GET /sobjects/Account/deleted/", list, list, answer{200, `{"deletedRecords":[],"latestDateCovered":"2026-04-01T00:05:00.000+0000"}`})
	since := sdktest.Epoch.Add(-time.Hour)
	events, cursor, err := c.PollAll("record.deleted", abi.PollInput{Since: since, Limit: 2})
	if err != nil || len(events) != 3 || events[0].Subject != "001A" || events[2].Subject != "001C" {
		t.Fatalf("%+v, %v", events, err)
	}
	c.Now = c.Now.Add(5 * time.Minute)
	if _, _, err = c.PollAll("record.deleted", abi.PollInput{Cursor: cursor}); err != nil {
		t.Fatal(err)
	}
	if got := c.Requests()[2].URL; !strings.Contains(got, "start=2026-03-31T23%3A56%3A00Z&end=2026-04-01T00%3A05%3A00Z") {
		t.Errorf("the next span is %s", got)
	}
}

func TestLeadsAreNotAssignedIfTheSettingsSaySo(t *testing.T) {
	c, p := connect(t, map[string]any{"auto_assign": false})
	p.on("POST /sobjects/Lead", answer{201, `{"id":"00QA","success":true,"errors":[]}`})
	if err := c.Do("record.create", abi.RecordDraft{Object: "Lead", Fields: map[string]any{"LastName": "x"}}, nil); err != nil {
		t.Fatal(err)
	}
	if got := abi.HeaderValue(c.Requests()[0].Headers, "Sforce-Auto-Assign"); got != "FALSE" {
		t.Errorf("Sforce-Auto-Assign: %q", got)
	}
}

func TestQueryFollowsPages(t *testing.T) {
	c, p := connect(t, nil)
	p.on("GET /query", answer{200, `{"totalSize":5,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-2","records":[{"N":4100.0},{"N":2}]}`})
	p.on("GET /query/01g-2", answer{200, `{"totalSize":5,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-4","records":[{"N":3},{"N":4}]}`})
	var out queryOutput
	if err := c.Do("query.run", map[string]any{"soql": "SELECT N FROM A", "max_records": 3}, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Records) != 4 || out.Next != "/services/data/v67.0/query/01g-4" || out.TotalSize != 5 {
		t.Errorf("%+v", out)
	}
}
