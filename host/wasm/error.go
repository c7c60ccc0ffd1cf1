package wasm

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// How much is kept of what a plugin says in an error, in bytes: it stands whole
// in the log, in a run and in notices.
const (
	maxErrorText   = 8 << 10
	maxErrorCode   = 256
	maxErrorFields = 32
	// maxErrorWait is how long a plugin's error can have a connection rest.
	maxErrorWait = 24 * time.Hour
)

// cutError returns a plugin's error with no more text and no longer a wait than that.
func cutError(e *abi.Error) *abi.Error {
	short := *e
	short.Message, short.Code = cutText(e.Message, maxErrorText), cutText(e.Code, maxErrorCode)
	short.RetryAfterMS = min(max(0, e.RetryAfterMS), maxErrorWait.Milliseconds())
	short.Fields = slices.Clone(e.Fields[:min(len(e.Fields), maxErrorFields)])
	for i, field := range short.Fields {
		short.Fields[i] = cutText(field, maxErrorCode)
	}
	return &short
}

func cutText(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
