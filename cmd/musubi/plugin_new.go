package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/scaffold"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) pluginNew() *cobra.Command {
	var c scaffold.Connector
	var w scaffold.Wish
	cmd := p.command(about{
		use:   "new ID",
		short: abi.Text{EN: "Make the folder of a new connector", JA: "新しいコネクターのフォルダーを作る"},
		long: abi.Text{
			EN: "Make a folder ID with a complete connector for a made-up platform: code, simulated platform, fixtures,\ntests, README. All is green from the start; replace the platform by yours, file by file. In Musubi's\nsource the folder goes to plugins; anywhere else it is a Go module of its own. Nothing is overwritten.",
			JA: "架空のプラットフォーム用の完全なコネクター(コード、シミュレーター、フィクスチャー、テスト、README)が\n入ったフォルダー ID を作ります。最初からすべてのテストが通るので、1ファイルずつ置き換えてください。\nMusubiのソース内では plugins に、それ以外では独立したGoモジュールとして作ります。上書きはしません。",
		},
		example: "  musubi plugin new acme --auth oauth2 --events webhook\n  go run ./cmd/musubi plugin new acme --in ~/connectors --title \"Acme CRM\"",
	}, func(_ *cobra.Command, args []string) error {
		c.ID = args[0]
		return p.newConnector(c, w)
	})
	flags := cmd.Flags()
	flags.StringVar(&w.Dir, "in", "", p.say("the `folder` to make it in", "作成先のフォルダー(`folder`)"))
	flags.StringVar(&c.Auth, "auth", scaffold.AuthBearer, p.say("`how` the platform authenticates: bearer, header, oauth2 (client credentials; the code made names refresh tokens and JWTs) or basic", "認証方式(`how`): bearer、header、oauth2(クライアントクレデンシャル。リフレッシュトークンとJWTの書き方は生成コードのコメントにあります)、basic"))
	flags.StringVar(&c.Events, "events", scaffold.EventsBoth, p.say("`how` its events come: webhook, poll, both or none", "イベントの届き方(`how`): webhook、poll、both(両方)、none(なし)"))
	flags.StringVar(&c.Title, "title", "", p.say("the platform's `name`", "プラットフォームの名称(`name`)"))
	flags.StringVar(&c.TitleJA, "title-ja", "", p.say("its `name` in Japanese", "日本語の名称(`name`)"))
	flags.StringVar(&w.Module, "module", "", p.say("`path` of the module outside of Musubi's source", "Musubiのソース以外に作る場合のモジュールパス(`path`)"))
	flags.StringVar(&w.Source, "replace", "", p.say("`folder` of Musubi's source that the module uses; found by itself when run from there", "モジュールが使うMusubiのソースのフォルダー(`folder`)。ソース内で実行すれば不要"))
	completeWith(cmd, "auth", scaffold.Auths...)
	completeWith(cmd, "events", scaffold.Events...)
	return cmd
}

func (p *program) newConnector(c scaffold.Connector, w scaffold.Wish) error {
	var err error
	if w.From, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working folder: %w", err)
	}
	w.Version = released(built().Version)
	if c.Place, err = scaffold.Find(c.ID, w); err != nil {
		return notPlaced(err, w.Source)
	}
	files, err := c.Write()
	if errors.Is(err, fs.ErrExist) {
		folder := filepath.Join(c.Place.Dir, c.ID)
		return fault(err,
			folder+" is there already and stays as it is: choose another id, or another folder with --in",
			folder+" は既にあるため、変更しません。別のIDにするか、--in で別のフォルダーを指定してください")
	}
	if wrong, ok := errors.AsType[*scaffold.WrongError](err); ok {
		return fault(err, wrong.EN, wrong.JA)
	}
	if err != nil {
		return err
	}
	folder := filepath.Join(c.Place.Dir, c.ID)
	return p.show(map[string]any{"folder": folder, "module": c.Place.Module, "files": files}, func(w *page) { p.madeConnector(w, folder, files) })
}

// released keeps a version that can be required, and no other.
func released(version string) string {
	if regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(version) {
		return version
	}
	return ""
}

func notPlaced(err error, source string) error {
	if errors.Is(err, scaffold.ErrNotSource) {
		return fault(err,
			source+" is not the folder of Musubi's source: --replace takes the folder whose go.mod says module "+scaffold.SDKModule,
			source+" はMusubiのソースのフォルダーではありません。--replace には、go.mod が module "+scaffold.SDKModule+" となっているフォルダーを指定してください")
	}
	if errors.Is(err, scaffold.ErrNoSource) {
		return fault(err,
			"outside of Musubi's source the connector is a module of its own, which needs that source: give its folder with --replace",
			"Musubiのソース以外に作るコネクターには、Musubiのソースが必要です。--replace でそのフォルダーを指定してください")
	}
	return err
}

func (p *program) madeConnector(w *page, folder string, files []string) {
	w.line(p.say("Made %s:", "%s を作りました:"), folder)
	for _, file := range files {
		w.line("  %s", strings.TrimPrefix(file, folder+string(filepath.Separator)))
	}
	w.line(p.say(`
It works as it is:
  cd %s
  go test ./...            # its own tests, and its simulated platform's
  musubi plugin test .     # the suite that every connector passes
README.md there says what to fill in, in which order.`, `
このままで動きます:
  cd %s
  go test ./...            # コネクターとシミュレーターのテスト
  musubi plugin test .     # すべてのコネクターが通る適合テスト
何をどの順に置き換えるかは、中の README.md にあります。`), folder)
}
