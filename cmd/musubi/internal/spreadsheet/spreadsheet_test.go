package spreadsheet

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCellsAreNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "山田 花子": "山田 花子", "a=b": "a=b", "'": "'", "'山田'": "'山田'", "+819012345678": "+819012345678",
		"+819012345678 +81312345678": "+819012345678 +81312345678", "-500": "-500", "-1.5": "-1.5",
		"=1+1": "'=1+1", "+1+cmd|' /C calc'!A0": "'+1+cmd|' /C calc'!A0", "-2+3": "'-2+3", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		" =1": "' =1", "＝1": "'＝1", "－": "'－", "'=1": "''=1", "''=1": "'''=1", "-": "'-", "+": "'+",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzRowsComeBackAsTheyWere(f *testing.F) {
	for _, text := range []string{"", "'", "'=1", "''=1", "=1", "' =1", "-5", "'-5", "＝1", "'＝'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Text(cell(text)); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		if isFormula(cell(text)) {
			t.Errorf("%q stands as %q", text, cell(text))
		}
	})
}

func TestRowsAreWholeCSV(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	row := []string{"=HYPERLINK(\"http://example.com\")", "a,b", "two\nlines"}
	if err := w.Write(row); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\xef\xbb\xbf")
	if !marked {
		t.Error("Excel does not see that it is UTF-8")
	}
	got, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"'" + row[0], row[1], row[2]}, got); diff != "" {
		t.Error(diff)
	}
}
