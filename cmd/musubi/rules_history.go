package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) rulesHistory() *cobra.Command {
	var limit int
	cmd := p.command(about{
		use:   "history",
		short: abi.Text{EN: "List every version of the rules that was in force", JA: "これまでに使われたルールの版を一覧する"},
		long: abi.Text{
			EN: "List every version of the rules that was in force, newest first, with the flows that it added (+),\nremoved (-) or changed (~).",
			JA: "これまでに使われたルールの版を、新しい順に一覧します。増えたフロー(+)、なくなったフロー(-)、\n変わったフロー(~)も表示します。",
		},
	}, func(cmd *cobra.Command, _ []string) error {
		return p.read(cmd.Context(), func(from reader) error {
			versions, err := from.RulesHistory(cmd.Context(), limit+1)
			if err != nil {
				return err
			}
			listed := versions[:min(limit, len(versions))]
			return p.show(api.RulesHistory{Versions: orEmpty(listed)}, func(w *page) { p.showHistory(w, listed, versions) })
		})
	})
	cmd.Flags().VarP(atMost(&limit, 20), "limit", "n", p.say("how many at the most (`number`)", "最大件数(`number`)"))
	return cmd
}

// showHistory shows each listed version compared with the one before it.
func (p *program) showHistory(w *page, listed, all []host.RulesVersion) {
	if len(listed) == 0 {
		w.line("%s", p.say("No rules were in force yet.", "まだルールは使われていません。"))
		return
	}
	clock := p.clock()
	t := table{head: []string{p.say("VERSION", "版"), p.say("SINCE", "使用開始"), p.say("FLOWS", "フロー"), p.say("CHANGES", "変更")}}
	for i, v := range listed {
		var before map[string]string
		if i+1 < len(all) {
			before = all[i+1].Flows
		}
		t.row(v.Version, clock.text(v.Since), strings.Join(slices.Sorted(maps.Keys(v.Flows)), " "), changedFlows(before, v.Flows))
	}
	t.write(w, "")
}

// changedFlows names the flows that differ between two versions of the rules.
func changedFlows(before, after map[string]string) string {
	var changes []string
	for _, id := range slices.Sorted(maps.Keys(after)) {
		switch old, had := before[id]; {
		case !had:
			changes = append(changes, "+"+id)
		case old != after[id]:
			changes = append(changes, "~"+id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, has := after[id]; !has {
			changes = append(changes, "-"+id)
		}
	}
	return strings.Join(changes, " ")
}
