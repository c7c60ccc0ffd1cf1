package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func richMenuBulkActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("rich_menu.bulk_link", abi.Text{EN: "Show many users a rich menu; done a little later", JA: "複数のユーザーにリッチメニューを設定する(少し後に反映)"}, bulkLink).Idempotent(),
		sdk.Do("rich_menu.bulk_unlink", abi.Text{EN: "Take the rich menus of many users away; done a little later", JA: "複数のユーザーのリッチメニューを解除する(少し後に反映)"}, bulkUnlink).Idempotent(),
		sdk.Do("rich_menu.batch", abi.Text{EN: "Replace rich menus by others for all who have them", JA: "リッチメニューを一括で置き換える"}, batchMenus).Idempotent(),
		sdk.Read("rich_menu.batch_get", abi.Text{EN: "See how far a batch of rich menus is", JA: "一括置き換えの進行状況を確認する"}, batchProgress),
	}
}

// Users of one request, and of one action.
const (
	maxMenuUsers = 500
	maxBulkUsers = 20 * maxMenuUsers
	maxBatch     = 1000
)

type users struct {
	UserIDs []string `json:"user_ids" doc:"User ids, up to 10,000: they go out 500 at a time" ja:"ユーザーID(10,000件まで、500件ずつ送信)"`
}

type counted struct {
	Users int64 `json:"users" doc:"How many users it was asked for" ja:"対象のユーザー数"`
}

type bulkLinkInput struct {
	menuID
	users
}

// bulkMenus is the request as LINE has it; without a menu it unlinks.
type bulkMenus struct {
	RichMenuID string   `json:"richMenuId,omitempty"`
	UserIDs    []string `json:"userIds"`
}

func bulkLink(call *sdk.Call, in bulkLinkInput) (counted, error) {
	if in.RichMenuID == "" {
		return counted{}, sdk.Errorf(abi.Invalid, "rich_menu_id is empty")
	}
	return bulk(call, "/v2/bot/richmenu/bulk/link", in.RichMenuID, in.UserIDs)
}

func bulkUnlink(call *sdk.Call, in users) (counted, error) {
	return bulk(call, "/v2/bot/richmenu/bulk/unlink", "", in.UserIDs)
}

func bulk(call *sdk.Call, path, menu string, all []string) (counted, error) {
	var out counted
	if err := checkCount("user_ids", len(all), maxBulkUsers); err != nil {
		return out, err
	}
	for _, some := range parts(all, maxMenuUsers) {
		if _, err := ask(call.Post(path).JSON(bulkMenus{RichMenuID: menu, UserIDs: some})); err != nil {
			return out, sdk.Errorf(abi.KindOf(err), "after %d of %d users: %w", out.Users, len(all), err)
		}
		out.Users += int64(len(some))
	}
	return out, nil
}

type batchInput struct {
	Operations []batchOperation `json:"operations" doc:"Up to 1,000; unlinkAll must be alone" ja:"操作(1,000件まで。unlinkAllは単独)"`
	ResumeKey  string           `json:"resume_key,omitempty" doc:"Key to go on with after a failure: letters, digits, - and _; made by itself if empty" ja:"失敗後に再開するためのキー(半角英数字・-・_)。省略時は自動"`
}

type batchOperation struct {
	Type string `json:"type" enum:"link,unlink,unlinkAll" doc:"link: from one menu to another; unlink: take it away" ja:"link=別のメニューに置き換え、unlink=解除、unlinkAll=すべて解除"`
	From string `json:"from,omitempty" doc:"Rich menu that users have now" ja:"現在のリッチメニューID"`
	To   string `json:"to,omitempty" doc:"Rich menu that they get" ja:"新しいリッチメニューID"`
}

// batchMenus may be repeated: a menu that was replaced has no users any more.
func batchMenus(call *sdk.Call, in batchInput) (accepted, error) {
	if err := checkCount("operations", len(in.Operations), maxBatch); err != nil {
		return accepted{}, err
	}
	key := in.ResumeKey
	if key == "" {
		key = strings.ReplaceAll(retryKey(call, only), "-", "")
	}
	answer, err := call.Post("/v2/bot/richmenu/batch").JSON(struct {
		Operations []batchOperation `json:"operations"`
		ResumeKey  string           `json:"resumeRequestKey,omitempty"`
	}{in.Operations, key}).Send()
	if err != nil {
		return accepted{}, err
	}
	return accepted{RequestID: answer.Header("x-line-request-id")}, answer.JSON(&nothing{})
}

type batchState struct {
	Phase     string     `json:"phase" doc:"ongoing, succeeded or failed" ja:"段階(ongoing・succeeded・failed)"`
	Accepted  *time.Time `json:"accepted_at" doc:"When it was accepted" ja:"受付日時"`
	Completed *time.Time `json:"completed_at" doc:"When it ended" ja:"完了日時"`
}

func batchProgress(call *sdk.Call, in requestID) (batchState, error) {
	var answer struct {
		Phase     string     `json:"phase"`
		Accepted  *time.Time `json:"acceptedTime"`
		Completed *time.Time `json:"completedTime"`
	}
	err := call.Get("/v2/bot/richmenu/progress/batch").Query("requestId", in.RequestID).Into(&answer)
	return batchState(answer), told(err, answer.Phase != "", abi.Unavailable)
}
