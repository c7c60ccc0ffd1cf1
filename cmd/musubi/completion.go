package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) completion() *cobra.Command {
	cmd := p.command(about{
		use:   "completion SHELL",
		short: abi.Text{EN: "Print a script that completes commands in a shell", JA: "シェルの補完スクリプトを出力する"},
		long: abi.Text{
			EN: "Print a script that completes commands and flags. SHELL is bash, zsh, fish or powershell.",
			JA: "コマンドとオプションを補完するスクリプトを出力します。SHELL は bash、zsh、fish、powershell のどれかです。",
		},
		example: "  source <(musubi completion bash)",
	}, func(cmd *cobra.Command, args []string) error {
		switch root := cmd.Root(); args[0] {
		case "bash":
			return root.GenBashCompletionV2(p.out, true)
		case "zsh":
			return root.GenZshCompletion(p.out)
		case "fish":
			return root.GenFishCompletion(p.out, true)
		case "powershell":
			return root.GenPowerShellCompletionWithDesc(p.out)
		default:
			return usage("SHELL must be bash, zsh, fish or powershell", "SHELL は bash、zsh、fish、powershell のどれかです")
		}
	})
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"bash", "zsh", "fish", "powershell"}, cobra.ShellCompDirectiveNoFileComp)
	return cmd
}
