package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/pluginbuild"
	"github.com/musubi-run/musubi/sdk/abi"
)

// builtPlugin is one line of plugin build.
type builtPlugin struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	File    string `json:"file"`
	Bytes   int64  `json:"bytes"`
	// Cached says that nothing had changed since it was built last.
	Cached bool `json:"cached"`
}

func (p *program) pluginBuild() *cobra.Command {
	var out string
	cmd := p.command(about{
		use:   "build FOLDER...",
		short: abi.Text{EN: "Build connectors to plugins", JA: "コネクターからプラグインを作る"},
		long: abi.Text{
			EN: "Build each connector's folder to <id>.wasm with its manifest inside. The same source gives the\nsame bytes; what did not change is not built again. Go must be installed.",
			JA: "コネクターのフォルダーから、マニフェスト入りの <id>.wasm を作ります。同じソースからは同じファイルが\nでき、変わっていないものは作り直しません。Goが必要です。",
		},
		example: "  musubi plugin build ./plugins/ecforce -o ./plugins",
	}, func(cmd *cobra.Command, folders []string) error {
		built, err := p.buildAll(cmd.Context(), folders, out)
		if err != nil {
			return err
		}
		return p.show(map[string]any{"plugins": built}, func(w *page) { p.builtTable(w, built) })
	})
	cmd.ValidArgsFunction = nil
	cmd.Flags().StringVarP(&out, "output", "o", ".", p.say("the `folder` to write to", "書き出し先のフォルダー(`folder`)"))
	return cmd
}

func (p *program) buildAll(ctx context.Context, folders []string, out string) ([]builtPlugin, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for plugins: %w", err)
	}
	var built []builtPlugin
	err := p.withBuilder(ctx, p.err, func(builder *pluginbuild.Builder, _ string) error {
		for _, folder := range folders {
			b, err := buildOne(ctx, builder, folder, out)
			if err != nil {
				return p.notBuilt(folder, err)
			}
			built = append(built, b)
		}
		return nil
	})
	return built, err
}

func buildOne(ctx context.Context, builder *pluginbuild.Builder, folder, out string) (builtPlugin, error) {
	artifact, err := builder.Plugin(ctx, folder)
	if err != nil {
		return builtPlugin{}, err
	}
	file := filepath.Join(out, artifact.Manifest.ID+".wasm")
	if err := artifact.CopyTo(file); err != nil {
		return builtPlugin{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return builtPlugin{}, fmt.Errorf("looking at the plugin: %w", err)
	}
	return builtPlugin{ID: artifact.Manifest.ID, Version: artifact.Manifest.Version, File: file, Bytes: info.Size(), Cached: artifact.Cached}, nil
}

// notBuilt shows the compiler's own words as they are.
func (p *program) notBuilt(folder string, err error) error {
	if errors.Is(err, pluginbuild.ErrNoGo) {
		return fault(err, err.Error(),
			"ビルドにはGoが必要ですが、見つかりません。https://go.dev/dl からインストールするか、作成済みの .wasm を使ってください")
	}
	if e, ok := errors.AsType[*pluginbuild.CompileError](err); ok {
		return fault(err,
			fmt.Sprintf("%s does not compile:\n%s", folder, e.Message),
			fmt.Sprintf("%s はコンパイルできません:\n%s", folder, e.Message))
	}
	return err
}

// closed tells about something that could not be given back: the result stands all the same.
func (p *program) closed(err error) {
	if err != nil {
		p.note("closing: %v", "終了処理: %v", err)
	}
}

func (p *program) builtTable(w *page, built []builtPlugin) {
	t := table{whole: []int{0}}
	for _, b := range built {
		how := p.say("built", "作成")
		if b.Cached {
			how = p.say("built before", "作成済みのものを使用")
		}
		t.row(b.File, b.ID+" "+b.Version, fmt.Sprintf("%.1f MB", float64(b.Bytes)/1e6), how)
	}
	t.write(w, "")
}
