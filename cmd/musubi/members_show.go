package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func (p *program) membersFind() *cobra.Command {
	var search api.MemberSearch
	cmd := p.command(about{
		use:     "find",
		short:   abi.Text{EN: "Find members by telephone number, e-mail address, channel user or customer", JA: "電話番号・メール・チャネルのユーザー・顧客から会員を探す"},
		example: "  musubi members find --phone 090-1111-2222\n  musubi members find --connection line --user U4af4980629\n  musubi members find --connection shop --customer 30511",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		found, err := c.FindMembers(cmd.Context(), search)
		if err != nil {
			return err
		}
		return p.show(api.MemberPage{Members: orEmpty(found)}, func(w *page) { p.memberTable(w, found) })
	})
	cmd.Flags().StringVar(&search.Phone, "phone", "", p.say("telephone `number`, however it is written", "電話番号(`number`)。表記は自由"))
	cmd.Flags().StringVar(&search.Email, "email", "", p.say("e-mail `address`", "メールアドレス(`address`)"))
	cmd.Flags().StringVar(&search.Connection, "connection", "", p.say("`connection` of --user or --customer", "--user・--customer の接続名(`connection`)"))
	cmd.Flags().StringVar(&search.User, "user", "", p.say("the person's `id` at a channel", "チャネルでのユーザーID(`id`)"))
	cmd.Flags().StringVar(&search.CustomerID, "customer", "", p.say("the customer's `id` at a cart", "カートでの顧客ID(`id`)"))
	return cmd
}

func (p *program) membersShow() *cobra.Command {
	return p.command(about{
		use:     "show MEMBER",
		short:   abi.Text{EN: "Show a member: purchases, tags with their reasons, history", JA: "会員の購入・タグとその理由・履歴を表示する"},
		example: "  musubi members show 01K9ZQ4X7V5S3M2N8B6C1D0F9G",
	}, func(cmd *cobra.Command, args []string) error {
		return p.onMember(cmd.Context(), args[0], func(c *client.Client, id string) error {
			detail, err := c.Member(cmd.Context(), id)
			if err != nil {
				return err
			}
			return p.show(detail, func(w *page) { p.memberDetail(w, p.clock(), &detail) })
		})
	})
}

// onMember calls do with the running host.
func (p *program) onMember(ctx context.Context, id string, do func(c *client.Client, id string) error) error {
	c, err := p.host(ctx)
	if err != nil {
		return err
	}
	return do(c, id)
}

func (p *program) memberDetail(w *page, clock clock, d *api.MemberDetail) {
	p.memberFields(w, clock, &d.Member)
	if len(d.Tags) > 0 {
		w.line("\n%s", p.say("Tags", "タグ"))
		t := table{}
		for _, tag := range d.Tags {
			t.row(tag.Tag, clock.text(tag.At), p.lang.Pick(tag.Cause.Text()))
		}
		t.write(w, "  ")
	}
	if len(d.Purchases) > 0 {
		w.line("\n%s", p.say("Purchases", "購入"))
		p.purchaseTable(w, clock, d.Purchases)
	}
	w.line("\n%s", p.say("History", "履歴"))
	t := table{}
	for _, h := range d.History {
		t.row(clock.text(h.At), p.memberChange(h.What), h.Detail, p.lang.Pick(h.Cause.Text()))
	}
	t.write(w, "  ")
}

func (p *program) memberFields(w *page, clock clock, m *commerce.Member) {
	w.line("%s  %s", m.ID, strings.TrimSpace(m.Name+" "+m.Kana))
	t := table{}
	field := func(name, value string) {
		if value != "" {
			t.row(name, value)
		}
	}
	field(p.say("telephone", "電話"), strings.Join(m.Phones, ", "))
	field(p.say("e-mail", "メール"), strings.Join(m.Emails, ", "))
	field(p.say("birthday", "誕生日"), string(m.Birthday))
	field(p.say("registered", "登録"), clock.text(m.RegisteredAt))
	for _, c := range m.Channels {
		field(c.Connection, strings.TrimSpace(c.UserID+" "+c.Name+" "+p.following(c.Following)))
	}
	for _, c := range m.Customers {
		field(c.Connection, fmt.Sprintf(p.say("customer %s, linked %s by %s", "顧客 %s(%s 連携、%s)"), cmp.Or(c.Number, c.ID), clock.text(c.LinkedAt), c.Key))
	}
	field(p.say("flags", "フラグ"), strings.Join(m.Flags, ", "))
	if m.Points != 0 {
		field(p.say("points", "ポイント"), strconv.FormatInt(m.Points, 10))
	}
	field(p.say("orders", "購入"), fmt.Sprintf(p.say("%d, %s", "%d回 %s"), m.Totals.Orders, amountOf(&m.Totals)))
	t.write(w, "  ")
}

func (p *program) following(yes bool) string {
	if yes {
		return p.say("(friend)", "(友だち)")
	}
	return p.say("(blocked or gone)", "(ブロックまたは退会)")
}

func (p *program) purchaseTable(w *page, clock clock, purchases []host.MemberPurchase) {
	t := table{}
	for _, b := range purchases {
		state := ""
		if b.Cancelled {
			state = p.say("cancelled", "キャンセル")
		}
		t.row(clock.text(b.OrderedAt), b.Connection, cmp.Or(b.Number, b.Order), b.Total.Decimal()+" "+b.Total.Currency, strings.Join(b.Items, ", "), state, b.URL)
	}
	t.write(w, "  ")
}

// memberChange names a change for people.
func (p *program) memberChange(what string) string {
	names := map[string]abi.Text{
		host.MemberRegistered: {EN: "registered", JA: "登録"}, host.MemberChannel: {EN: "channel", JA: "チャネル"},
		host.MemberContact: {EN: "contact", JA: "連絡先"}, host.MemberLinked: {EN: "linked", JA: "連携"},
		host.MemberUnlinked: {EN: "unlinked", JA: "連携解除"}, host.MemberTagged: {EN: "tagged", JA: "タグ付け"},
		host.MemberUntagged: {EN: "untagged", JA: "タグ解除"}, host.MemberFlagged: {EN: "flag up", JA: "フラグON"},
		host.MemberUnflagged: {EN: "flag down", JA: "フラグOFF"}, host.MemberPoints: {EN: "points", JA: "ポイント"},
		host.MemberMerged: {EN: "merged", JA: "統合"}, host.MemberSplit: {EN: "split", JA: "分割"},
	}
	return cmp.Or(p.lang.Pick(names[what]), what)
}
