package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) bulkFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.bulkOperation":           s.bulkOperation,
		"QueryRoot.bulkOperations":          s.bulkOperations,
		"Mutation.bulkOperationRunQuery":    s.runBulk,
		"Mutation.bulkOperationRunMutation": s.runImport,
	}
}

// runBulk starts an export. What it will hold is settled now; when it is seen
// to be done depends on how often somebody asks.
func (s *shop) runBulk(f *graphql.Field) any {
	if refused := s.inProgress(typeQuery); refused != nil {
		return payload("bulkOperation", nil, refused)
	}
	query := asText(f.Args["query"])
	doc, faults := s.engine.Parse(query, "", nil)
	if faults != nil {
		return payload("bulkOperation", nil, &refusal{[]any{"query"}, "Invalid bulk query: " + asText(faults[0]["message"]), "INVALID"})
	}
	if err := doc.CheckExport(); err != nil {
		return payload("bulkOperation", nil, &refusal{[]any{"query"}, err.Error(), "INVALID"})
	}
	return payload("bulkOperation", s.export(s.next(kindBulk), query, doc, f.Args["groupObjects"] == true, f.Env))
}

// export runs a document and keeps the file. Ungrouped, children come after all
// the records that they belong to.
func (s *shop) export(id, query string, doc *graphql.Document, grouped bool, env any) object {
	rows, roots, failures := doc.Export(env)
	if !grouped {
		slices.SortStableFunc(rows, func(a, b object) int { return cmp.Compare(len(text(a, "__parentId")), len(text(b, "__parentId"))) })
	}
	operation := s.newBulk(id, typeQuery, query, len(rows), roots)
	switch {
	case len(failures) > 0:
		operation["failure"] = "ACCESS_DENIED"
	case s.rules.BulkFails:
		operation["failure"] = "INTERNAL_SERVER_ERROR"
	}
	s.files[number(id)] = lines(rows)
	s.put(operation)
	return operation
}

// lines writes one JSON document a line.
func lines(rows []object) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return []byte(err.Error())
		}
	}
	return out.Bytes()
}

// bulkOperation tells how far an export is. Each question brings it on.
func (s *shop) bulkOperation(f *graphql.Field) any {
	id := asText(f.Args["id"])
	if kindOf(id) != kindBulk {
		f.Fail("RESOURCE_NOT_FOUND", "invalid id")
		return nil
	}
	operation := s.get(id)
	if operation == nil {
		return nil
	}
	if text(operation, "completedAt") != "" {
		return operation
	}
	asked := whole(operation["asked"]) + 1
	if asked <= int64(s.rules.BulkPolls) {
		return s.change(operation, object{"status": "RUNNING", "asked": asked})
	}
	done := s.change(operation, s.finished(operation))
	s.announce("bulk_operations/finish", done)
	return done
}

// finished is how an operation ends. An import that fails leaves the answers of
// the lines that it came to.
func (s *shop) finished(operation object) object {
	name := number(text(operation, "id"))
	var address any
	if len(s.files[name]) > 0 {
		address = s.env.URL + "/bulk-files/" + name + ".jsonl?Signature=sim"
	}
	changes := object{"completedAt": s.stamp()}
	if code := text(operation, "failure"); code != "" {
		changes["status"], changes["errorCode"] = "FAILED", code
		if operation["type"] == typeMutation {
			changes["partialDataUrl"] = address
		}
		return changes
	}
	changes["status"], changes["url"], changes["fileSize"] = "COMPLETED", address, strconv.Itoa(len(s.files[name]))
	return changes
}

// download serves an export's file, in ranges too. It lies elsewhere than the
// shop: the address alone admits, and the shop's token has no business there.
func (s *shop) download(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	file, ok := s.files[strings.TrimSuffix(r.PathValue("name"), ".jsonl")]
	s.mu.Unlock()
	switch {
	case r.Header.Get("X-Shopify-Access-Token") != "":
		http.Error(w, "the shop's token was sent to the file store", http.StatusBadRequest)
	case !ok || r.URL.Query().Get("Signature") != "sim":
		http.Error(w, "AccessDenied", http.StatusForbidden)
	default:
		w.Header().Set("Content-Type", "application/jsonl")
		http.ServeContent(w, r, "", s.env.Clock.Now(), bytes.NewReader(file))
	}
}

// bulkTable shows bulk operations. Staff may run an export, {"query", "status"},
// or an import, {"mutation", "lines", "status"}, and take a file away.
func (s *shop) bulkTable() simkit.Table {
	table := s.staffTable(kindBulk)
	table.Put = func(id string, raw json.RawMessage) error {
		var in staffBulk
		if err := decode(raw, &in); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		operation, err := s.staffRuns(gid(kindBulk, id), &in)
		if err == nil && (in.Status == "COMPLETED" || in.Status == "FAILED") {
			s.change(operation, s.finished(operation))
		}
		return err
	}
	table.Delete = func(id string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.files, id)
		return nil
	}
	return table
}

// staffBulk is an operation that staff runs. A line is the variables of one
// mutation, or a text that stands in the file as it is.
type staffBulk struct {
	Query    string            `json:"query"`
	Mutation string            `json:"mutation"`
	Lines    []json.RawMessage `json:"lines"`
	// Status is COMPLETED or, of an import, FAILED for one that has ended.
	Status string `json:"status"`
}

func (s *shop) staffRuns(id string, in *staffBulk) (object, error) {
	if in.Mutation == "" {
		doc, faults := s.engine.Parse(in.Query, "", nil)
		if faults != nil {
			return nil, fmt.Errorf("the query: %v", faults[0]["message"])
		}
		return s.export(id, in.Query, doc, true, nil), nil
	}
	if err := s.engine.CheckImport(in.Mutation); err != nil {
		return nil, fmt.Errorf("the mutation: %w", err)
	}
	var file bytes.Buffer
	for _, line := range in.Lines {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			text = string(line)
		}
		file.WriteString(strings.ReplaceAll(text, "\n", " ") + "\n")
	}
	fails := s.rules.BulkFails
	s.rules.BulkFails = fails || in.Status == "FAILED"
	defer func() { s.rules.BulkFails = fails }()
	return s.imported(id, in.Mutation, file.Bytes(), nil), nil
}
