package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func audienceActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("audience.create", abi.Text{EN: "Make an audience of user ids", JA: "ユーザーIDからオーディエンスを作成する"}, createAudience).Confirm(confirmAudience),
		sdk.Do("audience.add", abi.Text{EN: "Add user ids to an audience", JA: "オーディエンスにユーザーIDを追加する"}, addToAudience).Idempotent(),
		sdk.Read("audience.get", abi.Text{EN: "See whether an audience is ready", JA: "オーディエンスの状態を確認する"}, getAudience),
		sdk.Read("audience.list", abi.Text{EN: "List the audiences", JA: "オーディエンスを一覧する"}, listAudiences).Pages("audiences"),
		sdk.Do("audience.rename", abi.Text{EN: "Rename an audience", JA: "オーディエンスの名前を変更する"}, renameAudience).Idempotent(),
		sdk.Do("audience.delete", abi.Text{EN: "Delete an audience", JA: "オーディエンスを削除する"}, deleteAudience).Idempotent(),
	}
}

// maxUpload is how many user ids one upload takes.
const maxUpload = 10_000

type uploads struct {
	UserIDs []string `json:"user_ids" doc:"User ids, up to 10,000" ja:"ユーザーID(10,000件まで)"`
	Note    string   `json:"upload_description,omitempty" doc:"What this upload is, for the console" ja:"アップロードの説明"`
}

// upload is a request as LINE has it.
type upload struct {
	AudienceID  int64    `json:"audienceGroupId,omitempty"`
	Description string   `json:"description,omitempty"`
	Note        string   `json:"uploadDescription,omitempty"`
	IFA         *bool    `json:"isIfaAudience,omitempty"`
	Audiences   []member `json:"audiences"`
}

type member struct {
	ID string `json:"id"`
}

func (u *uploads) request() (upload, error) {
	body := upload{Note: u.Note, Audiences: make([]member, 0, len(u.UserIDs))}
	for _, id := range u.UserIDs {
		body.Audiences = append(body.Audiences, member{id})
	}
	return body, checkCount("user_ids", len(u.UserIDs), maxUpload)
}

type createAudienceInput struct {
	uploads

	Name string `json:"name" doc:"Name of the audience, up to 120 characters" ja:"オーディエンス名(120文字まで)"`
}

type audienceID struct {
	AudienceID int64 `json:"audience_id" doc:"Id of the audience" ja:"オーディエンスID"`
}

type createdAudience struct {
	audienceID

	Name    string     `json:"name" doc:"Its name" ja:"名前"`
	Created *time.Time `json:"created_at" doc:"When it was made" ja:"作成日時"`
	Expires *time.Time `json:"expires_at" doc:"When it goes away: 180 days later" ja:"有効期限(180日後)"`
}

// createdAnswer is the same under LINE's names.
type createdAnswer struct {
	ID          int64  `json:"audienceGroupId"`
	Description string `json:"description"`
	Created     int64  `json:"created"`
	Expires     int64  `json:"expireTimestamp"`
}

func (a createdAnswer) audience() createdAudience {
	return createdAudience{
		audienceID: audienceID{a.ID}, Name: a.Description, Created: seconds(a.Created), Expires: seconds(a.Expires),
	}
}

func createAudience(call *sdk.Call, in createAudienceInput) (createdAudience, error) {
	body, err := in.request()
	if err != nil {
		return createdAudience{}, err
	}
	advertising := false
	body.Description, body.IFA = in.Name, &advertising
	var answer createdAnswer
	err = call.Post("/v2/bot/audienceGroup/upload").JSON(body).Into(&answer)
	return answer.audience(), told(err, answer.ID != 0, abi.Unknown)
}

// confirmAudience looks for an audience of that name that is not older than the
// attempt: LINE takes a name twice, so nothing else tells.
func confirmAudience(call *sdk.Call, in createAudienceInput) (createdAudience, bool, error) {
	page, err := audiencePage(call, 1, maxAudiencePage, in.Name)
	if err != nil {
		return createdAudience{}, false, err
	}
	since := call.Since().Add(-clockSkew).Unix()
	for _, g := range page.Groups {
		if strings.EqualFold(g.Description, in.Name) && g.Created >= since {
			return g.audience(), true, nil
		}
	}
	return createdAudience{}, false, nil
}

// clockSkew is how far our clock may be ahead of LINE's.
const clockSkew = time.Minute

// seconds reads a Unix time; 0 is none.
func seconds(unix int64) *time.Time {
	if unix == 0 {
		return nil
	}
	at := time.Unix(unix, 0).UTC()
	return &at
}

type addInput struct {
	audienceID
	uploads
}

func addToAudience(call *sdk.Call, in addInput) (nothing, error) {
	body, err := in.request()
	if err != nil {
		return nothing{}, err
	}
	body.AudienceID = in.AudienceID
	return ask(call.Put("/v2/bot/audienceGroup/upload").JSON(body))
}

type renameInput struct {
	audienceID

	Name string `json:"name" doc:"The new name" ja:"新しい名前"`
}

func renameAudience(call *sdk.Call, in renameInput) (nothing, error) {
	return ask(call.Put("/v2/bot/audienceGroup/%d/updateDescription", in.AudienceID).JSON(map[string]string{"description": in.Name}))
}

func deleteAudience(call *sdk.Call, in audienceID) (nothing, error) {
	return gone(call, call.Delete("/v2/bot/audienceGroup/%d", in.AudienceID))
}
