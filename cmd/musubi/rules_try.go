package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// tested is what rules test prints as JSON.
type tested struct {
	OK       bool              `json:"ok"`
	Passed   int               `json:"passed"`
	Failed   int               `json:"failed"`
	Problems []api.RuleProblem `json:"problems"`
	// Untaken are the branches and steps that no test reaches.
	Untaken []api.RuleProblem `json:"untaken"`
	// Cut say which tests went through the first pages only of a list that has more.
	Cut []api.RuleProblem `json:"cut,omitempty"`
}

func (p *program) rulesTest() *cobra.Command {
	return p.command(about{
		use:   "test [FOLDER]",
		short: abi.Text{EN: "Run the tests beside the rules", JA: "ルールのテストを実行する"},
		long: abi.Text{
			EN: "Run every tests.yaml of the rules folder, or of another folder. Nothing is called: the tests say\nwhat the platforms answer. Branches that no test reaches are named. The exit status is 1 if a test fails.",
			JA: "ルールのフォルダー(または指定したフォルダー)にある tests.yaml をすべて実行します。実際の呼び出しは\n行わず、テストに書かれた応答を使います。どのテストも通らない分岐も表示します。失敗があれば終了コードは1です。",
		},
		example: "  musubi rules test\n  musubi rules test ./rules/customers",
	}, func(_ *cobra.Command, args []string) error {
		folder, err := p.rulesFolder(args)
		if err != nil {
			return err
		}
		report, err := folder.Test()
		if problems, wrong := errors.AsType[diag.Problems](err); wrong && p.json {
			return errors.Join(p.printJSON(tested{Problems: api.RuleProblems(problems), Untaken: []api.RuleProblem{}}), errSilent)
		}
		if err != nil {
			return err
		}
		return p.showTests(report)
	})
}

func (p *program) showTests(report *rules.TestReport) error {
	result := tested{
		OK: report.Failed == 0, Passed: report.Passed, Failed: report.Failed,
		Problems: api.RuleProblems(report.Problems), Untaken: api.RuleProblems(report.Untaken), Cut: api.RuleProblems(report.Cut),
	}
	err := p.show(result, func(w *page) {
		if report.Passed+report.Failed == 0 {
			w.line("%s", p.say("There are no tests: write them in a tests.yaml beside the rules, or make one of a real run with musubi rules record.",
				"テストがありません。ルールの隣の tests.yaml に書くか、musubi rules record で実際の実行から作ってください。"))
			return
		}
		if err := report.Render(w, p.lang); err != nil { // a page takes everything
			w.line("%s", err)
		}
	})
	if report.Failed > 0 {
		return errors.Join(err, errSilent)
	}
	return err
}
