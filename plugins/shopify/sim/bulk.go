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
		"QueryRoot.bulkOperation":        s.bulkOperation,
		"Mutation.bulkOperationRunQuery": s.runBulk,
	}
}

// runBulk starts an export. What it will hold is settled now; when it is seen
// to be done depends on how often somebody asks.
func (s *shop) runBulk(f *graphql.Field) any {
	running := s.tables[kindBulk].Select(func(o object) bool { return text(o, "status") == "RUNNING" || text(o, "status") == "CREATED" })
	if len(running) >= s.rules.ConcurrentBulk {
		return payload("bulkOperation", nil, &refusal{nil, "A bulk query operation for this app and shop is already in progress.", "LIMIT_REACHED"})
	}
	doc, faults := s.engine.Parse(asText(f.Args["query"]), "", nil)
	if faults != nil {
		return payload("bulkOperation", nil, &refusal{[]any{"query"}, "Invalid bulk query: " + asText(faults[0]["message"]), "INVALID"})
	}
	if err := doc.CheckExport(); err != nil {
		return payload("bulkOperation", nil, &refusal{[]any{"query"}, err.Error(), "INVALID"})
	}
	return payload("bulkOperation", s.export(s.next(kindBulk), doc, f.Args["groupObjects"] == true, f.Env))
}

// export runs a document and keeps the file. Ungrouped, children come after all
// the records that they belong to.
func (s *shop) export(id string, doc *graphql.Document, grouped bool, env any) object {
	rows, roots, failures := doc.Export(env)
	if !grouped {
		slices.SortStableFunc(rows, func(a, b object) int { return cmp.Compare(len(text(a, "__parentId")), len(text(b, "__parentId"))) })
	}
	operation := object{
		"id": id, "status": "CREATED", "errorCode": nil, "createdAt": s.stamp(), "completedAt": nil,
		"objectCount": strconv.Itoa(len(rows)), "rootObjectCount": strconv.Itoa(roots), "fileSize": nil, "url": nil, "partialDataUrl": nil, "asked": int64(0),
	}
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

func (s *shop) finished(operation object) object {
	if code := text(operation, "failure"); code != "" {
		return object{"status": "FAILED", "errorCode": code, "completedAt": s.stamp()}
	}
	name := number(text(operation, "id"))
	changes := object{"status": "COMPLETED", "completedAt": s.stamp(), "fileSize": strconv.Itoa(len(s.files[name]))}
	if len(s.files[name]) > 0 {
		changes["url"] = s.env.URL + "/bulk-files/" + name + ".jsonl?Signature=sim"
	}
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

// bulkTable shows exports. Staff may run one, {"query", "status"}, and take a file away.
func (s *shop) bulkTable() simkit.Table {
	table := s.staffTable(kindBulk)
	table.Put = func(id string, raw json.RawMessage) error {
		var in struct {
			Query  string `json:"query"`
			Status string `json:"status"`
		}
		if err := decode(raw, &in); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		doc, faults := s.engine.Parse(in.Query, "", nil)
		if faults != nil {
			return fmt.Errorf("the query: %v", faults[0]["message"])
		}
		operation := s.export(gid(kindBulk, id), doc, true, nil)
		if in.Status == "COMPLETED" {
			s.change(operation, s.finished(operation))
		}
		return nil
	}
	table.Delete = func(id string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.files, id)
		return nil
	}
	return table
}
