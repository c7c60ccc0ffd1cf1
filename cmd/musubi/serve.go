package main

import (
	"errors"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) serve() *cobra.Command {
	return p.command(about{
		use:   "serve",
		short: abi.Text{EN: "Run the host", JA: "ホストを起動する"},
		long: abi.Text{
			EN: "Run the host until it is told to stop (Ctrl-C, SIGTERM). Before it takes anything it checks\nthe configuration, the secrets, the plugins and the rules, and names everything that is wrong.",
			JA: "停止の合図(Ctrl-C、SIGTERM)までホストを動かします。受け付けを始める前に、設定・秘密の値・\nプラグイン・ルールを調べ、問題をすべて表示します。",
		},
		example: "  musubi serve -c musubi.yaml",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.config()
		if _, wrong := errors.AsType[diag.Problems](err); wrong {
			_, err = p.verdict(cmd.Context())
		}
		if err != nil {
			return err
		}
		useTheMachine(cmd.Context())
		logger := telemetry.NewLogger(p.err, c.Log.Level, c.Log.Format == config.LogJSON)
		host, err := app.Open(cmd.Context(), c, app.Options{Logger: logger, Now: p.now, Version: built()})
		if err != nil {
			return err
		}
		return errors.Join(host.Serve(cmd.Context()), host.Close())
	})
}

// built is what this program was built from.
func built() api.Version {
	v := api.Version{Version: "devel", ABI: abi.Version, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	return v
}
