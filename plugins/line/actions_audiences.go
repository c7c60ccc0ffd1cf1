package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func audienceActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("audience.create", abi.Text{EN: "Make an audience of user ids", JA: "ユーザーIDからオーディエンスを作成する"}, createAudience),
		sdk.Do("audience.add", abi.Text{EN: "Add user ids to an audience", JA: "オーディエンスにユーザーIDを追加する"}, addToAudience).Idempotent(),
		sdk.Read("audience.get", abi.Text{EN: "See whether an audience is ready", JA: "オーディエンスの状態を確認する"}, getAudience),
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

// createAudience is not repeated by itself: LINE would make a second audience.
func createAudience(call *sdk.Call, in createAudienceInput) (createdAudience, error) {
	body, err := in.request()
	if err != nil {
		return createdAudience{}, err
	}
	advertising := false
	body.Description, body.IFA = in.Name, &advertising
	var answer struct {
		ID          int64  `json:"audienceGroupId"`
		Description string `json:"description"`
		Created     int64  `json:"created"`
		Expires     int64  `json:"expireTimestamp"`
	}
	err = call.Post("/v2/bot/audienceGroup/upload").JSON(body).Into(&answer)
	return createdAudience{
		audienceID: audienceID{answer.ID}, Name: answer.Description, Created: seconds(answer.Created), Expires: seconds(answer.Expires),
	}, err
}

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

type audience struct {
	audienceID

	Name   string `json:"name" doc:"Its name" ja:"名前"`
	Status string `json:"status" doc:"IN_PROGRESS, READY, FAILED, EXPIRED, INACTIVE or ACTIVATING; only READY can be sent to" ja:"状態(READYのときだけ送信できる)"`
	Failed string `json:"failed_type,omitempty" doc:"Why it failed" ja:"失敗の理由"`
	Count  int64  `json:"count" doc:"How many users are in it" ja:"人数"`
	Jobs   []job  `json:"jobs" doc:"Its uploads" ja:"アップロード"`
}

type job struct {
	ID     int64  `json:"id" doc:"Id of the upload" ja:"アップロードID"`
	Status string `json:"status" doc:"QUEUED, WORKING, FINISHED or FAILED" ja:"状態(QUEUED・WORKING・FINISHED・FAILED)"`
}

func getAudience(call *sdk.Call, in audienceID) (audience, error) {
	var answer struct {
		Group struct {
			ID          int64  `json:"audienceGroupId"`
			Description string `json:"description"`
			Status      string `json:"status"`
			Failed      string `json:"failedType"`
			Count       int64  `json:"audienceCount"`
		} `json:"audienceGroup"`
		Jobs []struct {
			ID     int64  `json:"audienceGroupJobId"`
			Status string `json:"jobStatus"`
		} `json:"jobs"`
	}
	err := call.Get("/v2/bot/audienceGroup/%d", in.AudienceID).Into(&answer)
	g := answer.Group
	out := audience{audienceID: audienceID{g.ID}, Name: g.Description, Status: g.Status, Failed: g.Failed, Count: g.Count, Jobs: []job{}}
	for _, j := range answer.Jobs {
		out.Jobs = append(out.Jobs, job(j))
	}
	return out, err
}

type renameInput struct {
	audienceID

	Name string `json:"name" doc:"The new name" ja:"新しい名前"`
}

func renameAudience(call *sdk.Call, in renameInput) (nothing, error) {
	return ask(call.Put("/v2/bot/audienceGroup/%d/updateDescription", in.AudienceID).JSON(map[string]string{"description": in.Name}))
}

// deleteAudience may be repeated: an audience that is gone is what was asked for.
func deleteAudience(call *sdk.Call, in audienceID) (nothing, error) {
	_, err := ask(call.Delete("/v2/bot/audienceGroup/%d", in.AudienceID))
	if abi.KindOf(err) == abi.NotFound && !call.Since().IsZero() {
		return nothing{}, nil
	}
	return nothing{}, err
}
