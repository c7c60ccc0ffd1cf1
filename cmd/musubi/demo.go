package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/demo"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) demo() *cobra.Command {
	var once bool
	var dir string
	cmd := p.command(about{
		use:   "demo",
		short: abi.Text{EN: "Show the main job on simulated platforms", JA: "シミュレーターで主な働きを見せる"},
		long: abi.Text{
			EN: "Build two connectors, start a simulated shop and a simulated CRM, deliver real webhooks through\nthe real host and show what became of each. It stays up to explore until Ctrl-C. It is run from\nMusubi's sources and needs only Go.",
			JA: "2つのコネクターをビルドし、ショップとCRMのシミュレーターを起動して、本物のホストに本物のWebhookを\n届け、それぞれがどうなったかを表示します。Ctrl-C まで動き続けます。Musubiのソースのフォルダーで\n実行してください。必要なのはGoだけです。",
		},
		example: "  go run ./cmd/musubi demo\n  go run ./cmd/musubi demo --once",
	}, func(cmd *cobra.Command, _ []string) error { return p.runDemo(cmd.Context(), once, dir) })
	cmd.Flags().BoolVar(&once, "once", false, p.say("stop after the check; the exit status tells whether everything is right", "確認が済んだら終了する(終了コードで正否がわかる)"))
	cmd.Flags().StringVar(&dir, "dir", "", p.say("keep configuration and data in this `folder`; otherwise in a temporary one", "設定とデータを置くフォルダー(`folder`)。指定しなければ一時フォルダー"))
	return cmd
}

func (p *program) runDemo(ctx context.Context, once bool, dir string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "musubi-demo-"); err != nil {
			return fmt.Errorf("making a folder for the demo: %w", err)
		}
		if once {
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		}
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("finding the demo's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	log, err := os.Create(filepath.Join(dir, "host.log"))
	if err != nil {
		return fmt.Errorf("making the demo's log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return p.withBuilder(ctx, io.Discard, func(b *pluginbuild.Builder, cache string) error {
		err := demo.Run(ctx, demo.Options{
			Out: p.out, Lang: p.lang, Once: once, Dir: dir, Builder: b, CacheDir: cache,
			Logger: telemetry.NewLogger(log, config.Default("").Log.Level, false),
		})
		return fromSource(err)
	})
}

// fromSource says of a demo or benchmark whose parts cannot be built where it is to be run.
func fromSource(err error) error {
	e, ok := errors.AsType[*pluginbuild.CompileError](err)
	if !ok {
		return err
	}
	return fault(err,
		"the plugins and simulated platforms are built from Musubi's source: run this in its folder. Go says:\n"+e.Message,
		"プラグインとシミュレーターはMusubiのソースからビルドします。ソースのフォルダーで実行してください。Goのメッセージ:\n"+e.Message)
}

// withBuilder lends a builder of plugins and sims, and the folder in which
// compiled plugins are kept from one use to the next.
func (p *program) withBuilder(ctx context.Context, progress io.Writer, use func(b *pluginbuild.Builder, cache string) error) error {
	user, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("finding the cache folder: %w", err)
	}
	cache := filepath.Join(user, "musubi", "wasm")
	runtime := wasm.New(wasm.Options{CacheDir: cache})
	defer func() { p.closed(runtime.Close(context.WithoutCancel(ctx))) }()
	b, err := pluginbuild.New(pluginbuild.Options{
		Describe: runtime.Describe,
		Building: func(pkg string) { fmt.Fprintf(progress, p.say("building %s …\n", "%s をビルド中 …\n"), pkg) },
	})
	if err != nil {
		return err
	}
	return use(b, cache)
}
