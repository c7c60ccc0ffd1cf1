package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// runChoice is what the flags of runs list select.
type runChoice struct {
	host.RunFilter

	state, kind, failedSince string
	period                   *period
}

func (p *program) runsList() *cobra.Command {
	var choice runChoice
	cmd := p.command(about{
		use:     "list",
		short:   abi.Text{EN: "List runs, newest first", JA: "実行を新しい順に一覧する"},
		example: "  musubi runs list --state failed --since 24h\n  musubi runs list --flow customers --subject 30511",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.listRuns(cmd, &choice)
	})
	flags := cmd.Flags()
	flags.StringVar(&choice.Flow, "flow", "", p.say("only runs of this `flow`", "フロー(`flow`)で絞り込む"))
	flags.StringVar(&choice.state, "state", "", p.say("only runs in this `state`: queued, running, waiting, done, failed, cancelled", "状態(`state`)で絞り込む: queued、running、waiting、done、failed、cancelled"))
	flags.StringVar(&choice.kind, "kind", "", p.say("only runs that failed with this `kind` of error, as in auth", "エラーの種類(`kind`)で絞り込む(例: auth)"))
	flags.StringVar(&choice.Code, "code", "", p.say("only runs that failed with this `code` of error; - for none", "エラーのコード(`code`)で絞り込む。- はコードなし"))
	flags.StringVar(&choice.Connection, "connection", "", p.say("only runs whose failed step called this `connection`; - for none", "失敗したステップが呼び出した接続(`connection`)で絞り込む。- はなし"))
	flags.StringVar(&choice.failedSince, "failed-since", "", p.say("only runs that failed later, whenever they began: 24h, 7d, 2026-01-02 or a `time`", "これよりあとに失敗したもの(`time`)。始まった時刻は問わない: 24h、7d、2026-01-02 など"))
	flags.StringVar(&choice.Event, "event", "", p.say("only runs for this `event`", "イベント(`event`)で絞り込む"))
	flags.StringVar(&choice.Subject, "subject", "", p.say("only runs for this record's `id` at the platform", "プラットフォーム上のレコードのid(`id`)で絞り込む"))
	flags.StringVar(&choice.Before, "before", "", p.say("go on with runs older than this `run`", "この実行(`run`)より古いものから続ける"))
	flags.VarP(atMost(&choice.Limit, 20), "limit", "n", p.say("how many at the most (`number`)", "最大件数(`number`)"))
	choice.period = p.periodFlags(cmd)
	completeWith(cmd, "state", "queued", "running", "waiting", "done", "failed", "cancelled")
	return cmd
}

func (p *program) listRuns(cmd *cobra.Command, choice *runChoice) error {
	clock := p.clock()
	filter, err := p.runFilter(choice, clock)
	if err != nil {
		return err
	}
	return p.read(cmd.Context(), func(from reader) error {
		runs, err := from.Runs(cmd.Context(), filter)
		if err != nil {
			return err
		}
		lineup, err := lineupOf(cmd.Context(), from, runs)
		if err != nil {
			return err
		}
		return p.show(api.RunPage{Runs: orEmpty(runs)}, func(w *page) {
			p.runTable(w, "", clock, runs, lineup)
			p.holding(w, lineup)
			p.continued(w, len(runs), filter.Limit, func() string { return runs[len(runs)-1].ID })
			if len(runs) == 0 {
				w.line("%s", p.say("No runs.", "該当する実行はありません。"))
			}
		})
	})
}

func (p *program) runFilter(choice *runChoice, clock clock) (host.RunFilter, error) {
	filter := choice.RunFilter
	states := []host.RunState{"", host.RunQueued, host.RunRunning, host.RunWaiting, host.RunDone, host.RunFailed, host.RunCancelled}
	state, err := oneOf("--state", host.RunState(choice.state), states)
	if err != nil {
		return filter, err
	}
	filter.State = state
	if choice.kind != "" {
		kind, known := abi.ParseKind(choice.kind)
		if !known {
			return filter, usage(
				fmt.Sprintf("--kind: there is no kind of error %q", choice.kind),
				fmt.Sprintf("--kind: 「%s」というエラーの種類はありません", choice.kind))
		}
		filter.Kind = kind
	}
	if filter.FailedSince, err = p.moment("--failed-since", choice.failedSince, clock.zone); err != nil {
		return filter, err
	}
	filter.Since, filter.Until, err = p.resolve(choice.period, clock.zone)
	return filter, err
}

