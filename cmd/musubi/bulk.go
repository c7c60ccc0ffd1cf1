package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// bulkResult is what a command that acts on many rows prints as JSON.
type bulkResult struct {
	Preview bool              `json:"preview"`
	Count   int               `json:"count"`
	Failed  []api.BulkFailure `json:"failed"`
}

// bulkWords are what a person reads: each takes a number.
type bulkWords struct{ preview, done abi.Text }

// bulk acts on page after page until none is left, and tells what became of
// it. Without yes it only counts.
func (p *program) bulk(yes bool, words bulkWords, act func(last api.Bulk, preview bool) (api.Bulk, error)) error {
	result := bulkResult{Preview: !yes, Failed: []api.BulkFailure{}}
	for page, more := (api.Bulk{}), true; more; more = page.After != "" || page.Before != "" {
		var err error
		page, err = act(page, !yes)
		if err != nil {
			return err
		}
		result.Count += page.Count
		result.Failed = append(result.Failed, page.Failed...)
	}
	if err := p.show(result, func(w *page) { p.showBulk(w, words, result) }); err != nil || len(result.Failed) == 0 {
		return err
	}
	return errSilent
}

func (p *program) showBulk(w *page, words bulkWords, r bulkResult) {
	switch {
	case r.Count == 0:
		w.line("%s", p.say("Nothing is selected.", "該当するものはありません。"))
		return
	case r.Preview:
		w.line(p.lang.Pick(words.preview), r.Count)
		return
	}
	w.line(p.lang.Pick(words.done), r.Count-len(r.Failed))
	if len(r.Failed) == 0 {
		return
	}
	w.line(p.say("Not possible: %d", "できなかったもの: %d件"), len(r.Failed))
	t := table{whole: []int{2}} // why ends with what to do
	for _, f := range r.Failed {
		t.row(f.ID, p.kind(&abi.Error{Kind: f.Kind}), p.lang.Pick(abi.Text{EN: f.Error, JA: f.ErrorJA}))
	}
	t.write(w, "  ")
}

// where reads a filter such as flow=customers,kind=auth,since=24h.
func (p *program) where(text string) (host.RunFilter, error) {
	choice := runChoice{period: &period{}}
	fields := map[string]*string{
		"flow": &choice.Flow, "state": &choice.state, "kind": &choice.kind, "event": &choice.Event,
		"subject": &choice.Subject, "since": &choice.period.since, "until": &choice.period.until,
		"connection": &choice.Connection, "code": &choice.Code, "failed_since": &choice.failedSince,
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		field := fields[name]
		if field == nil {
			return host.RunFilter{}, unknownField(name)
		}
		if value == "" {
			return host.RunFilter{}, usage(
				fmt.Sprintf("--where: %s needs a value, as in flow=customers,since=24h", name),
				fmt.Sprintf("--where: %s に値がありません。flow=customers,since=24h のように書いてください", name))
		}
		*field = value
	}
	return p.runFilter(&choice, p.clock())
}

func unknownField(name string) error {
	names := []string{"flow", "state", "kind", "event", "connection", "code", "subject", "since", "until", "failed_since"}
	if near := diag.Closest(name, names); near != "" {
		return usage(
			fmt.Sprintf("--where: there is no %q: did you mean %q?", name, near),
			fmt.Sprintf("--where: 「%s」はありません。「%s」ではありませんか?", name, near))
	}
	return usage(
		fmt.Sprintf("--where: there is no %q: possible are %s, as in flow=customers,since=24h", name, strings.Join(names, ", ")),
		fmt.Sprintf("--where: 「%s」はありません。使えるのは %s です(例: flow=customers,since=24h)", name, strings.Join(names, "、")))
}

// oneOrMany refuses a command line that names both one row and a filter, or neither.
func oneOrMany(args []string, many bool, name, flag string) error {
	switch {
	case len(args) > 0 && many:
		return usage(
			fmt.Sprintf("give either %s or %s, not both", name, flag),
			fmt.Sprintf("%s と %s は同時に指定できません", name, flag))
	case len(args) == 0 && !many:
		return usage(
			fmt.Sprintf("%s is missing; for many at once give %s", name, flag),
			fmt.Sprintf("%s を指定してください。まとめて行うときは %s を指定します", name, flag))
	}
	return nil
}
