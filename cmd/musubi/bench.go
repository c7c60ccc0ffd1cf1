package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) bench() *cobra.Command {
	o := bench.Options{}
	cmd := p.command(about{
		use:   "bench",
		short: abi.Text{EN: "Measure a whole host on this machine", JA: "このマシンでホスト全体の性能を測る"},
		long: abi.Text{
			EN: "Measure durable webhook acknowledgement, complete runs against simulated platforms, and start-up.\nEverything is on loopback, with fsync on; load generator and sims share the machine. It is run from\nMusubi's sources and needs only Go.",
			JA: "Webhookの永続化までの応答、シミュレーターに対する一連の処理、起動時間を測ります。すべてループバックで、\nfsyncは有効、負荷生成とシミュレーターも同じマシンで動きます。Musubiのソースのフォルダーで実行してください。",
		},
		example: "  go run ./cmd/musubi bench --json",
	}, func(cmd *cobra.Command, _ []string) error { return p.runBench(cmd.Context(), o) })
	cmd.Flags().IntVar(&o.Connections, "connections", 64, p.say("how many clients deliver at once", "同時に配信するクライアント数"))
	cmd.Flags().DurationVar(&o.Duration, "duration", 10*time.Second, p.say("how long acknowledgement is measured", "応答を測る時間"))
	cmd.Flags().IntVar(&o.Runs, "runs", 10_000, p.say("how many runs are completed", "完了まで測る実行の数"))
	cmd.AddCommand(p.benchLatency(), p.benchMessage(), p.benchQueue(), p.benchGrowth(), p.benchTimers(), p.benchMembers())
	return cmd
}

func (p *program) benchLatency() *cobra.Command {
	o, rate := bench.Options{Connections: 64}, 0
	cmd := p.command(about{
		use:   "latency",
		short: abi.Text{EN: "Measure the time from webhook to done at a steady rate", JA: "一定の速さでWebhookが届くときの完了までの時間を測る"},
		long: abi.Text{
			EN: "Deliver webhooks at a steady rate to a whole host with simulated platforms, and tell how long it took\nuntil each run was done. It is run from Musubi's sources and needs only Go.",
			JA: "シミュレーターをつないだホストに一定の速さでWebhookを送り、それぞれの処理が終わるまでの時間を測ります。\nMusubiのソースのフォルダーで実行してください。",
		},
		example: "  go run ./cmd/musubi bench latency --rate 200 --duration 30s",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.withBench(cmd.Context(), o, func(o bench.Options) (any, func(*page), error) {
			report, err := bench.RunLatency(cmd.Context(), o, rate)
			return report, func(page *page) { report.Print(&page.Buffer) }, err
		})
	})
	cmd.Flags().IntVar(&rate, "rate", 200, p.say("webhooks a second", "1秒あたりのWebhookの数"))
	cmd.Flags().DurationVar(&o.Duration, "duration", 10*time.Second, p.say("how long they are delivered", "送り続ける時間"))
	return cmd
}

func (p *program) benchMessage() *cobra.Command {
	o, rate := bench.Options{Connections: 64}, 0
	cmd := p.command(about{
		use:   "message",
		short: abi.Text{EN: "Measure the time from an order to a LINE message at a steady rate", JA: "一定の速さで注文が届くときのLINEメッセージまでの時間を測る"},
		long: abi.Text{
			EN: "Deliver a cart's orders at a steady rate to a whole host with simulated platforms: each is the first of a\nmember, gives the member a tag, and a flow that starts on the tag sends a message. Tell how long it took\nuntil each message was taken. It is run from Musubi's sources and needs only Go.",
			JA: "シミュレーターをつないだホストに一定の速さで注文のWebhookを送ります。それぞれが会員の初めての注文で、タグが付き、\nタグで始まるフローがメッセージを送ります。LINEがメッセージを受け付けるまでの時間を測ります。\nMusubiのソースのフォルダーで実行してください。",
		},
		example: "  go run ./cmd/musubi bench message --rate 100 --duration 30s",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.withBench(cmd.Context(), o, func(o bench.Options) (any, func(*page), error) {
			report, err := bench.RunMessages(cmd.Context(), o, rate)
			return report, func(page *page) { report.Print(&page.Buffer) }, err
		})
	})
	cmd.Flags().IntVar(&rate, "rate", 100, p.say("orders a second", "1秒あたりの注文の数"))
	cmd.Flags().DurationVar(&o.Duration, "duration", 10*time.Second, p.say("how long they are delivered", "送り続ける時間"))
	return cmd
}

func (p *program) runBench(ctx context.Context, o bench.Options) error {
	return p.withBench(ctx, o, func(o bench.Options) (any, func(*page), error) {
		report, err := bench.Run(ctx, o)
		return report, func(page *page) { report.Print(&page.Buffer) }, err
	})
}

// withBench prepares what a benchmark of a whole host needs, and shows what it found.
func (p *program) withBench(ctx context.Context, o bench.Options, measure func(bench.Options) (any, func(*page), error)) (err error) {
	if o.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	if o.Dir, err = os.MkdirTemp("", "musubi-bench-"); err != nil {
		return fmt.Errorf("making a folder for the benchmark: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	return p.withBuilder(ctx, p.err, func(b *pluginbuild.Builder, _ string) error {
		o.Builder, o.Progress, o.Now = b, p.err, p.now
		report, print, err := measure(o)
		if err != nil {
			return fromSource(err)
		}
		return p.show(report, print)
	})
}
