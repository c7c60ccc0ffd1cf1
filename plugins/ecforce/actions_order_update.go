package main

import (
	"fmt"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
)

type updateOrderInput struct {
	byID
	State         *string           `json:"state,omitempty" doc:"State" ja:"対応状況"`
	StoreID       *int64            `json:"store_id,omitempty" doc:"Store" ja:"店舗ID"`
	CarrierID     numberChange      `json:"shipping_carrier_id,omitempty" doc:"Carrier; null clears it" ja:"配送業者ID(nullで消去)"`
	Note          sdk.Change        `json:"note,omitempty" doc:"Remark; null clears it" ja:"備考(nullで消去)"`
	ShipAt        sdk.Change        `json:"ship_at,omitempty" doc:"When it is planned to leave; null clears it" ja:"発送予定日時(nullで消去)"`
	DeliverAt     sdk.Change        `json:"deliver_at,omitempty" doc:"When it is planned to arrive; null clears it" ja:"配送予定日時(nullで消去)"`
	DeliverTimeID numberChange      `json:"scheduled_delivery_time_id,omitempty" doc:"Time band of the delivery; null clears it" ja:"配送時間帯ID(nullで消去)"`
	DeliveredAt   sdk.Change        `json:"delivered_at,omitempty" doc:"When it arrived; null clears it" ja:"配送完了日時(nullで消去)"`
	Memo1         sdk.Change        `json:"memo1,omitempty" doc:"Memo 1; null clears it" ja:"メモ1(nullで消去)"`
	Memo2         sdk.Change        `json:"memo2,omitempty" doc:"Memo 2; null clears it" ja:"メモ2(nullで消去)"`
	AdminID       numberChange      `json:"assigned_admin_id,omitempty" doc:"Administrator in charge; null clears it" ja:"担当者ID(nullで消去)"`
	LinkedMemo    sdk.Change        `json:"linked_memo,omitempty" doc:"Linked memo; null clears it" ja:"連携メモ(nullで消去)"`
	Adjustment    *int64            `json:"adjustment,omitempty" doc:"Adjustment in yen" ja:"調整金額(円)"`
	URL           sdk.Change        `json:"url,omitempty" doc:"Ad URL; null clears it" ja:"広告URL(nullで消去)"`
	Billing       *commerce.Address `json:"billing,omitempty" doc:"Who pays" ja:"請求先"`
	Delivery      *commerce.Address `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Items         []orderLine       `json:"items,omitempty" doc:"Changed lines" ja:"明細の変更"`
	FreeColumns   []freeItem        `json:"order_free_columns,omitempty" doc:"Free columns in ecforce's form: id, values" ja:"自由項目(id、values)"`
	Recalculate   bool              `json:"recalculate,omitempty" doc:"Whether ecforce computes the amounts again" ja:"金額を再計算するか"`
	SubsMemo      bool              `json:"update_subs_order_memo,omitempty" doc:"Whether the memos go to the subscription order too" ja:"定期受注のメモも更新するか"`
}

// orderLine is a change to one line of an order.
type orderLine struct {
	ID        string `json:"id,omitempty" doc:"The line; a new one if missing" ja:"明細ID(省略時は追加)"`
	VariantID string `json:"variant_id,omitempty" doc:"Variant" ja:"バリエーションID"`
	Quantity  *int64 `json:"quantity,omitempty" doc:"How many" ja:"数量"`
	Delete    bool   `json:"delete,omitempty" doc:"Whether it goes" ja:"削除するか"`
}

func linesOf(lines []orderLine) []fields {
	list := make([]fields, 0, len(lines))
	for _, line := range lines {
		f := fields{}
		if line.ID != "" {
			f["id"] = line.ID
		}
		if line.VariantID != "" {
			f["variant_id"] = line.VariantID
		}
		f.set("quantity", line.Quantity)
		if line.Delete {
			f["delete"] = 1
		}
		list = append(list, f)
	}
	return list
}

// body returns the changes in the platform's names.
func (in *updateOrderInput) body() (fields, error) {
	f := fields{}
	f.set("state", in.State)
	f.set("store_id", in.StoreID)
	f.set("shipping_carrier_id", in.CarrierID)
	f.set("remark", in.Note)
	f.set("scheduled_delivery_time_id", in.DeliverTimeID)
	f.set("memo01", in.Memo1)
	f.set("memo02", in.Memo2)
	f.set("assigned_admin_id", in.AdminID)
	f.set("linked_memo", in.LinkedMemo)
	f.set("adjustment", in.Adjustment)
	f.set("url", in.URL)
	if len(in.Items) > 0 {
		f["order_items_attributes"] = linesOf(in.Items)
	}
	if len(in.FreeColumns) > 0 {
		f["order_free_columns"] = in.FreeColumns
	}
	if err := f.setAddresses(in.Billing, in.Delivery); err != nil {
		return nil, err
	}
	return f, f.setTimes(map[string]sdk.Change{
		"scheduled_to_be_shipped_at": in.ShipAt, "scheduled_to_be_delivered_at": in.DeliverAt, "delivered_at": in.DeliveredAt,
	})
}

func (f fields) setTimes(times map[string]sdk.Change) error {
	for name, at := range times {
		if !at.Given {
			continue
		}
		if err := f.setTime(name, &at.Text); err != nil {
			return err
		}
	}
	return nil
}

func (f fields) setAddresses(billing, delivery *commerce.Address) error {
	for name, address := range map[string]*commerce.Address{"billing_address_attributes": billing, "shipping_address_attributes": delivery} {
		if address == nil {
			continue
		}
		inner, err := addressFields(*address)
		if err != nil {
			return err
		}
		f[name] = inner
	}
	return nil
}

func updateOrder(call *sdk.Call, in updateOrderInput) (order, error) {
	s := shopOf(call)
	changes, err := in.body()
	if err != nil {
		return order{}, err
	}
	if err := checkID(in.ID); err != nil {
		return order{}, err
	}
	body := fields{"order": changes, "recalculate": flagOf(in.Recalculate), "preview": 0, "update_subs_order_memo": flagOf(in.SubsMemo)}
	r, err := change(s, "orders", in.ID, s.OrderInclude, s.admin("PUT", "/orders/%s", in.ID).JSON(body), changes)
	if err != nil {
		return order{}, fmt.Errorf("updating order %s: %w", in.ID, err)
	}
	return orderOf(r, &s.settings), nil
}
