package api

import (
	"net/http"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// ProblemType is the media type of [Problem].
const ProblemType = "application/problem+json"

// Problem is an error answer (RFC 9457). Detail says what to do, in both languages.
type Problem struct {
	Title    string   `json:"title"`
	Status   int      `json:"status"`
	Detail   string   `json:"detail"`
	DetailJA string   `json:"detail_ja,omitempty"`
	Kind     abi.Kind `json:"kind"`
	// Problems are the faults of rules files that could not be loaded.
	Problems []RuleProblem `json:"problems,omitempty"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// Text returns the detail in both languages.
func (p *Problem) Text() abi.Text { return abi.Text{EN: p.Detail, JA: p.DetailJA} }

// Unwrap gives the error that the server had, as far as its kind goes.
func (p *Problem) Unwrap() error {
	switch {
	case len(p.Problems) > 0:
		return Problems(p.Problems)
	case p.Status == http.StatusNotFound:
		return host.ErrNotFound
	default:
		return &abi.Error{Kind: p.Kind, Message: p.Detail}
	}
}

// Problems turns what travelled back into the error that a rules loader gives.
func Problems(travelled []RuleProblem) diag.Problems {
	problems := make(diag.Problems, len(travelled))
	for i, p := range travelled {
		problems[i] = diag.Problem(p)
	}
	return problems
}

// RuleProblems turns a loader's error into what travels.
func RuleProblems(problems diag.Problems) []RuleProblem {
	travelling := make([]RuleProblem, len(problems))
	for i, p := range problems {
		travelling[i] = RuleProblem(p)
	}
	return travelling
}
