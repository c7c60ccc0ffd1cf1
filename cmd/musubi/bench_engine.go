package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/enginebench"
	"github.com/musubi-run/musubi/sdk/abi"
)

// engineAlone is what the measurements of the engine by itself have in common.
var engineAlone = abi.Text{
	EN: "The engine runs in this process, over a store on disk with fsync; platforms answer at once, and no\nplugin and no network take part.",
	JA: "エンジンをこのプロセスの中で動かします。ストアはディスク上でfsync有効、プラットフォームは即座に応答し、\nプラグインとネットワークは使いません。",
}

func (p *program) benchQueue() *cobra.Command {
	runs := 0
	cmd := p.command(about{
		use:   "queue",
		short: abi.Text{EN: "Measure draining a long queue of runs", JA: "大量に待っている実行を処理しきる性能を測る"},
		long: abi.Text{
			EN: "Put runs into the queue, then drain it, and tell how fast that went and how much memory it took.\n" + engineAlone.EN + "\nThe full size is --runs 1000000.",
			JA: "実行を溜めてから処理しきり、速さとメモリーを測ります。\n" + engineAlone.JA + "\n最大規模は --runs 1000000 です。",
		},
		example: "  musubi bench queue --runs 20000",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.runEngineBench(cmd.Context(), func(ctx context.Context, o enginebench.Options) (engineReport, error) {
			return enginebench.DrainQueue(ctx, o, runs)
		})
	})
	cmd.Flags().IntVar(&runs, "runs", 20_000, p.say("how many runs wait", "待たせる実行の数"))
	return cmd
}

func (p *program) benchGrowth() *cobra.Command {
	var links []int
	timers, runs := 0, 0
	cmd := p.command(about{
		use:   "growth",
		short: abi.Text{EN: "Measure what a run costs as links and timers grow", JA: "連携と待ちが増えたときの1実行あたりの負荷を測る"},
		long: abi.Text{
			EN: "Fill a store with links, and at last with timers, and measure runs at each size: the curve should be flat.\n" + engineAlone.EN +
				"\nThe full size is --links 10000,100000,1000000,10000000 --timers 1000000 --runs 20000.",
			JA: "ストアに連携を、最後に待ち(タイマー)を増やしながら、各段階で実行の負荷を測ります。曲線は平らになるはずです。\n" + engineAlone.JA +
				"\n最大規模は --links 10000,100000,1000000,10000000 --timers 1000000 --runs 20000 です。",
		},
		example: "  musubi bench growth --links 1000,10000,100000 --timers 10000",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.runEngineBench(cmd.Context(), func(ctx context.Context, o enginebench.Options) (engineReport, error) {
			return enginebench.Grow(ctx, o, links, timers, runs)
		})
	})
	cmd.Flags().IntSliceVar(&links, "links", []int{1000, 10_000, 100_000}, p.say("numbers of links, growing", "連携の数(増える順)"))
	cmd.Flags().IntVar(&timers, "timers", 10_000, p.say("how many timers are pending at the last point", "最後の段階での待ちの数"))
	cmd.Flags().IntVar(&runs, "runs", 2000, p.say("how many runs are measured at each point", "各段階で測る実行の数"))
	return cmd
}

func (p *program) benchTimers() *cobra.Command {
	timers := 0
	cmd := p.command(about{
		use:   "timers",
		short: abi.Text{EN: "Measure the memory that pending timers cost", JA: "待っている実行(タイマー)が使うメモリーを測る"},
		long: abi.Text{
			EN: "Let runs wait for a year, ten of them and many, and compare the memory of an engine over both.\n" + engineAlone.EN + "\nThe full size is --timers 10000000.",
			JA: "10件の場合と大量の場合とで、1年間待つ実行がある状態のエンジンのメモリーを比べます。\n" + engineAlone.JA + "\n最大規模は --timers 10000000 です。",
		},
		example: "  musubi bench timers --timers 100000",
	}, func(cmd *cobra.Command, _ []string) error {
		return p.runEngineBench(cmd.Context(), func(ctx context.Context, o enginebench.Options) (engineReport, error) {
			return enginebench.HoldTimers(ctx, o, timers)
		})
	})
	cmd.Flags().IntVar(&timers, "timers", 100_000, p.say("how many timers are pending", "待ちの数"))
	return cmd
}

// engineReport is what a measurement of the engine found.
type engineReport interface{ Print(w io.Writer) }

func (p *program) runEngineBench(ctx context.Context, measure func(context.Context, enginebench.Options) (engineReport, error)) (err error) {
	useTheMachine(ctx) // as serve does
	o := enginebench.Options{Progress: p.err, Now: p.now}
	if o.Dir, err = os.MkdirTemp("", "musubi-bench-"); err != nil {
		return fmt.Errorf("making a folder for the benchmark: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	report, err := measure(ctx, o)
	if err != nil {
		return err
	}
	return p.show(report, func(page *page) { report.Print(&page.Buffer) })
}
