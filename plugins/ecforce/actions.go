package main

import (
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func actions() []sdk.Action {
	return slices.Concat(
		customerActions(), noteActions(), messageActions(), orderActions(), subscriptionActions(), freeColumnActions(),
		productActions(), stockActions(), labelActions(), adActions(),
	)
}

// byID is the input of actions about one record.
type byID struct {
	ID string `json:"id" doc:"The record's id at ecforce" ja:"ecforceのid"`
}

// done is the output of actions that have nothing to tell.
type done struct {
	ID string `json:"id" doc:"Id of the record that it was done to" ja:"対象のid"`
}

// job is the output of what ecforce does later. There is no way to ask for a
// job; its end comes as an event of the job family, if the shop registers one.
type job struct {
	JobID string `json:"job_id,omitempty" doc:"The platform's id of the job" ja:"ジョブID"`
}

// sendBulk sends a bulk write and returns what became of each item. If all were
// refused it is an error.
func sendBulk(s shop, method, path string, body any) (bulkOutput, error) {
	var answer bulkAnswer
	if err := s.admin(method, path).JSON(body).Into(&answer); err != nil {
		return bulkOutput{}, err
	}
	out := answer.output()
	if method == "DELETE" && !s.Since().IsZero() {
		out.countGone()
	}
	return out, refused(len(out.Succeeded), out.Failed)
}

// sendJob sends an asynchronous write.
func sendJob(s shop, path string, body any) (job, error) {
	var answer attributes
	if err := s.admin("POST", path).JSON(body).Into(&answer); err != nil {
		return job{}, err
	}
	return job{JobID: answer.first("job_id", "id")}, nil
}

// numbers checks ids and returns them as the platform takes them in a body.
func numbers(ids []string) ([]int64, error) {
	list := make([]int64, 0, len(ids))
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return nil, err
		}
		list = append(list, countOf(id))
	}
	if len(list) == 0 {
		return nil, sdk.Errorf(abi.Invalid, "at least one id is needed")
	}
	return list, nil
}

// freeItem is one record of a bulk write, in the platform's own names.
type freeItem = map[string]any

// bulkInput is a bulk write in the platform's own names.
type bulkInput struct {
	Items      []freeItem `json:"items" doc:"Records in ecforce's own names; an update needs the id" ja:"ecforceの項目名によるレコード(更新にはidが必要)"`
	CheckLinks *bool      `json:"check_duplicate_link_numbers,omitempty" doc:"Refuse link numbers that are taken; default true" ja:"連携番号の重複を拒否する(既定 true)"`
}

func (in bulkInput) body(name string) fields {
	check := in.CheckLinks == nil || *in.CheckLinks
	return fields{name: in.Items, "check_duplicate_link_numbers": flagOf(check)}
}

func bulkUpdate(path string) func(*sdk.Call, bulkInput) (bulkOutput, error) {
	return func(call *sdk.Call, in bulkInput) (bulkOutput, error) {
		return sendBulk(shopOf(call), "PUT", "/"+path+"/bulk_update", in.body(path))
	}
}

func bulkCreate(path string) func(*sdk.Call, bulkInput) (job, error) {
	return func(call *sdk.Call, in bulkInput) (job, error) {
		return sendJob(shopOf(call), "/"+path+"/bulk_create", in.body(path))
	}
}
