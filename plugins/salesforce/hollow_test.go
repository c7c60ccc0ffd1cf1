package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// TestAnAnswerThatTellsNothingIsNoSuccess: JSON with 200 that does not say what
// was found or written, as something in front of the platform may send it.
func TestAnAnswerThatTellsNothingIsNoSuccess(t *testing.T) {
	ids := []string{"001A", "001B"}
	records := []map[string]any{{"Name": "a"}, {"Name": "b"}}
	changes := []map[string]any{{"id": "001A", "fields": map[string]any{"Name": "a"}}}
	parts := []map[string]any{{"method": "POST", "path": "/sobjects/Account", "reference": "a", "body": map[string]any{"Name": "a"}}}
	for _, tc := range []struct {
		action, request string
		input           map[string]any
		want            abi.Kind
	}{
		{"record.search", "GET /query", map[string]any{"object": "Account", "match": map[string]any{"Name": "a"}}, abi.Unavailable},
		{"query.run", "GET /query", map[string]any{"soql": "SELECT Id FROM Account"}, abi.Unavailable},
		{"file.list", "GET /query", map[string]any{"record_id": "001A"}, abi.Unavailable},
		{"record.get", "GET /sobjects/Account/001A", map[string]any{"object": "Account", "id": "001A"}, abi.Unavailable},
		{"records.get", "POST /composite/sobjects/Account", map[string]any{"object": "Account", "ids": ids, "fields": []string{"Name"}}, abi.Unavailable},
		{"bulk.status", "GET /jobs/ingest/750A", map[string]any{"job_id": "750A"}, abi.Unavailable},
		{"bulk.results", "GET /jobs/ingest/750A/failedResults", map[string]any{"job_id": "750A", "which": "failed"}, abi.Unavailable},
		{"record.create", "POST /sobjects/Account", map[string]any{"object": "Account", "fields": records[0]}, abi.Unknown},
		{"record.update", "PATCH /sobjects/Account/001A", map[string]any{"object": "Account", "id": "001A", "fields": records[0]}, abi.Unknown},
		{"record.delete", "DELETE /sobjects/Account/001A", map[string]any{"object": "Account", "id": "001A"}, abi.Unknown},
		{"file.upload", "POST /sobjects/ContentVersion", map[string]any{"file_name": "a.txt", "base64": "YQ=="}, abi.Unknown},
		{"records.create", "POST /composite/sobjects", map[string]any{"object": "Account", "records": records}, abi.Unknown},
		{"records.update", "PATCH /composite/sobjects", map[string]any{"object": "Account", "records": changes}, abi.Unknown},
		{"records.upsert", "PATCH /composite/sobjects/Account/Name", map[string]any{"object": "Account", "by": "Name", "records": records}, abi.Unknown},
		{"records.delete", "DELETE /composite/sobjects", map[string]any{"ids": ids}, abi.Unknown},
		{"composite.run", "POST /composite", map[string]any{"requests": parts}, abi.Unknown},
	} {
		for _, body := range []string{"null", "{}", "[]", `[{"success":true,"id":"1"},{"success":true,"id":"2"},{"success":true,"id":"3"}]`, `{"compositeResponse":[{"referenceId":"a"}]}`} {
			c, p := connect(t, nil)
			p.on(tc.request, answer{200, body})
			got := abi.KindOf(c.Do(tc.action, tc.input, nil))
			if got != tc.want && (tc.want == abi.Unknown || got != abi.Internal) { // Internal: of another shape
				t.Errorf("%s, answered %s: %s, want %s", tc.action, body, got, tc.want)
			}
		}
	}
}

