package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func recordActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("record.get", abi.Text{EN: "Fetch one record", JA: "レコードを1件取得する"}, getRecord),
		sdk.Do("record.upsert", abi.Text{EN: "Create or update a record by an external id", JA: "外部IDでレコードを作成または更新する"}, upsertRecord).Idempotent(),
		sdk.Do("record.delete", abi.Text{EN: "Delete a record", JA: "レコードを削除する"}, deleteRecord).Idempotent(),
	}
}

type getInput struct {
	Object string   `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	ID     string   `json:"id" doc:"The record's id or, with by, its external id" ja:"レコードのid(byがあれば外部ID)"`
	By     string   `json:"by,omitempty" doc:"External id field that id is a value of" ja:"idが外部IDの値のとき、その項目名"`
	Fields []string `json:"fields,omitempty" doc:"Fields to return; none means all" ja:"返す項目(省略時はすべて)"`
}

// getRecord fetches a record by its id or an external id. Several records of
// one external id are a Conflict.
func getRecord(call *sdk.Call, in getInput) (abi.Record, error) {
	o, err := open(call)
	if err != nil {
		return abi.Record{}, err
	}
	by := in.By
	if by == "" {
		by = "Id"
	}
	for what, name := range map[string]string{"object": in.Object, "field": by} {
		if err := checkName(what, name); err != nil {
			return abi.Record{}, err
		}
	}
	request := o.request("GET", "/sobjects/%s/%s", in.Object, in.ID)
	if in.By != "" {
		request = o.request("GET", "/sobjects/%s/%s/%s", in.Object, in.By, in.ID)
	}
	if len(in.Fields) > 0 {
		request.Query("fields", strings.Join(withID(in.Fields), ","))
	}
	var found record
	if err = o.into(request, &found); err == nil {
		err = told(found["Id"] != nil, abi.Unavailable)
	}
	if err != nil {
		return abi.Record{}, fmt.Errorf("fetching %s %s: %w", in.Object, in.ID, err)
	}
	return abi.Record{ID: found.take(), Fields: found}, nil
}

// withID returns the fields with the id, once.
func withID(fields []string) []string {
	all := []string{fieldID}
	for _, name := range fields {
		if !strings.EqualFold(name, fieldID) {
			all = append(all, name)
		}
	}
	return all
}

type upsertInput struct {
	Object     string         `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	By         string         `json:"by" doc:"External id field" ja:"外部ID項目の名前"`
	Key        string         `json:"key" doc:"Its value" ja:"外部IDの値"`
	Fields     map[string]any `json:"fields" doc:"Fields to set, without the external id" ja:"設定する項目(外部IDは除く)"`
	UpdateOnly bool           `json:"update_only,omitempty" doc:"Fail with not_found instead of creating" ja:"存在しないとき作成せずエラーにする"`
}

type upsertOutput struct {
	ID      string `json:"id" doc:"The record's id" ja:"レコードのid"`
	Created bool   `json:"created" doc:"Whether it is new" ja:"新規作成かどうか"`
}

// upsertRecord creates or updates the record of an external id. It may be
// repeated: the platform tells by the id what was there already.
func upsertRecord(call *sdk.Call, in upsertInput) (upsertOutput, error) {
	o, err := open(call)
	if err != nil {
		return upsertOutput{}, err
	}
	for what, name := range map[string]string{"object": in.Object, "field": in.By} {
		if err := checkName(what, name); err != nil {
			return upsertOutput{}, err
		}
	}
	if strings.TrimSpace(in.Key) == "" {
		return upsertOutput{}, sdk.Errorf(abi.Invalid, "the key of %s is empty", in.By)
	}
	request := o.write("PATCH", "/sobjects/%s/%s/%s", in.Object, in.By, in.Key)
	if in.UpdateOnly {
		request.Query("updateOnly", true)
	}
	var made written
	err = o.change(request.JSON(in.Fields), &made)
	if !in.UpdateOnly {
		err = misnamed(err)
	}
	if err != nil {
		return upsertOutput{}, fmt.Errorf("upserting %s by %s: %w", in.Object, in.By, err)
	}
	if made.ID == "" { // versions before 46 say nothing about an update
		found, err := getRecord(call, getInput{Object: in.Object, By: in.By, ID: in.Key, Fields: []string{"Id"}})
		return upsertOutput{ID: found.ID}, err
	}
	return upsertOutput{ID: made.ID, Created: made.Created}, nil
}

type deleteInput struct {
	Object string `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	ID     string `json:"id" doc:"The record's id" ja:"レコードのid"`
}

type deleteOutput struct {
	Deleted bool `json:"deleted" doc:"false if it was in the recycle bin already" ja:"すでにごみ箱にあったときはfalse"`
}

func deleteRecord(call *sdk.Call, in deleteInput) (deleteOutput, error) {
	o, err := open(call)
	if err != nil {
		return deleteOutput{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return deleteOutput{}, err
	}
	err = o.carryOut(o.write("DELETE", "/sobjects/%s/%s", in.Object, in.ID))
	if isCode(err, codeDeleted) {
		return deleteOutput{}, nil
	}
	if err != nil {
		return deleteOutput{}, fmt.Errorf("deleting %s %s: %w", in.Object, in.ID, err)
	}
	return deleteOutput{Deleted: true}, nil
}
