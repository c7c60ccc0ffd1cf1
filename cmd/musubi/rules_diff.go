package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rulesDiff() *cobra.Command {
	cmd := p.command(about{
		use:   "diff [VERSION|FOLDER]",
		short: abi.Text{EN: "Say in words what the rules folder changes", JA: "ルールの変更点を文章で表示する"},
		long: abi.Text{
			EN: "Say in words what changes from the rules in force, or from an earlier VERSION of them, to the rules\nfolder; or from the rules folder to another FOLDER. Versions: musubi rules history.",
			JA: "使用中のルール(または以前の版 VERSION)から、ルールのフォルダーへの変更点を文章で表示します。\nFOLDER を指定すると、ルールのフォルダーからそのフォルダーへの変更点です。版の一覧: musubi rules history",
		},
		example: "  musubi rules diff\n  musubi rules diff 9f86d081884c7d65\n  musubi rules diff ./rules-new",
	}, func(cmd *cobra.Command, args []string) error {
		folder, err := p.rulesFolder(nil)
		if err != nil {
			return err
		}
		set, err := folder.Load()
		if err != nil {
			return err
		}
		if len(args) == 1 {
			if info, err := os.Stat(args[0]); err == nil && info.IsDir() {
				other := app.RulesFolder{Dir: args[0], Catalog: folder.Catalog}
				after, err := other.Load()
				if err != nil {
					return err
				}
				return p.showDiff(set, after)
			}
		}
		return p.read(cmd.Context(), func(from reader) error {
			before, err := p.earlier(cmd.Context(), from, args, folder.Catalog)
			if err != nil {
				return err
			}
			return p.showDiff(before, set)
		})
	})
	cmd.ValidArgsFunction = nil
	return cmd
}

// earlier loads the version that was named, or the newest one that came into force.
func (p *program) earlier(ctx context.Context, from reader, args []string, catalog *rules.Catalog) (*rules.Set, error) {
	if len(args) == 0 {
		newest, err := from.RulesHistory(ctx, 1)
		if err != nil {
			return nil, err
		}
		if len(newest) == 0 {
			return new(rules.Set), nil
		}
		args = []string{newest[0].Version}
	}
	sources, err := from.RulesSources(ctx, args[0])
	if errors.Is(err, host.ErrNotFound) {
		return nil, fault(err,
			fmt.Sprintf("there is no version or folder %q: see musubi rules history", args[0]),
			fmt.Sprintf("「%s」という版もフォルダーもありません。musubi rules history をご覧ください", args[0]))
	}
	if err != nil {
		return nil, err
	}
	return rules.LoadSources(sources, catalog)
}

func (p *program) showDiff(before, after *rules.Set) error {
	w := &page{}
	if err := rules.Diff(w, before, after, p.lang); err != nil {
		return err
	}
	return p.show(map[string]string{"before": before.Version(), "after": after.Version(), "text": w.String()}, func(out *page) {
		out.Write(w.Bytes())
	})
}
