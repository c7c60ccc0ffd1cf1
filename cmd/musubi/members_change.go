package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// membersTag is the command tag or, with remove, untag.
func (p *program) membersTag(remove bool) *cobra.Command {
	a := about{
		use:   "tag TAG [MEMBER]",
		short: abi.Text{EN: "Tag one member, or all for whom a condition holds", JA: "会員1人、または条件に合う全員にタグを付ける"},
		long: abi.Text{
			EN: "Tag a member. With --where, all members for whom the condition holds: without --yes it only counts.",
			JA: "会員にタグを付けます。--where を指定すると条件に合う全員が対象になり、--yes がなければ件数を数えるだけです。",
		},
		example: "  musubi members tag VIP 01K9ZQ4X7V5S3M2N8B6C1D0F9G\n  musubi members tag VIP --where \"member.totals.amount >= 100000\" --yes",
	}
	if remove {
		a = about{
			use:     "untag TAG [MEMBER]",
			short:   abi.Text{EN: "Take a tag from one member, or from all for whom a condition holds", JA: "会員1人、または条件に合う全員からタグを外す"},
			long:    abi.Text{EN: "Take a tag away. No rule gives it to the member again.", JA: "タグを外します。外したタグは、ルールによって再び付くことはありません。"},
			example: "  musubi members untag VIP 01K9ZQ4X7V5S3M2N8B6C1D0F9G\n  musubi members untag 休眠 --where \"member.totals.orders == 0\" --yes",
		}
	}
	tagging := api.MemberTagging{Remove: remove}
	var yes bool
	cmd := p.command(a, func(cmd *cobra.Command, args []string) error {
		if err := oneOrMany(args[1:], tagging.Where != "", "MEMBER", "--where"); err != nil {
			return err
		}
		tagging.Tag = args[0]
		if len(args) == 1 {
			return p.tagMany(cmd.Context(), tagging, yes)
		}
		act := api.MemberAct{Tag: args[0]}
		if remove {
			act = api.MemberAct{Untag: args[0]}
		}
		return p.actOnMember(cmd.Context(), args[1], act)
	})
	p.whereFlag(cmd, &tagging.Where)
	cmd.Flags().BoolVar(&yes, "yes", false, p.say("do it; without, only count", "実行する(指定しなければ件数を数えるだけ)"))
	return cmd
}

// tagMany tags part after part of the members.
func (p *program) tagMany(ctx context.Context, tagging api.MemberTagging, yes bool) error {
	c, err := p.host(ctx)
	if err != nil {
		return err
	}
	tagging.Preview = !yes
	var all api.MemberTagged
	for more := true; more; more = tagging.After != "" {
		part, err := c.TagMembers(ctx, tagging)
		if err != nil {
			return err
		}
		all.Selected += part.Selected
		all.Changed += part.Changed
		tagging.After = part.Next
	}
	return p.show(all, func(w *page) {
		if !yes {
			w.line(p.say("%d members are selected; the tag would change for %d of them. Do it with --yes.", "該当する会員は%d人、そのうち%d人のタグが変わります。実行するには --yes を付けてください。"), all.Selected, all.Changed)
			return
		}
		w.line(p.say("%d members were selected; the tag changed for %d of them.", "該当した会員は%d人、そのうち%d人のタグを変えました。"), all.Selected, all.Changed)
	})
}

func (p *program) actOnMember(ctx context.Context, id string, act api.MemberAct) error {
	return p.onMember(ctx, id, func(c *client.Client, id string) error {
		acted, err := c.ActOnMember(ctx, id, act)
		if err != nil {
			return err
		}
		return p.show(acted, func(w *page) { w.line("%s", acted.ID) })
	})
}

