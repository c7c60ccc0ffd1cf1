package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/rehearse"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// dryRun is what rules dry-run prints as JSON.
type dryRun struct {
	Flow   string           `json:"flow"`
	Events []rehearsedEvent `json:"events"`
	// NeverHeld are conditions that held for none of the events.
	NeverHeld []rehearse.Never `json:"never_held"`
}

type rehearsedEvent struct {
	Event   host.Event      `json:"event"`
	Outcome rules.Outcome   `json:"outcome"`
	Reason  string          `json:"reason,omitempty"`
	Error   *abi.Error      `json:"error,omitempty"`
	Steps   []rehearsedStep `json:"steps"`
	// Cut are the loops of which only the first pages were gone through.
	Cut   []string `json:"cut,omitempty"`
	trace *rules.Trace
}

type rehearsedStep struct {
	Path   string          `json:"path"`
	Kind   string          `json:"kind"`
	Target string          `json:"target"`
	Input  json.RawMessage `json:"input"`
	Answer rehearse.Origin `json:"answer,omitempty"`
}

func (p *program) rulesDryRun() *cobra.Command {
	var (
		event  string
		reads  bool
		limit  int
		chosen *period
	)
	cmd := p.command(about{
		use:   "dry-run FLOW",
		short: abi.Text{EN: "Show what a flow would do with recorded events", JA: "記録されたイベントでフローが何をするかを見る"},
		long: abi.Text{
			EN: "Show what a flow, given by its file or id, would do with events that were recorded. Nothing is changed.\nAnswers of reading calls are those of the event's real run; where there is none the event ends there,\nunless --reads lets reading calls, and only those, really go out.",
			JA: "フロー(ファイルかid)が、記録されたイベントに対して何をするかを表示します。何も変更しません。\n読み取りの応答には実際の実行のものを使い、なければそのイベントはそこで止まります。--reads を付けると、\n読み取りの呼び出しだけを実際に行います。",
		},
		example: "  musubi rules dry-run rules/customers.yaml --since 24h\n  musubi rules dry-run customer-to-crm --event 01JQ2M3N4P5R6S7T8V9WXYZABC --reads",
	}, func(cmd *cobra.Command, args []string) error {
		flow, err := p.flow(args[0])
		if err != nil {
			return err
		}
		if flow.On.Event == "" {
			return fault(nil,
				flow.ID+" does not start on an event: there is nothing recorded to try it on",
				flow.ID+" はイベントで始まるフローではないため、試す記録がありません")
		}
		filter := host.EventFilter{Connection: flow.On.Connection, Type: flow.On.Event, Limit: limit}
		if filter.Since, filter.Until, err = p.resolve(chosen, p.clock().zone); err != nil {
			return err
		}
		return p.look(cmd.Context(), reads, func(from reader, read readFunc) error {
			r := rehearsal{flow: flow, from: from, read: read}
			return p.showRehearsal(cmd.Context(), &r, event, filter)
		})
	})
	cmd.ValidArgsFunction = nil
	cmd.Flags().StringVar(&event, "event", "", p.say("only the event of this `id`", "このid(`id`)のイベントだけ"))
	cmd.Flags().BoolVar(&reads, "reads", false, p.say("let reading calls really go out", "読み取りの呼び出しを実際に行う"))
	cmd.Flags().VarP(atMost(&limit, 100), "limit", "n", p.say("how many events at the most, the newest (`number`)", "最大件数(`number`)。新しいものから"))
	chosen = p.periodFlags(cmd)
	return cmd
}

// rehearsal is a flow on its way through recorded events.
type rehearsal struct {
	flow *rules.Flow
	from reader
	// read calls a platform; nil when nothing may go out.
	read readFunc
}

func (p *program) showRehearsal(ctx context.Context, r *rehearsal, event string, filter host.EventFilter) error {
	events, err := r.events(ctx, event, filter)
	if err != nil {
		return p.missing(err, event)
	}
	result := dryRun{Flow: r.flow.ID, Events: []rehearsedEvent{}}
	var traces []*rules.Trace
	for _, e := range events {
		done, err := r.perform(ctx, e)
		if err != nil {
			return err
		}
		result.Events = append(result.Events, done)
		traces = append(traces, done.trace)
	}
	result.NeverHeld = orEmpty(rehearse.NeverHeld(r.flow, traces))
	return p.show(result, func(w *page) { p.showDryRun(w, r.flow, result) })
}

func (r *rehearsal) events(ctx context.Context, id string, filter host.EventFilter) ([]host.Event, error) {
	if id == "" {
		events, err := r.from.Events(ctx, filter)
		return slices.DeleteFunc(events, func(e host.Event) bool { return e.Completes != "" }), err
	}
	e, _, err := r.from.Event(ctx, id)
	if err == nil && (e.Connection != filter.Connection || e.Type != filter.Type) {
		return nil, fault(nil,
			fmt.Sprintf("the event is %s %s, but the flow starts on %s %s", e.Connection, e.Type, filter.Connection, filter.Type),
			fmt.Sprintf("イベントは %s %s ですが、フローは %s %s で始まります", e.Connection, e.Type, filter.Connection, filter.Type))
	}
	return []host.Event{e}, err
}

// perform rehearses one event with the journals of its real runs at hand.
func (r *rehearsal) perform(ctx context.Context, e host.Event) (rehearsedEvent, error) {
	_, runs, err := r.from.Event(ctx, e.ID)
	if err != nil {
		return rehearsedEvent{}, err
	}
	var journal []host.StepRecord
	for _, run := range runs {
		_, steps, err := r.from.Run(ctx, run.ID)
		if err != nil && !errors.Is(err, host.ErrNotFound) {
			return rehearsedEvent{}, err
		}
		journal = append(journal, steps...)
	}
	return r.rehearse(ctx, e, journal), nil
}

