package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/supply"
	"github.com/musubi-run/musubi/sdk/abi"
)

// acceptance is what plugin accept prints as JSON.
type acceptance struct {
	File     string           `json:"file"`
	Accepted bool             `json:"accepted"`
	Plugins  []acceptedPlugin `json:"plugins"`
}

type acceptedPlugin struct {
	ID          string              `json:"id"`
	Differences []supply.Difference `json:"differences"`
	supply.Entry
}

func (p *program) pluginAccept() *cobra.Command {
	var yes bool
	cmd := p.command(about{
		use:   "accept [PLUGIN...]",
		short: abi.Text{EN: "See what plugins can reach now, and accept it", JA: "プラグインの届く先の変化を確かめて承認する"},
		long: abi.Text{
			EN: "Show how the plugins differ from what was accepted: another file, a new host, a new secret. With --yes\nit is accepted in plugins.lock, beside musubi.yaml; keep that file in git. From then on a plugin that is\nnot what the file says is refused by serve and check. Without the file every plugin of the folder is run.",
			JA: "承認済みの内容との違い(別のファイル、新しい送信先、新しい秘密の値など)を表示します。--yes を付けると\nmusubi.yaml の隣の plugins.lock に記録します。gitで管理してください。以後、記録と違うプラグインは serve と\ncheck が拒否します。このファイルがなければ、フォルダー内のプラグインをそのまま使います。",
		},
		example: "  musubi plugin accept\n  musubi plugin accept ecforce --yes",
	}, func(_ *cobra.Command, ids []string) error {
		c, err := p.config()
		if err != nil {
			return err
		}
		result, lock, err := p.compare(c.Plugins, supply.Path(c.File), ids)
		if err != nil {
			return err
		}
		if result.Accepted = yes && len(result.Plugins) > 0; result.Accepted {
			if err := lock.Write(); err != nil {
				return err
			}
		}
		return p.show(result, func(w *page) { p.showAcceptance(w, result) })
	})
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("accept it", "承認する"))
	return cmd
}

// compare returns how the plugins named, or all of the folder, differ from the
// lock, and the lock as it is once that is accepted.
func (p *program) compare(dir, file string, ids []string) (acceptance, *supply.Lock, error) {
	result := acceptance{File: file, Plugins: []acceptedPlugin{}}
	plugins, err := app.Plugins(dir)
	if err != nil {
		return result, nil, err
	}
	lock, err := supply.ReadLock(file)
	if err != nil {
		return result, nil, err
	}
	if lock == nil {
		lock = &supply.Lock{File: file, Plugins: map[string]*supply.Entry{}}
	}
	if len(ids) == 0 {
		ids = slices.Sorted(maps.Keys(plugins))
	}
	for _, id := range ids {
		plugin := plugins[id]
		if plugin == nil {
			return result, nil, fault(nil, fmt.Sprintf("there is no plugin %s in %s: see musubi plugin list", id, dir),
				fmt.Sprintf("%[2]s にプラグイン %[1]s はありません。musubi plugin list で確認してください", id, dir))
		}
		entry, err := plugin.Describe()
		if err != nil {
			return result, nil, err
		}
		differences := lock.Differences(id, entry)
		lock.Plugins[id] = &entry
		result.Plugins = append(result.Plugins, acceptedPlugin{id, orEmpty(differences), entry})
	}
	return result, lock, nil
}

func (p *program) showAcceptance(w *page, a acceptance) {
	changed := 0
	for _, plugin := range a.Plugins {
		if len(plugin.Differences) == 0 {
			w.line(p.say("%s %s is as it was accepted", "%s %s は承認済みのとおりです"), plugin.ID, plugin.Version)
			continue
		}
		changed++
		w.line("%s %s", plugin.ID, plugin.Version)
		for _, d := range plugin.Differences {
			mark := " "
			if d.More {
				mark = "!"
			}
			w.line("  %s %s", mark, clean(p.lang.Pick(d.Text), false))
		}
	}
	switch {
	case len(a.Plugins) == 0:
		w.line("%s", p.say("There are no plugins.", "プラグインはありません。"))
	case a.Accepted:
		w.line(p.say("Accepted in %s. Keep it in git.", "%s に記録しました。gitで管理してください。"), a.File)
	case changed > 0:
		w.line("%s", p.say("! asks for more. To accept this: musubi plugin accept --yes", "! は求めるものが増えた箇所です。承認するには: musubi plugin accept --yes"))
	}
}
