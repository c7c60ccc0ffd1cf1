package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) links() *cobra.Command {
	return p.group(about{
		use:   "links",
		short: abi.Text{EN: "Look up which record here is which record there", JA: "どのレコードがどのレコードに対応するかを調べる"},
	}, p.linksGet(), p.linksList())
}

func (p *program) linksGet() *cobra.Command {
	var filter host.LinkFilter
	cmd := p.command(about{
		use:     "get CONNECTION ID",
		short:   abi.Text{EN: "Show what one record is linked with, from either side", JA: "レコードの対応先を、どちら側からでも表示する"},
		example: "  musubi links get shop 30511\n  musubi links get crm 001xx000003DGb2 --object Account",
	}, func(cmd *cobra.Command, args []string) error {
		filter.From.Connection, filter.From.ID = args[0], args[1]
		return p.showLinks(cmd, filter)
	})
	cmd.Flags().StringVar(&filter.Kind, "kind", "", p.say("only links of this `kind`", "対応の種類(`kind`)で絞り込む"))
	cmd.Flags().StringVar(&filter.From.Object, "object", "", p.say("the record's `kind` at the platform, as in Account", "プラットフォームでのレコードの種類(`kind`、例: Account)"))
	return cmd
}

func (p *program) linksList() *cobra.Command {
	var filter host.LinkFilter
	cmd := p.command(about{
		use:     "list",
		short:   abi.Text{EN: "List links", JA: "対応を一覧する"},
		example: "  musubi links list --kind customer -n 100",
	}, func(cmd *cobra.Command, _ []string) error { return p.showLinks(cmd, filter) })
	cmd.Flags().StringVar(&filter.Kind, "kind", "", p.say("only links of this `kind`", "対応の種類(`kind`)で絞り込む"))
	cmd.Flags().StringVar(&filter.From.Connection, "connection", "", p.say("only links of this `connection`", "接続(`connection`)で絞り込む"))
	cmd.Flags().VarP(atMost(&filter.Limit, 20), "limit", "n", p.say("how many at the most (`number`)", "最大件数(`number`)"))
	return cmd
}

func (p *program) showLinks(cmd *cobra.Command, filter host.LinkFilter) error {
	return p.read(cmd.Context(), func(from reader) error {
		links, err := from.Links(cmd.Context(), filter)
		if err != nil {
			return err
		}
		return p.show(api.LinkPage{Links: orEmpty(links)}, func(w *page) { p.linkTable(w, links) })
	})
}

func (p *program) linkTable(w *page, links []host.Link) {
	if len(links) == 0 {
		w.line("%s", p.say("No links.", "該当する対応はありません。"))
		return
	}
	clock := p.clock()
	t := table{head: []string{
		p.say("KIND", "種類"), p.say("FROM", "元"), p.say("TO", "先"),
		p.say("CREATED", "作成"), p.say("WRITTEN", "更新"), p.say("RUN", "実行"),
	}}
	for _, l := range links {
		t.row(l.Kind, ref(l.From), ref(l.To), clock.text(l.Created), clock.text(l.Written), l.Run)
	}
	t.write(w, "")
}

// ref names a record: connection, kind of record if there is one, id.
func ref(r host.Ref) string {
	if r.Object == "" {
		return r.Connection + " " + r.ID
	}
	return r.Connection + " " + r.Object + " " + r.ID
}
