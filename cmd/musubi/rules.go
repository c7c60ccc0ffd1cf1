package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rules() *cobra.Command {
	return p.group(about{
		use:   "rules",
		short: abi.Text{EN: "Check and test rules, look at those in use, load them again", JA: "ルールを調べる・テストする、使用中のものを見る、読み込み直す"},
	}, p.rulesCheck(), p.rulesNew(), p.rulesTest(), p.rulesList(), p.rulesReload(), p.rulesHistory(), p.rulesDiff(), p.rulesDryRun(), p.rulesRecord(), p.rulesExplain(), p.rulesFormat(), p.rulesFunctions(), p.rulesSchema())
}

func (p *program) rulesList() *cobra.Command {
	return p.command(about{
		use:   "list",
		short: abi.Text{EN: "List the flows in use", JA: "使用中のフローを一覧する"},
	}, func(cmd *cobra.Command, _ []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		rules, err := remote.Rules(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(rules, func(w *page) { p.showRules(w, rules) })
	})
}

func (p *program) rulesReload() *cobra.Command {
	return p.command(about{
		use:   "reload",
		short: abi.Text{EN: "Have the host read its rules again now", JA: "ルールを今すぐ読み込み直す"},
		long: abi.Text{
			EN: "Have the host read its rules again now, whole or not at all: when a file is wrong the last good\nrules stay in use. The host does it by itself when a file changes, but for a folder in which no rules\nare left: that is put in use only by this command or a start.",
			JA: "ルール全体を読み込み直します。誤りがあれば、前のルールのまま動き続けます。\nファイルが変わったときは自動で読み込まれます。ただし、ルールが1つもなくなったフォルダーは、\nこのコマンドか再起動でだけ反映されます。",
		},
	}, func(cmd *cobra.Command, _ []string) error {
		remote, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		rules, err := remote.ReloadRules(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(rules, func(w *page) { p.showRules(w, rules) })
	})
}

func (p *program) showRules(w *page, rules api.Rules) {
	t := table{head: []string{
		p.say("FLOW", "フロー"), p.say("ON", "きっかけ"), p.say("VERSION", "版"), p.say("FILE", "ファイル"), p.say("TITLE", "題名"),
	}}
	for _, f := range rules.Flows {
		t.row(f.ID, cmp.Or(f.Schedule, f.Connection+" "+f.Event), short(f.Version), f.File, f.Title)
	}
	t.write(w, "")
	p.showMemberRules(w, p.say("TAG", "タグ"), rules.Tags)
	p.showMemberRules(w, p.say("LINK", "連携"), rules.Links)
	w.line(p.say("Flows: %d, version %s, loaded %s", "フロー %d、版 %s、読み込み %s"), len(rules.Flows), short(rules.Version), p.clock().text(rules.Loaded))
	if len(rules.Problems) > 0 {
		w.line("\n%s", p.say("Newer files are not in use, because:", "新しいファイルは、次の理由で使われていません:"))
		w.WriteString(p.rendered(api.Problems(rules.Problems)))
	}
}

// showMemberRules lists the rules of one kind about members, if there are any.
func (p *program) showMemberRules(w *page, kind string, rules []api.MemberRule) {
	if len(rules) == 0 {
		return
	}
	t := table{head: []string{kind, p.say("VERSION", "版"), p.say("FILE", "ファイル"), p.say("TITLE", "題名")}}
	for _, r := range rules {
		t.row(r.Name, short(r.Version), r.File, r.Title)
	}
	w.line("")
	t.write(w, "")
}

// short is enough of a content hash to tell versions apart.
func short(version string) string { return version[:min(len(version), 8)] }
