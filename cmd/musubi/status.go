package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) status() *cobra.Command {
	since, exitCode := "24h", false
	cmd := p.command(about{
		use:   "status",
		short: abi.Text{EN: "Show what needs a look, and how to go on", JA: "確認が必要なことと、その対処を表示する"},
		long: abi.Text{
			EN: "Show whether the host is ready, what connections and runs wait for, which runs failed lately and how to\nrun them again, deliveries that could not be read, polls that fail, credentials that expire soon, and\nwhether the rules in the folder are in force. When there is nothing to do it is two lines.\nWith --exit-code the exit status is 1 unless all is well, for a monitor.",
			JA: "ホストの状態、接続と実行の待機、最近失敗した実行とその再実行の方法、読めなかった受信データ、\n失敗している定期取得、まもなく切れる認証情報、フォルダーのルールが使われているかを表示します。\n対処することがなければ2行だけです。\n--exit-code を付けると、問題があるときの終了コードが1になります(監視用)。",
		},
		example: "  musubi status\n  musubi status --since 7d\n  musubi status --exit-code || echo look",
	}, func(cmd *cobra.Command, _ []string) error {
		clock := p.clock()
		from, err := p.moment("--since", since, clock.zone)
		if err != nil {
			return err
		}
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		status, err := remote.Status(cmd.Context(), from)
		if err != nil {
			return err
		}
		if err := p.show(status, func(w *page) { p.showStatus(w, &status) }); err != nil || !exitCode || quiet(&status) {
			return err
		}
		return errSilent
	})
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, p.say("exit with 1 unless all is well", "問題があれば終了コードを1にする"))
	cmd.Flags().StringVar(&since, "since", since, p.say("tell of the failures since then: 24h, 7d, 2026-01-02 or a `time`", "これよりあとの失敗を表示する(`time`): 24h、7d、2026-01-02 など"))
	return cmd
}

func (p *program) showStatus(w *page, s *api.Status) {
	if s.NotReady != nil {
		w.line(p.say("The host cannot work just now: %s", "ホストは今、処理できません: %s"), p.lang.Pick(*s.NotReady))
	}
	if s.Connections == nil { // it could not look
		return
	}
	if quiet(s) {
		w.line(p.say("All is well: the host is ready, connections that work: %d, flows in force: %d.", "問題ありません。ホストは稼働中、使える接続: %d、使用中のフロー: %d"), len(s.Connections), s.Rules.Flows)
		p.runCounts(w, s)
		return
	}
	p.rulesLine(w, &s.Rules)
	p.runCounts(w, s)
	p.statusConnections(w, s.Connections)
	p.showFailures(w, s)
	p.unread(w, s)
	p.showExpiring(w, s)
}

// quiet says that nobody has anything to do.
func quiet(s *api.Status) bool {
	for _, c := range s.Connections {
		if len(c.Polls) > 0 || !breathing(&c, s.Now) && (c.State != host.ConnectionReady || c.Held.N > 0) {
			return false
		}
	}
	return s.NotReady == nil && s.Runs.Failed.N == 0 && len(s.Failures) == 0 && len(s.Dead) == 0 && !s.DeadAtLeast && len(s.Expiring) == 0 && len(s.Rules.Problems) == 0
}

// breathing says that the connection only waits a moment because its platform
// asked for that, as the busiest do all day.
func breathing(c *api.Connection, now time.Time) bool {
	return c.State == host.ConnectionPaused && c.Error != nil && c.Error.Kind == abi.RateLimited && c.Until.Sub(now) < time.Minute
}

func (p *program) rulesLine(w *page, r *api.RulesStatus) {
	w.line(p.say("Flows in force: %d, since %s.", "使用中のフロー: %d(%s から)"), r.Flows, p.clock().text(r.Loaded))
	if len(r.Problems) == 0 {
		return
	}
	w.line(p.say("The rules in the folder are refused, those before stay in force. Faults: %d, as in %s line %d: %s. All of them: musubi%s rules list",
		"フォルダーのルールには誤りがあり、前のルールのまま動いています。誤り: %d件(例: %s %d行目: %s)。すべて表示: musubi%s rules list"),
		len(r.Problems), r.Problems[0].File, r.Problems[0].Line, p.lang.Pick(r.Problems[0].Message), p.here())
}

