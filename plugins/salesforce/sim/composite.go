package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

const (
	compositeMost = 25
	// compositeQueries is how many of them may be queries or collections.
	compositeQueries = 5
	codeHalted       = "PROCESSING_HALTED"
)

func (s *server) compositeResource(parts []string) methods {
	switch {
	case len(parts) == 0:
		return methods{http.MethodPost: s.composite}
	case parts[0] == "sobjects" && len(parts) == 1:
		return methods{http.MethodPost: s.createMany, http.MethodPatch: s.updateMany, http.MethodDelete: s.deleteMany}
	case parts[0] == "sobjects" && len(parts) == 2:
		return methods{http.MethodPost: s.readMany}
	case parts[0] == "sobjects" && len(parts) == 3:
		return methods{http.MethodPatch: s.upsertMany}
	}
	return nil
}

type compositeCall struct {
	AllOrNone bool      `json:"allOrNone"`
	Parts     []subcall `json:"compositeRequest"`
}

type subcall struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Headers     map[string]string `json:"httpHeaders"`
	Body        json.RawMessage   `json:"body"`
}

type subanswer struct {
	Body        json.RawMessage   `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID string            `json:"referenceId"`
}

var referencePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (c *compositeCall) check() error {
	if len(c.Parts) == 0 || len(c.Parts) > compositeMost {
		return badRequest("LIMIT_EXCEEDED", "The request must hold 1 to %d subrequests", compositeMost)
	}
	seen, queries := map[string]bool{}, 0
	for _, part := range c.Parts {
		if !referencePattern.MatchString(part.ReferenceID) || seen[part.ReferenceID] {
			return badRequest("INVALID_INPUT", "Invalid reference ID: %s", part.ReferenceID)
		}
		seen[part.ReferenceID] = true
		if strings.Contains(part.URL, "/query") || strings.Contains(part.URL, "/composite/") {
			queries++
		}
	}
	if queries > compositeQueries {
		return badRequest("LIMIT_EXCEEDED", "The request may hold %d queries and collections at the most", compositeQueries)
	}
	return nil
}

// composite answers 200 whatever becomes of its parts.
func (s *server) composite(rq *request) (answer, error) {
	var call compositeCall
	if err := rq.decode(&call); err != nil {
		return answer{}, err
	}
	if err := call.check(); err != nil {
		return answer{}, err
	}
	answers, failed := s.runParts(rq, &call)
	if failed >= 0 && call.AllOrNone {
		*rq.effects = nil
		halt(answers, failed)
		a, err := compositeAnswer(answers)
		return a, errors.Join(err, errRolledBack)
	}
	return compositeAnswer(answers)
}

func compositeAnswer(answers []subanswer) (answer, error) {
	return jsonAnswer(http.StatusOK, map[string]any{"compositeResponse": answers})
}

// runParts carries the parts out, in order. failed is the first that failed, or
// -1; with allOrNone the ones behind it are not tried.
func (s *server) runParts(rq *request, call *compositeCall) (answers []subanswer, failed int) {
	answers, failed = make([]subanswer, len(call.Parts)), -1
	results := map[string]any{}
	for i := range call.Parts {
		part := &call.Parts[i]
		answers[i].ReferenceID = part.ReferenceID
		if failed >= 0 && call.AllOrNone {
			continue
		}
		answers[i] = s.runPart(rq, part, results)
		if answers[i].Status >= http.StatusMultipleChoices && failed < 0 {
			failed = i
		}
	}
	return answers, failed
}

// halt makes every part but the culprit say that it was undone.
func halt(answers []subanswer, culprit int) {
	for i := range answers {
		if i != culprit {
			refused := badRequest(codeHalted, "The transaction was rolled back since another operation in the same transaction failed.")
			answers[i] = subanswer{Body: errorBody(refused), Headers: map[string]string{}, Status: refused.Status, ReferenceID: answers[i].ReferenceID}
		}
	}
}

func (s *server) runPart(rq *request, part *subcall, results map[string]any) subanswer {
	a, err := s.tryPart(rq, part, results)
	var refused *org.Error
	if errors.As(err, &refused) {
		a = answer{status: refused.Status, body: errorBody(refused)}
	} else if err != nil {
		a = answer{status: http.StatusInternalServerError, body: errorBody(fault(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", err.Error()))}
	}
	if a.header == nil {
		a.header = map[string]string{}
	}
	if a.body == nil {
		a.body = []byte("null")
	}
	var result any
	if json.Unmarshal(a.body, &result) == nil && err == nil {
		results[part.ReferenceID] = result
	}
	return subanswer{Body: a.body, Headers: a.header, Status: a.status, ReferenceID: part.ReferenceID}
}

func (s *server) tryPart(rq *request, part *subcall, results map[string]any) (answer, error) {
	target, body := fillIn(part.URL, results), fillIn(string(part.Body), results)
	if unknown := referenceIn.FindString(target + body); unknown != "" {
		return answer{}, badRequest(codeHalted, "Invalid reference specified. No value for %s found.", strings.Trim(unknown, "@{}"))
	}
	address, err := url.Parse(target)
	if err != nil {
		return answer{}, missing()
	}
	sub := &request{
		method: part.Method, query: address.Query(), header: part.header(), body: []byte(body),
		user: rq.user, tx: rq.tx, effects: rq.effects,
	}
	if err := sub.setPath(address.EscapedPath()); err != nil {
		return answer{}, err
	}
	if !sub.allowedInside() {
		return answer{}, badRequest("INVALID_INPUT", "%s %s is not allowed in a composite request", part.Method, part.URL)
	}
	handle, err := s.route(sub)
	if err != nil {
		return answer{}, err
	}
	return handle(sub)
}

func (part *subcall) header() http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	for name, value := range part.Headers {
		header.Set(name, value)
	}
	return header
}

// allowedInside refuses what cannot be part of a composite request: blobs, jobs, and composites.
func (rq *request) allowedInside() bool {
	if len(rq.parts) == 0 || rq.parts[0] == "jobs" || rq.parts[0] == "composite" && len(rq.parts) == 1 {
		return false
	}
	return !strings.Contains(string(rq.body), `"VersionData"`) && !isBlobField(rq.parts[len(rq.parts)-1])
}

var referenceIn = regexp.MustCompile(`@\{([A-Za-z][A-Za-z0-9_]*)([A-Za-z0-9_.\[\]]*)\}`)

// fillIn replaces @{ref.field} by what an earlier part answered. What cannot be
// found stays as it is.
func fillIn(text string, results map[string]any) string {
	if !strings.Contains(text, "@{") {
		return text
	}
	return referenceIn.ReplaceAllStringFunc(text, func(reference string) string {
		m := referenceIn.FindStringSubmatch(reference)
		value := results[m[1]]
		for _, step := range strings.FieldsFunc(m[2], func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
			value = descend(value, step)
		}
		switch v := value.(type) {
		case string:
			return strings.Trim(string(mustQuote(v)), `"`)
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return reference
	})
}

func descend(value any, step string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

func mustQuote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // a string: cannot happen
		return nil
	}
	return text
}
