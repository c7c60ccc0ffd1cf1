package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

// The states of a bulk job.
const (
	jobOpen     = "Open"
	jobUploaded = "UploadComplete"
	jobRunning  = "InProgress"
	jobComplete = "JobComplete"
	jobFailed   = "Failed"
	jobAborted  = "Aborted"
)

// uploadMost is the largest upload, in bytes.
const uploadMost = 100 << 20

// job is a job of Bulk API 2.0. The work is done when somebody looks the second
// time after the upload, so that every client sees a job under way, and no
// test has to wait.
type job struct {
	ID         string  `json:"id"`
	Operation  string  `json:"operation"`
	Object     string  `json:"object"`
	ExternalID string  `json:"externalIdFieldName,omitempty"`
	Content    string  `json:"contentType"`
	LineEnding string  `json:"lineEnding"`
	Delimiter  string  `json:"columnDelimiter"`
	State      string  `json:"state"`
	ContentURL string  `json:"contentUrl,omitempty"`
	APIVersion float64 `json:"apiVersion"`
	CreatedBy  string  `json:"createdById"`
	Processed  int     `json:"numberRecordsProcessed"`
	Failed     int     `json:"numberRecordsFailed"`
	Error      string  `json:"errorMessage,omitempty"`
	Query      string  `json:"query,omitempty"`

	user        string
	data        []byte
	successful  []byte // results, CSV
	failed      []byte
	unprocessed []byte
	rows        [][]string // of a query, the heading first
}

type jobs struct {
	mu   sync.Mutex
	last int
	byID map[string]*job
}

func newJobs() *jobs { return &jobs{byID: map[string]*job{}} }

func (s *server) jobResource(parts []string) methods {
	if len(parts) == 0 || parts[0] != "ingest" && parts[0] != "query" {
		return nil
	}
	query := parts[0] == "query"
	switch {
	case len(parts) == 1:
		return methods{http.MethodPost: s.createJob}
	case len(parts) == 2:
		return methods{
			http.MethodGet: s.withJob(s.showJob), http.MethodPatch: s.withJob(s.changeJob), http.MethodDelete: s.withJob(s.dropJob),
		}
	case len(parts) == 3 && query && parts[2] == "results":
		return methods{http.MethodGet: s.withJob(s.queryResults)}
	case len(parts) == 3 && !query && parts[2] == "batches":
		return methods{http.MethodPut: s.withJob(s.upload)}
	case len(parts) == 3 && !query:
		return methods{http.MethodGet: s.withJob(s.ingestResults)}
	}
	return nil
}

// withJob finds the job that the path names and holds the jobs' lock meanwhile.
func (s *server) withJob(handle func(*request, *job) (answer, error)) handler {
	return func(rq *request) (answer, error) {
		s.jobs.mu.Lock()
		defer s.jobs.mu.Unlock()
		j := s.jobs.byID[org.LongID(rq.parts[2])]
		if j == nil {
			return answer{}, missing()
		}
		return handle(rq, j)
	}
}

