package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

// done is what a command that acts prints as JSON.
type done struct {
	OK bool `json:"ok"`
}

// steering is what the flags of rerun and cancel say.
type steering struct {
	where, how string
	yes        bool
	// connections take the place of others, for runs that run again.
	connections map[string]string
}

func (p *program) steeringFlags(cmd *cobra.Command, s *steering) {
	cmd.Flags().StringVar(&s.where, "where", "", p.say("all runs that this `filter` selects: flow, state, kind, connection, code, event, subject, since, until, failed_since", "絞り込み(`filter`)に当てはまるすべての実行: flow、state、kind、connection、code、event、subject、since、until、failed_since"))
	cmd.Flags().BoolVar(&s.yes, "yes", false, p.say("do it; without this --where only counts", "実際に行う。指定しなければ --where は件数だけを表示する"))
}

func (p *program) runsRerun() *cobra.Command {
	s := steering{how: string(host.RestartStep)}
	cmd := p.command(about{
		use:   "rerun [RUN]",
		short: abi.Text{EN: "Run failed or cancelled runs again", JA: "失敗または取り消した実行をやり直す"},
		long: abi.Text{
			EN: "Run a failed or cancelled run again: from the failed step (step), from the first one (begin), or\nfrom the first one with the newest version of the flow (newest). The last two do again what was done:\nwhat was sent is sent once more. With --where, all failed runs that the filter selects, or the\ncancelled ones with state=cancelled.",
			JA: "失敗または取り消した実行をやり直します。失敗したステップから(step)、最初から(begin)、\n最新のフローで最初から(newest)を選べます。最初からの場合は、済んだ処理も行い、送信済みのものも\nもう一度送ります。--where を指定すると、当てはまる失敗した実行を\nまとめてやり直します(取り消した実行は state=cancelled)。",
		},
		example: "  musubi runs rerun 01JQ2M3N4P5R6S7T8V9WXYZABC --how newest\n  musubi runs rerun --where flow=customers,kind=auth,since=24h --yes\n  musubi runs rerun --where flow=customers --connection crm=crm2 --yes",
	}, func(cmd *cobra.Command, args []string) error {
		ways := []host.Restart{host.RestartStep, host.RestartBegin, host.RestartNewest}
		how, err := oneOf("--how", host.Restart(s.how), ways)
		if err != nil {
			return err
		}
		if err := oneOrMany(args, s.where != "", "RUN", "--where"); err != nil {
			return err
		}
		if s.where != "" {
			return p.rerunMany(cmd, s, host.Rerun{How: how, Connections: s.connections})
		}
		return p.rerunOne(cmd, args[0], host.Rerun{How: how, Connections: s.connections})
	})
	cmd.Flags().StringVar(&s.how, "how", s.how, p.say("`where` to begin: step, begin or newest", "どこから(`where`)始めるか: step、begin、newest"))
	cmd.Flags().StringToStringVar(&s.connections, "connection", nil, p.say("another `connection` in the place of one, of the same connector, as in crm=crm2", "接続の置き換え(`connection`)。同じコネクターの接続に限る(例: crm=crm2)"))
	cmd.Flags().Lookup("connection").DefValue = "" // the library would say []
	p.steeringFlags(cmd, &s)
	completeWith(cmd, "how", "step", "begin", "newest")
	return cmd
}

func (p *program) rerunOne(cmd *cobra.Command, id string, again host.Rerun) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	if err := remote.Rerun(cmd.Context(), id, again); err != nil {
		return p.missing(p.overAlready(cmd, remote, err, id, host.RunFailed, host.RunCancelled), id)
	}
	return p.show(done{true}, func(w *page) {
		w.line(p.say("%s runs again: musubi runs show %[1]s", "%s を再実行します: musubi runs show %[1]s"), id)
	})
}

