package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rulesFunctions() *cobra.Command {
	return p.command(about{
		use:   "functions [WORD]",
		short: abi.Text{EN: "List the functions that expressions have", JA: "式で使える関数を一覧する"},
		long: abi.Text{
			EN: "List the functions that expressions have, each with an example and its result: all, or those with\na word in their name, explanation or example.",
			JA: "式で使える関数を、例と結果つきで一覧します。言葉を付けると、名前・説明・例にその言葉がある関数だけを\n表示します。",
		},
		example: "  musubi rules functions\n  musubi rules functions 電話",
	}, func(_ *cobra.Command, args []string) error {
		word := ""
		if len(args) > 0 {
			word = args[0]
		}
		found := rules.Functions(word)
		if len(found) == 0 {
			return fault(nil,
				fmt.Sprintf("no function has %q in it: musubi rules functions lists all", word),
				fmt.Sprintf("「%s」を含む関数はありません。musubi rules functions ですべてを表示します", word))
		}
		w := &page{}
		if err := rules.RenderFunctions(w, found, p.lang); err != nil {
			return err
		}
		return p.show(found, func(out *page) { out.Write(w.Bytes()) })
	})
}
