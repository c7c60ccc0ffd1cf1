package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/library"
)

// TestEveryGuideNamesConnectionsAndChanges holds READMEs of the library to the
// form that the library commands read, the same in both languages.
func TestEveryGuideNamesConnectionsAndChanges(t *testing.T) {
	for _, name := range library.Names() {
		english, err := readGuide(name, diag.English)
		if err != nil {
			t.Fatal(err)
		}
		japanese, err := readGuide(name, diag.Japanese)
		if err != nil {
			t.Fatal(err)
		}
		if len(english.Needs) == 0 || cmp.Diff(english.Needs, japanese.Needs) != "" {
			t.Errorf("%s needs %v, in Japanese %v", name, english.Needs, japanese.Needs)
		}
		for _, g := range []guide{english, japanese} {
			if g.Title == "" || g.Change == "" {
				t.Errorf("%s lacks a title or what to change: %+v", name, g)
			}
		}
	}
}
