package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) eventsDismiss() *cobra.Command {
	return p.command(about{
		use:   "dismiss DELIVERY...",
		short: abi.Text{EN: "Say that there is nothing in deliveries that could not be read", JA: "読めなかった受信データを、不要なものとして片付ける"},
		long: abi.Text{
			EN: "Say that there is nothing in deliveries that could not be read, such as a scanner's: musubi status names\nthem no longer and replay --all leaves them out. They are kept as long as others, and can still be replayed.",
			JA: "読めなかった受信データのうち、迷惑な送信などの不要なものを片付けます。musubi status に出なくなり、\nreplay --all の対象からも外れます。データはほかと同じ期間残り、あとから再処理することもできます。",
		},
		example: "  musubi events dismiss 01JQ2M3N4P5R6S7T8V9WXYZABC",
	}, func(cmd *cobra.Command, args []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		for _, id := range args {
			if err := remote.Dismiss(cmd.Context(), id); err != nil {
				return p.missing(err, id)
			}
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("Dismissed: %d", "片付け: %d件"), len(args))
		})
	})
}
