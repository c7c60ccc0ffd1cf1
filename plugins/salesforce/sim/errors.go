package main

import (
	"encoding/json"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

// apiError is an error as single calls show it.
type apiError struct {
	Code    string   `json:"errorCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields,omitempty"`
}

// duplicateError is the one error that says more. Its key really is misspelt.
type duplicateError struct {
	Code    string          `json:"errorCode"`
	Message string          `json:"message"`
	Fields  []string        `json:"fields"`
	Result  duplicateResult `json:"duplicateResut"`
}

type duplicateResult struct {
	AllowSave    bool          `json:"allowSave"`
	Rule         string        `json:"duplicateRule"`
	EntityType   string        `json:"duplicateRuleEntityType"`
	ErrorMessage string        `json:"errorMessage"`
	Matches      []matchResult `json:"matchResults"`
}

type matchResult struct {
	EntityType string        `json:"entityType"`
	Errors     []string      `json:"errors"`
	Engine     string        `json:"matchEngine"`
	Rule       string        `json:"rule"`
	Size       int           `json:"size"`
	Success    bool          `json:"success"`
	Records    []matchRecord `json:"matchRecords"`
}

type matchRecord struct {
	Information []string       `json:"additionalInformation"`
	Diffs       []string       `json:"fieldDiffs"`
	Confidence  float64        `json:"matchConfidence"`
	Record      map[string]any `json:"record"`
}

// errorBody is the body of a refusal: always an array.
func errorBody(e *org.Error) []byte {
	var list any = []apiError{{Code: e.Code, Message: e.Message, Fields: e.Fields}}
	if e.Duplicate != nil {
		list = []duplicateError{{Code: e.Code, Message: e.Message, Fields: []string{}, Result: duplicatesOf(e)}}
	}
	body, err := json.Marshal(list)
	if err != nil { // strings only: cannot happen
		return []byte(`[]`)
	}
	return body
}

func duplicatesOf(e *org.Error) duplicateResult {
	rule := e.Duplicate.Rule
	match := matchResult{
		EntityType: rule.Object, Errors: []string{}, Engine: "FuzzyMatchEngine", Rule: rule.Name + "_Match",
		Size: len(e.Duplicate.Records), Success: true,
	}
	for _, r := range e.Duplicate.Records {
		match.Records = append(match.Records, matchRecord{
			Information: []string{}, Diffs: []string{}, Confidence: 100,
			Record: map[string]any{
				"attributes": map[string]string{"type": r.Object.Name, "url": r.URL(latestBase)},
				"Id":         r.ID(),
			},
		})
	}
	return duplicateResult{
		AllowSave: rule.AllowSave, Rule: rule.Name, EntityType: rule.Object, ErrorMessage: e.Message, Matches: []matchResult{match},
	}
}

const latestBase = "/services/data/v68.0"
