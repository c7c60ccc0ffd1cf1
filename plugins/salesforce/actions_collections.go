package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func collectionActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("records.create", abi.Text{EN: "Create up to 200 records", JA: "最大200件のレコードを作成する"}, createMany),
		sdk.Do("records.update", abi.Text{EN: "Update up to 200 records", JA: "最大200件のレコードを更新する"}, updateMany).Idempotent(),
		sdk.Do("records.upsert", abi.Text{EN: "Create or update up to 200 records by an external id", JA: "外部IDで最大200件を作成または更新する"}, upsertMany).Idempotent(),
		sdk.Do("records.delete", abi.Text{EN: "Delete up to 200 records", JA: "最大200件のレコードを削除する"}, deleteMany).Idempotent(),
		sdk.Read("records.get", abi.Text{EN: "Fetch up to 200 records by their ids", JA: "idで最大200件を取得する"}, getMany),
	}
}

// maxBatch is how many records one call takes.
const maxBatch = 200

type manyOutput struct {
	Succeeded int64      `json:"succeeded" doc:"How many records were written" ja:"成功した件数"`
	Failed    int64      `json:"failed" doc:"How many were refused; if all were, the step fails" ja:"失敗した件数(全件失敗ならステップのエラー)"`
	Results   []manyLine `json:"results" doc:"One result for each record, in order" ja:"レコードごとの結果(入力順)"`
}

type manyLine struct {
	ID      string     `json:"id" doc:"The record's id" ja:"レコードのid"`
	Success bool       `json:"success" doc:"Whether it was written" ja:"成功したか"`
	Created bool       `json:"created" doc:"Whether it is new" ja:"新規作成か"`
	Error   *manyError `json:"error,omitempty" doc:"Why it was refused" ja:"失敗の理由"`
}

type manyError struct {
	Code    string   `json:"code" doc:"The platform's code" ja:"Salesforceのエラーコード"`
	Message string   `json:"message" doc:"The platform's words" ja:"Salesforceのメッセージ"`
	Fields  []string `json:"fields" doc:"Fields to blame" ja:"原因の項目"`
}

type createManyInput struct {
	Object    string           `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	Records   []map[string]any `json:"records" doc:"Fields of each record" ja:"各レコードの項目"`
	AllOrNone bool             `json:"all_or_none,omitempty" doc:"Undo everything if one is refused" ja:"1件でも失敗したらすべて取り消す"`
}

func createMany(call *sdk.Call, in createManyInput) (manyOutput, error) {
	return writeMany(call, "POST", in, "")
}

type updateManyInput struct {
	Object    string       `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	Records   []abi.Record `json:"records" doc:"Id and fields of each record" ja:"各レコードのidと項目"`
	AllOrNone bool         `json:"all_or_none,omitempty" doc:"Undo everything if one is refused" ja:"1件でも失敗したらすべて取り消す"`
}

func updateMany(call *sdk.Call, in updateManyInput) (manyOutput, error) {
	plain := createManyInput{Object: in.Object, AllOrNone: in.AllOrNone}
	for _, r := range in.Records {
		fields := map[string]any{"id": r.ID}
		for name, value := range r.Fields {
			fields[name] = value
		}
		plain.Records = append(plain.Records, fields)
	}
	return writeMany(call, "PATCH", plain, "")
}

