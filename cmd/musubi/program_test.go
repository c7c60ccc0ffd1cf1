package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/rules/diag"
)

func TestExitCodes(t *testing.T) {
	for line, want := range map[string]int{
		"version":                          exitDone,
		"":                                 exitDone,
		"runs --help":                      exitDone,
		"rnus":                             exitUsage,
		"runs show":                        exitUsage,
		"runs list --stat x":               exitUsage,
		"version --lang fr":                exitUsage,
		"runs list -c nothing.yaml":        exitFailed,
		"plugin inspect nothing.wasm":      exitFailed,
		"connections --server 127.0.0.1:1": exitUsage,
	} {
		if code, stderr := try(t, strings.Fields(line)...); code != want {
			t.Errorf("%q ends with %d, want %d: %s", line, code, want, stderr)
		}
	}
}

func TestTheLanguageIsTheReaders(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		args []string
		want diag.Lang
	}{
		{nil, nil, diag.English},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, nil, diag.Japanese},
		{map[string]string{"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, nil, diag.English},
		{map[string]string{"LANG": "de_DE.UTF-8"}, []string{"--lang", "ja"}, diag.Japanese},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, []string{"runs", "--lang=en"}, diag.English},
	} {
		env := environment{args: c.args, getenv: func(name string) string { return c.env[name] }}
		if got := language(env); got != c.want {
			t.Errorf("%v %v gives %s", c.env, c.args, got)
		}
	}
}

// TestEveryCommandIsDescribedInBothLanguages walks the help of all commands.
func TestEveryCommandIsDescribedInBothLanguages(t *testing.T) {
	english := (&program{environment: environment{}, lang: diag.English}).root()
	japanese := (&program{environment: environment{}, lang: diag.Japanese}).root()
	for _, cmd := range english.Commands() {
		other, _, err := japanese.Find([]string{cmd.Name()})
		if err != nil {
			t.Fatal(err)
		}
		for i, leaf := range append(cmd.Commands(), cmd) {
			twin := append(other.Commands(), other)[i]
			if leaf.Hidden {
				continue
			}
			if leaf.Short == "" || leaf.Short == twin.Short {
				t.Errorf("%s has no help of its own in Japanese: %q", leaf.CommandPath(), leaf.Short)
			}
			if (leaf.Long == "") != (twin.Long == "") {
				t.Errorf("%s explains itself in one language only", leaf.CommandPath())
			}
		}
	}
}

func TestTablesAlignFullWidthCharacters(t *testing.T) {
	var w page
	table := table{head: []string{"名前", "x"}}
	table.row("山田 花子", "1")
	table.row("Ann\x1b[2J\n", strings.Repeat("長", 50))
	table.write(&w, "")
	want := "名前       x\n山田 花子  1\nAnn\uFFFD[2J    " + strings.Repeat("長", 35) + "…\n"
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
}

func TestMomentsAreReadInTheHostsZone(t *testing.T) {
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	p := &program{environment: environment{now: func() time.Time { return now }}}
	tokyo := time.FixedZone("Asia/Tokyo", 9*60*60)
	for text, want := range map[string]time.Time{
		"":                     {},
		"24h":                  now.Add(-24 * time.Hour),
		"7d":                   now.Add(-7 * 24 * time.Hour),
		"2026-01-02":           time.Date(2026, 1, 1, 15, 0, 0, 0, time.UTC),
		"2026-01-02 09:30":     time.Date(2026, 1, 2, 0, 30, 0, 0, time.UTC),
		"2026-01-02T09:30:00Z": time.Date(2026, 1, 2, 9, 30, 0, 0, time.UTC),
	} {
		if got, err := p.moment("--since", text, tokyo); err != nil || !got.Equal(want) {
			t.Errorf("%q gives %v, %v", text, got, err)
		}
	}
	if _, err := p.moment("--since", "monday", tokyo); err == nil {
		t.Error("monday was taken for a time")
	}
}

func TestAddressesThatAreListenedOnBecomeReachable(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", ":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80",
		"[::]:80": "127.0.0.1:80", "host.example:80": "host.example:80", "[::1]:80": "[::1]:80",
	} {
		if got := reachable(listen); got != want {
			t.Errorf("%s gives %s", listen, got)
		}
	}
}

// try runs one command line within this process, in an empty folder.
func try(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, err bytes.Buffer
	code = run(t.Context(), environment{
		args: args, out: &out, err: &err, now: time.Now, getenv: func(string) string { return "" },
	})
	return code, err.String()
}
