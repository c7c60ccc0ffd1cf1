package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rulesCheck() *cobra.Command {
	return p.command(about{
		use:   "check [FOLDER]",
		short: abi.Text{EN: "Check the rules alone", JA: "ルールだけを調べる"},
		long: abi.Text{
			EN: "Check the rules alone, against what the connections' plugins can do. Settings and secrets are not\nneeded, so it works on the machine where rules are written. A folder may be given in place of the\nconfigured one.",
			JA: "接続のプラグインに照らして、ルールだけを調べます。設定や秘密の値は要らないので、ルールを書く\nマシンでも使えます。設定ファイルのものとは別のフォルダーも指定できます。",
		},
		example: "  musubi rules check\n  musubi rules check ./rules-new",
	}, func(_ *cobra.Command, args []string) error {
		v := verdict{Problems: []api.RuleProblem{}}
		folder, err := p.rulesFolder(args)
		if err != nil {
			return err
		}
		set, err := folder.Load()
		if problems, wrong := errors.AsType[diag.Problems](err); wrong && p.json {
			v.Problems = api.RuleProblems(problems)
			return errors.Join(p.printJSON(v), errSilent)
		}
		if err != nil {
			return err
		}
		v.OK, v.Flows, v.Off = true, len(set.Flows()), switchedOff(set)
		v.Connections = len(folder.Catalog.Connections) - 1 // the host has one of its own
		return p.show(v, func(w *page) {
			w.line(p.say("All right. Flows: %d.", "問題ありません。フロー %d"), v.Flows)
			p.showOff(w, v.Off)
			if tags, links := len(set.TagRules()), len(set.LinkRules()); tags+links > 0 {
				w.line(p.say("Tag rules: %d, link rules: %d.", "タグのルール %d、連携ルール %d"), tags, links)
			}
		})
	})
}

// rulesFolder is the configured one, or the one that the first argument names.
// It tells about connections that the rules cannot use for want of a plugin.
func (p *program) rulesFolder(args []string) (*app.RulesFolder, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	folder, err := app.OpenRulesFolder(c)
	if err != nil {
		return nil, err
	}
	for _, name := range folder.Lacking {
		p.note("connection %s: there is no plugin of connector %s in %s", "接続 %s: コネクター %s のプラグインが %s にありません",
			name, c.Connections[name].Connector, c.Plugins)
	}
	if len(args) > 0 {
		if _, err := os.Stat(args[0]); err != nil {
			return nil, fault(err, "there is no folder "+args[0]+" with rules", args[0]+" というルールのフォルダーはありません")
		}
		folder.Dir = args[0]
	}
	return folder, nil
}