// overAlready says that a run is in a state in which it is not steered so, if that
// is why the host refused; otherwise it returns the host's error.
func (p *program) overAlready(cmd *cobra.Command, remote *client.Client, refused error, id string, steered ...host.RunState) error {
	if abi.KindOf(refused) != abi.Conflict {
		return refused
	}
	run, _, err := remote.Run(cmd.Context(), id)
	if err != nil || slices.Contains(steered, run.State) {
		return refused
	}
	state := p.state(run.State)
	if slices.Contains(steered, host.RunQueued) {
		return fault(refused,
			fmt.Sprintf("run %s is over already (%s): it cannot be cancelled", id, state),
			fmt.Sprintf("実行 %s はすでに終わっています(%s)。取り消せません", id, state))
	}
	return fault(refused,
		fmt.Sprintf("run %s is %s: only a failed or cancelled run can run again", id, state),
		fmt.Sprintf("実行 %s の状態は「%s」です。再実行できるのは失敗または取り消した実行だけです", id, state))
}

// steerMany does something to every run that the filter selects, page by page.
func (p *program) steerMany(cmd *cobra.Command, s steering, words bulkWords,
	act func(remote *client.Client, filter host.RunFilter, preview bool) (api.Bulk, error),
) error {
	filter, err := p.where(s.where)
	if err != nil {
		return err
	}
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	return p.bulk(s.yes, words, func(last api.Bulk, preview bool) (api.Bulk, error) {
		filter.After, filter.Before = last.After, last.Before
		return act(remote, filter, preview)
	})
}

func (p *program) rerunMany(cmd *cobra.Command, s steering, again host.Rerun) error {
	return p.steerMany(cmd, s, bulkWords{
		preview: abi.Text{EN: "Runs to run again: %d. Go ahead with --yes.", JA: "再実行の対象は %d件です。--yes を付けると実行します。"},
		done:    abi.Text{EN: "Runs that run again: %d", JA: "再実行: %d件"},
	}, func(remote *client.Client, filter host.RunFilter, preview bool) (api.Bulk, error) {
		return remote.RerunMany(cmd.Context(), filter, api.BulkAct{Rerun: again, Preview: preview})
	})
}

func (p *program) runsCancel() *cobra.Command {
	var s steering
	cmd := p.command(about{
		use:   "cancel [RUN]",
		short: abi.Text{EN: "End runs for good", JA: "実行を取り消す"},
		long: abi.Text{
			EN: "End a run that waits, is queued or has failed, and let the ones behind it go on. A step that is\nunder way is finished first. What was done stays done. With --where, all open runs that the filter\nselects, or the failed ones with state=failed.",
			JA: "待機中・順番待ち・失敗した実行を終わらせ、後続を進めます。処理中のステップは終わるまで待ちます。\n済んだ処理は元に戻りません。--where を指定すると、当てはまる未完了の実行をまとめて取り消します\n(失敗した実行は state=failed)。",
		},
		example: "  musubi runs cancel 01JQ2M3N4P5R6S7T8V9WXYZABC\n  musubi runs cancel --where flow=customers,state=waiting --yes",
	}, func(cmd *cobra.Command, args []string) error {
		if err := oneOrMany(args, s.where != "", "RUN", "--where"); err != nil {
			return err
		}
		if s.where != "" {
			return p.cancelMany(cmd, s)
		}
		return p.cancelOne(cmd, args[0])
	})
	p.steeringFlags(cmd, &s)
	return cmd
}

func (p *program) cancelOne(cmd *cobra.Command, id string) error {
	remote, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	if err := remote.Cancel(cmd.Context(), id); err != nil {
		return p.missing(p.overAlready(cmd, remote, err, id, host.RunQueued, host.RunRunning, host.RunWaiting, host.RunFailed), id)
	}
	return p.show(done{true}, func(w *page) {
		w.line(p.say("%s is cancelled.", "%s を取り消しました。"), id)
	})
}

func (p *program) cancelMany(cmd *cobra.Command, s steering) error {
	return p.steerMany(cmd, s, bulkWords{
		preview: abi.Text{EN: "Runs to cancel: %d. Go ahead with --yes.", JA: "取り消しの対象は %d件です。--yes を付けると実行します。"},
		done:    abi.Text{EN: "Runs cancelled: %d", JA: "取り消し: %d件"},
	}, func(remote *client.Client, filter host.RunFilter, preview bool) (api.Bulk, error) {
		return remote.CancelMany(cmd.Context(), filter, api.BulkAct{Preview: preview})
	})
}
