package main

import "github.com/musubi-run/musubi/sdk"

func checkoutActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("checkout.get", text("Read an abandoned checkout; found is false once it is gone, and until it has been idle for about 10 minutes", "離脱したチェックアウトを取得する(無くなったもの、放置約10分未満のものはfound=false)"), getCheckout),
		sdk.Read("checkout.search", text("Search abandoned checkouts", "離脱したチェックアウトを検索する"), searchCheckouts).Pages("checkouts"),
	}
}

type checkoutFound struct {
	Found    bool      `json:"found" doc:"Whether it is there" ja:"見つかったか"`
	Checkout *checkout `json:"checkout,omitempty" doc:"The checkout; ordered_at says that it was completed after all" ja:"チェックアウト(ordered_atがあれば購入済み)"`
}

func getCheckout(call *sdk.Call, in byID) (checkoutFound, error) {
	got, err := shopOf(call).checkouts(search{query: filter("id", "", in.ID), first: 1})
	for i := range got.rows {
		if got.rows[i].ID == in.ID {
			return checkoutFound{Found: true, Checkout: &got.rows[i]}, nil
		}
	}
	return checkoutFound{}, err
}

type searchCheckoutsInput struct {
	CreatedFrom string `json:"created_from,omitempty" format:"date-time" doc:"Begun at or after" ja:"作成日時(以降)"`
	Open        bool   `json:"open" default:"true" doc:"Only those that have not been completed" ja:"未完了のみ"`
	Newest      bool   `json:"newest,omitempty" doc:"The newest first" ja:"新しい順"`
	Limit       int64  `json:"limit,omitempty" default:"11" doc:"How many on a page, up to 11" ja:"1ページの件数(11まで)"`
	Next        string `json:"next,omitempty" doc:"The next of the page before" ja:"前ページのnext"`
}

type checkoutList struct {
	Checkouts []checkout `json:"checkouts" doc:"The checkouts" ja:"チェックアウト"`
	Next      string     `json:"next" doc:"For the next page; empty behind the last" ja:"次ページ用(最後なら空)"`
}

func searchCheckouts(call *sdk.Call, in searchCheckoutsInput) (checkoutList, error) {
	if err := checkTime("created_from", in.CreatedFrom); err != nil {
		return checkoutList{}, err
	}
	query := ""
	if in.CreatedFrom != "" {
		query = filter("created_at", ">=", in.CreatedFrom)
	}
	got, err := shopOf(call).checkouts(search{query: query, reverse: in.Newest, first: clamp(in.Limit, most(checkoutCost)), after: in.Next})
	list := checkoutList{Checkouts: []checkout{}, Next: got.page.next()}
	for i := range got.rows {
		if notOlder(got.rows[i].CreatedAt, in.CreatedFrom) && (!in.Open || got.rows[i].OrderedAt.IsZero()) {
			list.Checkouts = append(list.Checkouts, got.rows[i])
		}
	}
	return list, err
}
