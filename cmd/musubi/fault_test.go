package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/musubi-run/musubi/rules/diag"
)

// TestWhatTheMachineRefusesIsPutIntoWords compares what both readers see.
func TestWhatTheMachineRefusesIsPutIntoWords(t *testing.T) {
	file := func(cause error) error {
		return fmt.Errorf("reading it: %w", &fs.PathError{Op: "open", Path: "some.key", Err: cause})
	}
	for _, c := range []struct {
		err    error
		en, ja string
	}{
		{file(syscall.ENOENT), "there is no some.key: check the path", "some.key がありません。"},
		{file(syscall.EACCES), "this user may not use some.key: ", "some.key を読み書きする権限がありません。"},
		{file(syscall.EIO), "reading it: open some.key: input/output error", "reading it: "},
		{errors.New("anything else"), "anything else", "anything else"},
	} {
		en, ja := (&program{lang: diag.English}).explain(c.err), (&program{lang: diag.Japanese}).explain(c.err)
		if !strings.HasPrefix(en, c.en) || !strings.HasPrefix(ja, c.ja) {
			t.Errorf("%v is told as %q and %q", c.err, en, ja)
		}
	}
}