// oneOf refuses a word that is not among those allowed.
func oneOf[T ~string](flag string, word T, allowed []T) (T, error) {
	var names []string
	for _, a := range allowed {
		if a == word {
			return word, nil
		}
		if a != "" {
			names = append(names, string(a))
		}
	}
	return "", usage(
		fmt.Sprintf("%s must be one of %s", flag, strings.Join(names, ", ")),
		fmt.Sprintf("%s は %s のどれかです", flag, strings.Join(names, "、")))
}

// lineupOf asks for the place in the order of those that may wait or hold up.
func lineupOf(ctx context.Context, from reader, runs []host.Run) (api.Lineup, error) {
	var ids []string
	for _, r := range runs {
		if r.State == host.RunFailed || r.State == host.RunQueued {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return api.Lineup{}, nil
	}
	lineup, err := from.Lineup(ctx, ids)
	if errors.Is(err, host.ErrNotFound) { // a host of an older version, which is about to be replaced
		return api.Lineup{}, nil
	}
	return lineup, err
}

// holding says that failed runs among those shown hold others up, and what to do.
func (p *program) holding(w *page, lineup api.Lineup) {
	if len(lineup.Holding) == 0 {
		return
	}
	w.line(p.say("Failed runs that hold up those after them: %d. Run them again (musubi runs rerun) or cancel them (musubi runs cancel).",
		"後続を止めている失敗した実行: %d件。再実行(musubi runs rerun)か取り消し(musubi runs cancel)で、後続が進みます。"), len(lineup.Holding))
}

func (p *program) runTable(w *page, indent string, clock clock, runs []host.Run, lineup api.Lineup) {
	t := table{whole: []int{5}, head: []string{
		p.say("RUN", "実行"), p.say("STATE", "状態"), p.say("FLOW", "フロー"),
		p.say("SUBJECT", "対象"), p.say("CREATED", "作成"), p.say("NOTE", "備考"),
	}}
	for _, r := range runs {
		t.row(r.ID, p.state(r.State), r.Flow, r.Subject, clock.text(r.Created), p.runNote(clock, &r, lineup.Behind[r.ID]))
	}
	t.write(w, indent)
}

// runNote says in short why a run stands still, behind which failed one, or how it ended.
func (p *program) runNote(clock clock, r *host.Run, ahead string) string {
	if ahead != "" {
		return fmt.Sprintf(p.say("waits behind %s, which failed", "失敗した %s の対応待ち"), ahead)
	}
	note := columns().Truncate(clean(r.Outcome, false), widestCell, "…")
	if r.Error != nil {
		note = p.short(r.Error)
	}
	switch {
	case r.State == host.RunWaiting && r.Held == "" && note == "" && !r.Due.IsZero():
		return fmt.Sprintf(p.say("waits until %s", "%s まで待機"), clock.text(r.Due))
	case r.State != host.RunWaiting || r.Held == "":
		return note
	}
	waits := fmt.Sprintf(p.say("waits for %s", "%s の復旧待ち"), r.Held)
	if note == "" {
		return waits
	}
	return waits + ": " + note
}

// continued says how to see the next page when this one is full.
func (p *program) continued(w *page, shown, limit int, last func() string) {
	if limit > 0 && shown == limit {
		w.line(p.say("There may be more: go on with --before %s", "続きがあるかもしれません: --before %s"), last())
	}
}

// orEmpty makes an empty listing [] rather than null.
func orEmpty[T any](rows []T) []T {
	if rows == nil {
		return []T{}
	}
	return rows
}
