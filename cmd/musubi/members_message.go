package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) membersMessage() *cobra.Command {
	var ask api.MemberMessage
	var dryRun, yes bool
	cmd := p.command(about{
		use:   "message",
		short: abi.Text{EN: "Send one message to all members for whom a condition holds", JA: "条件に合う全員に一斉配信する"},
		long: abi.Text{
			EN: "Announce a campaign to the members for whom --where holds and who can be reached over --channel. The host\nannounces batch by batch, event message.requested on the connection musubi, and a flow sends each: see\n`musubi library show line-segment-message`. Without --yes it only counts; --dry-run also rehearses the flow.\n\nNobody gets what has the same --name twice over one channel. Whom a batch had is kept in the same commit as\nits event, for 400 days: after an interruption, or later, give the command again and it goes to those who\nhave not had it and for whom the condition holds now. Who, what and to how many is kept for musubi audit.",
			JA: "--where の条件に合い、--channel で送信できる会員への配信を指示します。ホストは会員を分割し、接続 musubi の\nイベント message.requested を分割ごとに発生させ、それをフローが送信します(`musubi library show\nline-segment-message` を参照)。--yes がなければ件数を数えるだけです。--dry-run はフローの動作も表示します。\n\n同じチャネルの同じ --name の配信が、1人に2回送られることはありません。誰に送ったかはイベントと同時に記録され、\n400日間残ります。中断した後でも、後日でも、同じコマンドをもう一度実行すれば、まだ受け取っておらず、その時点で\n条件に合う人だけに送られます。操作者・条件・人数は操作の記録(musubi audit)に残ります。",
		},
		example: "  musubi members message --where \"'VIP' in member.tags\" --channel line --name spring-2026 --dry-run\n" +
			"  musubi members message --where \"'VIP' in member.tags\" --channel line --name spring-2026 --yes",
	}, func(cmd *cobra.Command, _ []string) error {
		if dryRun && yes {
			return usage("give either --dry-run or --yes", "--dry-run か --yes のどちらかを指定してください")
		}
		if err := messageGiven(&ask); err != nil {
			return err
		}
		if yes {
			return p.sendMessage(cmd.Context(), ask)
		}
		return p.previewMessage(cmd.Context(), ask, dryRun)
	})
	p.whereFlag(cmd, &ask.Where)
	cmd.Flags().StringVar(&ask.Connection, "channel", "", p.say("`connection` to send over, required", "送信に使う接続(`connection`)。必須"))
	cmd.Flags().StringVar(&ask.Campaign, "name", "", p.say("the campaign's `name`, required", "配信の名前(`name`)。必須"))
	cmd.Flags().IntVar(&ask.Batch, "batch", 500, p.say("how many people at once (`number`), up to 1000", "1回に送る人数(`number`)。最大1000"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, p.say("show what the flow would send to the first batch", "最初の分割で送信される内容を表示する"))
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without, only count", "実行する(指定しなければ件数を数えるだけ)"))
	return cmd
}

// messageGiven says which required flag is missing.
func messageGiven(ask *api.MemberMessage) error {
	for _, flag := range []struct{ name, value string }{{"--where", ask.Where}, {"--channel", ask.Connection}, {"--name", ask.Campaign}} {
		if flag.value == "" {
			return usage(flag.name+" is missing; see --help", flag.name+" を指定してください(--help を参照)")
		}
	}
	return nil
}

// messageMembers goes through all members and returns what became of them
// together, also when it did not come to the end. It tells after each part but the last.
func messageMembers(ctx context.Context, c *client.Client, ask api.MemberMessage, told func(api.MemberMessaged)) (api.MemberMessaged, error) {
	all := api.MemberMessaged{Flows: []string{}}
	for {
		part, err := c.MessageMembers(ctx, ask)
		if err != nil {
			return all, err
		}
		all.Selected += part.Selected
		all.Unreachable += part.Unreachable
		all.Served += part.Served
		all.Recipients += part.Recipients
		all.Batches += part.Batches
		if len(all.Flows) == 0 {
			all.Flows, all.First = part.Flows, part.First
		}
		if part.Next == "" {
			return all, nil
		}
		told(all)
		ask.After, ask.Waiting = part.Next, part.Waiting
	}
}

func (p *program) sendMessage(ctx context.Context, ask api.MemberMessage) error {
	c, err := p.host(ctx)
	if err != nil {
		return err
	}
	done, err := messageMembers(ctx, c, ask, func(so api.MemberMessaged) {
		p.note("%d people in %d batches …", "%d人(%d回) …", so.Recipients, so.Batches)
	})
	if err != nil {
		if done.Recipients > 0 {
			p.note("Interrupted after %d people: give the command again to go on.", "%d人の後で中断しました。続けるには同じコマンドをもう一度実行してください。", done.Recipients)
		}
		return err
	}
	return p.show(done, func(w *page) {
		p.messageCounts(w, &ask, &done)
		w.line(p.say("Announced to %d people in %d batches. See `musubi runs list`.", "%d人への配信を%d回に分けて指示しました。結果は musubi runs list で確認できます。"), done.Recipients, done.Batches)
	})
}