func (p *program) membersSet() *cobra.Command {
	var act api.MemberAct
	var d api.MemberDetails
	var birthday string
	cmd := p.command(about{
		use:   "set MEMBER",
		short: abi.Text{EN: "Change what is known of a member: one thing at a time", JA: "会員の情報を変える(1回に1種類)"},
		long: abi.Text{
			EN: "Give a telephone number, an address, a name or a birthday; put a flag up or down; add points; or\nforget a number or an address that is not the member's.",
			JA: "電話番号・メール・氏名・誕生日の登録、フラグの上げ下げ、ポイントの加減算、誤った電話番号・メールの削除を行います。",
		},
		example: "  musubi members set 01K9ZQ4X7V5S3M2N8B6C1D0F9G --phone 090-1111-2222\n  musubi members set 01K9ZQ4X7V5S3M2N8B6C1D0F9G --points -100",
	}, func(cmd *cobra.Command, args []string) error {
		d.Birthday = commerce.Birthday(birthday)
		if d != (api.MemberDetails{}) {
			act.Describe = &d
		}
		return p.actOnMember(cmd.Context(), args[0], act)
	})
	for _, f := range []struct {
		name   string
		into   *string
		en, ja string
	}{
		{"name", &d.Name, "full `name`", "氏名(`name`)"},
		{"kana", &d.Kana, "reading of the `name`", "氏名のカナ(`name`)"},
		{"phone", &d.Phone, "telephone `number` to add", "追加する電話番号(`number`)"},
		{"email", &d.Email, "e-mail `address` to add", "追加するメールアドレス(`address`)"},
		{"birthday", &birthday, "`date` of birth, 1990-04-02 or --birthday=--04-02", "誕生日(`date`)。1990-04-02 または --birthday=--04-02"},
		{"flag", &act.Flag, "put this `flag` up", "フラグ(`flag`)を立てる"},
		{"unflag", &act.Unflag, "put this `flag` down", "フラグ(`flag`)を下ろす"},
		{"forget", &act.Forget, "forget this number or `address`", "この電話番号・メール(`address`)を削除する"},
	} {
		cmd.Flags().StringVar(f.into, f.name, "", p.say(f.en, f.ja))
	}
	cmd.Flags().Int64Var(&act.Points, "points", 0, p.say("add so many points (`number`); negative takes them", "加算するポイント(`number`)。負で減算"))
	return cmd
}

func (p *program) membersLink() *cobra.Command {
	return p.command(about{
		use:     "link MEMBER CONNECTION CUSTOMER",
		short:   abi.Text{EN: "Make a cart's customer a member's, whosever it was", JA: "カート顧客を会員に連携する(他の会員の顧客でも移す)"},
		example: "  musubi members link 01K9ZQ4X7V5S3M2N8B6C1D0F9G shop 30511",
	}, func(cmd *cobra.Command, args []string) error {
		return p.actOnMember(cmd.Context(), args[0], api.MemberAct{Link: &host.Ref{Connection: args[1], ID: args[2]}})
	})
}

func (p *program) membersUnlink() *cobra.Command {
	return p.command(about{
		use:     "unlink MEMBER CONNECTION CUSTOMER",
		short:   abi.Text{EN: "Take a customer from a member; rules do not link them again", JA: "会員と顧客の連携を解く(ルールで再び連携されない)"},
		example: "  musubi members unlink 01K9ZQ4X7V5S3M2N8B6C1D0F9G shop 30511",
	}, func(cmd *cobra.Command, args []string) error {
		return p.actOnMember(cmd.Context(), args[0], api.MemberAct{Unlink: &host.Ref{Connection: args[1], ID: args[2]}})
	})
}

func (p *program) membersMerge() *cobra.Command {
	return p.command(about{
		use:     "merge INTO FROM",
		short:   abi.Text{EN: "Make two members one: FROM becomes INTO", JA: "2人の会員を1人にまとめる(FROM が INTO になる)"},
		example: "  musubi members merge 01K9ZQ4X7V5S3M2N8B6C1D0F9G 01K9ZQ8B6C1D0F9G4X7V5S3M2N",
	}, func(cmd *cobra.Command, args []string) error {
		return p.actOnMember(cmd.Context(), args[0], api.MemberAct{Merge: args[1]})
	})
}

func (p *program) membersSplit() *cobra.Command {
	var channels, customers []string
	cmd := p.command(about{
		use:     "split MEMBER",
		short:   abi.Text{EN: "Take channels and customers out of a member, as a new member", JA: "会員からチャネルや顧客を取り出し、新しい会員にする"},
		example: "  musubi members split 01K9ZQ4X7V5S3M2N8B6C1D0F9G --channel line:U4af4980629 --customer shop:30511",
	}, func(cmd *cobra.Command, args []string) error {
		parts := new(api.MemberParts)
		var err error
		if parts.Channels, err = refs("--channel", channels); err != nil {
			return err
		}
		if parts.Customers, err = refs("--customer", customers); err != nil {
			return err
		}
		return p.actOnMember(cmd.Context(), args[0], api.MemberAct{Split: parts})
	})
	cmd.Flags().StringSliceVar(&channels, "channel", nil, p.say("`connection:user` to take out", "取り出すチャネル(`connection:user`)"))
	cmd.Flags().StringSliceVar(&customers, "customer", nil, p.say("`connection:id` to take out", "取り出す顧客(`connection:id`)"))
	return cmd
}

func refs(flag string, texts []string) ([]host.Ref, error) {
	all := make([]host.Ref, 0, len(texts))
	for _, text := range texts {
		connection, id, found := strings.Cut(text, ":")
		if !found || connection == "" || id == "" {
			return nil, usage(
				fmt.Sprintf("%s: write connection:id, as in shop:30511, not %q", flag, text),
				fmt.Sprintf("%s: shop:30511 のように 接続名:ID で書いてください(「%s」)", flag, text))
		}
		all = append(all, host.Ref{Connection: connection, ID: id})
	}
	return all, nil
}
