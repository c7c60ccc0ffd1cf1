package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// showFailures tells of each group of failed runs what went wrong, what to do,
// and how to run them again.
func (p *program) showFailures(w *page, s *api.Status) {
	older := s.Runs.Failed.N
	if len(s.Failures) > 0 {
		w.line("")
		w.line(p.say("Failed since %s:", "%s 以降に失敗した実行:"), p.clock().text(s.Since))
	}
	for i := range s.Failures {
		p.failureGroup(w, &s.Failures[i], s.FailuresAtLeast)
		older -= s.Failures[i].Count
	}
	if s.FailuresAtLeast {
		w.line("%s", p.say("There are more failures than were looked at: the numbers are lower bounds.", "失敗が多いため、一部だけを調べました。件数は下限です。"))
		return
	}
	if older > 0 {
		w.line("")
		w.line(p.say("Failed earlier, and not run again or cancelled yet: %d. See: musubi%s runs list --state failed",
			"それより前に失敗し、再実行も取り消しもされていないもの: %d件。一覧: musubi%s runs list --state failed"), older, p.here())
	}
}

func (p *program) failureGroup(w *page, g *api.Failures, atLeast bool) {
	clock := p.clock()
	place := g.Flow
	if g.Connection != "" {
		place += " → " + g.Connection
	}
	kind := p.kind(g.Error)
	if code := host.CodeName(g.Error); code != host.None && code != host.CodeNoAnswer {
		kind += " " + code
	}
	w.line("  %s, %s: %s, %s – %s", place, kind, p.number(host.Count{N: g.Count, AtLeast: atLeast}), clock.text(g.First), clock.text(g.Last))
	w.line("    %s: %s", g.Example, columns().Truncate(clean(g.Error.Error(), false), widestCell, "…"))
	w.line("    %s", p.advice(g.Connection, g.Error))
	if g.Holding > 0 {
		w.line(p.say("    Of these %d hold up runs after them.", "    このうち %d件が後続の実行を止めています。"), g.Holding)
	}
	if g.Error.Code == host.CodeNoAnswer { // all at once would do again what was done
		w.line("    musubi%s runs list --state failed%s", p.here(), flags(g.Where))
		return
	}
	w.line(p.say("    musubi%s runs rerun --where %s   # counts them; with --yes runs them again", "    musubi%s runs rerun --where %s   # 件数を表示。--yes で再実行"), p.here(), quoted(g.Where))
}

// flags are a filter's fields as flags of runs list.
func flags(where string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(where, ",") {
		name, value, _ := strings.Cut(part, "=")
		fmt.Fprintf(&out, " --%s %s", strings.ReplaceAll(name, "_", "-"), quoted(value))
	}
	return out.String()
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.:-/,=+@", r)
	}
	if word != "" && !strings.ContainsFunc(word, odd) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
