package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

func accountActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("bot.get", abi.Text{EN: "Show the account; a good check of the credential", JA: "アカウント情報を取得する(認証の確認にも使用)"}, botInfo),
		sdk.Read("quota.get", abi.Text{EN: "See how many messages the month has left", JA: "当月に送れる残りのメッセージ数を確認する"}, quota),
		sdk.Read("delivery.count", abi.Text{EN: "Count the messages of a day", JA: "1日の送信数を確認する"}, deliveryCount),
	}
}

type bot struct {
	UserID      string `json:"user_id" doc:"The account's own user id: the destination of its webhooks" ja:"アカウント自身のユーザーID(Webhookのdestination)"`
	BasicID     string `json:"basic_id" doc:"Basic id, @ and 9 characters" ja:"ベーシックID"`
	PremiumID   string `json:"premium_id,omitempty" doc:"Premium id, if there is one" ja:"プレミアムID"`
	DisplayName string `json:"display_name" doc:"Name that users see" ja:"表示名"`
	PictureURL  string `json:"picture_url,omitempty" doc:"Address of its picture" ja:"プロフィール画像のURL"`
	ChatMode    string `json:"chat_mode" doc:"chat or bot" ja:"チャットの状態(chat・bot)"`
	MarkAsRead  string `json:"mark_as_read_mode" doc:"auto or manual" ja:"自動既読の設定(auto・manual)"`
}

func botInfo(call *sdk.Call, _ nothing) (bot, error) {
	var answer struct {
		UserID      string `json:"userId"`
		BasicID     string `json:"basicId"`
		PremiumID   string `json:"premiumId"`
		DisplayName string `json:"displayName"`
		PictureURL  string `json:"pictureUrl"`
		ChatMode    string `json:"chatMode"`
		MarkAsRead  string `json:"markAsReadMode"`
	}
	err := call.Get("/v2/bot/info").Into(&answer)
	return bot(answer), told(err, answer.UserID != "", abi.Unavailable)
}

type quotaOutput struct {
	Limited   bool   `json:"limited" doc:"Whether there is a limit" ja:"上限があるか"`
	Limit     *int64 `json:"limit,omitempty" doc:"Messages a month; none without a limit" ja:"1か月の上限(上限なしの場合は空)"`
	Used      int64  `json:"used" doc:"Messages that count so far, approximately" ja:"使用した通数(概数)"`
	Remaining *int64 `json:"remaining,omitempty" doc:"What is left; none without a limit" ja:"残り(上限なしの場合は空)"`
}

func quota(call *sdk.Call, _ nothing) (quotaOutput, error) {
	var most struct {
		Type  string `json:"type"`
		Value *int64 `json:"value"`
	}
	var use struct {
		Total *int64 `json:"totalUsage"`
	}
	err := call.Get("/v2/bot/message/quota").Into(&most)
	limited := most.Type == "limited"
	if err := told(err, limited && most.Value != nil || most.Type == "none", abi.Unavailable); err != nil {
		return quotaOutput{}, err
	}
	err = call.Get("/v2/bot/message/quota/consumption").Into(&use)
	if err := told(err, use.Total != nil, abi.Unavailable); err != nil {
		return quotaOutput{}, err
	}
	out := quotaOutput{Limited: limited, Used: *use.Total}
	if limited {
		left := max(0, *most.Value-out.Used)
		out.Limit, out.Remaining = most.Value, &left
	}
	return out, nil
}

type countInput struct {
	Kind string `json:"kind" enum:"push,multicast,broadcast,reply" doc:"How the messages were sent" ja:"送信方法"`
	Date string `json:"date" format:"date" doc:"Day in Japan, such as 2026-10-01" ja:"日付(日本時間、例: 2026-10-01)"`
}

type countOutput struct {
	Status string `json:"status" doc:"ready, unready, unavailable_for_privacy or out_of_service" ja:"状態(ready・unready・unavailable_for_privacy・out_of_service)"`
	Count  *int64 `json:"count,omitempty" doc:"How many were sent, if ready" ja:"送信数(readyの場合)"`
}

func deliveryCount(call *sdk.Call, in countInput) (countOutput, error) {
	day, err := jp.ParseTime(in.Date)
	if err != nil {
		return countOutput{}, sdk.Errorf(abi.Invalid, "date: %w", err)
	}
	var answer struct {
		Status  string `json:"status"`
		Success *int64 `json:"success"`
	}
	err = call.Get("/v2/bot/message/delivery/%s", in.Kind).Query("date", day.In(jp.Zone).Format("20060102")).Into(&answer)
	return countOutput{Status: answer.Status, Count: answer.Success}, told(err, answer.Status != "", abi.Unavailable)
}
