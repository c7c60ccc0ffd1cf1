package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) version() *cobra.Command {
	return p.command(about{
		use:   "version",
		short: abi.Text{EN: "Show the version", JA: "バージョンを表示する"},
	}, func(*cobra.Command, []string) error {
		v := built()
		return p.show(v, func(w *page) { w.line("musubi %s (%s, %s)", v.Version, v.ABI, v.Go) })
	})
}
