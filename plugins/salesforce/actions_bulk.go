package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func bulkActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("bulk.start", abi.Text{EN: "Start a bulk job: many records at once, in the background", JA: "一括ジョブを開始する(大量のレコードを裏で処理)"}, startBulk),
		sdk.Read("bulk.status", abi.Text{EN: "Tell how far a bulk job is", JA: "一括ジョブの進み具合を調べる"}, bulkStatus),
		sdk.Read("bulk.results", abi.Text{EN: "Fetch the results of a bulk job", JA: "一括ジョブの結果を取得する"}, bulkResults),
	}
}

// csvNull sets a field to null; an empty cell would leave it as it is.
const csvNull = "#N/A"

// maxCell is how many characters a field of a bulk job may have. The platform
// finds a longer one in the background, when the step is long done.
const maxCell = 32_000

type bulkInput struct {
	Object    string           `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	Operation string           `json:"operation" enum:"insert,update,upsert,delete" doc:"What to do" ja:"操作"`
	By        string           `json:"by,omitempty" doc:"External id field of an upsert" ja:"upsertで使う外部ID項目"`
	Records   []map[string]any `json:"records" doc:"Fields of each record; null empties a field" ja:"各レコードの項目(nullで空にする)"`
}

type bulkJob struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Processed int64  `json:"numberRecordsProcessed"`
	Failed    int64  `json:"numberRecordsFailed"`
	Error     string `json:"errorMessage"`
}

type bulkOutput struct {
	JobID     string `json:"job_id" doc:"Id of the job" ja:"ジョブのid"`
	State     string `json:"state" doc:"UploadComplete, InProgress, JobComplete, Failed or Aborted" ja:"状態"`
	Finished  bool   `json:"finished" doc:"Whether anything more will happen" ja:"終わったか"`
	Processed int64  `json:"processed" doc:"Records handled so far" ja:"処理済み件数"`
	Failed    int64  `json:"failed" doc:"Records refused so far" ja:"失敗件数"`
	Error     string `json:"error" doc:"Why the whole job failed" ja:"ジョブ全体が失敗した理由"`
}

func (j *bulkJob) output() bulkOutput {
	return bulkOutput{
		JobID: j.ID, State: j.State, Processed: j.Processed, Failed: j.Failed, Error: j.Error,
		Finished: j.State == "JobComplete" || j.State == "Failed" || j.State == "Aborted",
	}
}

// startBulk opens a job, uploads the records and starts it. Nothing happens at
// the platform before the last request, so a lost answer before it does no harm.
func startBulk(call *sdk.Call, in bulkInput) (bulkOutput, error) {
	o, err := open(call)
	if err != nil {
		return bulkOutput{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return bulkOutput{}, err
	}
	if len(in.Records) == 0 {
		return bulkOutput{}, sdk.Errorf(abi.Invalid, "there is no record to write (recordsが空です)")
	}
	data, err := encodeRows(in.Records)
	if err != nil {
		return bulkOutput{}, err
	}
	opening := map[string]any{"object": in.Object, "operation": in.Operation, "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}
	if in.By != "" {
		opening["externalIdFieldName"] = in.By
	}
	var job bulkJob
	if err = o.into(o.request("POST", "/jobs/ingest").Safe().JSON(opening), &job); err == nil {
		err = told(job.ID != "", abi.Unavailable)
	}
	if err != nil {
		return bulkOutput{}, fmt.Errorf("opening a bulk job: %w", err)
	}
	upload := o.request("PUT", "/jobs/ingest/%s/batches", job.ID).Safe().Body("text/csv", data)
	if _, err := o.send(upload); err != nil {
		return bulkOutput{}, fmt.Errorf("uploading to bulk job %s: %w", job.ID, err)
	}
	if err := o.startJob(&job); err != nil {
		return bulkOutput{}, fmt.Errorf("starting bulk job %s: %w", job.ID, err)
	}
	return job.output(), nil
}

// startJob ends the upload, upon which the platform begins. Where no answer
// comes the job itself tells; one that was not started is aborted, so that it
// never will be and the step may be tried again.
func (o *org) startJob(job *bulkJob) error {
	lost := o.moveJob(job, "UploadComplete")
	if abi.KindOf(lost) != abi.Unknown {
		return lost
	}
	var now bulkJob
	if err := o.into(o.request("GET", "/jobs/ingest/%s", job.ID), &now); err != nil || now.State == "" {
		return lost
	}
	if now.State != "Open" {
		*job = now
		return nil
	}
	if err := o.moveJob(job, "Aborted"); err != nil {
		return lost
	}
	return sdk.Errorf(abi.Unavailable, "%w", lost)
}

func (o *org) moveJob(job *bulkJob, state string) error {
	var now bulkJob
	if err := o.change(o.request("PATCH", "/jobs/ingest/%s", job.ID).JSON(map[string]any{"state": state}), &now); err != nil {
		return err
	}
	if now.State == "" {
		return told(false, abi.Unknown)
	}
	job.State = now.State
	return nil
}

// encodeRows writes the records as CSV. The columns are all fields that occur.
func encodeRows(records []map[string]any) ([]byte, error) {
	names := map[string]bool{}
	for _, r := range records {
		for name := range r {
			if err := checkName("field", name); err != nil {
				return nil, err
			}
			names[name] = true
		}
	}
	heading := slices.Sorted(maps.Keys(names))
	rows := [][]string{heading}
	for _, r := range records {
		row := make([]string, len(heading))
		for i, name := range heading {
			var err error
			if row[i], err = cell(r, name); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("writing the upload: %w", err)
	}
	return b.Bytes(), nil
}

func cell(r map[string]any, name string) (string, error) {
	value, ok := r[name]
	if !ok {
		return "", nil
	}
	if text, isText := value.(string); isText && text != "" {
		return text, checkCell(text, name)
	}
	if value == nil || value == "" {
		return csvNull, nil
	}
	return scalar(name, value)
}

func checkCell(text, name string) error {
	n := utf8.RuneCountInString(text)
	if n <= maxCell {
		return nil
	}
	return &abi.Error{Kind: abi.Invalid, Fields: []string{name}, Message: fmt.Sprintf(
		"%s has %d characters in one of the records, and a bulk job takes %d in a field: write that record by itself (一括ジョブの1項目は%[3]d文字までです)", name, n, maxCell,
	)}
}

type jobInput struct {
	JobID string `json:"job_id" doc:"Id of the job" ja:"ジョブのid"`
}

func bulkStatus(call *sdk.Call, in jobInput) (bulkOutput, error) {
	o, err := open(call)
	if err != nil {
		return bulkOutput{}, err
	}
	var job bulkJob
	if err = o.into(o.request("GET", "/jobs/ingest/%s", in.JobID), &job); err == nil {
		err = told(job.State != "", abi.Unavailable)
	}
	if err != nil {
		return bulkOutput{}, fmt.Errorf("looking at bulk job %s: %w", in.JobID, err)
	}
	return job.output(), nil
}

type resultsInput struct {
	JobID string `json:"job_id" doc:"Id of the job" ja:"ジョブのid"`
	Which string `json:"which" enum:"successful,failed,unprocessed" default:"failed" doc:"Which records" ja:"どのレコードか"`
}

type resultsOutput struct {
	Rows []map[string]string `json:"rows" doc:"Your columns, with sf__Id and sf__Created or sf__Error; in no order" ja:"送った列とsf__Id、sf__Createdまたはsf__Error(順不同)"`
}

var resultPaths = map[string]string{
	"successful": "/jobs/ingest/%s/successfulResults", "failed": "/jobs/ingest/%s/failedResults", "unprocessed": "/jobs/ingest/%s/unprocessedrecords",
}

// noResults judges an empty file: where there is nothing to list, the platform
// may leave the heading away, too. The job tells whether there is.
func (o *org) noResults(in resultsInput) (resultsOutput, error) {
	var job bulkJob
	if err := o.into(o.request("GET", "/jobs/ingest/%s", in.JobID), &job); err != nil {
		return resultsOutput{}, fmt.Errorf("looking at bulk job %s: %w", in.JobID, err)
	}
	if !job.hasNone(in.Which) {
		return resultsOutput{}, sdk.Errorf(abi.Unavailable, "bulk job %s is %s and its file of results is empty", in.JobID, job.State)
	}
	return resultsOutput{Rows: []map[string]string{}}, nil
}

// hasNone says whether a list of results may be empty. A job that ended as a
// whole does not tell what it came to.
func (j *bulkJob) hasNone(which string) bool {
	switch {
	case j.State == "Failed" || j.State == "Aborted":
		return true
	case j.State != "JobComplete":
		return false
	case which == "failed":
		return j.Failed == 0
	case which == "successful":
		return j.Processed == j.Failed
	}
	return true
}

// resultColumns are those that the platform adds to ours, so that a page or an
// empty answer cannot pass for a file without rows.
var resultColumns = map[string][]string{"successful": {"sf__Id", "sf__Created"}, "failed": {"sf__Id", "sf__Error"}}

func containsAll(heading, names []string) bool {
	for _, name := range names {
		if !slices.Contains(heading, name) {
			return false
		}
	}
	return true
}

func bulkResults(call *sdk.Call, in resultsInput) (resultsOutput, error) {
	o, err := open(call)
	if err != nil {
		return resultsOutput{}, err
	}
	path, ok := resultPaths[in.Which]
	if !ok {
		return resultsOutput{}, sdk.Errorf(abi.Invalid, "which is successful, failed or unprocessed, not %q", in.Which)
	}
	answer, err := o.request("GET", path, in.JobID).Header("Accept", "text/csv").Send()
	if err != nil {
		return resultsOutput{}, fmt.Errorf("fetching the results of bulk job %s: %w", in.JobID, err)
	}
	if len(bytes.TrimSpace(answer.Body)) == 0 {
		return o.noResults(in)
	}
	rows, err := csv.NewReader(bytes.NewReader(answer.Body)).ReadAll()
	if err == nil && (strings.HasPrefix(rows[0][0], "<") || !containsAll(rows[0], resultColumns[in.Which])) {
		err = errPage
	}
	if err != nil {
		return resultsOutput{}, sdk.Errorf(abi.Unavailable, "reading the results of bulk job %s: %w", in.JobID, err)
	}
	return resultsOutput{Rows: named(rows)}, o.noteUsage(answer)
}

var errPage = errors.New("the platform answered with something else than a file of results")

// named gives each cell the name of its column.
func named(rows [][]string) []map[string]string {
	list := []map[string]string{}
	for i := 1; i < len(rows); i++ {
		row := make(map[string]string, len(rows[i]))
		for column, value := range rows[i] {
			row[rows[0][column]] = value
		}
		list = append(list, row)
	}
	return list
}
