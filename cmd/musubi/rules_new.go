package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// none is the answer that leaves something out which would be there by itself.
const none = "none"

// wish is what a person wants of a new flow, as far as it is said by flags.
type wish struct {
	name, on, to, object, read, link, title, dir string
	match, set                                   []string
}

func (p *program) rulesNew() *cobra.Command {
	var w wish
	cmd := p.command(about{
		use:   "new [NAME]",
		short: abi.Text{EN: "Write a new flow and its tests", JA: "新しいフローとテストを作る"},
		long: abi.Text{
			EN: "Write a new flow and its tests into the folder NAME of the rules, checked and passing: what starts it,\nwhere it writes to, which record is meant, what is written. Asks for what is not said by flags; with --on,\n--to and, for records, --object and --match, nothing is asked. Values are fields of the event's record, as\nin email or billing_address.zip, or texts in double quotes.",
			JA: "新しいフローとテストを、ルールのフォルダー NAME に作ります。検査済みで、テストも通ります。きっかけ・\n書き込み先・対象のレコード・書く項目を、フラグにないものだけ質問します。--on と --to(レコードなら\n--object と --match も)を付けると質問しません。値はイベントのレコードの項目(例: email、\nbilling_address.zip)か、二重引用符で囲んだ文字です。",
		},
		example: "  musubi rules new\n  musubi rules new customers --on \"shop customer.updated\" --to crm --object Account --match Mail__c=email --set Name=full_name\n  musubi rules new orders --on \"shop order.created\" --to chat.message.send --set 'channel=\"orders\"' --set text=number",
	}, func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			w.name = args[0]
		}
		return p.newFlow(&asker{p, bufio.NewReader(cmd.InOrStdin())}, &w)
	})
	flags := cmd.Flags()
	flags.StringVar(&w.on, "on", "", p.say("what starts it: `\"connection event\"`", "きっかけ: `\"接続 イベント\"`"))
	flags.StringVar(&w.to, "to", "", p.say("where it writes to: a `connection` that keeps records, or connection.action", "書き込み先: レコードを持つ接続(`connection`)、または 接続.アクション"))
	flags.StringVar(&w.object, "object", "", p.say("the `kind` of record, as in Account", "レコードの種類(`kind`、例: Account)"))
	flags.StringArrayVar(&w.match, "match", nil, p.say("which record is meant: `field=value`", "対象のレコードを決める`項目=値`"))
	flags.StringArrayVar(&w.set, "set", nil, p.say("what is written: `field=value`", "書く`項目=値`"))
	flags.StringVar(&w.read, "read", "", p.say("the `action` that reads the whole record first, or none; found by itself", "最初にレコード全体を読むアクション(`action`)。読まないなら none。省略すると自動で選ぶ"))
	flags.StringVar(&w.link, "link", "", p.say("the `kind` of link to remember between the records, or none; named after the record", "記憶する対応の種類(`kind`)。記憶しないなら none。省略するとレコードの名前"))
	flags.StringVar(&w.title, "title", "", p.say("a `title` for people", "人が読む題名(`title`)"))
	flags.StringVar(&w.dir, "dir", "", p.say("write to this `folder` instead of the configured one", "設定とは別のフォルダー(`folder`)に作る"))
	return cmd
}

func (p *program) newFlow(a *asker, w *wish) error {
	folder, err := p.rulesFolder(nil)
	if err != nil {
		return err
	}
	folder.Dir = cmp.Or(w.dir, folder.Dir)
	catalog, err := rules.WithObjects(folder.Catalog, os.DirFS(folder.Dir))
	if err != nil {
		return err
	}
	i := &interview{asker: a, wish: w, catalog: catalog, draft: rules.Draft{Lang: p.lang}}
	if err := i.hold(); err != nil {
		return err
	}
	files, err := rules.New(i.draft, i.catalog)
	if err != nil {
		return err
	}
	return p.keepFlow(folder, i.draft.Flow, files)
}

// keepFlow writes the files of a new flow and checks it among the others.
func (p *program) keepFlow(folder *app.RulesFolder, name string, files map[string][]byte) error {
	written := []string{}
	for _, file := range []string{"flow.yaml", "tests.yaml"} {
		f := newFile{filepath.Join(folder.Dir, name, file), files[file]}
		if err := f.write(); err != nil {
			return err
		}
		written = append(written, f.path)
	}
	_, wrong := folder.Load()
	if p.json {
		problems, err := problemsIn(wrong)
		return errors.Join(p.printJSON(map[string]any{"flow": name, "files": written, "ok": wrong == nil, "problems": problems}), err)
	}
	return p.show(nil, func(w *page) {
		for _, file := range written {
			w.line(p.say("Written: %s", "作成しました: %s"), file)
		}
		if problems, known := errors.AsType[diag.Problems](wrong); known {
			w.line("%s", p.say("The rules as a whole cannot be used yet, because:", "ルール全体は、次の点を直すと使えるようになります:"))
			w.WriteString(p.rendered(problems))
			return
		}
		w.line(p.say("It is checked, and its tests pass. Look at it with: musubi rules explain %s", "検査済みで、テストも通ります。内容の確認: musubi rules explain %s"), name)
	})
}

var mappingForm = regexp.MustCompile(`^\s*([^=]+?)\s*=\s*(.+?)\s*$`)

// mappings reads field=value.
func mappings(flag string, written []string) ([]rules.Mapping, error) {
	var all []rules.Mapping
	for _, text := range written {
		m := mappingForm.FindStringSubmatch(text)
		if m == nil {
			return nil, usage(
				fmt.Sprintf("--%s %s: write field=value", flag, text),
				fmt.Sprintf("--%s %s: 「項目=値」の形で書いてください", flag, text))
		}
		all = append(all, rules.Mapping{Field: m[1], From: m[2]})
	}
	return all, nil
}

// flowNameOf makes a name of what the flow is about.
func flowNameOf(d *rules.Draft) string {
	name := d.Event + "-to-" + d.Target
	return strings.Trim(regexp.MustCompile(`[^a-z0-9-]+`).ReplaceAllString(strings.ToLower(name), "-"), "-")
}
