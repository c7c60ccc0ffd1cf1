package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) eventsRun() *cobra.Command {
	var (
		filter host.EventFilter
		yes    bool
		chosen *period
	)
	cmd := p.command(about{
		use:   "run FLOW",
		short: abi.Text{EN: "Run a flow for events that came before it was there", JA: "フローがまだなかったときのイベントを、そのフローに流す"},
		long: abi.Text{
			EN: "Run a flow that is in use, given by its id, for recorded events on which it would start and that it\nhas no run for: those that came before it was written, or while it was switched off. They go in the\norder in which they came, behind what happens now; what newer events of the same record have already\nwritten, they may write over. Given again, the command does nothing twice. Without --yes it only\ncounts. `musubi rules dry-run FLOW` shows what the flow would do. Events from before the oldest runs that are\nkept (retention) are left out: nobody knows any more whether they were done.",
			JA: "使用中のフロー(idで指定)を、記録されたイベントのうち、そのフローが始まるはずで、まだ実行がないものに流します。\nフローを書く前や、止めていた間に届いたイベントです。届いた順に、新しいイベントの処理を優先しながら行います。\n同じレコードの新しいイベントがすでに書き込んだ値を、古いイベントの値で上書きすることがあります。\nもう一度実行しても、二重に処理されることはありません。--yes がなければ件数だけを表示します。フローが何をするかは\n`musubi rules dry-run FLOW` で確かめられます。古い実行を削除した(retention)期間のイベントは、処理済みかどうかが\n分からないため除きます。",
		},
		example: "  musubi events run customer-to-crm --since 24h\n  musubi events run customer-to-crm --since 2026-01-02 --until 2026-01-04 --yes",
	}, func(cmd *cobra.Command, args []string) (err error) {
		if chosen.since == "" {
			return usage("--since is missing: how far back, as in --since 24h", "--since で、いつからかを指定してください(例: --since 24h)")
		}
		if filter.Since, filter.Until, err = p.resolve(chosen, p.clock().zone); err != nil {
			return err
		}
		return p.runMissed(cmd, args[0], filter, yes)
	})
	chosen = p.periodFlags(cmd)
	cmd.Flags().StringVar(&filter.Subject, "subject", "", p.say("only events about this record's `id` at the platform", "プラットフォーム上のレコードのid(`id`)で絞り込む"))
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without this it only counts", "実際に行う。指定しなければ件数だけを表示する"))
	return cmd
}

func (p *program) runMissed(cmd *cobra.Command, flow string, filter host.EventFilter, yes bool) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	return p.bulk(yes, bulkWords{
		preview: abi.Text{EN: "Events to run: %d. Go ahead with --yes.", JA: "流すイベントは %d件です。--yes を付けると実行します。"},
		done:    abi.Text{EN: "Runs begun: %d. musubi runs list shows how they fare.", JA: "始めた実行: %d件。経過は musubi runs list で見られます。"},
	}, func(last api.Bulk, preview bool) (api.Bulk, error) {
		filter.After = last.After
		return remote.RunMissed(cmd.Context(), flow, filter, api.BulkAct{Preview: preview})
	})
}
