package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

// lookAgain is how often a person who waits is told how far a backfill has come.
const lookAgain = 500 * time.Millisecond

func (p *program) backfill() *cobra.Command {
	var since string
	var yes, again bool
	cmd := p.command(about{
		use:   "backfill CONNECTION TRIGGER",
		short: abi.Text{EN: "Run a shop's history through the flows", JA: "過去のデータをフローに流す"},
		long: abi.Text{
			EN: "Fetch the history of a trigger that is polled, page by page, and run it through the flows, behind\nwhat happens now. A day begins at midnight in the host's zone. What came within the dedupe_window\n(7 days unless said) is not handled again (for a flow that was not there then: musubi events run); what\ncame earlier is. A flow that sends messages claims each with musubi.once.claim, so that nobody gets one\ntwice. The poll's own cursor stays where it is. Ctrl-C only stops watching: the host goes on, after a\nrestart too.",
			JA: "定期取得するトリガーの過去分を1ページずつ取得してフローに流します。新しいイベントの処理が優先されます。\n日付はホストのタイムゾーンの0時からです。\ndedupe_window(標準は7日)以内に届いたものは再び処理されません(そのときなかったフローに流すには:\nmusubi events run)。それより前に届いたものは再び処理されるため、メッセージを送るフローでは\nmusubi.once.claim で二重の送信を防いでください。定期取得の位置は動きません。\nCtrl-C は表示を終えるだけで、ホスト側では再起動後も続きます。",
		},
		example: "  musubi backfill shop order.updated --since 2024-11-21\n  musubi backfill list",
	}, func(cmd *cobra.Command, args []string) error {
		return p.runBackfill(cmd.Context(), api.Backfill{Connection: args[0], Trigger: args[1], Anew: again}, since, yes)
	})
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("fetch it although no flow starts on the trigger", "そのトリガーで始まるフローがなくても取得する"))
	cmd.Flags().BoolVar(&again, "again", false, p.say("fetch once more what was fetched with the same --since", "同じ --since で取得済みでも、もう一度取得する"))
	cmd.Flags().StringVar(&since, "since", "", p.say("how far back: 2024-11-21, 90d or a `time`", "いつから(`time`): 2024-11-21、90d など"))
	cmd.AddCommand(p.backfillList())
	return cmd
}

func (p *program) runBackfill(ctx context.Context, job api.Backfill, since string, yes bool) error {
	if since == "" {
		return usage("--since is missing: how far back, as in --since 2024-11-21", "--since で、いつからかを指定してください(例: --since 2024-11-21)")
	}
	from, err := p.moment("--since", since, p.clock().zone)
	if err != nil {
		return err
	}
	remote, err := p.host(ctx)
	if err != nil {
		return err
	}
	if err := p.mindsNobody(ctx, remote, job.Connection, job.Trigger, yes); err != nil {
		return err
	}
	job.Since = from.Truncate(time.Second)
	if job, err = remote.Backfill(ctx, job); err != nil {
		return err
	}
	if job.Done {
		return p.show(job, func(w *page) {
			w.line(p.say(
				"This was fetched before, its last page at %s, and nothing was fetched now. Pages: %d, events: %d\nTo fetch it once more: --again",
				"%s に取得済みのため、今回は何も取得していません。ページ %d、イベント %d\nもう一度取得するには --again を付けてください"),
				p.clock().text(job.Updated), job.Pages, job.Events)
		})
	}
	if job, err = p.follow(ctx, remote, job); err != nil {
		return err
	}
	return p.show(job, func(w *page) { p.showBackfill(w, job) })
}

// mindsNobody refuses a backfill that would start nothing: what it fetches counts as handled,
// so that a flow which is written later would not see it by itself. Members are kept up to date without a flow.
func (p *program) mindsNobody(ctx context.Context, remote *client.Client, connection, trigger string, yes bool) error {
	rules, err := remote.Rules(ctx)
	if err != nil {
		return err
	}
	connections, err := remote.Connections(ctx)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(connections, func(c api.Connection) bool { return c.Name == connection })
	minded := slices.ContainsFunc(rules.Flows, func(f api.Flow) bool { return f.Connection == connection && f.Event == trigger })
	if minded || !known {
		return nil // the host itself tells of a connection that is not there
	}
	en := fmt.Sprintf("no flow that is in use starts on %s %s. What is fetched now counts as handled, and a flow that is put in use later has to be run for it: musubi events run", connection, trigger)
	ja := fmt.Sprintf("%s %s で始まる、使用中のフローがありません。今取得したものは処理済みとなり、あとからフローを動かしても流れません(流すには: musubi events run)", connection, trigger)
	if yes || len(rules.Tags)+len(rules.Links) > 0 {
		p.note("%s", "%s", p.say(en, ja))
		return nil
	}
	return fault(nil, en+". Put the flow in use first (musubi rules list), or give --yes", ja+"。先にフローを動かしてください(musubi rules list)。それでも取得するなら --yes を付けます")
}

