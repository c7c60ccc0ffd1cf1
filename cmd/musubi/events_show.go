package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// mostBody is how much of a delivery's body is shown to a person, in bytes.
const mostBody = 8 << 10

func (p *program) eventsShow() *cobra.Command {
	var dead bool
	cmd := p.command(about{
		use:   "show EVENT",
		short: abi.Text{EN: "Show one event with the runs that it started", JA: "イベントと、それで始まった実行を表示する"},
		long: abi.Text{
			EN: "Show one event with the runs that it started, or a delivery that could not be read, by its id.",
			JA: "イベントと、それで始まった実行を表示します。読めなかった受信データもidで表示できます。",
		},
	}, func(cmd *cobra.Command, args []string) error {
		return p.read(cmd.Context(), func(from reader) error {
			event, runs, err := from.Event(cmd.Context(), args[0])
			if dead || errors.Is(err, host.ErrNotFound) {
				return p.showDead(cmd, from, args[0])
			}
			if err != nil {
				return err
			}
			lineup, err := lineupOf(cmd.Context(), from, runs)
			if err != nil {
				return err
			}
			return p.show(api.EventDetail{Event: event, Runs: orEmpty(runs)}, func(w *page) { p.showEvent(w, event, runs, lineup) })
		})
	})
	cmd.Flags().BoolVar(&dead, "dead", false, p.say("the id is of a delivery that could not be read", "読めなかった受信データのidを指定する"))
	return cmd
}

func (p *program) showEvent(w *page, e host.Event, runs []host.Run, lineup api.Lineup) {
	clock := p.clock()
	facts := table{}
	facts.row(p.say("event", "イベント"), e.ID)
	facts.row(p.say("type", "種類"), e.Connection+" "+e.Type)
	facts.row(p.say("subject", "対象"), e.Subject)
	facts.row(p.say("time", "発生"), clock.text(e.Time))
	facts.row(p.say("received", "受信"), clock.text(e.Received)+"  "+e.Origin)
	if e.Completes != "" {
		facts.row(p.say("tells more of", "補うイベント"), e.Completes)
	}
	facts.write(w, "")
	if len(e.Data) > 0 {
		w.line("\n%s", p.say("data", "内容"))
		w.json(e.Data, "  ")
	}
	w.line("")
	if len(runs) == 0 {
		w.line("%s", p.say("No flow was started by it.", "このイベントで始まったフローはありません。"))
		return
	}
	p.runTable(w, "", clock, runs, lineup)
	p.holding(w, lineup)
}

func (p *program) showDead(cmd *cobra.Command, from reader, id string) error {
	letter, err := from.DeadLetter(cmd.Context(), id)
	if err != nil {
		return p.missing(err, id)
	}
	return p.show(letter, func(w *page) { p.showDeadLetter(w, letter) })
}

func (p *program) showDeadLetter(w *page, letter host.DeadLetter) {
	clock, d := p.clock(), letter.Delivery
	facts := table{whole: []int{1}} // why it could not be read ends with what to do
	facts.row(p.say("delivery", "受信データ"), letter.ID)
	facts.row(p.say("connection", "接続"), d.Connection)
	facts.row(p.say("received", "受信"), clock.text(d.Received)+"  "+d.RemoteIP)
	facts.row(p.say("why", "理由"), whyDead(&letter, p.failed(letter.Error)))
	if letter.Repeats > 0 {
		facts.row(p.say("last", "最後の受信"), clock.text(letter.Last))
	}
	if !letter.Replayed.IsZero() {
		facts.row(p.say("replayed", "再処理"), clock.text(letter.Replayed))
	}
	if !letter.Dismissed.IsZero() {
		facts.row(p.say("dismissed", "片付け"), clock.text(letter.Dismissed))
	}
	facts.write(w, "")
	w.line("\n%s", strings.TrimSpace(clean(d.Method+" "+d.Query, false)))
	for _, h := range d.Headers {
		w.line("%s", clean(h.Name+": "+h.Value, false))
	}
	w.line("\n%s", p.body(d.Body))
	if letter.Open() {
		w.line(p.say("\nAfter a fix: musubi events replay %[1]s; if there is nothing in it: musubi events dismiss %[1]s",
			"\n直したあとで: musubi events replay %[1]s、不要なデータなら: musubi events dismiss %[1]s"), letter.ID)
	}
}

// body shows a body as a person can read it: indented JSON, text, or a dump of bytes.
func (p *program) body(body []byte) string {
	rest := ""
	if len(body) > mostBody {
		rest = fmt.Sprintf(p.say("\n… %d bytes more, see --json", "\n… 残り %d バイト(--json で全体)"), len(body)-mostBody)
		body = body[:mostBody]
	}
	switch {
	case json.Valid(body):
		w := &page{}
		w.json(body, "")
		return w.String()
	case utf8.Valid(body):
		return clean(string(body), true) + rest
	default:
		return hex.Dump(body) + rest
	}
}
