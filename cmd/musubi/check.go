package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// verdict is what check prints as JSON.
type verdict struct {
	OK          bool              `json:"ok"`
	Connections int               `json:"connections"`
	Flows       int               `json:"flows"`
	Problems    []api.RuleProblem `json:"problems"`
}

func (p *program) check() *cobra.Command {
	return p.command(about{
		use:   "check",
		short: abi.Text{EN: "Check the configuration, the plugins and the rules", JA: "設定・プラグイン・ルールを調べる"},
		long: abi.Text{
			EN: "Check the configuration, the plugins and the rules without running anything: what serve would\nrefuse, with file, line and column. Secrets are not looked up.",
			JA: "設定・プラグイン・ルールを、何も動かさずに調べます。serve が受け付けないものを、ファイル・行・桁を\n付けて表示します。秘密の値そのものは読みません。",
		},
	}, func(*cobra.Command, []string) error {
		v, err := p.verdict()
		if problems, wrong := errors.AsType[diag.Problems](err); wrong && p.json {
			v.Problems = api.RuleProblems(problems)
			return errors.Join(p.printJSON(v), errSilent)
		}
		if err != nil {
			return err
		}
		return p.show(v, func(w *page) {
			w.line(p.say("All right. Connections: %d, flows: %d.", "問題ありません。接続 %d、フロー %d"), v.Connections, v.Flows)
		})
	})
}

func (p *program) verdict() (verdict, error) {
	v := verdict{Problems: []api.RuleProblem{}}
	c, err := p.config()
	if err != nil {
		return v, err
	}
	set, err := app.Check(c)
	if err != nil {
		return v, err
	}
	v.OK, v.Connections, v.Flows = true, len(c.Connections), len(set.Flows())
	return v, nil
}