// follow waits until the backfill is done, or until the person stops looking.
func (p *program) follow(ctx context.Context, remote *client.Client, job api.Backfill) (api.Backfill, error) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for told := ""; !job.Done; {
		if news := p.backfillNews(&job); news != told {
			p.note("%s", "%s", news)
			told = news
		}
		select {
		case <-ctx.Done():
			return job, nil
		case <-tick.C:
		}
		all, err := remote.Backfills(ctx)
		if ctx.Err() != nil {
			return job, nil
		}
		if err != nil {
			return job, err
		}
		for _, b := range all {
			if b.Same(job) {
				job = b
			}
		}
	}
	return job, nil
}

// backfillNews is what a person who watches is told, whenever it changes.
func (p *program) backfillNews(job *api.Backfill) string {
	if job.Fault != nil {
		w := &page{}
		p.showError(w, job.Fault)
		return w.String() + fmt.Sprintf(p.say("It is tried again at %s.", "%s に再試行します。"), p.clock().text(job.Again))
	}
	if job.Waiting != nil {
		return fmt.Sprintf(p.say("Waiting for the platform: %s", "プラットフォームの準備待ち: %s"), p.lang.Pick(*job.Waiting))
	}
	return fmt.Sprintf(p.say("Pages: %d, events: %d", "ページ %d、イベント %d"), job.Pages, job.Events)
}

func (p *program) showBackfill(w *page, job api.Backfill) {
	if job.Done {
		w.line(p.say("All of it was fetched. Pages: %d, events: %d", "すべて取得しました。ページ %d、イベント %d"), job.Pages, job.Events)
		if job.Events > 0 {
			w.line("%s", p.say("What had come within the dedupe_window (7 days unless said) is not handled again; a flow that was not there then is run for it with musubi events run.",
				"dedupe_window(標準は7日)以内に届いていたものは再び処理されません。そのときなかったフローに流すには musubi events run を使います。"))
		}
		return
	}
	w.line("%s", p.say("It goes on in the host: musubi backfill list", "ホスト側で続いています: musubi backfill list"))
}

func (p *program) backfillList() *cobra.Command {
	return p.command(about{
		use:   "list",
		short: abi.Text{EN: "List backfills and how far they have come", JA: "過去分の取得と進み具合を一覧する"},
	}, func(cmd *cobra.Command, _ []string) error {
		return p.read(cmd.Context(), func(from reader) error {
			all, err := from.Backfills(cmd.Context())
			if err != nil {
				return err
			}
			return p.show(api.BackfillPage{Backfills: orEmpty(all)}, func(w *page) { p.backfillTable(w, all) })
		})
	})
}

func (p *program) backfillTable(w *page, all []api.Backfill) {
	if len(all) == 0 {
		w.line("%s", p.say("No backfill was begun yet.", "過去分の取得はまだありません。"))
		return
	}
	clock := p.clock()
	t := table{head: []string{
		p.say("CONNECTION", "接続"), p.say("TRIGGER", "トリガー"), p.say("SINCE", "いつから"), p.say("STATE", "状態"),
		p.say("PAGES", "ページ"), p.say("EVENTS", "イベント"), p.say("UPDATED", "更新"), p.say("NOTE", "備考"),
	}, whole: []int{7}} // ends with when it is tried again
	for _, b := range all {
		t.row(b.Connection, b.Trigger, clock.text(b.Since), p.backfillState(&b), strconv.Itoa(b.Pages), strconv.Itoa(b.Events), clock.text(b.Updated), p.backfillNote(clock, &b))
	}
	t.write(w, "")
}

func (p *program) backfillState(b *api.Backfill) string {
	switch {
	case b.Done:
		return p.say("done", "完了")
	case b.Fault != nil:
		return p.say("trying again", "再試行中")
	case b.Waiting != nil:
		return p.say("waiting for the platform", "プラットフォームの準備待ち")
	default:
		return p.say("running", "実行中")
	}
}

// backfillNote says why a backfill does not get on.
func (p *program) backfillNote(clock clock, b *api.Backfill) string {
	switch {
	case b.Fault != nil:
		return fmt.Sprintf(p.say("%s; again at %s", "%s。再試行 %s"), p.failed(b.Fault), clock.text(b.Again))
	case b.Waiting != nil:
		return fmt.Sprintf(p.say("%s; again at %s", "%s。次の確認 %s"), p.lang.Pick(*b.Waiting), clock.text(b.Again))
	default:
		return ""
	}
}
