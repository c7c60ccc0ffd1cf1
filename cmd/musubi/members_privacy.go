package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) membersErase() *cobra.Command {
	var erasure api.MemberErasure
	var customer string
	var yes bool
	cmd := p.command(about{
		use:   "erase [MEMBER]",
		short: abi.Text{EN: "Forget a person who asks for it", JA: "本人の求めに応じて個人情報を消去する"},
		long: abi.Text{
			EN: "Forget a member: channels, contacts, tags, history. Customers of carts stay, linked with nobody; with\n--customers they and their orders are forgotten too. --customer forgets one customer, who needs not be\na member. Without --yes it only counts.\n\nErase the person at the cart first: who is still there is told of again. Events and runs that name the\nperson go with their retention (see retention in musubi.yaml); the audit log keeps ids and numbers only.",
			JA: "会員のチャネル・連絡先・タグ・履歴を消去します。カート顧客は未連携として残りますが、--customers を付けると\n購入履歴とともに消去します。--customer は顧客1人(会員でなくてもよい)を消去します。--yes がなければ件数を\n数えるだけです。\n\n先にカート側で削除してください。残っていると再び取り込まれます。イベントと実行の記録は保存期間(musubi.yaml の\nretention)が過ぎると消えます。操作の記録にはidと件数だけが残ります。",
		},
		example: "  musubi members erase 01K9ZQ4X7V5S3M2N8B6C1D0F9G --customers\n  musubi members erase --customer shop:30511 --yes",
	}, func(cmd *cobra.Command, args []string) error {
		if (len(args) == 1) == (customer != "") {
			return usage("give either MEMBER or --customer", "MEMBER か --customer のどちらかを指定してください")
		}
		if len(args) == 1 {
			erasure.Member = args[0]
			return p.eraseMember(cmd, erasure, yes)
		}
		customers, err := refs("--customer", []string{customer})
		if err != nil {
			return err
		}
		erasure.Customer = &customers[0]
		return p.eraseMember(cmd, erasure, yes)
	})
	cmd.Flags().StringVar(&customer, "customer", "", p.say("forget this customer, `connection:id`", "この顧客(`connection:id`)を消去する"))
	cmd.Flags().BoolVar(&erasure.Customers, "customers", false, p.say("the member's customers and their orders as well", "会員の顧客と購入履歴も消去する"))
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without, only count", "実行する(指定しなければ件数を数えるだけ)"))
	return cmd
}

func (p *program) eraseMember(cmd *cobra.Command, erasure api.MemberErasure, yes bool) error {
	c, err := p.host(cmd.Context())
	if err != nil {
		return err
	}
	erasure.Preview = !yes
	erased, err := c.EraseMember(cmd.Context(), erasure)
	if err != nil {
		return err
	}
	return p.show(erased, func(w *page) {
		if erased.Member != "" {
			w.line("%s", fmt.Sprintf(p.say("member %s %s", "会員 %s %s"), erased.Member, erased.Name))
		}
		for _, customer := range erased.Customers {
			w.line(p.say("customer %s:%s", "顧客 %s:%s"), customer.Connection, customer.ID)
		}
		if yes {
			w.line(p.say("Forgotten, with %d orders.", "注文%d件とともに消去しました。"), erased.Orders)
			return
		}
		w.line(p.say("This would be forgotten, with %d orders. Do it with --yes.", "上記と注文%d件が消去されます。実行するには --yes を付けてください。"), erased.Orders)
	})
}

func (p *program) membersForm() *cobra.Command {
	var ask api.MemberFormAsk
	cmd := p.command(about{
		use:   "form MEMBER FORM",
		short: abi.Text{EN: "Make a member's own address of a form", JA: "会員専用のフォームURLを作る"},
		long: abi.Text{
			EN: "Make the address under which one member opens a form of musubi.yaml. Who has the address is taken for\nthe member until it expires: send it to nobody else.",
			JA: "musubi.yaml のフォームを会員本人が開くためのURLを作ります。URLを持つ人は期限まで本人として扱われます。\n本人以外に送らないでください。",
		},
		example: "  musubi members form 01K9ZQ4X7V5S3M2N8B6C1D0F9G contact --valid 24",
	}, func(cmd *cobra.Command, args []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		ask.Form = args[1]
		form, err := c.MemberForm(cmd.Context(), args[0], ask)
		if err != nil {
			return err
		}
		return p.show(form, func(w *page) { w.line("%s", form.URL) })
	})
	cmd.Flags().Int64Var(&ask.ValidHours, "valid", 72, p.say("how many `hours` it works", "有効な時間数(`hours`)"))
	return cmd
}
