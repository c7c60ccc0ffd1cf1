package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) pluginInspect() *cobra.Command {
	var connection string
	cmd := p.command(about{
		use:   "inspect [FILE]",
		short: abi.Text{EN: "Show what a plugin can do and reach", JA: "プラグインにできること・届く先を表示する"},
		long: abi.Text{
			EN: "Show a plugin's settings, secrets, the hosts it may reach, the limits that hold for it, its triggers\nand actions. It is read from the manifest in the file; nothing of the plugin is run. --json prints the manifest.\n\nWith --connection the limits are those of that connection, and of a running host it is shown how much\nfuel the calls of each action have used, beside what one may use: a call burns the same fuel whenever\nit does the same, whatever else the machine does. What your own connector uses is measured by musubi plugin test.",
			JA: "プラグインの設定・秘密の値・届く先・上限・トリガー・アクションを表示します。ファイル内のマニフェスト\nを読むだけで、プラグインは動かしません。--json でマニフェストそのものを出力します。\n\n--connection を付けると、その接続に適用される上限を表示します。ホストが動いていれば、各アクションの呼び出しが\n使った命令数も上限と並べて表示します。同じ処理なら、マシンの状態にかかわらず命令数は同じです。\n開発中のコネクターが使う命令数は musubi plugin test で測れます。",
		},
		example: "  musubi plugin inspect plugins/ecforce.wasm\n  musubi plugin inspect --connection shop",
	}, func(cmd *cobra.Command, args []string) error {
		switch {
		case (connection == "") == (len(args) == 0):
			return usage("give either FILE or --connection", "FILE か --connection のどちらか一方を指定してください")
		case connection != "":
			return p.inspectConnection(cmd.Context(), connection)
		}
		plugin, err := app.ReadPlugin(args[0])
		if err != nil {
			return err
		}
		return p.show(plugin.Manifest, func(w *page) {
			p.showManifest(w, inspected{Manifest: plugin.Manifest, bounds: app.BoundsOf(nil)})
		})
	})
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"wasm"}, cobra.ShellCompDirectiveFilterFileExt)
	cmd.Flags().StringVar(&connection, "connection", "", p.say("the plugin of this `connection`, with its limits and what its calls use", "この接続(`connection`)のプラグインを、適用される上限と使った命令数とともに表示する"))
	return cmd
}

func (p *program) showManifest(w *page, in inspected) {
	m := in.Manifest
	w.line("%s %s  %s  (%s)", m.ID, m.Version, clean(p.lang.Pick(m.Title), false), m.ABI)
	p.section(w, "Settings", "設定", p.fieldTable(m.Settings, p.say("needed", "必須")))
	p.section(w, "Secrets", "秘密の値", p.secretTable(m))
	p.section(w, "Reaches only", "届く先(これ以外へは送れない)", lines(m.Hosts))
	p.section(w, "Ways to authenticate", "認証方式", p.authTable(m))
	p.section(w, "Pace of the platform", "プラットフォームの流量制限", p.paceTable(&m.Limits))
	p.section(w, "Bounds of each call (a connection's limits: changes them)", "呼び出しごとの上限(接続の limits: で変更できる)", p.boundTable(in.bounds))
	p.section(w, "Fuel that calls have used since the host started", "ホスト起動後の呼び出しが使った命令数", p.fuelTable(in.Fuel))
	p.section(w, "Webhooks", "Webhook", p.webhookTable(m))
	p.section(w, "Triggers", "トリガー", p.triggerTable(m))
	if len(m.Actions) > 0 {
		w.line("\n%s", p.say("Actions", "アクション"))
	}
	for i := range m.Actions {
		p.showAction(w, &m.Actions[i])
	}
}

// section writes a heading and a table, or nothing if there are no rows.
func (p *program) section(w *page, en, ja string, t table) {
	if len(t.rows) > 0 {
		w.line("\n%s", p.say(en, ja))
		t.write(w, "  ")
	}
}

func lines(values []string) table {
	t := table{whole: []int{0}}
	for _, v := range values {
		t.row(v)
	}
	return t
}

