package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// TestABulkJobIsLookedAtWhenItsStartGotNoAnswer: opened and uploaded, and what
// became of the last request is read from the job.
func TestABulkJobIsLookedAtWhenItsStartGotNoAnswer(t *testing.T) {
	lost := answer{http.StatusGatewayTimeout, ""}
	for name, tc := range map[string]struct {
		closing []answer // of the job's change: starting it, then aborting it
		look    answer
		want    abi.Kind
		state   string
	}{
		"it started":             {[]answer{lost}, answer{200, `{"id":"750A","state":"InProgress"}`}, abi.OK, "InProgress"},
		"it did not":             {[]answer{lost, {200, `{"id":"750A","state":"Aborted"}`}}, answer{200, `{"id":"750A","state":"Open"}`}, abi.Unavailable, ""},
		"nor can it be aborted":  {[]answer{lost, lost}, answer{200, `{"id":"750A","state":"Open"}`}, abi.Unknown, ""},
		"it cannot be looked at": {[]answer{lost}, answer{503, ""}, abi.Unknown, ""},
		"an empty answer":        {[]answer{{200, `{}`}}, answer{200, `{"id":"750A","state":"UploadComplete"}`}, abi.OK, "UploadComplete"},
	} {
		c, p := connect(t, nil)
		p.on("POST /jobs/ingest", answer{200, `{"id":"750A","state":"Open"}`}).on("PUT /jobs/ingest/750A/batches", answer{201, ""})
		p.on("PATCH /jobs/ingest/750A", tc.closing...).on("GET /jobs/ingest/750A", tc.look)
		var out bulkOutput
		err := c.Do("bulk.start", bulkOfOne(), &out)
		if abi.KindOf(err) != tc.want || out.State != tc.state {
			t.Errorf("%s: %v, %+v", name, err, out)
		}
	}
}

func TestABulkJobThatIsOpenedWithoutAnIDIsTriedAgain(t *testing.T) {
	c, p := connect(t, nil)
	p.on("POST /jobs/ingest", answer{200, `{}`})
	if err := c.Do("bulk.start", bulkOfOne(), nil); abi.KindOf(err) != abi.Unavailable {
		t.Error(err)
	}
}

func TestABulkJobIsNotStartedWithAFieldThatIsTooLong(t *testing.T) {
	for size, want := range map[int]abi.Kind{maxCell: abi.OK, maxCell + 1: abi.Invalid} {
		c, p := connect(t, nil)
		p.on("POST /jobs/ingest", answer{200, `{"id":"750A","state":"Open"}`}).on("PUT /jobs/ingest/750A/batches", answer{201, ""})
		p.on("PATCH /jobs/ingest/750A", answer{200, `{"id":"750A","state":"UploadComplete"}`})
		in := map[string]any{"object": "Account", "operation": "insert", "records": []map[string]any{{"Description": strings.Repeat("あ", size)}}}
		if err := c.Do("bulk.start", in, nil); abi.KindOf(err) != want {
			t.Errorf("%d: %v", size, err)
		}
	}
}

func bulkOfOne() map[string]any {
	return map[string]any{"object": "Account", "operation": "insert", "records": []map[string]any{{"Name": "山田"}}}
}
