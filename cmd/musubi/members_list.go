package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/spreadsheet"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// memberChoice is which members are listed, and how.
type memberChoice struct {
	where      string
	limit      int
	csv, count bool
}

func (p *program) membersList() *cobra.Command {
	var choice memberChoice
	cmd := p.command(about{
		use:   "list",
		short: abi.Text{EN: "List or count members, all or those for whom a condition holds", JA: "会員を一覧・集計する(条件で絞り込み可)"},
		long: abi.Text{
			EN: "List members in order of registration. --where is a condition as tag rules have it: member is the\nmember, now and today are the time. That all of them, or a CSV file, were handed out is kept for musubi audit.\n" + formulaNote.EN,
			JA: "会員を登録順に一覧します。--where にはタグルールと同じ条件を書きます(member が会員、now・today が現在)。\n全件またはCSVでの出力は操作の記録(musubi audit)に残ります。\n" + formulaNote.JA,
		},
		example: "  musubi members list --where \"member.totals.orders > 0 && !('VIP' in member.tags)\"\n" +
			"  musubi members list --where \"member.linked\" --count\n  musubi members list -n 0 --csv > members.csv",
	}, func(cmd *cobra.Command, _ []string) error { return p.listMembers(cmd.Context(), choice) })
	p.whereFlag(cmd, &choice.where)
	cmd.Flags().IntVarP(&choice.limit, "limit", "n", 50, p.say("how many at the most (`number`); 0 for all", "最大件数(`number`)。0ですべて"))
	cmd.Flags().BoolVar(&choice.csv, "csv", false, p.say("print CSV, UTF-8", "CSV(UTF-8)で出力する"))
	cmd.Flags().BoolVar(&choice.count, "count", false, p.say("print only how many", "件数だけを表示する"))
	return cmd
}

func (p *program) whereFlag(cmd *cobra.Command, where *string) {
	cmd.Flags().StringVar(where, "where", "", p.say("only members for whom this `condition` holds", "この条件(`condition`)に合う会員のみ"))
}

func (p *program) listMembers(ctx context.Context, choice memberChoice) error {
	c, err := p.host(ctx)
	if err != nil {
		return err
	}
	switch {
	case choice.count:
		return p.countMembers(ctx, c, choice.where)
	case choice.csv:
		return p.csvMembers(ctx, c, choice)
	}
	var all []commerce.Member
	take := func(m *commerce.Member) error {
		all = append(all, *m)
		return nil
	}
	if choice.limit == 0 {
		err = exportMembers(ctx, c, choice, take)
	} else {
		err = eachMember(ctx, c, choice, take)
	}
	if err != nil {
		return err
	}
	return p.show(api.MemberPage{Members: orEmpty(all)}, func(w *page) { p.memberTable(w, all) })
}

// pageOfMembers is how many members one request asks for.
const pageOfMembers = 500

// eachMember calls visit with every member that is chosen.
func eachMember(ctx context.Context, c *client.Client, choice memberChoice, visit func(*commerce.Member) error) error {
	f := api.MemberFilter{Where: choice.where}
	for left := choice.limit; ; {
		f.Limit = pageOfMembers
		if choice.limit > 0 {
			f.Limit = min(left, pageOfMembers)
		}
		page, err := c.Members(ctx, f)
		if err != nil {
			return err
		}
		for i := range page.Members {
			if err := visit(&page.Members[i]); err != nil {
				return err
			}
		}
		left -= len(page.Members)
		if page.Next == "" || (choice.limit > 0 && left <= 0) {
			return nil
		}
		f.After = page.Next
	}
}

// errEnough ends an export early.
var errEnough = errors.New("as many as were wanted")

// exportMembers calls visit with every member that is chosen. The host writes
// down who had them.
func exportMembers(ctx context.Context, c *client.Client, choice memberChoice, visit func(*commerce.Member) error) error {
	left := choice.limit
	err := c.EachMember(ctx, choice.where, func(m commerce.Member) error {
		if err := visit(&m); err != nil {
			return err
		}
		if left--; left == 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (p *program) countMembers(ctx context.Context, c *client.Client, where string) error {
	counted := struct {
		Count int `json:"count"`
	}{}
	err := eachMember(ctx, c, memberChoice{where: where}, func(*commerce.Member) error {
		counted.Count++
		return nil
	})
	if err != nil {
		return err
	}
	return p.show(counted, func(w *page) { w.line("%d", counted.Count) })
}

func (p *program) memberTable(w *page, all []commerce.Member) {
	if len(all) == 0 {
		w.line("%s", p.say("No members.", "該当する会員はいません。"))
		return
	}
	t := table{head: []string{
		p.say("MEMBER", "会員"), p.say("NAME", "氏名"), p.say("LINKED", "連携"), p.say("ORDERS", "購入回数"),
		p.say("AMOUNT", "購入金額"), p.say("TAGS", "タグ"),
	}}
	for i := range all {
		m := &all[i]
		t.row(m.ID, m.Name, p.yesNo(m.Linked), strconv.FormatInt(m.Totals.Orders, 10), amountOf(&m.Totals), strings.Join(m.Tags, ", "))
	}
	t.write(w, "")
}

func (p *program) yesNo(yes bool) string {
	if yes {
		return p.say("yes", "済")
	}
	return p.say("no", "未")
}

func amountOf(t *commerce.Totals) string {
	if t.Currency == "" {
		return ""
	}
	return commerce.Money{Amount: t.Amount, Currency: t.Currency}.Decimal() + " " + t.Currency
}

// csvMembers prints members one by one: a shop may have a million.
func (p *program) csvMembers(ctx context.Context, c *client.Client, choice memberChoice) error {
	zone := p.clock().zone
	w := spreadsheet.NewWriter(p.out)
	if err := w.Write(memberColumns); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	err := exportMembers(ctx, c, choice, func(m *commerce.Member) error { return w.Write(memberCells(m, zone)) })
	return errors.Join(err, w.Flush())
}

// memberColumns are the names of the columns, those of the fields in conditions.
var memberColumns = []string{
	"id", "name", "kana", "phones", "emails", "birthday", "tags", "flags", "points", "registered_at", "linked_at",
	"orders", "amount", "currency", "first_order_at", "last_order_at", "channels", "customers",
}

func memberCells(m *commerce.Member, zone *time.Location) []string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.DateTime)
	}
	channels, customers := make([]string, 0, len(m.Channels)), make([]string, 0, len(m.Customers))
	for _, c := range m.Channels {
		channels = append(channels, c.Connection+":"+c.UserID)
	}
	for _, c := range m.Customers {
		customers = append(customers, c.Connection+":"+c.ID)
	}
	return []string{
		m.ID, m.Name, m.Kana, strings.Join(m.Phones, " "), strings.Join(m.Emails, " "), string(m.Birthday),
		strings.Join(m.Tags, ","), strings.Join(m.Flags, ","), strconv.FormatInt(m.Points, 10), day(m.RegisteredAt), day(m.LinkedAt),
		strconv.FormatInt(m.Totals.Orders, 10), strconv.FormatInt(m.Totals.Amount, 10), m.Totals.Currency,
		day(m.Totals.FirstOrderAt), day(m.Totals.LastOrderAt), strings.Join(channels, " "), strings.Join(customers, " "),
	}
}
