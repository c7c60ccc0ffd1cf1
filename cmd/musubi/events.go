package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) events() *cobra.Command {
	return p.group(about{
		use:   "events",
		short: abi.Text{EN: "Look at events and at deliveries that could not be read", JA: "イベントと、読めなかった受信データを見る"},
	}, p.eventsList(), p.eventsShow(), p.eventsReplay(), p.eventsDismiss(), p.eventsRun())
}

func (p *program) eventsList() *cobra.Command {
	var (
		filter host.EventFilter
		dead   bool
		chosen *period
	)
	cmd := p.command(about{
		use:     "list",
		short:   abi.Text{EN: "List events, newest first", JA: "イベントを新しい順に一覧する"},
		example: "  musubi events list --connection shop --since 1h\n  musubi events list --dead",
	}, func(cmd *cobra.Command, _ []string) (err error) {
		clock := p.clock()
		if filter.Since, filter.Until, err = p.resolve(chosen, clock.zone); err != nil {
			return err
		}
		return p.read(cmd.Context(), func(from reader) error {
			if dead {
				return p.listDead(cmd, from, filter, clock)
			}
			return p.listEvents(cmd, from, filter, clock)
		})
	})
	flags := cmd.Flags()
	flags.BoolVar(&dead, "dead", false, p.say("list deliveries that could not be read instead", "読めなかった受信データを一覧する"))
	flags.StringVar(&filter.Connection, "connection", "", p.say("only events of this `connection`", "接続(`connection`)で絞り込む"))
	flags.StringVar(&filter.Type, "type", "", p.say("only events of this `type`, as in customer.updated", "種類(`type`)で絞り込む(例: customer.updated)"))
	flags.StringVar(&filter.Subject, "subject", "", p.say("only events about this record's `id` at the platform", "プラットフォーム上のレコードのid(`id`)で絞り込む"))
	flags.StringVar(&filter.Before, "before", "", p.say("go on with what is older than this `id`", "このid(`id`)より古いものから続ける"))
	flags.VarP(atMost(&filter.Limit, 20), "limit", "n", p.say("how many at the most (`number`)", "最大件数(`number`)"))
	chosen = p.periodFlags(cmd)
	return cmd
}

func (p *program) listEvents(cmd *cobra.Command, from reader, filter host.EventFilter, clock clock) error {
	events, err := from.Events(cmd.Context(), filter)
	if err != nil {
		return err
	}
	return p.show(api.EventPage{Events: orEmpty(events)}, func(w *page) {
		t := table{head: []string{
			p.say("EVENT", "イベント"), p.say("CONNECTION", "接続"), p.say("TYPE", "種類"),
			p.say("SUBJECT", "対象"), p.say("RECEIVED", "受信"), p.say("BY", "経路"),
		}}
		for _, e := range events {
			t.row(e.ID, e.Connection, e.Type, e.Subject, clock.text(e.Received), e.Origin)
		}
		t.write(w, "")
		p.continued(w, len(events), filter.Limit, func() string { return events[len(events)-1].ID })
		if len(events) == 0 {
			w.line("%s", p.say("No events.", "該当するイベントはありません。"))
		}
	})
}

// dealtWith is when somebody replayed or dismissed a letter, zero until then.
func dealtWith(l *host.DeadLetter) time.Time {
	if l.Replayed.IsZero() {
		return l.Dismissed
	}
	return l.Replayed
}

// whyDead tells why a delivery could not be read, and how often it came.
func whyDead(l *host.DeadLetter, why string) string {
	if l.Repeats == 0 {
		return why
	}
	return fmt.Sprintf("(×%d) ", l.Repeats+1) + why
}

func (p *program) listDead(cmd *cobra.Command, from reader, filter host.EventFilter, clock clock) error {
	letters, err := from.DeadLetters(cmd.Context(), filter)
	if err != nil {
		return err
	}
	return p.show(api.DeadLetterPage{DeadLetters: orEmpty(letters)}, func(w *page) {
		t := table{whole: []int{4}, head: []string{
			p.say("DELIVERY", "受信データ"), p.say("CONNECTION", "接続"), p.say("RECEIVED", "受信"),
			p.say("DEALT WITH", "対応済み"), p.say("WHY", "理由"),
		}}
		for _, l := range letters {
			t.row(l.ID, l.Delivery.Connection, clock.text(l.Delivery.Received), clock.text(dealtWith(&l)), whyDead(&l, p.short(l.Error)))
		}
		t.write(w, "")
		p.continued(w, len(letters), filter.Limit, func() string { return letters[len(letters)-1].ID })
		if len(letters) == 0 {
			w.line("%s", p.say("Nothing is kept for inspection: every delivery could be read.", "読めなかった受信データはありません。"))
		}
	})
}
