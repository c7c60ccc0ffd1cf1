package rules

import (
	"os"
	"regexp"
	"testing"
	"testing/fstest"
)

var block = regexp.MustCompile("(?s)```yaml( tests)?\n(.*?)```")

// TestReadmesAreTrue runs the flow of each README with the test of each README.
func TestReadmesAreTrue(t *testing.T) {
	for _, name := range []string{"README.md", "README.ja.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		folder := fstest.MapFS{}
		for _, m := range block.FindAllSubmatch(data, -1) {
			file := "flow.yaml"
			if len(m[1]) > 0 {
				file = testsFile
			}
			folder[file] = &fstest.MapFile{Data: m[2]}
		}
		report, err := RunTests(folder, catalog(t))
		if err != nil {
			t.Fatal(rendered(t, err, English))
		}
		if report.Passed != 1 || report.Failed != 0 {
			t.Errorf("%s: %+v", name, report.Problems)
		}
	}
}
