package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
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
	rows, roots, failures := doc.Export(f.Env)
	operation := object{
		"id": s.next(kindBulk), "status": "CREATED", "errorCode": nil, "createdAt": s.stamp(), "completedAt": nil,
		"objectCount": fmt.Sprint(len(rows)), "rootObjectCount": fmt.Sprint(roots), "fileSize": nil, "url": nil, "partialDataUrl": nil, "asked": int64(0),
	}
	if s.rules.BulkFails || len(failures) > 0 {
		operation["failure"] = "INTERNAL_SERVER_ERROR"
		if len(failures) > 0 {
			operation["failure"] = "ACCESS_DENIED"
		}
	}
	s.files[number(text(operation, "id"))] = lines(rows)
	s.put(operation)
	return payload("bulkOperation", operation)
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
	changes := object{"status": "COMPLETED", "completedAt": s.stamp(), "fileSize": fmt.Sprint(len(s.files[name]))}
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

// bulkTable shows exports; deleting one takes its file away.
func (s *shop) bulkTable() simkit.Table {
	return simkit.Table{
		List: func() (any, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.tables[kindBulk].Select(nil), nil
		},
		Put: func(id string, fields json.RawMessage) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			operation := s.get(gid(kindBulk, id))
			if operation == nil {
				return fmt.Errorf("no bulk operation %s", id)
			}
			changes := object{}
			if err := decode(fields, &changes); err != nil {
				return err
			}
			s.change(operation, changes)
			return nil
		},
		Delete: func(id string) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.files, id)
			return nil
		},
	}
}
