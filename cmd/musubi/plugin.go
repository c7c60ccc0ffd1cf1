package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) plugin() *cobra.Command {
	return p.group(about{
		use:   "plugin",
		short: abi.Text{EN: "Build plugins and see what they can do", JA: "プラグインを作る、できることを調べる"},
	}, p.pluginBuild(), p.pluginInspect(), p.pluginList())
}
