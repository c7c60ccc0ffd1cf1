package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) eventsReplay() *cobra.Command {
	return p.command(about{
		use:   "replay DELIVERY",
		short: abi.Text{EN: "Try again to read a delivery that could not be read", JA: "読めなかった受信データをもう一度処理する"},
	}, func(cmd *cobra.Command, args []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		receipt, err := remote.Replay(cmd.Context(), args[0])
		if err != nil {
			return p.missing(err, args[0])
		}
		answer := api.Receipt{Accepted: orEmpty(receipt.Accepted), Duplicates: receipt.Duplicates, Dead: receipt.Dead}
		if err := p.show(answer, func(w *page) { p.showReceipt(w, answer) }); err != nil || receipt.Dead == "" {
			return err
		}
		return errSilent
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
