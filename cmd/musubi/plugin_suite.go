package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/plugintest"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) pluginTest() *cobra.Command {
	var o plugintest.Options
	cmd := p.command(about{
		use:   "test FOLDER",
		short: abi.Text{EN: "Run the suite that every connector passes", JA: "すべてのコネクターが通る適合テストを実行する"},
		long: abi.Text{
			EN: "Build the connector and the simulated platform in FOLDER and run the conformance suite: the real plugin\nin the real sandbox against the simulated platform, with its fixtures, every failure a platform has,\nhostile webhooks, and a search for credentials in all that leaves. The exit status tells the result. At the end stands how much fuel the\ncalls of each action used: it depends on what is done, not on the machine or what else runs there.",
			JA: "FOLDER のコネクターとシミュレーターをビルドし、適合テストを実行します。本物のサンドボックスの中の本物の\nプラグインを、フィクスチャー、プラットフォームのあらゆる障害、不正なWebhookで試し、認証情報が外に\n漏れていないかを調べます。終了コードで結果がわかります。最後に、各アクションの呼び出しが使った命令数を\n表示します。命令数は処理の内容だけで決まり、マシンの速さや負荷には左右されません。",
		},
		example: "  musubi plugin test ./plugins/ecforce\n  musubi plugin test . --run auth --verbose\n  musubi plugin test . --wasm target/acme.wasm",
	}, func(_ *cobra.Command, args []string) error {
		if err := isConnector(args[0]); err != nil {
			return err
		}
		o.Done = p.suiteDone
		if p.json {
			os.Stdout = os.Stderr // where the suite tells what is wrong; the result alone is on p.out
		}
		plugintest.Program(args[0], o)
		return nil
	})
	cmd.ValidArgsFunction = nil
	cmd.Flags().StringVar(&o.Run, "run", "", p.say("only the `cases` that match, as in go test: auth, actions/item-get", "名前が合うケースだけ(`cases`)。go test の -run と同じ: auth、actions/item-get"))
	cmd.Flags().BoolVar(&o.Verbose, "verbose", false, p.say("print every case", "すべてのケースを表示する"))
	cmd.Flags().StringVar(&o.Wasm, "wasm", "", p.say("test this ready-made `file` instead of building the folder", "フォルダーをビルドせず、作成済みのファイル(`file`)を試す"))
	return cmd
}

// isConnector finds what the suite needs of every connector's folder.
func isConnector(folder string) error {
	if _, err := os.Stat(filepath.Join(folder, "testdata", "conformance.json")); errors.Is(err, fs.ErrNotExist) {
		return fault(err,
			folder+" is not the folder of a connector: it has no testdata/conformance.json. musubi plugin new makes a complete one",
			folder+" はコネクターのフォルダーではありません(testdata/conformance.json がありません)。musubi plugin new で雛形を作れます")
	}
	return nil
}

// suiteDone tells what came of the suite. It is the last that happens before the process ends.
func (p *program) suiteDone(r plugintest.Result) {
	err := p.show(r, func(w *page) {
		w.line(p.say("%s: %d cases passed, %d failed, %d waived", "%s: 成功 %d 件、失敗 %d 件、免除 %d 件"), r.Connector, r.Passed, r.Failed, r.Waived)
		for _, name := range r.Failures {
			w.line("  %s", name)
		}
		p.section(w, "Fuel that the calls of the cases used", "各ケースの呼び出しが使った命令数", p.suiteFuel(r.Fuel))
	})
	if err != nil {
		p.report(err)
	}
}

// suiteFuel shows what the calls of each action used, and how near the
// costliest came to the standard limit.
func (p *program) suiteFuel(all []plugintest.Fuel) table {
	if len(all) == 0 {
		return table{}
	}
	t := table{head: []string{
		p.say("CALL", "呼び出し"), "", p.say("CALLS", "回数"), p.say("LEAST", "最小"), p.say("MOST", "最大"), p.say("OF LIMIT", "上限比"),
	}}
	for _, f := range all {
		t.row(f.Operation, f.Name, strconv.Itoa(f.Calls), instructions(f.Least), instructions(f.Most), percent(f.Most, f.Limit))
	}
	return t
}
