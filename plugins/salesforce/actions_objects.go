package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func objectActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("object.describe", abi.Text{EN: "Describe an object: its fields and record types", JA: "オブジェクトの項目とレコードタイプを調べる"}, describeObject),
		sdk.Read("object.list", abi.Text{EN: "List the org's objects", JA: "組織のオブジェクトを一覧する"}, listObjects),
		sdk.Read("limits.get", abi.Text{EN: "Tell what is left of the org's limits", JA: "組織の制限の残りを調べる"}, getLimits),
	}
}

type objectInput struct {
	Object string `json:"object" doc:"API name of the object" ja:"オブジェクトのAPI参照名"`
}

// described is what an object is like. Names of fields in JSON are the
// platform's on the way in and ours on the way out.
type described struct {
	Name        string           `json:"name"`
	Label       string           `json:"label"`
	KeyPrefix   string           `json:"keyPrefix"`
	Fields      []describedField `json:"fields"`
	RecordTypes []struct {
		ID        string `json:"recordTypeId"`
		Name      string `json:"name"`
		Developer string `json:"developerName"`
		Available bool   `json:"available"`
		Default   bool   `json:"defaultRecordTypeMapping"`
	} `json:"recordTypeInfos"`
}

type describedField struct {
	Name              string   `json:"name"`
	Label             string   `json:"label"`
	Type              string   `json:"type"`
	Length            int64    `json:"length"`
	Nillable          bool     `json:"nillable"`
	Createable        bool     `json:"createable"`
	Updateable        bool     `json:"updateable"`
	DefaultedOnCreate bool     `json:"defaultedOnCreate"`
	ExternalID        bool     `json:"externalId"`
	Unique            bool     `json:"unique"`
	Custom            bool     `json:"custom"`
	Restricted        bool     `json:"restrictedPicklist"`
	Filterable        *bool    `json:"filterable"`
	ReferenceTo       []string `json:"referenceTo"`
	Values            []struct {
		Value  string `json:"value"`
		Active bool   `json:"active"`
	} `json:"picklistValues"`
}

// longText is the length above which a text area cannot be searched by, for
// platforms that do not say so themselves.
const longText = 4000

func (f *describedField) filterable() bool {
	if f.Filterable != nil {
		return *f.Filterable
	}
	return f.Type != "textarea" || f.Length <= longText
}

func (d *described) field(name string) *describedField {
	for i := range d.Fields {
		if strings.EqualFold(d.Fields[i].Name, name) {
			return &d.Fields[i]
		}
	}
	return nil
}

func (o *org) describe(object string) (*described, error) {
	d := new(described)
	if err := o.into(o.request("GET", "/sobjects/%s/describe", object), d); err != nil {
		return nil, fmt.Errorf("describing %s: %w", object, err)
	}
	return d, nil
}

type describeOutput struct {
	Name           string       `json:"name" doc:"API name" ja:"API参照名"`
	Label          string       `json:"label" doc:"Name for people" ja:"表示ラベル"`
	KeyPrefix      string       `json:"key_prefix" doc:"First three characters of its ids" ja:"idの先頭3文字"`
	PersonAccounts bool         `json:"person_accounts" doc:"Account only: the org uses person accounts" ja:"Accountのみ: 個人取引先が有効か"`
	Fields         []field      `json:"fields" doc:"Its fields" ja:"項目"`
	RecordTypes    []recordType `json:"record_types" doc:"Its record types" ja:"レコードタイプ"`
}

type field struct {
	Name        string   `json:"name" doc:"API name" ja:"API参照名"`
	Label       string   `json:"label" doc:"Name for people" ja:"表示ラベル"`
	Type        string   `json:"type" doc:"Type, as the platform names it" ja:"データ型(Salesforceでの名前)"`
	Length      int64    `json:"length" doc:"Most characters of a text; 0 for other types" ja:"最大文字数(文字以外は0)"`
	Required    bool     `json:"required" doc:"Needed on create" ja:"作成時に必須か"`
	Createable  bool     `json:"createable" doc:"May be set on create" ja:"作成時に設定できるか"`
	Updateable  bool     `json:"updateable" doc:"May be changed" ja:"更新できるか"`
	ExternalID  bool     `json:"external_id" doc:"Ticked as External ID" ja:"外部IDか"`
	Unique      bool     `json:"unique" doc:"No two records have the same value" ja:"ユニークか"`
	Custom      bool     `json:"custom" doc:"Made by the org's admin" ja:"カスタム項目か"`
	Restricted  bool     `json:"restricted" doc:"Takes only the listed values" ja:"一覧の値だけを受け付けるか"`
	Values      []string `json:"values" doc:"Active values of a pick list" ja:"選択リストの有効な値"`
	ReferenceTo []string `json:"reference_to" doc:"Objects that it refers to" ja:"参照先オブジェクト"`
}