type upsertManyInput struct {
	Object    string           `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	By        string           `json:"by" doc:"External id field, which each record includes" ja:"外部ID項目(各レコードに含める)"`
	Records   []map[string]any `json:"records" doc:"Fields of each record" ja:"各レコードの項目"`
	AllOrNone bool             `json:"all_or_none,omitempty" doc:"Undo everything if one is refused" ja:"1件でも失敗したらすべて取り消す"`
}

func upsertMany(call *sdk.Call, in upsertManyInput) (manyOutput, error) {
	if err := checkName("field", in.By); err != nil {
		return manyOutput{}, err
	}
	for i, r := range in.Records {
		if !hasValue(r, in.By) {
			return manyOutput{}, sdk.Errorf(abi.Invalid, "record %d has no %s", i, in.By)
		}
	}
	return writeMany(call, "PATCH", createManyInput{Object: in.Object, Records: in.Records, AllOrNone: in.AllOrNone}, in.By)
}

// hasValue says whether a record has a value, text or number, in a field. Names
// of fields count without case, as they do for the platform.
func hasValue(r map[string]any, field string) bool {
	for name, value := range r {
		if strings.EqualFold(name, field) {
			return value != nil && strings.TrimSpace(fmt.Sprint(value)) != ""
		}
	}
	return false
}

// writeMany writes a collection; by is the external id of an upsert, or empty.
func writeMany(call *sdk.Call, method string, in createManyInput, by string) (manyOutput, error) {
	o, err := open(call)
	if err != nil {
		return manyOutput{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return manyOutput{}, err
	}
	if err := checkBatch(len(in.Records)); err != nil {
		return manyOutput{}, err
	}
	if len(in.Records) == 0 {
		return manyOutput{Results: []manyLine{}}, nil
	}
	body := struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}{in.AllOrNone, make([]map[string]any, 0, len(in.Records))}
	for _, fields := range in.Records {
		typed := map[string]any{"attributes": map[string]any{"type": in.Object}}
		for name, value := range fields {
			typed[name] = value
		}
		body.Records = append(body.Records, typed)
	}
	request := o.write(method, "/composite/sobjects")
	if by != "" {
		request = o.write(method, "/composite/sobjects/%s/%s", in.Object, by)
	}
	var lines []written
	if err = misnamed(o.change(request.JSON(body), &lines)); err == nil {
		err = told(len(lines) == len(in.Records), abi.Unknown)
	}
	if err != nil {
		return manyOutput{}, fmt.Errorf("writing %d records of %s: %w", len(in.Records), in.Object, err)
	}
	return collect(lines, in.AllOrNone)
}

func checkBatch(n int) error {
	if n > maxBatch {
		return sdk.Errorf(abi.Invalid, "%d records are too many for one call: %d at the most", n, maxBatch)
	}
	return nil
}

// collect turns the platform's lines into the output. If nothing was written, or
// everything was undone because of one record, its error is returned.
func collect(lines []written, allOrNone bool) (manyOutput, error) {
	out := manyOutput{Results: make([]manyLine, 0, len(lines))}
	for i := range lines {
		line := manyLine{ID: lines[i].ID, Success: lines[i].Success, Created: lines[i].Created}
		if line.Success {
			out.Succeeded++
		} else {
			out.Failed++
			line.Error = &manyError{Fields: []string{}}
		}
		if errs := lines[i].Errors; len(errs) > 0 {
			line.Error = &manyError{Code: errs[0].code(), Message: errs[0].Message, Fields: append([]string{}, errs[0].Fields...)}
			if allOrNone && line.Error.Code != codeRolledBack {
				return out, fmt.Errorf("record %d: %w", i, errs[0].asError())
			}
		}
		out.Results = append(out.Results, line)
	}
	if out.Failed > 0 && (out.Succeeded == 0 || allOrNone) {
		return out, allRefused(lines)
	}
	return out, nil
}

// allRefused is the error of a collection of which nothing was written: a rule
// that does not look at the results must not go on as if it were.
func allRefused(lines []written) error {
	first := &abi.Error{Kind: abi.Invalid, Message: "the platform does not say why"}
	if errs := lines[0].Errors; len(errs) > 0 {
		first = errs[0].asError()
	}
	if len(lines) == 1 {
		return first
	}
	return fmt.Errorf("all %d records were refused, the first: %w", len(lines), first)
}

type deleteManyInput struct {
	IDs       []string `json:"ids" doc:"Ids of the records" ja:"レコードのid"`
	AllOrNone bool     `json:"all_or_none,omitempty" doc:"Undo everything if one is refused" ja:"1件でも失敗したらすべて取り消す"`
}

func deleteMany(call *sdk.Call, in deleteManyInput) (manyOutput, error) {
	o, err := open(call)
	if err != nil {
		return manyOutput{}, err
	}
	if err := checkBatch(len(in.IDs)); err != nil {
		return manyOutput{}, err
	}
	if len(in.IDs) == 0 {
		return manyOutput{Results: []manyLine{}}, nil
	}
	var lines []written
	request := o.write("DELETE", "/composite/sobjects").Query("ids", strings.Join(in.IDs, ",")).Query("allOrNone", in.AllOrNone)
	if err = o.change(request, &lines); err == nil {
		err = told(len(lines) == len(in.IDs), abi.Unknown)
	}
	if err != nil {
		return manyOutput{}, fmt.Errorf("deleting %d records: %w", len(in.IDs), err)
	}
	acceptDeleted(lines, in)
	return collect(lines, in.AllOrNone)
}

// acceptDeleted takes records that are gone already for deleted: by an earlier
// attempt, or as wanted anyway. Unless the platform kept the others for it.
func acceptDeleted(lines []written, in deleteManyInput) {
	is := func(code string) func(written) bool {
		return func(l written) bool { return len(l.Errors) > 0 && l.Errors[0].code() == code }
	}
	if in.AllOrNone && slices.ContainsFunc(lines, is(codeRolledBack)) {
		return
	}
	for i := range lines {
		if is(codeDeleted)(lines[i]) {
			lines[i] = written{ID: in.IDs[i], Success: true}
		}
	}
}

type getManyInput struct {
	Object string   `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
	IDs    []string `json:"ids" doc:"Ids of the records" ja:"レコードのid"`
	Fields []string `json:"fields" doc:"Fields to return" ja:"返す項目"`
}

type getManyOutput struct {
	Records []abi.Record `json:"records" doc:"The records that are there, in the order of the ids" ja:"存在するレコード(idの順)"`
	Missing []string     `json:"missing" doc:"Ids of which there is no record" ja:"存在しないid"`
}

func getMany(call *sdk.Call, in getManyInput) (getManyOutput, error) {
	o, err := open(call)
	if err != nil {
		return getManyOutput{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return getManyOutput{}, err
	}
	if err := checkBatch(len(in.IDs)); err != nil {
		return getManyOutput{}, err
	}
	out := getManyOutput{Records: []abi.Record{}, Missing: []string{}}
	if len(in.IDs) == 0 {
		return out, nil
	}
	body := map[string]any{"ids": in.IDs, "fields": withID(in.Fields)}
	var found []record
	if err := misnamed(o.into(o.request("POST", "/composite/sobjects/%s", in.Object).Safe().JSON(body), &found)); err != nil {
		return out, fmt.Errorf("fetching %d records of %s: %w", len(in.IDs), in.Object, err)
	}
	if err := told(len(found) == len(in.IDs), abi.Unavailable); err != nil {
		return out, fmt.Errorf("fetching %d records of %s: %w", len(in.IDs), in.Object, err)
	}
	for i, r := range found {
		if r == nil {
			out.Missing = append(out.Missing, in.IDs[i])
			continue
		}
		out.Records = append(out.Records, abi.Record{ID: r.take(), Fields: r})
	}
	return out, nil
}