// rehearse rehearses one event; the journal may be empty.
func (r *rehearsal) rehearse(ctx context.Context, e host.Event, journal []host.StepRecord) rehearsedEvent {
	done := rehearsedEvent{Event: e, Steps: []rehearsedStep{}}
	answers := rehearse.NewAnswers(e, journal, r.platforms(ctx))
	done.trace = rehearse.Rehearse(r.flow, e, answers)
	done.Outcome, done.Reason, done.Error = done.trace.Outcome, done.trace.Reason, done.trace.Error
	done.Cut = done.trace.Cut
	for _, effect := range done.trace.Effects {
		done.Steps = append(done.Steps, rehearsedStep{effect.Path, effect.Kind, effect.Target, effect.Input, answers.Origin(effect.Path)})
	}
	return done
}

func (r *rehearsal) platforms(ctx context.Context) rehearse.Platforms {
	look := rehearse.Platforms{Links: func(f host.LinkFilter) ([]host.Link, error) { return r.from.Links(ctx, f) }}
	if r.read != nil {
		look.Read = func(connection, action string, input json.RawMessage) (json.RawMessage, error) {
			return r.read(ctx, connection, action, input)
		}
	}
	return look
}

func (p *program) showDryRun(w *page, flow *rules.Flow, result dryRun) {
	clock := p.clock()
	for _, e := range result.Events {
		w.line("%s  %s %s  %s", e.Event.ID, e.Event.Type, clean(e.Event.Subject, false), clock.text(e.Event.Time))
		p.showRehearsed(w, &e)
	}
	if len(result.Events) == 0 {
		w.line("%s", p.say("No events that the flow starts on were recorded in this time.", "この期間に、フローを始めるイベントは記録されていません。"))
		return
	}
	w.line("")
	for _, n := range result.NeverHeld {
		if n.Line == 0 {
			w.line(p.say("The flow's condition held for none of them: %s", "フローの条件に合うイベントはありませんでした: %s"), n.When)
			continue
		}
		w.line(p.say("Never held: %s:%d  %s", "一度も成り立たなかった条件: %s:%d  %s"), flow.File, n.Line, n.When)
	}
	w.line(p.say("Events: %d. Nothing was changed.", "イベント %d 件。何も変更していません。"), len(result.Events))
}

// showRehearsed tells the steps of one event, and how it ended.
func (p *program) showRehearsed(w *page, e *rehearsedEvent) {
	for _, s := range e.Steps {
		w.line("  %-10s %s %s  %s%s", s.Path, s.Kind, s.Target, oneLine(s.Input), p.origin(s.Answer))
	}
	for _, path := range e.Cut {
		w.line(p.say("  %-10s has more pages: only the first %d were gone through", "  %-10s にはまだ続きのページがあります。処理したのは最初の %d ページです"), path, rules.SimulatedPages)
	}
	w.line("%s", strings.TrimRight("  → "+p.outcome(e)+"  "+p.reason(e), " "))
}

// oneLine is JSON without line breaks.
func oneLine(value json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Compact(&out, value); err != nil {
		return clean(string(value), false)
	}
	return clean(out.String(), false)
}

// origin says of a step's answer what a reader would take for granted otherwise.
func (p *program) origin(o rehearse.Origin) string {
	switch o {
	case rehearse.FromJournal:
		return p.say("  (answer: as in the real run)", "  (応答: 実際の実行のもの)")
	case rehearse.FromPlatform:
		return p.say("  (answer: read now)", "  (応答: 今読み取ったもの)")
	case rehearse.Refused:
		return p.say("  (could not be read)", "  (読み取れませんでした)")
	case rehearse.FromLinks:
		return p.say("  (answer: looked up now)", "  (応答: 今の対応表)")
	case rehearse.FromNobody:
		return p.say("  (not carried out)", "  (実行していません)")
	case rehearse.Unknown:
		return p.say("  (answer unknown: --reads would ask)", "  (応答は不明です。--reads で読み取れます)")
	default:
		return ""
	}
}

// unknown returns the step whose answer only the platform could give, and which
// ended the rehearsal; nil if none did.
func (e *rehearsedEvent) unknown() *rehearsedStep {
	if n := len(e.Steps); n > 0 && e.Steps[n-1].Answer == rehearse.Unknown {
		return &e.Steps[n-1]
	}
	return nil
}

// reason is why the rehearsal ended, in the reader's language as far as it is the host's own.
func (p *program) reason(e *rehearsedEvent) string {
	if step := e.unknown(); step != nil {
		return fmt.Sprintf(p.say("what %s answers to this is not known", "%s がこれに何と応答するかは分かりません"), step.Target)
	}
	if e.Error != nil {
		return clean(p.failed(e.Error), false)
	}
	return clean(e.Reason, false)
}

func (p *program) outcome(e *rehearsedEvent) string {
	if e.unknown() != nil {
		return p.say("unknown from here on", "ここから先は不明")
	}
	switch e.Outcome {
	case rules.OutcomeDone:
		return p.say("done", "完了")
	case rules.OutcomeIgnored:
		return p.say("ignored: the flow's condition does not hold", "対象外(フローの条件に合いません)")
	case rules.OutcomeStopped:
		return p.say("stopped", "終了")
	case rules.OutcomeFailed:
		return p.say("failed", "失敗")
	default:
		return string(e.Outcome)
	}
}