func (p *program) secretTable(m *abi.Manifest) table {
	t := table{}
	for _, s := range m.Secrets {
		needed := p.say("needed", "必須")
		if s.Optional {
			needed = ""
		}
		t.row(s.Name, needed, p.lang.Pick(s.Doc))
	}
	return t
}

// authTable also tells where the host sends what it gets tokens for: that
// need not be among the places that the plugin reaches.
func (p *program) authTable(m *abi.Manifest) table {
	t := table{whole: []int{3}}
	for i, a := range m.Auth {
		standard := ""
		if i == 0 {
			standard = p.say("default", "既定")
		}
		tokens := ""
		if a.TokenURL != "" {
			tokens = p.say("gets tokens from ", "トークンの取得先 ") + a.TokenURL
		}
		t.row(a.Name, strings.ReplaceAll(string(a.Type), "_", " "), standard, tokens)
	}
	return t
}

func (p *program) webhookTable(m *abi.Manifest) table {
	t := table{}
	if m.Webhook == nil {
		return t
	}
	t.row(p.say("secret address", "秘密のURL"), p.say("always", "常に"))
	for _, s := range m.Webhook.Signatures {
		when := p.say("always", "常に")
		if s.Optional {
			when = fmt.Sprintf(p.say("if the secret %s is given", "秘密の値 %s があるとき"), s.Secret)
		}
		t.row(fmt.Sprintf(p.say("signature in %s", "ヘッダー %s の署名"), s.Header), when)
	}
	for _, ping := range m.Webhook.Pings {
		t.row(fmt.Sprintf(p.say("a form of %s alone", "%s だけのフォーム"), strings.Join(ping.Form, p.say(" and ", "・"))),
			p.say("unsigned too; answered 200, announces nothing", "署名がなくても 200 と応答し、何も知らせない"))
	}
	return t
}

func (p *program) triggerTable(m *abi.Manifest) table {
	t := table{}
	for _, trigger := range m.Triggers {
		title := p.lang.Pick(trigger.Title)
		if trigger.Deprecated != "" {
			title += p.say("; deprecated: ", "(非推奨: ") + trigger.Deprecated + p.say("", ")")
		}
		t.row(trigger.Name, p.comes(trigger), title)
	}
	return t
}

// comes says how a trigger is announced.
func (p *program) comes(t abi.Trigger) string {
	every := fmt.Sprintf(p.say("poll every %ds", "%d秒ごとに取得"), t.IntervalSeconds)
	if t.IntervalSeconds%60 == 0 && t.IntervalSeconds > 0 {
		every = fmt.Sprintf(p.say("poll every %d min", "%d分ごとに取得"), t.IntervalSeconds/60)
	}
	switch {
	case t.Webhook && t.Poll:
		return p.say("webhook, ", "Webhook、") + every
	case t.Webhook:
		return p.say("webhook", "Webhook")
	default:
		return every
	}
}

func (p *program) showAction(w *page, a *abi.Action) {
	w.line("  %s  %s%s", a.Name, clean(p.lang.Pick(a.Title), false), p.manner(a))
	for _, side := range []struct {
		title, mark string
		schema      *abi.Schema
	}{
		{p.say("in", "入力"), p.say("needed", "必須"), a.Input},
		{p.say("out", "出力"), p.say("always", "常にあり"), a.Output},
	} {
		fields := p.fieldTable(side.schema, side.mark)
		if len(fields.rows) == 0 {
			continue
		}
		w.line("    %s", side.title)
		fields.write(w, "      ")
	}
}

// manner says what repeating an action does.
func (p *program) manner(a *abi.Action) string {
	switch {
	case a.Reads:
		return p.say("  [reads only]", "  [参照のみ]")
	case a.Idempotent:
		return p.say("  [may be repeated]", "  [繰り返し可]")
	case a.Confirms:
		return p.say("  [confirms before it repeats]", "  [確認してから繰り返す]")
	default:
		return ""
	}
}
