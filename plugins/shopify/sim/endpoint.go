package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// versions are supported, oldest first. An older one is served by the oldest.
var versions = []string{"2026-01", "2026-04", "2026-07", "2026-10"}

// idempotentSince is from when on some mutations demand an idempotency key.
const idempotentSince = "2026-04"

// call is one request to the GraphQL endpoint, as resolvers see it.
type call struct {
	version string
	w       http.ResponseWriter
}

// effect notes in the journal what a mutation changed.
func effect(f *graphql.Field, format string, args ...any) {
	if c, ok := f.Env.(*call); ok {
		simkit.Effect(c.w, fmt.Sprintf(format, args...))
	}
}

func versionOf(f *graphql.Field) string {
	if c, ok := f.Env.(*call); ok {
		return c.version
	}
	return versions[len(versions)-1]
}

// graphql is the one endpoint. Nearly every refusal is an answer 200.
func (s *shop) graphql(w http.ResponseWriter, r *http.Request) {
	if !s.auth.admit(w, r) {
		return
	}
	c := &call{version: answering(r.PathValue("version")), w: w}
	w.Header().Set("X-Shopify-API-Version", c.version)
	var in struct {
		Query         string         `json:"query"`
		Variables     map[string]any `json:"variables"`
		OperationName string         `json:"operationName"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&in); err != nil || in.Query == "" {
		simkit.WriteJSON(w, http.StatusBadRequest, object{"errors": object{"query": "Required parameter missing or invalid"}})
		return
	}
	doc, faults := s.engine.Parse(in.Query, in.OperationName, in.Variables)
	if faults != nil {
		simkit.WriteJSON(w, http.StatusOK, object{"errors": faults})
		return
	}
	simkit.WriteJSON(w, http.StatusOK, s.execute(doc, c))
}

// execute runs a document if its cost can be paid.
func (s *shop) execute(doc *graphql.Document, c *call) object {
	cost := doc.Cost()
	if cost > maxCost {
		return object{"errors": tooExpensive(cost)}
	}
	if !s.meter.reserve(cost) {
		return object{"errors": throttled(), "extensions": s.meter.report(cost, nil)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result := doc.Run(c)
	actual := min(cost, result.Objects)
	if doc.Writes() {
		actual = cost
	}
	s.meter.refund(cost - actual)
	answer := object{"data": result.Data, "extensions": s.meter.report(cost, actual)}
	if len(result.Errors) > 0 {
		answer["errors"] = result.Errors
	}
	return answer
}

func answering(version string) string {
	if slices.Contains(versions, version) {
		return version
	}
	return versions[0]
}
