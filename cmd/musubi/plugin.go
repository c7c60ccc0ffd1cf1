package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) plugin() *cobra.Command {
	return p.group(about{
		use:   "plugin",
		short: abi.Text{EN: "Make, build and test plugins, see what they can do", JA: "プラグインを作る、試す、できることを調べる"},
	}, p.pluginNew(), p.pluginBuild(), p.pluginTest(), p.pluginInspect(), p.pluginList(),
		p.pluginAccept(), p.pluginPull(), p.pluginPush(), p.pluginKeygen())
}
