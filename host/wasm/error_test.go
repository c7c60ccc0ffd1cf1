package wasm_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestAnEndlessErrorIsCut: it would stand whole in the log, which has a limit
// for everything else that a plugin says, in a run, and in a notice.
func TestAnEndlessErrorIsCut(t *testing.T) {
	_, _, err := newPool(t, wasm.PoolOptions{}).Invoke(t.Context(), action("wail", ""))
	e, ok := errors.AsType[*abi.Error](err)
	if !ok || e.Kind != abi.Conflict || !strings.HasPrefix(e.Message, "takenえ") || !strings.HasPrefix(e.Code, "DDD") || len(e.Fields) == 0 || e.Fields[0] != "f" {
		t.Fatalf("got %.200v", err)
	}
	size := len(e.Message) + len(e.Code) + len(strings.Join(e.Fields, ","))
	if size > 16<<10 || !utf8.ValidString(e.Message) {
		t.Errorf("the error has %d bytes", size)
	}
}

// TestAWaitHasABound: some platforms write the time of day where others write
// seconds, and the connection would rest for fifty years.
func TestAWaitHasABound(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	for asked, want := range map[string]time.Duration{
		"7000": 7 * time.Second, "1764000000000": 24 * time.Hour, "9223372036854775807": 24 * time.Hour, "-1": 0,
	} {
		_, _, err := p.Invoke(t.Context(), action("later", asked))
		if e := abi.AsError(err); e.Kind != abi.RateLimited || e.RetryAfter() != want {
			t.Errorf("%s ms: %v, in %s", asked, err, e.RetryAfter())
		}
	}
}