type recordType struct {
	ID            string `json:"id" doc:"Its id, for RecordTypeId" ja:"RecordTypeIdに設定するid"`
	Name          string `json:"name" doc:"Name for people" ja:"表示名"`
	DeveloperName string `json:"developer_name" doc:"API name" ja:"API参照名"`
	Default       bool   `json:"default" doc:"Used when none is given" ja:"省略時に使われるか"`
}

func describeObject(call *sdk.Call, in objectInput) (describeOutput, error) {
	o, err := open(call)
	if err != nil {
		return describeOutput{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return describeOutput{}, err
	}
	d, err := o.describe(in.Object)
	if err != nil {
		return describeOutput{}, err
	}
	out := describeOutput{
		Name: d.Name, Label: d.Label, KeyPrefix: d.KeyPrefix, PersonAccounts: d.field("IsPersonAccount") != nil,
		Fields: make([]field, 0, len(d.Fields)), RecordTypes: []recordType{},
	}
	for i := range d.Fields {
		out.Fields = append(out.Fields, d.Fields[i].output())
	}
	for _, t := range d.RecordTypes {
		if t.Available {
			out.RecordTypes = append(out.RecordTypes, recordType{ID: t.ID, Name: t.Name, DeveloperName: t.Developer, Default: t.Default})
		}
	}
	return out, nil
}

func (f *describedField) output() field {
	out := field{
		Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length,
		Required: f.Createable && !f.Nillable && !f.DefaultedOnCreate, Createable: f.Createable, Updateable: f.Updateable,
		ExternalID: f.ExternalID, Unique: f.Unique, Custom: f.Custom, Restricted: f.Restricted,
		Values: []string{}, ReferenceTo: append([]string{}, f.ReferenceTo...),
	}
	for _, v := range f.Values {
		if v.Active {
			out.Values = append(out.Values, v.Value)
		}
	}
	return out
}

type nothing struct{}

type listOutput struct {
	Objects []objectSummary `json:"objects" doc:"The org's objects" ja:"組織のオブジェクト"`
}

type objectSummary struct {
	Name       string `json:"name" doc:"API name" ja:"API参照名"`
	Label      string `json:"label" doc:"Name for people" ja:"表示ラベル"`
	KeyPrefix  string `json:"key_prefix" doc:"First three characters of its ids" ja:"idの先頭3文字"`
	Custom     bool   `json:"custom" doc:"Made by the org's admin" ja:"カスタムオブジェクトか"`
	Createable bool   `json:"createable" doc:"Records may be created" ja:"レコードを作成できるか"`
	Queryable  bool   `json:"queryable" doc:"May be queried" ja:"クエリできるか"`
}

func listObjects(call *sdk.Call, _ nothing) (listOutput, error) {
	o, err := open(call)
	if err != nil {
		return listOutput{}, err
	}
	var page struct {
		Objects []struct {
			Name       string `json:"name"`
			Label      string `json:"label"`
			KeyPrefix  string `json:"keyPrefix"`
			Custom     bool   `json:"custom"`
			Createable bool   `json:"createable"`
			Queryable  bool   `json:"queryable"`
		} `json:"sobjects"`
	}
	if err := o.into(o.request("GET", "/sobjects"), &page); err != nil {
		return listOutput{}, fmt.Errorf("listing the objects: %w", err)
	}
	out := listOutput{Objects: make([]objectSummary, 0, len(page.Objects))}
	for _, found := range page.Objects {
		out.Objects = append(out.Objects, objectSummary(found))
	}
	return out, nil
}

type limitsOutput struct {
	DailyMax       int64                `json:"daily_max" doc:"API calls allowed in 24 hours" ja:"24時間に許されるAPI回数"`
	DailyRemaining int64                `json:"daily_remaining" doc:"API calls left" ja:"残りのAPI回数"`
	All            map[string]allowance `json:"all" doc:"Every limit by the platform's name" ja:"すべての制限(Salesforceでの名前)"`
}

type allowance struct {
	Max       int64 `json:"Max" doc:"Allowed" ja:"上限"`
	Remaining int64 `json:"Remaining" doc:"Left" ja:"残り"`
}

func getLimits(call *sdk.Call, _ nothing) (limitsOutput, error) {
	o, err := open(call)
	if err != nil {
		return limitsOutput{}, err
	}
	all := map[string]allowance{}
	if err := o.into(o.request("GET", "/limits"), &all); err != nil {
		return limitsOutput{}, fmt.Errorf("reading the limits: %w", err)
	}
	daily := all["DailyApiRequests"]
	return limitsOutput{DailyMax: daily.Max, DailyRemaining: daily.Remaining, All: all}, nil
}
