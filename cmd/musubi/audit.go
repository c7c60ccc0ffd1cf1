package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) audit() *cobra.Command {
	var filter host.AuditFilter
	var chosen *period
	cmd := p.command(about{
		use:   "audit",
		short: abi.Text{EN: "Show who did what, newest first", JA: "誰が何をしたかを新しい順に表示する"},
		long: abi.Text{
			EN: "Show what people had the host do: when, who, from which address. The name is the system's user of\nwhoever typed the command, or what they gave with --as; it is written down, not proven.",
			JA: "人がホストに行わせた操作を、日時・操作者・アドレスとともに表示します。操作者はコマンドを実行した人の\nOSのユーザー名か --as の値で、本人確認をしたものではありません。",
		},
		example: "  musubi audit --since 7d",
	}, func(cmd *cobra.Command, _ []string) (err error) {
		clock := p.clock()
		if filter.Since, filter.Until, err = p.resolve(chosen, clock.zone); err != nil {
			return err
		}
		return p.read(cmd.Context(), func(from reader) error {
			audits, err := from.Audits(cmd.Context(), filter)
			if err != nil {
				return err
			}
			return p.show(api.AuditPage{Audits: orEmpty(audits)}, func(w *page) { p.auditTable(w, clock, audits, filter.Limit) })
		})
	})
	cmd.Flags().StringVar(&filter.Before, "before", "", p.say("go on with what is older than this `id`", "このid(`id`)より古いものから続ける"))
	cmd.Flags().VarP(atMost(&filter.Limit, 50), "limit", "n", p.say("how many at the most (`number`)", "最大件数(`number`)"))
	chosen = p.periodFlags(cmd)
	return cmd
}

func (p *program) auditTable(w *page, clock clock, audits []api.Audit, limit int) {
	if len(audits) == 0 {
		w.line("%s", p.say("Nobody did anything.", "操作の記録はありません。"))
		return
	}
	t := table{whole: []int{5}, head: []string{ // why something was refused is told nowhere else
		p.say("TIME", "日時"), p.say("WHO", "操作者"), p.say("FROM", "アドレス"), p.say("WHAT", "操作"), p.say("ON", "対象"), p.say("HOW", "内容"),
	}}
	for _, a := range audits {
		t.row(clock.text(a.Time), a.Who, a.Address, p.act(a.Act), strings.TrimSpace(a.On), p.how(&a))
	}
	t.write(w, "")
	p.continued(w, len(audits), limit, func() string { return audits[len(audits)-1].ID })
}

// how tells how something was done, or why it was not.
func (p *program) how(a *api.Audit) string {
	if a.Refused == "" {
		return a.Detail
	}
	why := p.lang.Pick(abi.Text{EN: a.Refused, JA: cmp.Or(a.RefusedJA, a.Refused)})
	if strings.HasSuffix(why, host.ErrNotFound.Error()) { // the log keeps errors as text
		why = p.say("there is none", "該当するものがない")
	}
	return strings.TrimSpace(a.Detail + " " + fmt.Sprintf(p.say("(refused: %s)", "(却下: %s)"), why))
}

// act names what a person did.
func (p *program) act(a host.Act) string {
	switch a {
	case host.ActRerun:
		return p.say("run again", "再実行")
	case host.ActCancel:
		return p.say("cancel", "取り消し")
	case host.ActReplay:
		return p.say("replay", "再処理")
	case host.ActDismiss:
		return p.say("dismiss", "片付け")
	case host.ActRun:
		return p.say("run event", "イベントの実行")
	case host.ActCursor:
		return p.say("set cursor", "取得位置の変更")
	case host.ActResume:
		return p.say("resume", "接続の再開")
	case host.ActHook:
		return p.say("renew webhook address", "Webhookの送り先の変更")
	case host.ActReload:
		return p.say("reload rules", "ルールの再読み込み")
	case host.ActBackfill:
		return p.say("backfill", "過去分の取得")
	case host.ActBackup:
		return p.say("backup", "バックアップ")
	case host.ActRestore:
		return p.say("restore", "復元")
	case host.ActExport:
		return p.say("export", "書き出し")
	case host.ActSet:
		return p.say("set secret", "秘密の値の設定")
	case host.ActRemove:
		return p.say("remove secret", "秘密の値の削除")
	case host.ActRotate:
		return p.say("rotate vault key", "保管庫の鍵の交換")
	case host.ActMember:
		return p.say("change members", "会員の変更")
	case host.ActErase:
		return p.say("erase", "個人情報の消去")
	case host.ActMessage:
		return p.say("message members", "会員への一斉配信")
	default:
		return string(a)
	}
}
