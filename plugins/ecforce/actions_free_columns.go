package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func freeColumnActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("free_column.list", text("Read the free columns of a record", "自由項目を取得する"), listFreeColumns),
		sdk.Do("free_column.set", text("Set free columns of a record", "自由項目を設定する"), setFreeColumns).Idempotent(),
	}
}

// freeOwner names a record that has free columns.
type freeOwner struct {
	Object string `json:"object" enum:"customer,order,subscription" doc:"Kind of record" ja:"対象の種類"`
	ID     string `json:"id" doc:"The record's id" ja:"対象のid"`
}

// path returns the address of the record's free columns.
func (o freeOwner) path(suffix string) (string, error) {
	path := map[string]string{"customer": "customers", "order": "orders", "subscription": "subs_orders"}[o.Object]
	if path == "" {
		return "", sdk.Errorf(abi.Invalid, "object is %q, not customer, order or subscription", o.Object)
	}
	return "/" + path + "/%s/free_column_values" + suffix, checkID(o.ID)
}

type freeColumn struct {
	ID     string   `json:"id" doc:"Id of the free column" ja:"自由項目ID"`
	Label  string   `json:"label,omitempty" doc:"Its label" ja:"項目名"`
	Values []string `json:"values" doc:"Its values" ja:"値"`
}

type freeColumnList struct {
	Columns []freeColumn `json:"columns" doc:"The free columns" ja:"自由項目"`
}

func listFreeColumns(call *sdk.Call, in freeOwner) (freeColumnList, error) {
	s := shopOf(call)
	path, err := in.path("")
	if err != nil {
		return freeColumnList{}, err
	}
	var categories []struct {
		Values []struct {
			Values []struct {
				ID     int64    `json:"free_column_id"`
				Label  string   `json:"free_column_label"`
				Values []string `json:"free_column_value_values"`
			} `json:"values"`
		} `json:"values"`
	}
	if err := s.admin("GET", path, in.ID).Into(&categories); err != nil {
		return freeColumnList{}, err
	}
	found := freeColumnList{Columns: []freeColumn{}}
	for _, category := range categories {
		for _, group := range category.Values {
			for _, c := range group.Values {
				found.Columns = append(found.Columns, freeColumn{ID: formatID(c.ID), Label: c.Label, Values: c.Values})
			}
		}
	}
	return found, nil
}

type setFreeColumnsInput struct {
	freeOwner
	Columns []setFreeColumn `json:"columns" doc:"What to set" ja:"設定する自由項目"`
	Create  bool            `json:"create,omitempty" doc:"Whether the values are new; else existing ones are changed" ja:"新規登録か(省略時は更新)"`
}

type setFreeColumn struct {
	ID      int64   `json:"id" doc:"Id of the free column" ja:"自由項目ID"`
	Value   string  `json:"value,omitempty" doc:"Text" ja:"値"`
	Options []int64 `json:"option_ids,omitempty" doc:"Chosen options" ja:"選択肢ID"`
}

func setFreeColumns(call *sdk.Call, in setFreeColumnsInput) (done, error) {
	s := shopOf(call)
	method, suffix := "PUT", "/bulk_update"
	if in.Create {
		method, suffix = "POST", "/bulk_create"
	}
	path, err := in.path(suffix)
	if err != nil {
		return done{}, err
	}
	var columns []fields
	for _, c := range in.Columns {
		column := fields{"free_column_id": c.ID, "free_column_value": c.Value}
		if len(c.Options) > 0 {
			column["free_column_option_ids"] = c.Options
		}
		columns = append(columns, column)
	}
	if err := s.admin(method, path, in.ID).JSON(fields{"free_columns": columns}).Send(); err != nil {
		return done{}, err
	}
	if !s.VerifyWrites {
		return done{ID: in.ID}, nil
	}
	return in.verify(s)
}

// verify reads the free columns again and compares texts.
func (in *setFreeColumnsInput) verify(s shop) (done, error) {
	now, err := listFreeColumns(s.Call, in.freeOwner)
	if err != nil {
		return done{}, err
	}
	have := map[string]string{}
	for _, c := range now.Columns {
		have[c.ID] = strings.Join(c.Values, ",")
	}
	var missing []string
	for _, c := range in.Columns {
		if id := formatID(c.ID); c.Value != "" && folded(have[id]) != folded(c.Value) {
			missing = append(missing, id)
		}
	}
	return done{ID: in.ID}, notApplied("free columns of "+in.Object+" "+in.ID, missing)
}
