package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) runs() *cobra.Command {
	return p.group(about{
		use:   "runs",
		short: abi.Text{EN: "Look at runs of flows, run them again, cancel them", JA: "フローの実行を見る、再実行する、取り消す"},
	}, p.runsList(), p.runsShow(), p.runsRerun(), p.runsCancel())
}