func (p *program) runCounts(w *page, s *api.Status) {
	r := &s.Runs
	w.line(p.say("Runs: queued %s, running %s, waiting %s, failed %s; since %s done %s, cancelled %s. Events not looked at yet: %s",
		"実行: 順番待ち %s、実行中 %s、待機中 %s、失敗 %s、%s 以降の完了 %s、取り消し %s。未処理のイベント: %s"),
		p.number(r.Queued), p.number(r.Running), p.number(r.Waiting), p.number(r.Failed), p.clock().text(s.Since),
		p.number(r.Done), p.number(r.Cancelled), p.number(s.EventsWaiting))
}

// number writes a count, and that it is a lower bound.
func (p *program) number(c host.Count) string {
	if !c.AtLeast {
		return strconv.Itoa(c.N)
	}
	return fmt.Sprintf(p.say("at least %d", "%d以上"), c.N)
}

// some is number, or nothing for none.
func (p *program) some(c host.Count) string {
	if c == (host.Count{}) {
		return ""
	}
	return p.number(c)
}

func (p *program) statusConnections(w *page, connections []api.Connection) {
	clock := p.clock()
	t := table{whole: []int{6}, head: []string{
		p.say("CONNECTION", "接続"), p.say("STATE", "状態"), p.say("SINCE", "いつから"), p.say("RUNS WAITING", "待機中の実行"),
		p.say("OLDEST FROM", "最も古い実行"), p.say("TRIED AGAIN SOON", "まもなく再試行"), p.say("NOTE", "備考"),
	}}
	for _, c := range connections {
		t.row(c.Name, p.connectionState(c.State), clock.text(c.Since), p.some(c.Held), clock.text(c.Oldest), p.some(c.Retrying), p.connectionNote(&c))
	}
	w.line("")
	t.write(w, "")
	p.connectionAdvice(w, connections)
}

func (p *program) unread(w *page, s *api.Status) {
	if len(s.Dead) > 0 {
		w.line("")
		w.line("%s", p.say("Deliveries that could not be read:", "読めなかった受信データ:"))
	}
	for _, d := range s.Dead {
		n := host.Count{N: d.Count, AtLeast: s.DeadAtLeast}
		w.line("  %s: %s, %s – %s, %s", d.Connection, p.number(n), p.clock().text(d.First), p.clock().text(d.Last), p.short(d.Error))
		w.line(p.say("    see: musubi%s events show %s; after it is mended: musubi%[1]s events replay --all --connection %[3]s; if there is nothing in it: musubi%[1]s events dismiss ID", "    内容: musubi%s events show %s、直したあと: musubi%[1]s events replay --all --connection %[3]s、不要なデータなら: musubi%[1]s events dismiss ID"), p.here(), d.Example, d.Connection)
	}
	if s.DeadAtLeast {
		w.line("")
		w.line(p.say("More deliveries that could not be read are kept than were looked at, the newest: there may be more to replay. See: musubi%s events replay --all",
			"読めなかった受信データが多いため、新しいものだけを調べました。再処理が必要なものがほかにもあるかもしれません。件数の確認: musubi%s events replay --all"), p.here())
	}
}

func (p *program) showExpiring(w *page, s *api.Status) {
	if len(s.Expiring) == 0 {
		return
	}
	w.line("")
	for _, e := range s.Expiring {
		day := e.Expires.In(p.clock().zone).Format("2006-01-02")
		if e.DaysLeft <= 0 {
			w.line(p.say("%s of %s expired on %s: renew it.", "%[2]s の %[1]s は %[3]s に期限が切れています。更新してください。"), e.Secret, e.Connection, day)
			continue
		}
		w.line(p.say("%s of %s expires on %s (days left: %d).", "%[2]s の %[1]s は %[3]s に期限が切れます(あと%[4]d日)。"), e.Secret, e.Connection, day, e.DaysLeft)
	}
}

// here is what a command must say to reach the same host.
func (p *program) here() string {
	var out strings.Builder
	for _, flag := range []struct{ name, value, usual string }{
		{"-c", p.configFile, defaultConfig}, {"--server", p.server, ""}, {"--token-file", p.tokenFile, ""},
	} {
		if flag.value != flag.usual {
			out.WriteString(" " + flag.name + " " + quoted(flag.value))
		}
	}
	return out.String()
}
