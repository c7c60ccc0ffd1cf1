package main

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) membersReview() *cobra.Command {
	var dismiss string
	cmd := p.command(about{
		use:   "review",
		short: abi.Text{EN: "List customers whom only a person can attribute", JA: "人の判断が必要な顧客(要確認)を一覧する"},
		long: abi.Text{
			EN: "Customers whose keys match several members, or lead to different ones. Settle one with members link,\nor with --dismiss if the customer is none of the members.",
			JA: "複数の会員に一致した、または項目によって別の会員に一致した顧客です。members link で連携するか、\nどの会員でもなければ --dismiss で片付けます。",
		},
		example: "  musubi members review\n  musubi members review --dismiss shop:30511",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		if dismiss != "" {
			return p.dismissReview(cmd, c, dismiss)
		}
		reviews, err := c.MemberReviews(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(api.MemberReviewPage{Reviews: orEmpty(reviews)}, func(w *page) { p.reviewTable(w, reviews) })
	})
	cmd.Flags().StringVar(&dismiss, "dismiss", "", p.say("this customer, `connection:id`, is none of the members", "この顧客(`connection:id`)はどの会員でもない"))
	return cmd
}

func (p *program) dismissReview(cmd *cobra.Command, c *client.Client, customer string) error {
	refs, err := refs("--dismiss", []string{customer})
	if err != nil {
		return err
	}
	return c.DismissReview(cmd.Context(), refs[0])
}

func (p *program) reviewTable(w *page, reviews []host.MemberReview) {
	if len(reviews) == 0 {
		w.line("%s", p.say("Nothing to review.", "確認が必要な顧客はいません。"))
		return
	}
	t := table{head: []string{
		p.say("CUSTOMER", "顧客"), p.say("WHY", "理由"), p.say("MATCHES", "一致した項目"), p.say("MEMBERS", "会員"), p.say("SINCE", "発生"),
	}}
	for _, r := range reviews {
		t.row(r.Customer.Connection+":"+r.Customer.ID, p.reviewReason(r.Reason), r.Key+" "+r.Value, strings.Join(r.Members, " "), p.clock().text(r.Since))
	}
	t.write(w, "")
}

func (p *program) reviewReason(reason string) string {
	switch reason {
	case host.ReviewAmbiguous:
		return p.say("several match", "複数一致")
	case host.ReviewConflict:
		return p.say("keys disagree", "項目間の不一致")
	case host.ReviewUnsure:
		return p.say("not sure enough", "確度不足")
	default:
		return reason
	}
}

func (p *program) membersPending() *cobra.Command {
	return p.command(about{
		use:     "pending",
		short:   abi.Text{EN: "List customers who are linked when their first order comes", JA: "初回注文を待って連携される顧客を一覧する"},
		example: "  musubi members pending --json",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		pending, err := c.MemberPending(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(api.MemberPendingPage{Pending: orEmpty(pending)}, func(w *page) {
			t := table{head: []string{p.say("CUSTOMER", "顧客"), p.say("MEMBER", "会員"), p.say("SINCE", "発生")}}
			for _, row := range pending {
				t.row(row.Customer.Connection+":"+row.Customer.ID, row.Member, p.clock().text(row.Since))
			}
			t.write(w, "")
			if len(pending) == 0 {
				w.line("%s", p.say("Nobody waits.", "待っている顧客はいません。"))
			}
		})
	})
}

func (p *program) membersFaults() *cobra.Command {
	return p.command(about{
		use:     "faults",
		short:   abi.Text{EN: "List events that members could not take in", JA: "会員に取り込めなかったイベントを一覧する"},
		example: "  musubi members faults",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		faults, err := c.MemberFaults(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(api.MemberFaultPage{Faults: orEmpty(faults)}, func(w *page) {
			t := table{whole: []int{4}, head: []string{p.say("TIME", "日時"), p.say("EVENT", "イベント"), p.say("TYPE", "種類"), p.say("SUBJECT", "対象"), p.say("ERROR", "エラー")}}
			for _, f := range faults {
				t.row(p.clock().text(f.At), f.Event, f.Connection+"."+f.Type, f.Subject, p.lang.Pick(abi.Text{EN: f.Error, JA: cmp.Or(f.ErrorJA, f.Error)}))
			}
			t.write(w, "")
			if len(faults) == 0 {
				w.line("%s", p.say("No faults.", "取り込みエラーはありません。"))
			}
		})
	})
}

func (p *program) membersStats() *cobra.Command {
	return p.command(about{
		use:     "stats",
		short:   abi.Text{EN: "Count members and links by the month of registration", JA: "登録月ごとの会員数と連携数を表示する"},
		example: "  musubi members stats",
	}, func(cmd *cobra.Command, _ []string) error {
		c, err := p.host(cmd.Context())
		if err != nil {
			return err
		}
		stats, err := c.MemberStats(cmd.Context())
		if err != nil {
			return err
		}
		return p.show(stats, func(w *page) {
			t := table{head: []string{p.say("MONTH", "登録月"), p.say("REGISTERED", "登録"), p.say("LINKED", "連携済"), p.say("NOT LINKED", "未連携")}}
			for _, m := range append(stats.Months, host.MemberMonth{Month: p.say("all", "合計"), Registered: stats.Registered, Linked: stats.Linked}) {
				t.row(m.Month, strconv.FormatInt(m.Registered, 10), strconv.FormatInt(m.Linked, 10), strconv.FormatInt(m.Registered-m.Linked, 10))
			}
			t.write(w, "")
			p.quietTags(w, stats.Quiet)
		})
	})
}

// quietTags tells of tags that were given without flows hearing of it.
func (p *program) quietTags(w *page, tags []host.QuietTag) {
	if len(tags) == 0 {
		return
	}
	w.line("\n%s", p.say("Given quietly, because the rule was new or changed (members message writes to who has a tag):",
		"ルールの追加・変更により、通知せずに付けたタグ(送るには members message を使います):"))
	t := table{head: []string{p.say("TAG", "タグ"), p.say("MEMBERS", "会員"), p.say("TIME", "日時")}}
	for _, q := range tags {
		t.row(q.Tag, strconv.FormatInt(q.Members, 10), p.clock().text(q.At))
	}
	t.write(w, "")
}
