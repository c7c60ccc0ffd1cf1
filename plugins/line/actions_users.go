package main

import (
	"encoding/base64"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func userActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("profile.get", abi.Text{EN: "Get a friend's profile", JA: "友だちのプロフィールを取得する"}, profile),
		sdk.Read("follower.list", abi.Text{EN: "List the friends' user ids (verified accounts only)", JA: "友だちのユーザーIDを一覧する(認証済アカウントのみ)"}, followers).Pages("user_ids"),
		sdk.Read("message.content", abi.Text{EN: "Fetch what a user sent: a picture, video, voice or file", JA: "ユーザーが送った画像・動画・音声・ファイルを取得する"}, messageContent),
		sdk.Do("link_token.issue", abi.Text{EN: "Issue a link token, to link a user with a customer", JA: "アカウント連携用の連携トークンを発行する"}, linkToken).Idempotent(),
		sdk.Do("loading.start", abi.Text{EN: "Show a user that an answer is on its way", JA: "ローディングアニメーションを表示する"}, startLoading).Idempotent(),
	}
}

type profileOutput struct {
	UserID        string `json:"user_id" doc:"LINE user id" ja:"LINEユーザーID"`
	DisplayName   string `json:"display_name" doc:"Name that the user chose" ja:"表示名"`
	Language      string `json:"language,omitempty" doc:"Language, such as ja" ja:"言語(jaなど)"`
	PictureURL    string `json:"picture_url,omitempty" doc:"Address of the picture" ja:"プロフィール画像のURL"`
	StatusMessage string `json:"status_message,omitempty" doc:"Status message" ja:"ステータスメッセージ"`
}

// profile fails with not_found for a user who blocked the account or never was
// a friend: LINE makes no difference.
func profile(call *sdk.Call, in userID) (profileOutput, error) {
	var answer struct {
		UserID        string `json:"userId"`
		DisplayName   string `json:"displayName"`
		Language      string `json:"language"`
		PictureURL    string `json:"pictureUrl"`
		StatusMessage string `json:"statusMessage"`
	}
	err := call.Get("/v2/bot/profile/%s", in.UserID).Into(&answer)
	return profileOutput(answer), told(err, answer.UserID != "", abi.Unavailable)
}

type followersInput struct {
	Next  string `json:"next,omitempty" doc:"Where to go on, from the page before" ja:"前のページのnext"`
	Limit int64  `json:"limit" default:"1000" doc:"Ids on a page, up to 1,000" ja:"1ページの件数(1,000件まで)"`
}

type followersOutput struct {
	UserIDs []string `json:"user_ids" doc:"User ids" ja:"ユーザーID"`
	Next    string   `json:"next,omitempty" doc:"Where to go on; empty on the last page" ja:"次のページ(最後のページでは空)"`
}

func followers(call *sdk.Call, in followersInput) (followersOutput, error) {
	request := call.Get("/v2/bot/followers/ids").Query("limit", in.Limit)
	if in.Next != "" {
		request.Query("start", in.Next)
	}
	var answer struct {
		UserIDs []string `json:"userIds"`
		Next    string   `json:"next"`
	}
	err := request.Into(&answer)
	return followersOutput(answer), told(err, answer.UserIDs != nil, abi.Unavailable)
}

type contentInput struct {
	MessageID string `json:"message_id" doc:"Id of the message, from message.received" ja:"メッセージID(message.receivedより)"`
}

type contentOutput struct {
	ContentType string `json:"content_type" doc:"Kind of content, such as image/jpeg" ja:"種類(image/jpegなど)"`
	Size        int64  `json:"size" doc:"Size in bytes" ja:"バイト数"`
	Data        string `json:"data" doc:"The bytes in base64" ja:"内容(base64)"`
}

// messageContent reads from the second host. 202 means that LINE is still preparing it.
func messageContent(call *sdk.Call, in contentInput) (contentOutput, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return contentOutput{}, err
	}
	request, err := onDataHost(call, "GET", "/v2/bot/message/%s/content", in.MessageID)
	if err != nil {
		return contentOutput{}, err
	}
	answer, err := request.Send()
	kind := ""
	if err == nil {
		kind = answer.Header("Content-Type")
	}
	switch {
	case err != nil:
		return contentOutput{}, err
	case answer.Status == 202:
		return contentOutput{}, sdk.Errorf(abi.Unavailable, "LINE is still preparing the content")
	case len(answer.Body) == 0:
		return contentOutput{}, sdk.Errorf(abi.Unavailable, "LINE answered without the content")
	case strings.HasPrefix(kind, "text/html"):
		return contentOutput{}, sdk.Errorf(abi.Unavailable, "LINE answered with a page instead of the content")
	case int64(len(answer.Body)) > s.MaxContent:
		return contentOutput{}, sdk.Errorf(abi.Invalid, "the content has %d bytes, more than max_content_bytes", len(answer.Body))
	}
	return contentOutput{ContentType: kind, Size: int64(len(answer.Body)), Data: base64.StdEncoding.EncodeToString(answer.Body)}, nil
}

type linkTokenOutput struct {
	LinkToken string `json:"link_token" doc:"Good once, for 10 minutes" ja:"連携トークン(1回・10分間有効)"`
}

// linkToken may be repeated: a token that nobody uses goes away by itself.
func linkToken(call *sdk.Call, in userID) (linkTokenOutput, error) {
	var answer struct {
		LinkToken string `json:"linkToken"`
	}
	err := call.Post("/v2/bot/user/%s/linkToken", in.UserID).Into(&answer)
	return linkTokenOutput(answer), told(err, answer.LinkToken != "", abi.Unknown)
}

type loadingInput struct {
	UserID  string `json:"user_id" doc:"LINE user id" ja:"LINEユーザーID"`
	Seconds int64  `json:"seconds" default:"20" doc:"How long at the most: 5 to 60, a multiple of 5" ja:"表示する秒数(5〜60、5の倍数)"`
}

func startLoading(call *sdk.Call, in loadingInput) (nothing, error) {
	return ask(call.Post("/v2/bot/chat/loading/start").JSON(struct {
		ChatID  string `json:"chatId"`
		Seconds int64  `json:"loadingSeconds"`
	}{in.UserID, in.Seconds}))
}
