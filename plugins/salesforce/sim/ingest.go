package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

const (
	// chunk is how many rows are written in one transaction.
	chunk = 200
	// csvNull sets a field to null; an empty cell leaves it as it is.
	csvNull = "#N/A"
	// maxCell is how many characters a field may have.
	maxCell = 32_000
)

// outcome is what became of one row.
type outcome struct {
	row     []string
	id      string
	created bool
	err     *org.Error
}

// runIngest writes all rows of a job.
func (s *server) runIngest(j *job, options org.Options) {
	rows, err := j.readRows()
	if err == nil {
		err = s.checkHeading(j, rows[0])
	}
	if err == nil {
		err = checkCells(rows)
	}
	if err != nil {
		j.State, j.Error, j.unprocessed = jobFailed, err.Error(), j.data
		return
	}
	outcomes := make([]outcome, 0, len(rows))
	for part := range slices.Chunk(rows[1:], chunk) {
		err := s.org.Write(j.user, func(tx *org.Tx) error {
			for _, row := range part {
				outcomes = append(outcomes, j.writeRow(tx, options, rows[0], row))
			}
			return nil
		})
		if err != nil {
			j.State, j.Error = jobFailed, err.Error()
			return
		}
	}
	j.State = jobComplete
	j.report(rows[0], outcomes)
}

var errNoRows = errors.New("the upload holds no heading")

func (j *job) readRows() ([][]string, error) {
	reader := csv.NewReader(bytes.NewReader(j.data))
	reader.Comma = delimiters[j.Delimiter]
	rows, err := reader.ReadAll()
	if err == nil && len(rows) == 0 {
		err = errNoRows
	}
	return rows, err
}

// checkCells refuses a field that is too long. The limit is OFFICIAL, how it is told INFERRED.
func checkCells(rows [][]string) error {
	for _, row := range rows[1:] {
		for i, text := range row {
			if utf8.RuneCountInString(text) > maxCell {
				return badRequest("INVALIDBATCH", "InvalidBatch : Field %s is longer than %d characters", rows[0][i], maxCell)
			}
		}
	}
	return nil
}

func (s *server) checkHeading(j *job, heading []string) error {
	return s.org.Read(func(tx *org.Tx) error {
		o, err := tx.Object(j.Object)
		if err != nil {
			return err
		}
		for _, name := range heading {
			if !strings.Contains(name, ".") && o.Field(name) == nil {
				return badRequest("INVALIDBATCH", "InvalidBatch : Field name not found : %s", name)
			}
		}
		return nil
	})
}

func (j *job) writeRow(tx *org.Tx, options org.Options, heading, row []string) outcome {
	done := outcome{row: row}
	r, created, err := j.apply(tx, options, rowFields(heading, row))
	if err != nil {
		if !errors.As(err, &done.err) {
			done.err = fault(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", err.Error())
		}
		return done
	}
	done.id, done.created = r.ID(), created
	return done
}

// rowFields turns cells into fields. Account.Ext_Customer__c becomes a nested object.
func rowFields(heading, row []string) map[string]any {
	fields := map[string]any{}
	for i, name := range heading {
		var value any = row[i]
		switch row[i] {
		case "":
			continue
		case csvNull:
			value = nil
		}
		if parent, key, ok := strings.Cut(name, "."); ok {
			fields[parent] = map[string]any{key: value}
			continue
		}
		fields[name] = value
	}
	return fields
}

func (j *job) apply(tx *org.Tx, options org.Options, fields map[string]any) (r *org.Record, created bool, err error) {
	o, err := tx.Object(j.Object)
	if err != nil {
		return nil, false, err
	}
	switch j.Operation {
	case "insert":
		r, err = tx.Insert(o, fields, options)
		return r, true, err
	case "update":
		r, err = tx.Update(o, takeID(fields), fields, options)
		return r, false, err
	case "upsert":
		return upsertOne(tx, o, j.ExternalID, fields, options)
	}
	id := takeID(fields)
	err = tx.Delete(o, id)
	return o.Find(id), false, err
}

// report writes the results. Their order is not the upload's.
func (j *job) report(heading []string, outcomes []outcome) {
	ok := [][]string{append([]string{"sf__Id", "sf__Created"}, heading...)}
	bad := [][]string{append([]string{"sf__Id", "sf__Error"}, heading...)}
	for _, done := range slices.Backward(outcomes) {
		if done.err != nil {
			j.Failed++
			fields := strings.Join(done.err.Fields, " ")
			bad = append(bad, append([]string{"", done.err.Code + ":" + done.err.Message + ":" + fields + " --"}, done.row...))
			continue
		}
		ok = append(ok, append([]string{done.id, strconv.FormatBool(done.created)}, done.row...))
	}
	j.Processed = len(outcomes)
	j.successful, j.failed = j.encode(ok), j.encode(bad)
	j.unprocessed = j.encode([][]string{heading})
}

func (j *job) encode(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = delimiters[j.Delimiter], j.LineEnding == "CRLF"
	_ = w.WriteAll(rows) //nolint:errcheck // into memory
	return b.Bytes()
}

// runQueryJob finds the rows of a query job.
func (s *server) runQueryJob(j *job) {
	err := s.org.Read(func(tx *org.Tx) error {
		result, err := tx.Query(j.Query, j.Operation == "queryAll")
		if err == nil {
			j.rows = result.Table(tx)
		}
		return err
	})
	if err != nil {
		j.State, j.Error = jobFailed, err.Error()
		return
	}
	j.State, j.Processed = jobComplete, len(j.rows)-1
}

const maxRecords = 50_000

// queryResults answers a part of the rows. The locator is the number of the
// next one, and the word null at the end.
func (s *server) queryResults(rq *request, j *job) (answer, error) {
	if j.State != jobComplete {
		return answer{}, badRequest("INVALIDJOBSTATE", "the job is %s", j.State)
	}
	from, most := 0, maxRecords
	for name, target := range map[string]*int{"locator": &from, "maxRecords": &most} {
		if text := rq.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || name == "maxRecords" && n == 0 {
				return answer{}, badRequest("INVALID_LOCATOR", "%s is not valid: %s", name, text)
			}
			*target = n
		}
	}
	rows := j.rows[1:]
	from = min(from, len(rows))
	to := min(from+most, len(rows))
	locator := "null"
	if to < len(rows) {
		locator = strconv.Itoa(to)
	}
	page := append([][]string{j.rows[0]}, rows[from:to]...)
	return csvAnswer(j.encode(page), map[string]string{"Sforce-Locator": locator, "Sforce-NumberOfRecords": strconv.Itoa(to - from)}), nil
}
