package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rulesExplain() *cobra.Command {
	cmd := p.command(about{
		use:     "explain RULE",
		short:   abi.Text{EN: "Say in prose what a flow, a tag rule or a link rule does", JA: "フロー・タグのルール・連携ルールの働きを文章で説明する"},
		example: "  musubi rules explain rules/customers.yaml > customers.md\n  musubi rules explain VIP",
	}, func(_ *cobra.Command, args []string) error {
		w := &page{}
		kind, name, err := p.explainRule(w, args[0])
		if err != nil {
			return err
		}
		return p.show(map[string]string{kind: name, "text": w.String()}, func(out *page) { out.Write(w.Bytes()) })
	})
	cmd.ValidArgsFunction = nil
	return cmd
}

// explainRule writes what a rule does that a person names: a rule about members by
// its name or file, or a flow.
func (p *program) explainRule(w *page, name string) (kind, id string, err error) {
	folder, err := p.rulesFolder(nil)
	if err != nil {
		return "", "", err
	}
	if set, err := folder.Load(); err == nil {
		inside, _ := within(folder.Dir, name)
		for _, named := range []string{name, inside} {
			if kind, err := set.ExplainMembers(w, named, p.lang); kind != "" {
				return kind, named, err
			}
		}
	}
	flow, err := p.flow(name)
	if err != nil {
		return "", "", err
	}
	return "flow", flow.ID, rules.Explain(w, flow, p.lang)
}

func (p *program) rulesSchema() *cobra.Command {
	return p.command(about{
		use:   "schema",
		short: abi.Text{EN: "Print a JSON Schema that editors check rules with", JA: "エディターの補完・検査に使うJSON Schemaを出力する"},
		long: abi.Text{
			EN: "Print a JSON Schema of rules files with the connections, events and actions of this host, so that\neditors complete and check while you write.",
			JA: "このホストの接続・イベント・アクションを含む、ルールファイルのJSON Schemaを出力します。\nエディターに設定すると、書きながら補完と検査ができます。",
		},
		example: "  musubi rules schema > rules.schema.json",
	}, func(*cobra.Command, []string) error {
		folder, err := p.rulesFolder(nil)
		if err != nil {
			return err
		}
		schema, err := rules.JSONSchema(folder.Catalog)
		if err != nil {
			return err
		}
		return p.printJSON(json.RawMessage(schema))
	})
}

// formatted is what rules fmt prints as JSON of one file.
type formatted struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"`
}

func (p *program) rulesFormat() *cobra.Command {
	var write bool
	cmd := p.command(about{
		use:   "fmt FILE...",
		short: abi.Text{EN: "Put rules files in good form", JA: "ルールファイルの書き方を整える"},
		long: abi.Text{
			EN: "Put rules files in good form: what needs quotes is quoted, full-width signs in expressions become\nhalf-width. Comments and layout stay. The result is printed, or with -w written to the file.",
			JA: "ルールファイルの書き方を整えます。引用符が要る値に引用符を付け、式の中の全角記号を半角にします。\nコメントや配置は変わりません。結果は表示するか、-w を付けるとファイルに書き込みます。",
		},
		example: "  musubi rules fmt -w rules/*.yaml",
	}, func(_ *cobra.Command, files []string) error {
		folder, err := p.rulesFolder(nil)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := p.format(file, folder.Catalog, write); err != nil {
				return err
			}
		}
		return nil
	})
	cmd.ValidArgsFunction = nil
	cmd.Flags().BoolVarP(&write, "write", "w", false, p.say("write the result to the file", "結果をファイルに書き込む"))
	return cmd
}

func (p *program) format(file string, catalog *rules.Catalog, write bool) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the rules: %w", err)
	}
	after, err := rules.Format(filepath.Base(file), before, catalog)
	if err != nil {
		return err
	}
	result := formatted{File: file, Changed: !bytes.Equal(before, after)}
	if !write {
		return p.show(map[string]any{"file": file, "changed": result.Changed, "text": string(after)}, func(w *page) { w.Write(after) })
	}
	if !result.Changed {
		return nil
	}
	if err := os.WriteFile(file, after, 0o644); err != nil { //nolint:gosec // part of the rules, for git
		return fmt.Errorf("writing the rules: %w", err)
	}
	return p.show(result, func(w *page) { w.line("%s", file) })
}
