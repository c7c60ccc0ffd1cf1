package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) eventsReplay() *cobra.Command {
	var (
		filter   host.EventFilter
		all, yes bool
	)
	cmd := p.command(about{
		use:   "replay [DELIVERY]",
		short: abi.Text{EN: "Try again to read deliveries that could not be read", JA: "読めなかった受信データをもう一度処理する"},
		long: abi.Text{
			EN: "Try again to read a delivery that could not be read, after the connector or the settings were\nmended. With --all, every one that no replay has been able to read yet.",
			JA: "コネクターや設定を直したあとで、読めなかった受信データをもう一度処理します。--all を指定すると、\nまだ処理できていないものをすべて処理します。",
		},
		example: "  musubi events replay 01JQ2M3N4P5R6S7T8V9WXYZABC\n  musubi events replay --all --connection shop --yes",
	}, func(cmd *cobra.Command, args []string) error {
		if err := oneOrMany(args, all, "DELIVERY", "--all"); err != nil {
			return err
		}
		if all {
			return p.replayAll(cmd, filter, yes)
		}
		return p.replayOne(cmd, args[0])
	})
	cmd.Flags().BoolVar(&all, "all", false, p.say("all that were not replayed yet", "まだ処理できていないものすべて"))
	cmd.Flags().StringVar(&filter.Connection, "connection", "", p.say("with --all: only those of this `connection`", "--all のとき、接続(`connection`)で絞り込む"))
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without this --all only counts", "実際に行う。指定しなければ --all は件数だけを表示する"))
	return cmd
}

func (p *program) replayOne(cmd *cobra.Command, id string) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	receipt, err := remote.Replay(cmd.Context(), id)
	if err != nil {
		return p.notReplayed(cmd.Context(), remote, err, id)
	}
	answer := api.Receipt{Accepted: orEmpty(receipt.Accepted), Duplicates: receipt.Duplicates, Dead: receipt.Dead}
	if err := p.show(answer, func(w *page) { p.showReceipt(w, answer) }); err != nil || receipt.Dead == "" {
		return err
	}
	return errSilent
}

// notReplayed says of an event that it needs no replay but its runs may be run again.
func (p *program) notReplayed(ctx context.Context, remote *client.Client, err error, id string) error {
	if _, _, known := remote.Event(ctx, id); known != nil || !errors.Is(err, host.ErrNotFound) {
		return p.missing(err, id)
	}
	return fault(err,
		id+" is an event: it was read and needs no replay. To do its work again: musubi events show "+id+" lists its runs, musubi runs rerun runs one again",
		id+" は読めたイベントなので、再処理の対象ではありません。もう一度行うには、musubi events show "+id+" で実行を調べ、musubi runs rerun で再実行してください")
}

func (p *program) replayAll(cmd *cobra.Command, filter host.EventFilter, yes bool) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	return p.bulk(yes, bulkWords{
		preview: abi.Text{EN: "Deliveries to replay: %d. Go ahead with --yes.", JA: "再処理の対象は %d件です。--yes を付けると実行します。"},
		done:    abi.Text{EN: "Deliveries replayed: %d", JA: "再処理: %d件"},
	}, func(last api.Bulk, preview bool) (api.Bulk, error) {
		filter.After = last.After
		return remote.ReplayMany(cmd.Context(), filter, api.BulkAct{Preview: preview})
	})
}

func (p *program) showReceipt(w *page, r api.Receipt) {
	if r.Dead != "" {
		w.line(p.say("It still cannot be read: musubi events show %s", "まだ読めません: musubi events show %s"), r.Dead)
		return
	}
	for _, id := range r.Accepted {
		w.line(p.say("Accepted: musubi events show %s", "受け付けました: musubi events show %s"), id)
	}
	if r.Duplicates > 0 {
		w.line(p.say("Already known: %d", "受付済み: %d件"), r.Duplicates)
	}
	if len(r.Accepted) == 0 && r.Duplicates == 0 {
		w.line("%s", p.say("It was read, and announces nothing.", "読めましたが、イベントはありませんでした。"))
	}
}
