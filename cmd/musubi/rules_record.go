package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/rehearse"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// recording is what a person asks of rules record.
type recording struct {
	run, to, name string
	keep          []string
}

func (p *program) rulesRecord() *cobra.Command {
	var r recording
	cmd := p.command(about{
		use:   "record RUN",
		short: abi.Text{EN: "Make a test of a real run", JA: "実際の実行からテストを作る"},
		long: abi.Text{
			EN: "Make a test of a real run: its event, what the platforms answered, and what the flow, as it is now,\ndoes with it. Names, addresses, e-mails, phone numbers and ids are replaced by made-up ones, the same\neverywhere, such that the flow takes the same branches. It is printed, or appended to a tests.yaml.",
			JA: "実際の実行から、イベント・プラットフォームの応答・(今の)フローの動きをテストにします。氏名・住所・\nメール・電話番号・idは、同じ分岐を通るように、全体で一貫した架空の値に置き換えます。テストは表示するか、\ntests.yaml の末尾に追加します。",
		},
		example: "  musubi rules record 01JQ2M3N4P5R6S7T8V9WXYZABC --to rules/tests.yaml",
	}, func(cmd *cobra.Command, args []string) error {
		r.run = args[0]
		return p.read(cmd.Context(), func(from reader) error { return p.record(cmd.Context(), from, &r) })
	})
	flags := cmd.Flags()
	flags.StringVar(&r.to, "to", "", p.say("append it to this `file`, a tests.yaml in the rules folder", "ルールのフォルダーにある tests.yaml(`file`)に追加する"))
	flags.StringVar(&r.name, "name", "", p.say("the test's `name`", "テストの名前(`name`)"))
	flags.StringSliceVar(&r.keep, "keep", nil, p.say("leave the values of this `field` as they are", "この項目(`field`)の値は置き換えない"))
	return cmd
}

func (p *program) record(ctx context.Context, from reader, r *recording) error {
	if r.to != "" && filepath.Base(r.to) != "tests.yaml" {
		return usage("--to must name a file tests.yaml: only such files are run", "--to には tests.yaml という名前のファイルを指定してください")
	}
	folder, err := p.rulesFolder(nil)
	if err != nil {
		return err
	}
	set, err := folder.Load()
	if err != nil {
		return err
	}
	c, mask, err := p.recorded(ctx, from, r, set)
	if err != nil {
		return err
	}
	report, err := c.Verify(set.Sources(), folder.Catalog)
	if err != nil {
		return err
	}
	if report.Failed > 0 {
		return errors.Join(p.showTests(report), fault(nil,
			"the test would not pass: nothing was written", "テストが成功しないため、何も書きませんでした"))
	}
	if err := p.keepTest(c, r.to); err != nil {
		return err
	}
	for _, cut := range report.Cut {
		p.note("%s", "%s", p.lang.Pick(cut.Message))
	}
	if gone := c.Unused(); len(gone) > 0 {
		p.note("The run had steps that the flow no longer has, or no longer takes; their answers are left out: %s",
			"実行時にあって今のフローでは通らないステップの応答は、入れていません: %s", strings.Join(gone, ", "))
	}
	if kept := mask.Kept(); len(kept) > 0 {
		p.note("These fields stay as they were; look them through before you share the test: %s",
			"次の項目の値はそのままです。テストを共有する前に確認してください: %s", strings.Join(kept, ", "))
	}
	return nil
}

func (p *program) recorded(ctx context.Context, from reader, r *recording, set *rules.Set) (*rehearse.Case, *rehearse.Mask, error) {
	run, steps, err := from.Run(ctx, r.run)
	if err != nil {
		return nil, nil, p.missing(err, r.run)
	}
	event, _, err := from.Event(ctx, run.Event)
	if err != nil {
		return nil, nil, p.missing(err, run.Event)
	}
	flow := set.Flow(run.Flow)
	if flow == nil {
		return nil, nil, fault(nil,
			fmt.Sprintf("the rules have no flow %s any more", run.Flow),
			fmt.Sprintf("フロー「%s」は今のルールにありません", run.Flow))
	}
	if flow.Version != run.Version {
		p.note("The flow has changed since this run; the test says what it does now.",
			"この実行のあとでフローが変わっています。テストは今の動きを表します。")
	}
	name := r.name
	if name == "" {
		name = fmt.Sprintf(p.say("as in run %s", "実行 %s のとおり"), run.ID)
	}
	mask := &rehearse.Mask{Keep: r.keep, Rules: string(set.Sources()[flow.File])}
	c, err := rehearse.NewCase(name, flow, event, steps, mask)
	if e, ok := errors.AsType[*rehearse.DivergesError](err); ok {
		return nil, nil, fault(err,
			e.Error()+". Name the field that decides with --keep FIELD",
			"架空の値では別の分岐を通ります("+strings.Join(e.Steps, ", ")+")。分岐を決める項目を --keep で指定してください")
	}
	return c, mask, err
}

// keepTest prints the test, or appends it to the file.
func (p *program) keepTest(c *rehearse.Case, to string) error {
	if to == "" {
		text, err := c.YAML()
		if err != nil {
			return err
		}
		return p.show(map[string]string{"test": string(text)}, func(w *page) { w.Write(text) })
	}
	before, err := os.ReadFile(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the tests: %w", err)
	}
	after, ok, err := c.Append(before)
	if err != nil {
		return err
	}
	if !ok {
		return fault(nil,
			to+": the tests must come last in it, each on lines of its own, to append one; without --to the test is printed",
			to+" に追加するには、tests がファイルの最後にあり、1件ずつ改行して書かれている必要があります。--to を付けなければ表示します")
	}
	if err := os.WriteFile(to, after, 0o644); err != nil { //nolint:gosec // part of the rules, for git
		return fmt.Errorf("writing the tests: %w", err)
	}
	return p.show(map[string]string{"file": to}, func(w *page) {
		w.line(p.say("Written to %s, and it passes: musubi rules test", "%s に追加しました(成功します): musubi rules test"), to)
	})
}
