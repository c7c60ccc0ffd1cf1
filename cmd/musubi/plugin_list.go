package main

import (
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/sdk/abi"
)

// pluginSummary is one line of plugin list.
type pluginSummary struct {
	ID       string   `json:"id"`
	Version  string   `json:"version"`
	Title    abi.Text `json:"title"`
	Triggers int      `json:"triggers"`
	Actions  int      `json:"actions"`
	File     string   `json:"file"`
}

func (p *program) pluginList() *cobra.Command {
	var dir string
	cmd := p.command(about{
		use:   "list",
		short: abi.Text{EN: "List the plugins of the plugins folder", JA: "pluginsフォルダーのプラグインを一覧する"},
	}, func(*cobra.Command, []string) error {
		if dir == "" {
			c, err := p.config()
			if err != nil {
				return err
			}
			dir = c.Plugins
		}
		plugins, err := app.Plugins(dir)
		if err != nil {
			return err
		}
		list := summaries(plugins)
		return p.show(map[string]any{"plugins": list}, func(w *page) { p.pluginTable(w, dir, list) })
	})
	cmd.Flags().StringVar(&dir, "dir", "", p.say("another `folder` than the configured one", "設定とは別のフォルダー(`folder`)"))
	return cmd
}

func summaries(plugins map[string]*app.Plugin) []pluginSummary {
	list := make([]pluginSummary, 0, len(plugins))
	for _, id := range slices.Sorted(maps.Keys(plugins)) {
		m := plugins[id].Manifest
		list = append(list, pluginSummary{
			ID: id, Version: m.Version, Title: m.Title, Triggers: len(m.Triggers), Actions: len(m.Actions), File: plugins[id].File,
		})
	}
	return list
}

func (p *program) pluginTable(w *page, dir string, list []pluginSummary) {
	if len(list) == 0 {
		w.line(p.say("There are no plugins in %s: build one with musubi plugin build FOLDER -o %[1]s",
			"%s にプラグインはありません。musubi plugin build フォルダー -o %[1]s で作れます"), dir)
		return
	}
	t := table{whole: []int{4}, head: []string{
		p.say("PLUGIN", "プラグイン"), p.say("VERSION", "版"), p.say("TRIGGERS", "トリガー"),
		p.say("ACTIONS", "アクション"), p.say("FILE", "ファイル"), p.say("TITLE", "名称"),
	}}
	for _, s := range list {
		t.row(s.ID, s.Version, strconv.Itoa(s.Triggers), strconv.Itoa(s.Actions), s.File, p.lang.Pick(s.Title))
	}
	t.write(w, "")
}
