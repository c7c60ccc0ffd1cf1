package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// The codes that the connector itself decides on.
const (
	codeDuplicates   = "DUPLICATES_DETECTED"
	codeInvalidField = "INVALID_FIELD"
	codeDeleted      = "ENTITY_IS_DELETED"
	codeNotFound     = "NOT_FOUND"
	codeHalted       = "PROCESSING_HALTED"
	codeRolledBack   = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
	codeLimit        = "REQUEST_LIMIT_EXCEEDED"
	codeLocked       = "UNABLE_TO_LOCK_ROW"
)

// kinds says what a code means. What is not listed goes by the HTTP status,
// which for a refused write is 400: Invalid.
var kinds = map[string]abi.Kind{
	"INVALID_SESSION_ID": abi.Auth,
	codeLimit:            abi.RateLimited,
	codeLocked:           abi.RateLimited,

	"QUERY_TIMEOUT":                                 abi.Unavailable,
	"SERVER_UNAVAILABLE":                            abi.Unavailable,
	"UNKNOWN_EXCEPTION":                             abi.Unavailable,
	"REQUEST_RUNNING_TOO_LONG":                      abi.Unavailable,
	codeDuplicates:                                  abi.Conflict,
	"DUPLICATE_VALUE":                               abi.Conflict,
	"DUPLICATE_EXTERNAL_ID":                         abi.Conflict,
	codeNotFound:                                    abi.NotFound,
	codeDeleted:                                     abi.NotFound,
	"API_DISABLED_FOR_ORG":                          abi.Config,
	"API_CURRENTLY_DISABLED":                        abi.Config,
	"UNSUPPORTED_API_VERSION":                       abi.Config,
	"INSUFFICIENT_ACCESS":                           abi.Denied,
	"INSUFFICIENT_ACCESS_OR_READONLY":               abi.Denied,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": abi.Denied,
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":          abi.Invalid,
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":             abi.Invalid,
}

// Waits, since the platform never says how long.
const (
	dailyWait      = 10 * 60 * 1000 // ms, when the day's calls are used up
	concurrentWait = 5 * 1000
)

// apiError is one error as the platform writes it: errorCode in single calls,
// statusCode in collections.
type apiError struct {
	ErrorCode  string   `json:"errorCode"`
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
	// The key is misspelt in what the platform sends; both spellings are read.
	DuplicateResut  *duplicateResult `json:"duplicateResut"`
	DuplicateResult *duplicateResult `json:"duplicateResult"`
}

func (e *apiError) code() string {
	if e.ErrorCode != "" {
		return e.ErrorCode
	}
	return e.StatusCode
}

func (e *apiError) duplicates() *duplicateResult {
	if e.DuplicateResut != nil {
		return e.DuplicateResut
	}
	return e.DuplicateResult
}

// duplicateResult is what a duplicate rule found.
type duplicateResult struct {
	Rule    string `json:"duplicateRule"`
	Matches []struct {
		Records []struct {
			Record struct {
				ID         string `json:"Id"`
				Attributes struct {
					Type string `json:"type"`
				} `json:"attributes"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

// ids returns the matched records of an object, each once.
func (d *duplicateResult) ids(object string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, match := range d.Matches {
		for _, found := range match.Records {
			id := found.Record.ID
			if id != "" && strings.EqualFold(found.Record.Attributes.Type, object) && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// readError maps an answer other than 2xx.
func readError(r *rest.Response) error {
	whole := rest.StatusError(r)
	if r.Status == 300 {
		whole.Kind, whole.Code = abi.Conflict, "MULTIPLE_CHOICES"
		whole.Message = "several records have this external id: the field should be ticked as Unique, and the twins merged"
		return whole
	}
	if r.Status == 410 {
		whole.Kind, whole.Message = abi.Config, whole.Message+": this version of the API is retired (setting api_version)"
	}
	if r.Status == 420 { // what stands before the org does not reach it
		whole.Kind = abi.Unavailable
	}
	errs := readErrors(r.Body)
	if len(errs) == 0 {
		return whole
	}
	decideKind(whole, &errs[0])
	if whole.Code == codeLimit {
		whole.RetryAfterMS = concurrentWait
		if u, ok := readUsage(r.Header(usageHeader)); ok && u.used >= u.allowed {
			whole.RetryAfterMS = dailyWait
		}
	}
	return whole
}

func readErrors(body []byte) []apiError {
	var errs []apiError
	if sdk.Decode(body, &errs) != nil {
		return nil
	}
	return errs
}

// decideKind adds what the platform's error says to what the status said.
func decideKind(whole *abi.Error, e *apiError) {
	if e.code() == "" {
		return
	}
	whole.Code, whole.Message, whole.Fields = e.code(), e.Message, e.Fields
	// What may have been done stays so, whatever the reason for no answer.
	if kind, ok := kinds[whole.Code]; ok && (kind != abi.Unavailable || whole.Kind != abi.Unknown) {
		whole.Kind = kind
	}
	if whole.Code == codeLocked { // one record is busy, the rest of the org is open
		whole.Code, whole.Message = abi.CodeEndpointLimit, codeLocked+": "+e.Message
	}
}

// misnamed reads the error of a request that no missing record can fail: what
// is not found is then the object or the external id field.
func misnamed(err error) error {
	if !isCode(err, codeNotFound) {
		return err
	}
	return sdk.Errorf(abi.Invalid, "there is no such object or external id field, or this user may not see it (オブジェクトまたは外部ID項目が見つかりません): %w", err)
}

// asError returns an error that came inside a successful answer.
func (e *apiError) asError() *abi.Error {
	whole := &abi.Error{Kind: abi.Invalid, Status: 400}
	decideKind(whole, e)
	return whole
}
