package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// The types of a bulk operation.
const (
	typeQuery    = "QUERY"
	typeMutation = "MUTATION"
)

// How long a client's own name of a bulk operation may be, in characters
// (OFFICIAL, reference of 2027-01; how another one is refused is INFERRED).
const (
	minIdentifier = 10
	maxIdentifier = 255
)

// runImport starts an import. Its lines are carried out now; when it is seen to
// be done depends on how often somebody asks.
func (s *shop) runImport(f *graphql.Field) any {
	if refused := s.inProgress(typeMutation); refused != nil {
		return payload("bulkOperation", nil, refused)
	}
	if name, given := f.Args["clientIdentifier"].(string); given {
		if n := utf8.RuneCountInString(name); n < minIdentifier || n > maxIdentifier {
			return payload("bulkOperation", nil, &refusal{[]any{"clientIdentifier"}, "Client identifier must be between 10 and 255 characters", ""})
		}
	}
	mutation := asText(f.Args["mutation"])
	if err := s.engine.CheckImport(mutation); err != nil {
		return payload("bulkOperation", nil, &refusal{[]any{"mutation"}, "Invalid bulk mutation: " + err.Error(), "INVALID_MUTATION"})
	}
	u := s.uploads[asText(f.Args["stagedUploadPath"])]
	if u == nil || !u.sent {
		return payload("bulkOperation", nil, &refusal{[]any{"stagedUploadPath"}, "The JSONL file could not be found.", "NO_SUCH_FILE"})
	}
	if len(bytes.TrimSpace(u.file)) == 0 {
		return payload("bulkOperation", nil, &refusal{[]any{"stagedUploadPath"}, "Unexpected file structure - expected JSONL", "INVALID_STAGED_UPLOAD_FILE"})
	}
	id := s.next(kindBulk)
	effect(f, "start %s %s", kindBulk, number(id))
	return payload("bulkOperation", s.imported(id, mutation, u.file, f.Env))
}

// inProgress refuses one more operation of the type than may run at once. Where
// that is one, the code is that of versions before 2026-01.
func (s *shop) inProgress(typ string) *refusal {
	running := s.tables[kindBulk].Select(func(o object) bool { return o["type"] == typ && text(o, "completedAt") == "" })
	switch {
	case len(running) < s.rules.ConcurrentBulk:
		return nil
	case s.rules.ConcurrentBulk == 1:
		return &refusal{nil, "A bulk " + strings.ToLower(typ) + " operation for this app and shop is already in progress: " + text(running[0], "id") + ".", "OPERATION_IN_PROGRESS"}
	}
	return &refusal{nil, "Bulk operations limit reached. Please try again later.", "LIMIT_REACHED"}
}

// imported carries a mutation out for each line of the file, and keeps the
// answers. One that is to fail stops in the middle.
func (s *shop) imported(id, mutation string, file []byte, env any) object {
	all := bytes.Split(bytes.TrimSuffix(file, []byte("\n")), []byte("\n"))
	failure := ""
	if s.rules.BulkFails {
		all, failure = all[:(len(all)+1)/2], "INTERNAL_SERVER_ERROR"
	}
	answers := make([]object, 0, len(all))
	for n, line := range all {
		answer := s.carryOut(mutation, line, env)
		answer["__lineNumber"] = n
		answers = append(answers, answer)
	}
	operation := s.newBulk(id, typeMutation, mutation, len(all), len(all))
	operation["failure"] = failure
	s.files[number(id)] = lines(answers)
	s.put(operation)
	return operation
}

// carryOut is what one line is answered. A line that is no JSON, and variables
// that do not fit, are errors of that line only.
func (s *shop) carryOut(mutation string, line []byte, env any) object {
	var vars map[string]any
	if err := decode(line, &vars); err != nil {
		return object{"errors": []object{{"message": "Invalid JSON: " + err.Error()}}}
	}
	doc, faults := s.engine.Parse(mutation, "", vars)
	if faults != nil {
		return object{"errors": faults}
	}
	result := doc.Run(env)
	answer := object{"data": result.Data}
	if len(result.Errors) > 0 {
		answer["errors"] = result.Errors
	}
	return answer
}

// newBulk is an operation that has just been made.
func (s *shop) newBulk(id, typ, document string, objects, roots int) object {
	return object{
		"id": id, "type": typ, "query": document, "status": "CREATED", "errorCode": nil, "createdAt": s.stamp(), "completedAt": nil,
		"objectCount": strconv.Itoa(objects), "rootObjectCount": strconv.Itoa(roots), "fileSize": nil, "url": nil, "partialDataUrl": nil, "asked": int64(0),
	}
}

// bulkOperations lists the app's operations, the newest first.
func (s *shop) bulkOperations(f *graphql.Field) any {
	filters := listing{filters: map[string]func(object) []string{
		"id": byNumber, "created_at": one("createdAt"), "operation_type": one("type"), "status": one("status"),
	}}
	query, _ := f.Args["query"].(string) //nolint:errcheck // absent: everything
	rows := s.tables[kindBulk].Select(filters.condition(query))
	member := map[string]string{"COMPLETED_AT": "completedAt", "STATUS": "status"}[fmt.Sprint(f.Args["sortKey"])]
	if member == "" {
		member = "createdAt"
	}
	slices.SortStableFunc(rows, func(a, b object) int {
		return cmp.Or(strings.Compare(text(b, member), text(a, member)), cmp.Compare(whole(numeric(b["id"])), whole(numeric(a["id"]))))
	})
	return nested(f, rows)
}
