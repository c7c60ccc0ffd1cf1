package rules

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// members are the rules about members that the tools are shown with.
func members(t *testing.T, c *Catalog, changes ...string) *Set {
	t.Helper()
	folder := fstest.MapFS{}
	for _, dir := range []string{"testdata/right/tag-rules", "testdata/right/link-rule"} {
		sources, err := readSources(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range sources {
			folder[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(changes...).Replace(string(data)))}
		}
	}
	set, err := Load(folder, c)
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set
}

func TestExplainSaysWhatRulesAboutMembersDo(t *testing.T) {
	set := members(t, catalog(t))
	for _, lang := range []Lang{English, Japanese} {
		got := written(t, func(w *bytes.Buffer) error {
			for _, name := range []string{"VIP", "休眠", "seasons/new-year.yaml", "春生まれ", "friends"} {
				if kind, err := set.ExplainMembers(w, name, lang); kind == "" || err != nil {
					return fmt.Errorf("%s: %q %w", name, kind, err)
				}
			}
			return nil
		})
		golden(t, "testdata/tools/explain-members."+string(lang)+".md", got)
	}
}

func TestDiffSaysWhatChangesAboutMembers(t *testing.T) {
	c := catalog(t)
	before := members(t, c)
	after := members(t, c,
		"tag: 年末年始生まれ", "tag: 正月生まれ", ">= 30", ">= 45", "05-31')\nremove: true", "05-31')",
		"confidence: 70", "confidence: 90", "review_below: 80\n", "", "name: newest", "name: never", "VIPs", "", "- line_id", "- line_id # comment")
	for _, lang := range []Lang{English, Japanese} {
		got := written(t, func(w *bytes.Buffer) error { return Diff(w, before, after, lang) })
		golden(t, "testdata/tools/diff-members."+string(lang)+".txt", got)
	}
	onlyForm := members(t, c, "owner: CRM担当", "owner: 店長")
	if got := written(t, func(w *bytes.Buffer) error { return Diff(w, before, onlyForm, English) }); got != "tag 春生まれ is only written differently.\n" {
		t.Errorf("got %q", got)
	}
}