func TestAListOfDeletedRecordsThatDoesNotSayHowFarItReachesIsNotPassed(t *testing.T) {
	c, p := connect(t, map[string]any{"poll": []map[string]any{{"object": "Account"}}})
	p.on("GET /sobjects/Account/deleted/", answer{200, `{}`})
	if page, err := c.Poll("record.deleted", abi.PollInput{Since: sdktest.Epoch.Add(-time.Hour)}); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestAnEmptyAnswerIsNotAFileOfResults(t *testing.T) {
	for _, body := range []string{"", "\n", "Service busy", `"sf__Id","Name"`} {
		c, p := connect(t, nil)
		p.on("GET /jobs/ingest/750A/failedResults", answer{200, body})
		p.on("GET /jobs/ingest/750A", answer{200, `{"state":"JobComplete","numberRecordsProcessed":3,"numberRecordsFailed":1}`})
		if err := c.Do("bulk.results", map[string]any{"job_id": "750A", "which": "failed"}, nil); abi.KindOf(err) != abi.Unavailable {
			t.Errorf("%q: %v", body, err)
		}
	}
	c, p := connect(t, nil)
	p.on("GET /jobs/ingest/750A/failedResults", answer{200, ""})
	p.on("GET /jobs/ingest/750A", answer{200, `{"state":"Failed"}`})
	if err := c.Do("bulk.results", map[string]any{"job_id": "750A", "which": "failed"}, nil); err != nil {
		t.Errorf("of a job that failed as a whole: %v", err)
	}
}

// TestNoResultsAreAnEmptyFile: of records that there are none of, the platform
// may send a file without a heading, or none at all.
func TestNoResultsAreAnEmptyFile(t *testing.T) {
	for which, path := range resultPaths {
		for job, want := range map[string]abi.Kind{
			`{"state":"JobComplete","numberRecordsProcessed":3,"numberRecordsFailed":0}`: map[string]abi.Kind{"successful": abi.Unavailable}[which],
			`{"state":"JobComplete","numberRecordsProcessed":3,"numberRecordsFailed":3}`: map[string]abi.Kind{"failed": abi.Unavailable}[which],
			`{"state":"InProgress"}`: abi.Unavailable,
			`{}`:                     abi.Unavailable,
		} {
			for _, status := range []int{200, 204} {
				c, p := connect(t, nil)
				p.on("GET "+fmt.Sprintf(path, "750A"), answer{status, ""})
				p.on("GET /jobs/ingest/750A", answer{200, job})
				var out resultsOutput
				err := c.Do("bulk.results", map[string]any{"job_id": "750A", "which": which}, &out)
				if abi.KindOf(err) != want || want == abi.OK && out.Rows == nil {
					t.Errorf("%s of %s, answered %d: %v, want %s", which, job, status, err, want)
				}
			}
		}
	}
}

func TestAPageIsNoFileOfResults(t *testing.T) {
	for which, path := range resultPaths {
		c, p := connect(t, nil)
		p.on("GET "+fmt.Sprintf(path, "750A"), answer{200, "<html>\n<title>Down</title>\n</html>"})
		if err := c.Do("bulk.results", map[string]any{"job_id": "750A", "which": which}, nil); abi.KindOf(err) != abi.Unavailable {
			t.Errorf("%s: %v", which, err)
		}
	}
}

func TestARetiredVersionIsOfTheSettings(t *testing.T) {
	c, p := connect(t, nil)
	p.on("GET /sobjects/Account/001", answer{410, ""})
	if err := c.Do("record.get", map[string]any{"object": "Account", "id": "001"}, nil); abi.KindOf(err) != abi.Config {
		t.Errorf("%v", err)
	}
}

// TestAReadThatWorkedDoesNotHideThatNothingWasWritten: a flow that does not look
// at the results must not go on.
func TestAReadThatWorkedDoesNotHideThatNothingWasWritten(t *testing.T) {
	c, p := connect(t, nil)
	p.on("POST /composite", answer{200, `{"compositeResponse":[{"referenceId":"q","httpStatusCode":200,"body":{"records":[]}},
		{"referenceId":"a","httpStatusCode":400,"body":[{"errorCode":"REQUIRED_FIELD_MISSING","message":"m"}]}]}`})
	err := c.Do("composite.run", map[string]any{"all_or_none": false, "requests": []map[string]any{
		{"method": "GET", "path": "/query?q=SELECT+Id+FROM+Account", "reference": "q"}, {"method": "POST", "path": "/sobjects/Account", "reference": "a"},
	}}, nil)
	if e := abi.AsError(err); e == nil || e.Code != "REQUIRED_FIELD_MISSING" {
		t.Errorf("%v", err)
	}
}

// TestADeletionThatWasUndoneIsNoSuccess: with all_or_none one record that was
// gone already makes the platform keep all others.
func TestADeletionThatWasUndoneIsNoSuccess(t *testing.T) {
	const gone, kept = `{"success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"m"}]}`,
		`{"success":false,"errors":[{"statusCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK","message":"m"}]}`
	for lines, want := range map[string]abi.Kind{gone + "," + kept: abi.NotFound, gone + "," + gone: abi.OK} {
		c, p := connect(t, nil)
		p.on("DELETE /composite/sobjects", answer{200, `[` + lines + `]`})
		var out manyOutput
		err := c.Do("records.delete", map[string]any{"ids": []string{"001A", "001B"}, "all_or_none": true}, &out)
		if abi.KindOf(err) != want || want == abi.OK && out.Succeeded != 2 {
			t.Errorf("%s: %+v, %v", lines, out, err)
		}
	}
}

func TestARecordFetchedByItsExternalIDHasItsID(t *testing.T) {
	c, p := connect(t, nil)
	p.on("GET /sobjects/Account/Ext__c/C-1", answer{200, `{"attributes":{"type":"Account"},"Id":"001A","Name":"a"}`})
	var got abi.Record
	err := c.Do("record.get", map[string]any{"object": "Account", "by": "Ext__c", "id": "C-1", "fields": []string{"Name"}}, &got)
	if url := c.Requests()[0].URL; err != nil || got.ID != "001A" || !strings.Contains(url, "fields=Id%2CName") {
		t.Errorf("%+v, %v, asked %s", got, err, url)
	}
}

func TestABulkJobHasRecords(t *testing.T) {
	c, _ := connect(t, nil)
	if err := c.Do("bulk.start", map[string]any{"object": "Account", "operation": "insert", "records": []any{}}, nil); abi.KindOf(err) != abi.Invalid {
		t.Errorf("%v", err)
	}
}
