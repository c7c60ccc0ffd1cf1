package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// description is what connections describe prints as JSON.
type description struct {
	File string `json:"file"`
	// Fields is how many fields each kind of record has.
	Fields map[string]int `json:"fields"`
	// Changes are the differences from what the file said before.
	Changes []fieldChange `json:"changes"`
}

func (p *program) connectionsDescribe() *cobra.Command {
	var objects []string
	var check bool
	cmd := p.command(about{
		use:   "describe CONNECTION",
		short: abi.Text{EN: "Note the fields of records beside the rules", JA: "レコードの項目をルールの横に保存する"},
		long: abi.Text{
			EN: "Ask the platform for the fields, custom ones included, of the kinds of record that the rules use, and\nnote them in a file in the rules folder. From then on rules are checked against them. With --check only\ntell what has changed at the platform; the exit status is 1 if anything has.",
			JA: "ルールで使うレコードの項目(カスタム項目を含む)をプラットフォームに問い合わせ、ルールのフォルダーの\nファイルに保存します。以後、ルールはこれに照らして調べられます。--check は、保存後の変更を表示する\nだけで、変更があれば終了コードは1です。",
		},
		example: "  musubi connections describe crm\n  musubi connections describe crm --object Lead --object Customer__c\n  musubi connections describe crm --check",
	}, func(cmd *cobra.Command, args []string) error {
		folder, err := p.rulesFolder(nil)
		if err != nil {
			return err
		}
		action, err := p.describeAction(folder, args[0])
		if err != nil {
			return err
		}
		return p.look(cmd.Context(), true, func(_ reader, read readFunc) error {
			d := &describing{folder: folder, connection: args[0], action: action, read: read}
			return p.describe(cmd.Context(), d, objects, check)
		})
	})
	cmd.Flags().StringSliceVar(&objects, "object", nil, p.say("describe this kind of `record` too", "この種類のレコード(`record`)も調べる"))
	cmd.Flags().BoolVar(&check, "check", false, p.say("only tell what has changed", "変更を表示するだけにする"))
	return cmd
}

func (p *program) describeAction(folder *app.RulesFolder, connection string) (string, error) {
	c := folder.Catalog.Connections[connection]
	if c == nil {
		return "", p.noConnection(nil, connection, slices.Sorted(maps.Keys(folder.Catalog.Connections)))
	}
	if c.Manifest.Records == nil || c.Manifest.Records.Describe == "" {
		return "", fault(nil,
			c.Manifest.ID+" cannot describe its records",
			c.Manifest.ID+" はレコードの項目を調べられません")
	}
	return c.Manifest.Records.Describe, nil
}

// describing is one connection being described.
type describing struct {
	folder             *app.RulesFolder
	connection, action string
	read               readFunc
}

func (p *program) describe(ctx context.Context, d *describing, objects []string, check bool) error {
	before, err := d.noted()
	if err != nil {
		return err
	}
	used, err := usedObjects(d.folder.Dir)
	if err != nil {
		return err
	}
	now, err := d.ask(ctx, slices.Sorted(maps.Keys(before)), objects, used)
	if err != nil {
		return err
	}
	result := description{File: d.file(), Fields: map[string]int{}, Changes: orEmpty(changedFields(before, now))}
	for name, object := range now {
		result.Fields[name] = len(object.Properties)
	}
	if !check {
		if err := d.write(now); err != nil {
			return err
		}
	}
	err = p.show(result, func(w *page) { p.showDescription(w, result, check) })
	if check && len(result.Changes) > 0 {
		return errors.Join(err, errSilent)
	}
	return err
}

// ask describes the kinds of record that are wanted. One that only the rules'
// text seems to name, and that the platform does not have, is left out.
func (d *describing) ask(ctx context.Context, noted, wanted, used []string) (map[string]*abi.Schema, error) {
	all := map[string]*abi.Schema{}
	for _, name := range slices.Concat(noted, wanted, used) {
		if all[name] != nil {
			continue
		}
		input, err := json.Marshal(abi.RecordKind{Object: name})
		if err != nil {
			return nil, fmt.Errorf("asking for the fields of %s: %w", name, err)
		}
		output, err := d.read(ctx, d.connection, d.action, input)
		if abi.KindOf(err) == abi.NotFound && !slices.Contains(wanted, name) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", name, err)
		}
		var shape abi.RecordShape
		if err := json.Unmarshal(output, &shape); err != nil {
			return nil, fmt.Errorf("reading the fields of %s: %w", name, err)
		}
		all[name] = shape.Fit()
	}
	return all, nil
}

func (d *describing) file() string {
	name, _, err := rules.ObjectsFile(d.connection, nil)
	if err != nil { // nothing to write: cannot fail
		return ""
	}
	return filepath.Join(d.folder.Dir, name)
}

// noted returns what the file says, nothing if there is none.
func (d *describing) noted() (map[string]*abi.Schema, error) {
	data, err := os.ReadFile(d.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the fields that were noted: %w", err)
	}
	var objects map[string]*abi.Schema
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.file(), err)
	}
	return objects, nil
}

func (d *describing) write(objects map[string]*abi.Schema) error {
	if len(objects) == 0 {
		return fault(nil,
			"the rules name no kind of record yet: name one with --object",
			"ルールで使うレコードがまだありません。--object で指定してください")
	}
	_, data, err := rules.ObjectsFile(d.connection, objects)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.folder.Dir, 0o755); err != nil {
		return fmt.Errorf("making the rules folder: %w", err)
	}
	if err := os.WriteFile(d.file(), data, 0o644); err != nil { //nolint:gosec // part of the rules, for git
		return fmt.Errorf("noting the fields: %w", err)
	}
	return nil
}

func (p *program) showDescription(w *page, result description, check bool) {
	for _, c := range result.Changes {
		w.line("%s", p.fieldChange(c))
	}
	for _, name := range slices.Sorted(maps.Keys(result.Fields)) {
		w.line(p.say("%s: %d fields", "%s: 項目 %d 件"), name, result.Fields[name])
	}
	switch {
	case !check:
		w.line(p.say("Noted in %s. Check the rules: musubi rules check", "%s に保存しました。ルールを調べる: musubi rules check"), result.File)
	case len(result.Changes) == 0:
		w.line("%s", p.say("Nothing has changed at the platform.", "プラットフォームでの変更はありません。"))
	default:
		w.line("%s", p.say("To note this, run it without --check.", "保存するには --check を付けずに実行してください。"))
	}
}
