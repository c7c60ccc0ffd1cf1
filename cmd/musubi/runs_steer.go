package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// done is what a command that acts prints as JSON.
type done struct {
	OK bool `json:"ok"`
}

func (p *program) runsRerun() *cobra.Command {
	from := string(host.RestartStep)
	cmd := p.command(about{
		use:   "rerun RUN",
		short: abi.Text{EN: "Run a failed or cancelled run again", JA: "失敗または取り消した実行をやり直す"},
		long: abi.Text{
			EN: "Run a failed or cancelled run again: from the failed step (step), from the first one (begin), or\nfrom the first one with the newest version of the flow (newest).",
			JA: "失敗または取り消した実行をやり直します。失敗したステップから(step)、最初から(begin)、\n最新のフローで最初から(newest)を選べます。",
		},
		example: "  musubi runs rerun 01JQ2M3N4P5R6S7T8V9WXYZABC\n  musubi runs rerun 01JQ2M3N4P5R6S7T8V9WXYZABC --from newest",
	}, func(cmd *cobra.Command, args []string) error {
		ways := []host.Restart{host.RestartStep, host.RestartBegin, host.RestartNewest}
		how, err := oneOf("--from", host.Restart(from), ways)
		if err != nil {
			return err
		}
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		if err := remote.Rerun(cmd.Context(), args[0], how); err != nil {
			return p.missing(err, args[0])
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("%s runs again: musubi runs show %[1]s", "%s を再実行します: musubi runs show %[1]s"), args[0])
		})
	})
	cmd.Flags().StringVar(&from, "from", from, p.say("`where` to begin: step, begin or newest", "どこから(`where`)始めるか: step、begin、newest"))
	completeWith(cmd, "from", "step", "begin", "newest")
	return cmd
}

func (p *program) runsCancel() *cobra.Command {
	return p.command(about{
		use:   "cancel RUN",
		short: abi.Text{EN: "End a run for good", JA: "実行を取り消す"},
		long: abi.Text{
			EN: "End a run that waits, is queued or has failed, and let the ones behind it go on. A step that is\nunder way is finished first. What was done stays done.",
			JA: "待機中・順番待ち・失敗した実行を終わらせ、後続を進めます。処理中のステップは終わるまで待ちます。\n済んだ処理は元に戻りません。",
		},
	}, func(cmd *cobra.Command, args []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		if err := remote.Cancel(cmd.Context(), args[0]); err != nil {
			return p.missing(err, args[0])
		}
		return p.show(done{true}, func(w *page) {
			w.line(p.say("%s is cancelled.", "%s を取り消しました。"), args[0])
		})
	})
}
