package rules

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var block = regexp.MustCompile("(?s)```yaml( tests)?\n(.*?)```")

// TestReadmesAreTrue runs the rules of each guide with its tests.
func TestReadmesAreTrue(t *testing.T) {
	for name, tests := range map[string]int{"README.md": 1, "README.ja.md": 1, "MEMBERS.md": 2, "MEMBERS.ja.md": 2} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		folder := fstest.MapFS{}
		for i, m := range block.FindAllSubmatch(data, -1) {
			file := fmt.Sprintf("rule%d.yaml", i)
			if len(m[1]) > 0 {
				file = testsFile
			}
			folder[file] = &fstest.MapFile{Data: m[2]}
		}
		report, err := RunTests(folder, catalog(t))
		if err != nil {
			t.Fatal(rendered(t, err, English))
		}
		if report.Passed != tests || report.Failed != 0 {
			t.Errorf("%s: %+v", name, report.Problems)
		}
	}
}

var conditionInTable = regexp.MustCompile("(?m)^\\| `(member|today|now)[^|]* \\|")

// TestConditionsOfTheGuidesAreRight checks every condition in the tables of the guides to members.
func TestConditionsOfTheGuidesAreRight(t *testing.T) {
	for _, name := range []string{"MEMBERS.md", "MEMBERS.ja.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string][]byte{"vip.csv": []byte("code,name\nSOAP,Soap\n")}
		for _, row := range conditionInTable.FindAllString(string(data), -1) {
			for _, code := range regexp.MustCompile("`[^`]+`").FindAllString(row, -1) {
				tag := fmt.Sprintf("t%d", len(sources))
				sources[tag+".yaml"] = fmt.Appendf(nil, "language: 1\ntag: %s\nwhen: |-\n  has(member.birthday) && has(member.linked_at) && has(member.totals.last_order_at) && (%s)\n", tag, strings.Trim(code, "`"))
			}
		}
		if len(sources) < 15 {
			t.Fatalf("%s: %d conditions", name, len(sources))
		}
		if _, err := LoadSources(sources, catalog(t)); err != nil {
			t.Error(rendered(t, err, English))
		}
	}
}
