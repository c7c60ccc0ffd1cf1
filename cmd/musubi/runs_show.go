package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) runsShow() *cobra.Command {
	var data bool
	cmd := p.command(about{
		use:     "show RUN",
		short:   abi.Text{EN: "Show one run with its steps", JA: "実行とそのステップを表示する"},
		example: "  musubi runs show 01JQ2M3N4P5R6S7T8V9WXYZABC --data",
	}, func(cmd *cobra.Command, args []string) error {
		return p.read(cmd.Context(), func(from reader) error {
			run, steps, err := from.Run(cmd.Context(), args[0])
			if err != nil {
				return p.missing(err, args[0])
			}
			lineup, err := lineupOf(cmd.Context(), from, []host.Run{run})
			if err != nil {
				return err
			}
			return p.show(api.RunDetail{Run: run, Steps: orEmpty(steps)}, func(w *page) {
				p.showRun(w, run, lineup, steps, data)
			})
		})
	})
	cmd.Flags().BoolVar(&data, "data", false, p.say("show what went into each step and what came out", "各ステップの入力と出力も表示する"))
	return cmd
}

func (p *program) showRun(w *page, run host.Run, lineup api.Lineup, steps []host.StepRecord, data bool) {
	clock := p.clock()
	facts := table{}
	fact := func(en, ja, value string) {
		if value != "" {
			facts.row(p.say(en, ja), value)
		}
	}
	fact("run", "実行", run.ID)
	fact("flow", "フロー", fmt.Sprintf("%s (%.8s)", run.Flow, run.Version))
	fact("state", "状態", p.state(run.State))
	fact("event", "イベント", fmt.Sprintf("%s  %s %s  %s", run.Event, run.Connection, run.Type, run.Subject))
	fact("created", "作成", clock.text(run.Created))
	fact("took", "所要", took(run.Created, run.Ended))
	fact("goes on", "再開予定", clock.text(run.Due))
	fact("waits for", "待っている接続", run.Held)
	fact("outcome", "結果", run.Outcome)
	fact("failed step", "失敗したステップ", run.FailedStep)
	facts.write(w, "")
	p.showFailure(w, run)
	p.showLineup(w, run.ID, lineup)
	p.showSteps(w, &run, steps, data)
}

// showFailure says in full why a run stands still, and what can be done.
func (p *program) showFailure(w *page, run host.Run) {
	if run.Error != nil || run.Held != "" {
		w.line("")
	}
	if run.Error != nil {
		p.showError(w, run.Error)
	}
	switch {
	case run.State == host.RunFailed || run.State == host.RunCancelled:
		w.line(p.say("Run it again: musubi runs rerun %s", "再実行: musubi runs rerun %s"), run.ID)
	case run.State != host.RunWaiting:
	case run.Held != "":
		w.line(p.say("It goes on by itself when the connection %s works again: musubi connections",
			"接続 %s が復旧すると自動で再開します。状況: musubi connections"), run.Held)
	case run.Error != nil:
		w.line("%s", p.say("It is tried again by itself.", "自動で再試行します。"))
	}
}

// showLineup says who waits for whom.
func (p *program) showLineup(w *page, run string, lineup api.Lineup) {
	if ahead := lineup.Behind[run]; ahead != "" {
		w.line("")
		w.line(p.say("It waits behind run %s, which failed. It goes on when that one is run again or cancelled: musubi runs show %[1]s",
			"先に受け付けた実行 %s が失敗したため、待っています。そちらを再実行するか取り消すと進みます: musubi runs show %[1]s"), ahead)
	}
	if next := lineup.Holding[run]; next != "" {
		w.line(p.say("Run %s and those after it wait until this one is run again or cancelled: musubi runs cancel %s",
			"この実行を再実行するか取り消すまで、後続の %s 以降が待ちます。取り消し: musubi runs cancel %s"), next, run)
	}
}

func (p *program) showSteps(w *page, run *host.Run, steps []host.StepRecord, data bool) {
	if len(steps) == 0 {
		return
	}
	w.line("")
	t := table{head: []string{
		"#", p.say("STEP", "ステップ"), p.say("STATE", "状態"), p.say("CALL", "呼び出し"),
		p.say("TOOK", "所要"), p.say("TRIES", "回数"), p.say("NOTE", "備考"),
	}, whole: []int{6}} // nowhere else are they told in full
	for _, s := range steps {
		t.row(strconv.Itoa(s.Seq), s.Path, p.stepState(s.State), s.Call, took(s.Started, s.Ended), strconv.Itoa(max(s.Attempts, 1)), p.stepNote(run, &s))
	}
	t.write(w, "")
	if data {
		for _, s := range steps {
			p.showData(w, s)
		}
	}
}

// stepNote says what is not plain from the rest; the run's own error is told above.
func (p *program) stepNote(run *host.Run, s *host.StepRecord) string {
	switch {
	case s.Error == nil:
		return s.Note
	case run.Error != nil && run.Error.Error() == s.Error.Error():
		return p.kind(s.Error)
	default:
		return p.failed(s.Error)
	}
}

func (p *program) showData(w *page, s host.StepRecord) {
	w.line("\n%s", clean(s.Path, false))
	for _, part := range []struct {
		title string
		value json.RawMessage
	}{{p.say("in", "入力"), s.Input}, {p.say("out", "出力"), s.Output}} {
		if len(part.value) > 0 {
			w.line("  %s", part.title)
			w.json(part.value, "    ")
		}
	}
}

// missing says what an id does not name; other errors stay as they are.
func (p *program) missing(err error, id string) error {
	if !errors.Is(err, host.ErrNotFound) {
		return err
	}
	return fault(err,
		id+" is not known here: it may be too old and removed, or of another host",
		id+" は見つかりません。保存期間を過ぎたか、別のホストのものかもしれません")
}
