package main

import (
	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) members() *cobra.Command {
	return p.group(about{
		use:   "members",
		short: abi.Text{EN: "Look after members: who is who, what they bought, their tags", JA: "会員(連携・購入・タグ)を調べて管理する"},
		long: abi.Text{
			EN: "A member is a person on a channel such as LINE, joined with that person's customers at carts. Link\nrules in the rules folder say by what people are recognised, tag rules give tags.",
			JA: "会員は、LINEなどのチャネルの利用者と、その人のカート顧客をまとめたものです。ルールのフォルダーにある\n連携ルールが照合の方法を、タグルールがタグを決めます。",
		},
	}, p.membersList(), p.membersFind(), p.membersShow(), p.membersTag(false), p.membersTag(true), p.membersMessage(), p.membersSet(), p.membersLink(), p.membersUnlink(),
		p.membersMerge(), p.membersSplit(), p.membersReview(), p.membersPending(), p.membersFaults(), p.membersStats(), p.membersImport(),
		p.membersForm(), p.membersErase())
}