func (s *server) createJob(rq *request) (answer, error) {
	j := &job{Content: "CSV", LineEnding: "LF", Delimiter: "COMMA"}
	if err := rq.decode(j); err != nil {
		return answer{}, err
	}
	if err := s.checkJob(rq, j); err != nil {
		return answer{}, err
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.jobs.last++
	j.ID, j.user, j.CreatedBy, j.APIVersion = org.MakeID("750", s.jobs.last), rq.user, rq.user, float64(rq.version)
	j.State = jobUploaded
	if rq.parts[1] == "ingest" {
		j.State = jobOpen
		j.ContentURL = fmt.Sprintf("services/data/v%d.0/jobs/ingest/%s/batches", rq.version, j.ID)
	}
	s.jobs.byID[j.ID] = j
	return jsonAnswer(http.StatusOK, j)
}

var delimiters = map[string]rune{"COMMA": ',', "TAB": '\t', "SEMICOLON": ';', "PIPE": '|', "CARET": '^', "BACKQUOTE": '`'}

func (s *server) checkJob(rq *request, j *job) error {
	if delimiters[j.Delimiter] == 0 || j.LineEnding != "LF" && j.LineEnding != "CRLF" || j.Content != "CSV" {
		return badRequest("INVALIDJOB", "contentType, lineEnding or columnDelimiter is not supported")
	}
	return s.org.Read(func(tx *org.Tx) error {
		if rq.parts[1] == "query" {
			result, err := tx.Query(j.Query, j.Operation == "queryAll")
			if err == nil {
				j.Object = result.Object.Name
			}
			return err
		}
		o, err := tx.Object(j.Object)
		if err != nil {
			return badRequest("INVALIDJOB", "InvalidJob : sObject type '%s' is not supported", j.Object)
		}
		return j.checkOperation(tx, o)
	})
}

func (j *job) checkOperation(tx *org.Tx, o *org.Object) error {
	switch j.Operation {
	case "insert", "update", "delete", "hardDelete":
		return nil
	case "upsert":
		if j.ExternalID == "" {
			return badRequest("INVALIDJOB", "InvalidJob : External ID was blank for %s. An External ID must be specified for upsert.", j.Object)
		}
		_, err := tx.Lookup(o, j.ExternalID, "x")
		return err
	}
	return badRequest("INVALIDJOB", "InvalidJob : operation '%s' is not supported", j.Operation)
}

// upload takes the data, once.
func (s *server) upload(rq *request, j *job) (answer, error) {
	if j.State != jobOpen || j.data != nil {
		return answer{}, badRequest("INVALIDJOBSTATE", "Found multiple contents for job: <%s>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job", j.ID)
	}
	if len(rq.body) > uploadMost {
		return answer{}, fault(http.StatusRequestEntityTooLarge, "INVALIDJOB", "the upload is larger than 100 MB")
	}
	j.data = append([]byte{}, rq.body...)
	return answer{status: http.StatusCreated}, nil
}

func (s *server) changeJob(rq *request, j *job) (answer, error) {
	var change struct {
		State string `json:"state"`
	}
	if err := rq.decode(&change); err != nil {
		return answer{}, err
	}
	open := j.State == jobOpen || rq.parts[1] == "query" && j.State != jobComplete
	if !open || change.State != jobUploaded && change.State != jobAborted {
		return answer{}, badRequest("INVALIDJOBSTATE", "the job is %s and cannot become %s", j.State, change.State)
	}
	j.State = change.State
	return jsonAnswer(http.StatusOK, j)
}

// showJob moves a job on: uploaded, under way, complete.
func (s *server) showJob(rq *request, j *job) (answer, error) {
	switch j.State {
	case jobUploaded:
		j.State = jobRunning
	case jobRunning:
		if rq.parts[1] == "query" {
			s.runQueryJob(j)
		} else {
			s.runIngest(j, rq.options())
		}
	}
	return jsonAnswer(http.StatusOK, j)
}

func (s *server) dropJob(_ *request, j *job) (answer, error) {
	if j.State == jobOpen || j.State == jobRunning {
		return answer{}, badRequest("INVALIDJOBSTATE", "the job is %s and cannot be deleted", j.State)
	}
	delete(s.jobs.byID, j.ID)
	return answer{status: http.StatusNoContent}, nil
}

func (s *server) ingestResults(rq *request, j *job) (answer, error) {
	var csv []byte
	switch strings.ToLower(rq.parts[3]) {
	case "successfulresults":
		csv = j.successful
	case "failedresults":
		csv = j.failed
	case "unprocessedrecords":
		csv = j.unprocessed
	default:
		return answer{}, missing()
	}
	return csvAnswer(csv, nil), nil
}

func csvAnswer(csv []byte, header map[string]string) answer {
	if header == nil {
		header = map[string]string{}
	}
	header["Content-Type"] = "text/csv"
	if csv == nil {
		csv = []byte{}
	}
	return answer{status: http.StatusOK, header: header, body: csv}
}

func (s *server) listJobs() (any, error) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	list := []*job{}
	for _, j := range s.jobs.byID {
		list = append(list, j)
	}
	return list, nil
}

// putJob adds an ingest job that is done already.
func (s *server) putJob(id string, text json.RawMessage) error {
	var form struct {
		Object     string `json:"object"`
		Operation  string `json:"operation"`
		ExternalID string `json:"external_id"`
		Data       string `json:"data"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return err
	}
	j := &job{
		ID: org.LongID(id), Object: form.Object, Operation: form.Operation, ExternalID: form.ExternalID,
		Content: "CSV", LineEnding: "LF", Delimiter: "COMMA", APIVersion: newestVersion,
		CreatedBy: org.StaffUser, user: org.StaffUser, data: []byte(form.Data),
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	s.runIngest(j, org.Options{})
	s.jobs.byID[j.ID] = j
	return nil
}
