package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func subscriptionActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("subscription.get", text("Fetch one subscription order", "定期受注を1件取得する"), getSubscription),
		sdk.Read("subscription.search", text("Search subscription orders", "定期受注を検索する"), searchSubscriptions).Pages("subscriptions"),
		sdk.Do("subscription.update", text("Update a subscription order: pause, resume, cancel, move", "定期受注を更新する(停止・再開・キャンセル・日程変更など)"), updateSubscription).Idempotent(),
		sdk.Do("subscription.bulk_update", text("Update many subscription orders", "定期受注を一括更新する"), bulkUpdate("subs_orders")).Idempotent(),
		sdk.Do("subscription.bulk_create", text("Create many subscription orders later (asynchronous)", "定期受注を一括登録する(非同期)"), bulkCreate("subs_orders")),
		sdk.Do("subscription.create_order", text("Create the next order of a subscription order", "定期受注の次回受注を作成する"), createChildOrder).Confirm(confirmChildOrder),
	}
}

func getSubscription(call *sdk.Call, in byID) (subscription, error) {
	s := shopOf(call)
	doc, err := readOne(s, "subs_orders", in.ID, s.SubsInclude)
	if err != nil {
		return subscription{}, fmt.Errorf("fetching subscription order %s: %w", in.ID, err)
	}
	return subscriptionOf(doc.row(), s.Statuses), nil
}

type searchSubscriptionsInput struct {
	ID         string `json:"id,omitempty" doc:"Subscription order id" ja:"定期受注ID"`
	Number     string `json:"number,omitempty" doc:"Subscription order number" ja:"定期受注番号"`
	State      string `json:"state,omitempty" doc:"State: active, suspend, canceled" ja:"状態(active・suspend・canceled)"`
	LinkNumber string `json:"link_number,omitempty" doc:"Link number" ja:"連携番号"`
	From       string `json:"updated_from,omitempty" doc:"Changed at or after" ja:"更新日時(以降)"`
	Until      string `json:"updated_until,omitempty" doc:"Changed before" ja:"更新日時(より前)"`
	Deleted    bool   `json:"with_deleted,omitempty" doc:"Whether deleted ones are listed too" ja:"削除済みも含めるか"`
	Limit      int64  `json:"limit,omitempty" doc:"How many at the most; 0 means 100" ja:"最大件数(0は100件)"`
	Next       string `json:"next,omitempty" doc:"next of an earlier answer: goes on behind it" ja:"前回の出力のnext(続きを取得)"`
}

type subscriptionList struct {
	TotalSize     int64          `json:"total_size" doc:"How many match; behind next, how many of these are left" ja:"一致した件数(nextの続きでは残りの件数)"`
	Subscriptions []subscription `json:"subscriptions" doc:"The subscription orders" ja:"定期受注"`
	Next          string         `json:"next" doc:"Where to go on; empty at the end" ja:"続きの位置(最後は空)"`
}

func searchSubscriptions(call *sdk.Call, in searchSubscriptionsInput) (subscriptionList, error) {
	s := shopOf(call)
	q := query{path: "subs_orders", include: s.SubsInclude}
	for _, f := range []filter{{"id", in.ID}, {"number", in.Number}, {"state", in.State}, {"link_number", in.LinkNumber}} {
		if f.value != "" {
			q.filters = append(q.filters, equal(f.name, f.value))
		}
	}
	if err := q.between(byChange, in.From, in.Until); err != nil {
		return subscriptionList{}, err
	}
	if len(q.filters) == 0 {
		return subscriptionList{}, sdk.Errorf(abi.Invalid, "a search for subscription orders needs at least one condition")
	}
	if in.Deleted {
		q.filters = append(q.filters, filter{"q[with_deleted]", "1"})
	}
	if err := q.behind(in.Next, false); err != nil {
		return subscriptionList{}, err
	}
	rows, total, err := q.fetch(s, limitOf(in.Limit))
	found := subscriptionList{TotalSize: total, Subscriptions: []subscription{}, Next: nextOf(rows, total)}
	for _, r := range rows {
		found.Subscriptions = append(found.Subscriptions, subscriptionOf(r, s.Statuses))
	}
	return found, err
}

