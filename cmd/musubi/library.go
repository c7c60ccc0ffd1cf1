package main

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) library() *cobra.Command {
	return p.group(about{
		use:   "library",
		short: abi.Text{EN: "Flows that are ready to be copied", JA: "そのままコピーして使えるフロー"},
	}, p.libraryList(), p.libraryShow(), p.libraryCopy())
}

func (p *program) libraryList() *cobra.Command {
	return p.command(about{
		use:   "list",
		short: abi.Text{EN: "List the flows of the library", JA: "ライブラリーのフローを一覧する"},
	}, func(*cobra.Command, []string) error {
		guides, err := p.guides()
		if err != nil {
			return err
		}
		return p.show(map[string]any{"flows": guides}, func(w *page) {
			t := table{head: []string{p.say("NAME", "名前"), p.say("NEEDS", "必要な接続"), p.say("TITLE", "題名")}}
			for _, g := range guides {
				t.row(g.Name, p.needs(g.Needs), g.Title)
			}
			t.write(w, "")
			w.line("%s", p.say("\n✓ is configured. Read one: musubi library show NAME", "\n✓ は設定済みです。詳しく見る: musubi library show 名前"))
		})
	})
}

func (p *program) libraryShow() *cobra.Command {
	cmd := p.command(about{
		use:   "show NAME",
		short: abi.Text{EN: "Show what a flow of the library does, and its file", JA: "フローの説明と内容を表示する"},
	}, func(_ *cobra.Command, args []string) error {
		g, err := p.guide(args[0])
		if err != nil {
			return err
		}
		flow, err := library.Flow(g.Name)
		if err != nil {
			return err
		}
		return p.show(map[string]any{"guide": g, "flow": string(flow)}, func(w *page) {
			w.line("%s\n", g.Text)
			p.showNeeds(w, g.Needs)
			w.line("\n%s", flow)
			w.line(p.say("Use it: musubi library copy %s", "使う: musubi library copy %s"), g.Name)
		})
	})
	cmd.ValidArgs, cmd.ValidArgsFunction = library.Names(), nil
	return cmd
}

// guide is the guide of one flow, compared with the configuration if there is one.
func (p *program) guide(name string) (guide, error) {
	g, err := readGuide(name, p.lang)
	if err != nil {
		return g, err
	}
	c, err := p.config()
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	}
	g.compare(c)
	return g, err
}

func (p *program) guides() ([]guide, error) {
	var all []guide
	for _, name := range library.Names() {
		g, err := p.guide(name)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
	}
	return all, nil
}

// needs names connections on one line.
func (p *program) needs(needs []need) string {
	var names []string
	for _, n := range needs {
		name := n.Connection + " (" + n.Connector + ")"
		if n.Configured {
			name += " ✓"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// showNeeds says of each connection whether it is there, and which could serve instead.
func (p *program) showNeeds(w *page, needs []need) {
	t := table{}
	for _, n := range needs {
		state := p.say("is not configured", "未設定です")
		switch {
		case n.Configured:
			state = p.say("is configured", "設定済みです")
		case len(n.Instead) > 0:
			state += p.say("; write instead: ", "。代わりに使える接続: ") + strings.Join(n.Instead, ", ")
		}
		t.row(n.Connection+" ("+n.Connector+")", state)
	}
	t.write(w, "")
}

// connectionsOf names the connections of a connector, sorted.
func connectionsOf(c *config.Config, connector string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.Connections)) {
		if c.Connections[name].Connector == connector {
			names = append(names, name)
		}
	}
	return names
}
