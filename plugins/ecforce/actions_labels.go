package main

import (
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func labelActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("label.list", text("List labels", "ラベルを一覧する"), listLabels),
		sdk.Do("label.create", text("Create a label", "ラベルを作成する"), createLabel).Confirm(confirmLabel),
		sdk.Do("label.assign", text("Add, remove or replace labels of records", "ラベルを付与・解除・置換する"), assignLabels).Idempotent(),
		sdk.Read("master.list", text("List a master: stores, payment methods, carriers, reasons, ...", "マスタを一覧する(店舗・決済方法・配送業者・理由など)"), listMaster),
	}
}

type listLabelsInput struct {
	Type string `json:"type,omitempty" enum:"Customer,Order,SubsOrder,Product,Url,Template" doc:"Only labels for this kind of record" ja:"対象の種類で絞り込む"`
}

type label struct {
	ID    string `json:"id" doc:"The label's id" ja:"ラベルID"`
	Name  string `json:"name" doc:"Name" ja:"名称"`
	Color string `json:"color,omitempty" doc:"Colour" ja:"色"`
	Type  string `json:"type,omitempty" doc:"Kind of record that it is for" ja:"対象の種類"`
}

type labelList struct {
	Labels []label `json:"labels" doc:"The labels" ja:"ラベル"`
}

// listLabels reads plain objects: labels do not come in the JSON:API envelope.
func listLabels(call *sdk.Call, in listLabelsInput) (labelList, error) {
	s := shopOf(call)
	rows, _, err := (&query{path: "labels", loose: true}).fetch(s, maxPer*maxPages)
	found := labelList{Labels: []label{}}
	for _, r := range rows {
		if l := labelOf(r.ID, r.Attributes); in.Type == "" || l.Type == in.Type {
			found.Labels = append(found.Labels, l)
		}
	}
	return found, err
}

func labelOf(id string, a attributes) label {
	return label{ID: id, Name: a.text("name"), Color: a.text("color"), Type: a.text("type")}
}

type createLabelInput struct {
	Type  string `json:"type" enum:"Customer,Order,SubsOrder,Product,Url,Template" doc:"Kind of record that it is for" ja:"対象の種類"`
	Name  string `json:"name" doc:"Name" ja:"名称"`
	Color string `json:"color,omitempty" default:"#888888" doc:"Colour" ja:"色"`
}

// createLabel looks the label up again: what the platform answers is not documented.
func createLabel(call *sdk.Call, in createLabelInput) (label, error) {
	s := shopOf(call)
	if err := s.admin("POST", "/labels").JSON(fields{"type": in.Type, "name": in.Name, "color": in.Color}).Send(); err != nil {
		return label{}, fmt.Errorf("creating label %s: %w", in.Name, err)
	}
	l, found, err := confirmLabel(s.Call, in)
	if err == nil && !found {
		err = notApplied("the label", []string{"name"})
	}
	return l, looked(err)
}

// confirmLabel looks for a label of that name; two of one name are of no use.
func confirmLabel(call *sdk.Call, in createLabelInput) (label, bool, error) {
	s := shopOf(call)
	all, err := listLabels(s.Call, listLabelsInput{Type: in.Type})
	for _, l := range all.Labels {
		if l.Name == in.Name {
			return l, true, err
		}
	}
	return label{}, false, err
}

type assignLabelsInput struct {
	Type     string   `json:"type" enum:"Customer,Order,SubsOrder,Product,Url,Template" doc:"Kind of record" ja:"対象の種類"`
	Method   string   `json:"method,omitempty" enum:"add,remove,overwrite" default:"add" doc:"What to do with the labels" ja:"付与(add)・解除(remove)・置換(overwrite)"`
	Targets  []string `json:"target_ids" doc:"Records" ja:"対象のid"`
	LabelIDs []string `json:"label_ids,omitempty" doc:"Labels by id" ja:"ラベルID"`
	Labels   []string `json:"labels,omitempty" doc:"Labels by name" ja:"ラベル名"`
}

func assignLabels(call *sdk.Call, in assignLabelsInput) (bulkOutput, error) {
	s := shopOf(call)
	targets, err := numbers(in.Targets)
	if err != nil {
		return bulkOutput{}, err
	}
	ids, err := in.labelIDs(s)
	if err != nil {
		return bulkOutput{}, err
	}
	return sendBulk(s, "PUT", "/labeling", fields{"type": in.Type, "method": in.Method, "target_ids": targets, "label_ids": ids})
}

// labelIDs resolves names; one that does not exist is an error and not created.
func (in *assignLabelsInput) labelIDs(s shop) ([]int64, error) {
	ids := slices.Clone(in.LabelIDs)
	if len(in.Labels) > 0 {
		all, err := listLabels(s.Call, listLabelsInput{Type: in.Type})
		if err != nil {
			return nil, err
		}
		for _, name := range in.Labels {
			i := slices.IndexFunc(all.Labels, func(l label) bool { return l.Name == name })
			if i < 0 {
				return nil, sdk.Errorf(abi.NotFound, "there is no label %q for %s", name, in.Type)
			}
			ids = append(ids, all.Labels[i].ID)
		}
	}
	if len(ids) == 0 && in.Method == "overwrite" {
		return []int64{}, nil
	}
	return numbers(ids)
}

type listMasterInput struct {
	Name  string `json:"name" enum:"stores,payment_methods,shipping_carriers,sexes,product_categories,cancel_reasons,suspend_reasons,url_groups" doc:"Which master" ja:"マスタの種類"`
	Limit int64  `json:"limit,omitempty" doc:"How many rows at the most; 0 means 100" ja:"最大件数(0は100件)"`
}

type masterRow struct {
	ID       string     `json:"id" doc:"Id" ja:"id"`
	Name     string     `json:"name" doc:"Name" ja:"名称"`
	ParentID string     `json:"parent_reason_id,omitempty" doc:"Reason above it" ja:"親の理由ID"`
	Raw      attributes `json:"raw,omitzero" doc:"Everything that ecforce told" ja:"ecforceの項目そのまま"`
}

type masterList struct {
	TotalSize int64       `json:"total_size" doc:"How many there are, at least; more than rows if these were cut at limit" ja:"全体の件数(少なくとも。rowsより多ければlimitで切れている)"`
	Rows      []masterRow `json:"rows" doc:"The rows" ja:"一覧"`
}

// masterLimit is limitOf with a higher end: the list of a master has no next, so
// that what one call does not bring cannot be had.
func masterLimit(wanted int64) int {
	if wanted <= 0 {
		return maxPer
	}
	return int(min(wanted, maxPer*maxPages))
}

func listMaster(call *sdk.Call, in listMasterInput) (masterList, error) {
	s := shopOf(call)
	known := []string{"stores", "payment_methods", "shipping_carriers", "sexes", "product_categories", "cancel_reasons", "suspend_reasons", "url_groups"}
	if !slices.Contains(known, in.Name) {
		return masterList{}, sdk.Errorf(abi.Invalid, "there is no master %q", in.Name)
	}
	rows, total, err := (&query{path: in.Name, loose: true}).fetch(s, masterLimit(in.Limit))
	found := masterList{TotalSize: total, Rows: []masterRow{}}
	for _, r := range rows {
		a := r.Attributes
		found.Rows = append(found.Rows, masterRow{ID: r.ID, Name: a.text("name"), ParentID: a.text("parent_reason_id"), Raw: a})
	}
	return found, err
}