type updateSubscriptionInput struct {
	byID
	State          *string           `json:"state,omitempty" doc:"State: active, suspend, canceled" ja:"状態(active・suspend・canceled)"`
	CancelReasons  []string          `json:"cancel_reason_ids,omitempty" doc:"Why it is cancelled; null as text clears it" ja:"キャンセル理由ID(文字列nullで消去)"`
	SuspendReasons []string          `json:"suspend_reason_ids,omitempty" doc:"Why it is paused; null as text clears it" ja:"停止理由ID(文字列nullで消去)"`
	Times          *int64            `json:"times,omitempty" doc:"Number of the next delivery" ja:"定期回数"`
	ShipAt         sdk.Change        `json:"ship_at,omitempty" doc:"When the next delivery leaves; null clears it" ja:"次回発送予定日時(nullで消去)"`
	DeliverAt      sdk.Change        `json:"deliver_at,omitempty" doc:"When the next delivery arrives; null clears it" ja:"次回お届け予定日時(nullで消去)"`
	SyncDelivery   *bool             `json:"sync_scheduled_to_be_delivered_at,omitempty" doc:"Whether the day of delivery follows ship_at" ja:"お届け日を発送日に連動させるか"`
	SyncShipping   *bool             `json:"sync_scheduled_to_be_shipped_at,omitempty" doc:"Whether the day of shipping follows deliver_at" ja:"発送日をお届け日に連動させるか"`
	SkipNext       *bool             `json:"skip_next_scheduled_delivery,omitempty" doc:"Whether the next delivery is left out" ja:"次回をスキップするか"`
	Schedule       *string           `json:"payment_schedule,omitempty" enum:"date,term,day_of_week" doc:"Kind of interval" ja:"お届け周期の種類"`
	ScheduleParts  map[string]int64  `json:"schedule,omitempty" doc:"Interval, in ecforce's names beginning with scheduled_to_be_delivered_" ja:"お届け周期の値(scheduled_to_be_delivered_で始まる項目名)"`
	AvoidHolidays  bool              `json:"avoid_holidays,omitempty" doc:"Whether shipping days avoid holidays" ja:"発送予定日の休業日を避けるか"`
	Memo1          sdk.Change        `json:"memo1,omitempty" doc:"Memo 1; null clears it" ja:"メモ1(nullで消去)"`
	Memo2          sdk.Change        `json:"memo2,omitempty" doc:"Memo 2; null clears it" ja:"メモ2(nullで消去)"`
	LinkNumber     sdk.Change        `json:"link_number,omitempty" doc:"Link number; null clears it" ja:"連携番号(nullで消去)"`
	LinkedMemo     sdk.Change        `json:"linked_memo,omitempty" doc:"Linked memo; null clears it" ja:"連携メモ(nullで消去)"`
	Delivery       *commerce.Address `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Items          []orderLine       `json:"items,omitempty" doc:"Changed lines" ja:"明細の変更"`
}

func (in *updateSubscriptionInput) body() (fields, error) {
	f := fields{}
	f.set("state", in.State)
	f.set("times", in.Times)
	f.set("payment_schedule", in.Schedule)
	f.set("memo01", in.Memo1)
	f.set("memo02", in.Memo2)
	f.set("link_number", in.LinkNumber)
	f.set("linked_memo", in.LinkedMemo)
	f.setFlag("sync_scheduled_to_be_delivered_at", in.SyncDelivery)
	f.setFlag("sync_scheduled_to_be_shipped_at", in.SyncShipping)
	f.setFlag("skip_next_scheduled_delivery", in.SkipNext)
	if len(in.CancelReasons) > 0 {
		f["cancel_reason_ids"] = in.CancelReasons
	}
	if len(in.SuspendReasons) > 0 {
		f["suspend_reason_ids"] = in.SuspendReasons
	}
	if err := f.setSchedule(in.ScheduleParts); err != nil {
		return nil, err
	}
	if len(in.Items) > 0 {
		f["order_items_attributes"] = linesOf(in.Items)
	}
	if err := f.setAddresses(nil, in.Delivery); err != nil {
		return nil, err
	}
	return f, f.setTimes(map[string]sdk.Change{"scheduled_to_be_shipped_at": in.ShipAt, "scheduled_to_be_delivered_at": in.DeliverAt})
}

// scheduled begins the names that a schedule's parts have.
const scheduled = "scheduled_to_be_delivered_"

// setSchedule adds the parts of an interval; other names would be dropped by the platform without a word.
func (f fields) setSchedule(parts map[string]int64) error {
	for name, value := range parts {
		if rest, ok := strings.CutPrefix(name, scheduled); !ok || rest == "at" {
			return &abi.Error{Kind: abi.Invalid, Fields: []string{"schedule"}, Message: fmt.Sprintf(
				"schedule: %q is not a part of an interval; their names begin with %s, as %severy_x_month", name, scheduled, scheduled,
			)}
		}
		f[name] = value
	}
	return nil
}

func updateSubscription(call *sdk.Call, in updateSubscriptionInput) (subscription, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return subscription{}, err
	}
	changes, err := in.body()
	if err != nil {
		return subscription{}, err
	}
	body := fields{"subs_order": changes}
	if in.AvoidHolidays {
		body["avoid_holidays_for_scheduled_to_be_shipped_at"] = 1
	}
	// The answer has payment_schedule as a sentence, so it cannot be compared.
	sent := changes.without("payment_schedule")
	r, err := change(s, "subs_orders", in.ID, s.SubsInclude, s.admin("PUT", "/subs_orders/%s", in.ID).JSON(body), sent)
	if err != nil {
		return subscription{}, fmt.Errorf("updating subscription order %s: %w", in.ID, err)
	}
	return subscriptionOf(r, s.Statuses), nil
}

// createChildOrder answers nothing at the platform, so the order is looked up.
func createChildOrder(call *sdk.Call, in byID) (order, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return order{}, err
	}
	if err := s.admin("POST", "/subs_orders/%s/orders", in.ID).Send(); err != nil {
		return order{}, fmt.Errorf("creating the next order of subscription order %s: %w", in.ID, err)
	}
	o, made, err := confirmChildOrder(call, in)
	if err == nil && !made {
		o, err = order{}, sdk.Errorf(abi.Unknown, "the new order of subscription order %s is not listed", in.ID)
	}
	return o, looked(err)
}

func newestChild(s shop, id string) (order, bool, error) {
	found, err := searchOrders(s.Call, searchOrdersInput{SubscriptionID: id, Limit: 1, Newest: true})
	if err != nil || len(found.Orders) == 0 {
		return order{}, false, err
	}
	return found.Orders[0], true, nil
}

// confirmChildOrder says whether the newest order of the subscription is of this
// step; an older one is that of the delivery before.
func confirmChildOrder(call *sdk.Call, in byID) (order, bool, error) {
	s := shopOf(call)
	o, found, err := newestChild(s, in.ID)
	return o, found && !o.CreatedAt.Before(attemptBegan(s)), err
}
