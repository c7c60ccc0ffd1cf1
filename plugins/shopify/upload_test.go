package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/abi"
)

// TestFormsAreReadBackAsTheyWereWritten reads a form with the standard library.
func TestFormsAreReadBackAsTheyWereWritten(t *testing.T) {
	u := stagedUpload{Parameters: []uploadParameter{{"key", "tmp/1/bulk/変数"}, {"policy", "eyJ9=="}, {"empty", ""}}}
	lines := []raw{`{"a":"1\r\n--` + formBoundary + `--"}`, "{\r\n  \"b\": \"二\"\n}"}
	form, err := u.form(lines)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(bytes.NewReader(form), formBoundary)
	var got []string
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		content, err2 := io.ReadAll(part)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		got = append(got, part.FormName()+" "+part.FileName()+" "+string(content))
	}
	want := []string{
		"key  tmp/1/bulk/変数", "policy  eyJ9==", "empty  ",
		"file variables.jsonl " + `{"a":"1\r\n--` + formBoundary + `--"}` + "\n" + "{    \"b\": \"二\" }\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range []uploadParameter{{"a\"b", ""}, {"a\nb", ""}, {"a", "b\r\nc"}} {
		if _, err := (&stagedUpload{Parameters: []uploadParameter{p}}).form(nil); abi.KindOf(err) != abi.Internal {
			t.Errorf("%q: %v", p, err)
		}
	}
}
