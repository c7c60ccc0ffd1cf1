package org

import (
	"fmt"
	"net/http"
)

// Error codes, as Salesforce spells them.
const (
	CodeDuplicateValue  = "DUPLICATE_VALUE"
	CodeDuplicates      = "DUPLICATES_DETECTED"
	CodeRequiredMissing = "REQUIRED_FIELD_MISSING"
	CodeTooLong         = "STRING_TOO_LONG"
	CodeEmail           = "INVALID_EMAIL_ADDRESS"
	CodePicklist        = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
	CodeRange           = "NUMBER_OUTSIDE_VALID_RANGE"
	CodeValidation      = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
	CodeIntegrity       = "FIELD_INTEGRITY_EXCEPTION"
	CodeCrossReference  = "INVALID_CROSS_REFERENCE_KEY"
	CodeEntity          = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
	CodeStandardPrice   = "STANDARD_PRICE_NOT_DEFINED"
	CodeInvalidField    = "INVALID_FIELD"
	CodeReadOnly        = "INVALID_FIELD_FOR_INSERT_UPDATE"
	CodeInvalidType     = "INVALID_TYPE"
	CodeMalformedQuery  = "MALFORMED_QUERY"
	CodeMalformedID     = "MALFORMED_ID"
	CodeJSON            = "JSON_PARSER_ERROR"
	CodeNotFound        = "NOT_FOUND"
	CodeDeleted         = "ENTITY_IS_DELETED"
	CodeLockRow         = "UNABLE_TO_LOCK_ROW"
)

// Error is what Salesforce answers when it refuses something.
type Error struct {
	Status  int
	Code    string
	Message string
	Fields  []string
	// Duplicate is set with CodeDuplicates.
	Duplicate *Duplicate
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) on(fields ...string) *Error {
	e.Fields = fields
	return e
}

func notFound() *Error {
	return &Error{Status: http.StatusNotFound, Code: CodeNotFound, Message: "The requested resource does not exist"}
}
