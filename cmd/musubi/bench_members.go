package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/memberbench"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) benchMembers() *cobra.Command {
	var o memberbench.Options
	cmd := p.command(about{
		use:   "members",
		short: abi.Text{EN: "Measure members at the size of a large shop", JA: "大規模店舗を想定して会員機能の性能を測る"},
		long: abi.Text{
			EN: "Generate members and orders and measure import with linking, counting and tagging, look-ups by\ntelephone number, and the midnight on which birthdays begin. The store is on disk with fsync on, and\nat rest again before look-ups and birthdays; no plugin and no network take part. The full size is\n--members 1000000 --orders 3000000.",
			JA: "会員と注文を生成し、連携・集計・タグ付けを含むインポート、電話番号での検索、誕生日の0時の処理を測ります。\nストアはディスク上でfsync有効、検索と誕生日の処理はストアが落ち着いてから測ります。\nプラグインとネットワークは使いません。最大規模は --members 1000000 --orders 3000000 です。",
		},
		example: "  musubi bench members --members 20000 --orders 60000",
	}, func(cmd *cobra.Command, _ []string) error { return p.runBenchMembers(cmd.Context(), o) })
	cmd.Flags().IntVar(&o.Members, "members", 20_000, p.say("how many members", "会員数"))
	cmd.Flags().IntVar(&o.Orders, "orders", 60_000, p.say("how many orders", "注文数"))
	cmd.Flags().IntVar(&o.Rules, "rules", 50, p.say("how many tag rules", "タグルールの数"))
	return cmd
}

func (p *program) runBenchMembers(ctx context.Context, o memberbench.Options) (err error) {
	if o.Dir, err = os.MkdirTemp("", "musubi-bench-"); err != nil {
		return fmt.Errorf("making a folder for the benchmark: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	o.Progress, o.Now = p.err, p.now
	useTheMachine(ctx) // as serve does
	report, err := memberbench.Run(ctx, o)
	if err != nil {
		return err
	}
	return p.show(report, func(page *page) { report.Print(&page.Buffer) })
}
