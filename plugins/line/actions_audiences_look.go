package main

import (
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// groupAnswer is an audience under LINE's names.
type groupAnswer struct {
	createdAnswer

	Status string `json:"status"`
	Failed string `json:"failedType"`
	Count  int64  `json:"audienceCount"`
}

func (g groupAnswer) summary() summary {
	return summary{
		audienceID: audienceID{g.ID}, Name: g.Description, Status: g.Status, Failed: g.Failed, Count: g.Count, Created: seconds(g.Created),
	}
}

// summary is what both one audience and the list tell.
type summary struct {
	audienceID

	Name    string     `json:"name" doc:"Its name" ja:"名前"`
	Status  string     `json:"status" doc:"IN_PROGRESS, READY, FAILED, EXPIRED, INACTIVE or ACTIVATING; only READY can be sent to" ja:"状態(READYのときだけ送信できる)"`
	Failed  string     `json:"failed_type,omitempty" doc:"Why it failed" ja:"失敗の理由"`
	Count   int64      `json:"count" doc:"How many users are in it" ja:"人数"`
	Created *time.Time `json:"created_at" doc:"When it was made" ja:"作成日時"`
}

type audience struct {
	summary

	Jobs []job `json:"jobs" doc:"Its uploads" ja:"アップロード"`
}

type job struct {
	ID     int64  `json:"id" doc:"Id of the upload" ja:"アップロードID"`
	Status string `json:"status" doc:"QUEUED, WORKING, FINISHED or FAILED" ja:"状態(QUEUED・WORKING・FINISHED・FAILED)"`
}

func getAudience(call *sdk.Call, in audienceID) (audience, error) {
	var answer struct {
		Group groupAnswer `json:"audienceGroup"`
		Jobs  []struct {
			ID     int64  `json:"audienceGroupJobId"`
			Status string `json:"jobStatus"`
		} `json:"jobs"`
	}
	err := call.Get("/v2/bot/audienceGroup/%d", in.AudienceID).Into(&answer)
	out := audience{summary: answer.Group.summary(), Jobs: []job{}}
	for _, j := range answer.Jobs {
		out.Jobs = append(out.Jobs, job(j))
	}
	return out, told(err, answer.Group.ID != 0, abi.Unavailable)
}

// maxAudiencePage is how many audiences LINE lists at once.
const maxAudiencePage = 40

type audiencesInput struct {
	Next  string `json:"next,omitempty" doc:"Where to go on, from the page before" ja:"前のページのnext"`
	Limit int64  `json:"limit" default:"40" doc:"Audiences on a page, up to 40" ja:"1ページの件数(40件まで)"`
	Name  string `json:"name,omitempty" doc:"Only those whose name contains this" ja:"名前に含まれる文字"`
}

type audiencesOutput struct {
	Audiences []summary `json:"audiences" doc:"The audiences" ja:"オーディエンス"`
	Next      string    `json:"next,omitempty" doc:"Where to go on; empty on the last page" ja:"次のページ(最後のページでは空)"`
}

func listAudiences(call *sdk.Call, in audiencesInput) (audiencesOutput, error) {
	out := audiencesOutput{Audiences: []summary{}}
	number := int64(1)
	if in.Next != "" {
		var err error
		if number, err = strconv.ParseInt(in.Next, 10, 64); err != nil {
			return out, sdk.Errorf(abi.Invalid, "next is not what a page before gave")
		}
	}
	page, err := audiencePage(call, number, in.Limit, in.Name)
	for _, g := range page.Groups {
		out.Audiences = append(out.Audiences, g.summary())
	}
	if page.More {
		out.Next = strconv.FormatInt(number+1, 10)
	}
	return out, err
}

type groupsAnswer struct {
	Groups []groupAnswer `json:"audienceGroups"`
	More   bool          `json:"hasNextPage"`
}

func audiencePage(call *sdk.Call, number, size int64, name string) (groupsAnswer, error) {
	request := call.Get("/v2/bot/audienceGroup/list").Query("page", number).Query("size", size)
	if name != "" {
		request.Query("description", name)
	}
	var answer groupsAnswer
	err := request.Into(&answer)
	return answer, told(err, answer.Groups != nil, abi.Unavailable)
}
