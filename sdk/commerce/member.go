package commerce

import (
	"reflect"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

// Member is a person as rules and flows see them: what channels, forms and all
// linked customers say together.
type Member struct {
	ID            string               `json:"id" doc:"The member's id" ja:"会員ID"`
	Name          string               `json:"name" doc:"Full name; empty if unknown" ja:"氏名(不明なら空)"`
	Kana          string               `json:"kana" doc:"Reading of the name; empty if unknown" ja:"氏名(カナ、不明なら空)"`
	Phones        []string             `json:"phones" doc:"Telephone numbers, as +819012345678" ja:"電話番号(+819012345678の形)"`
	Emails        []string             `json:"emails" doc:"E-mail addresses, in small letters" ja:"メールアドレス(小文字)"`
	Birthday      Birthday             `json:"birthday,omitempty" doc:"Date of birth, 1990-04-02, or --04-02 where the year is unknown" ja:"誕生日(1990-04-02。年が不明なら --04-02)"`
	Sex           string               `json:"sex,omitempty" enum:"male,female,other" doc:"Sex, if the person said so" ja:"性別"`
	Tags          []string             `json:"tags" doc:"Tags, sorted" ja:"タグ"`
	Flags         []string             `json:"flags" doc:"Flags that are up, sorted" ja:"立っているフラグ"`
	Points        int64                `json:"points" doc:"Points" ja:"ポイント"`
	Linked        bool                 `json:"linked" doc:"Whether a cart's customer is linked" ja:"カート顧客と連携済みか"`
	RegisteredAt  time.Time            `json:"registered_at,omitzero" doc:"When the member was first seen" ja:"登録日時"`
	LinkedAt      time.Time            `json:"linked_at,omitzero" doc:"When the first customer was linked" ja:"最初に連携した日時"`
	Channels      []MemberChannel      `json:"channels" doc:"Where the member can be reached" ja:"チャネル(LINEなど)"`
	Customers     []MemberCustomer     `json:"customers" doc:"Customers of carts that are this member" ja:"連携したカート顧客"`
	Totals        Totals               `json:"totals" doc:"All carts together" ja:"全カートの合計"`
	Carts         []CartTotals         `json:"carts" doc:"The same for each cart" ja:"カートごとの合計"`
	Recent        []DayTotals          `json:"recent,omitzero" doc:"Orders by day in Japan, oldest first, of all carts and at least 400 days; member.spentSince(day) and member.ordersSince(day) add them up" ja:"日ごとの購入(日本の日付、古い順、全カート、400日分以上)。member.spentSince(日付)・member.ordersSince(日付) で合計できる"`
	Products      []MemberProduct      `json:"products" doc:"What was bought, by cart and product" ja:"購入した商品"`
	Subscriptions []MemberSubscription `json:"subscriptions" doc:"Subscriptions" ja:"定期購入"`
}

// MemberSchema is the schema of a Member, for rules that speak of members.
func MemberSchema() (*abi.Schema, error) { return schema.Of(reflect.TypeFor[Member]()) }

// MemberChannel is a member's identity at a channel such as LINE.
type MemberChannel struct {
	Connection   string    `json:"connection" doc:"Connection of the channel" ja:"チャネルの接続名"`
	UserID       string    `json:"user_id" doc:"The person's id there" ja:"ユーザーID"`
	Following    bool      `json:"following" doc:"Whether messages can be sent" ja:"友だち状態か(ブロックされていない)"`
	Name         string    `json:"name,omitempty" doc:"Name there" ja:"表示名"`
	FollowedAt   time.Time `json:"followed_at,omitzero" doc:"When the person began to follow" ja:"友だち追加日時"`
	UnfollowedAt time.Time `json:"unfollowed_at,omitzero" doc:"When the person last stopped following" ja:"最後にブロックした日時"`
}

// MemberCustomer is a cart's customer that is the member.
type MemberCustomer struct {
	Connection string    `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	ID         string    `json:"id" doc:"The customer's id there" ja:"顧客ID"`
	Number     string    `json:"number,omitempty" doc:"The number that staff see" ja:"顧客番号"`
	Key        string    `json:"key,omitempty" doc:"What it was recognised by: phone, email, line_id, person" ja:"照合に使った項目"`
	LinkedAt   time.Time `json:"linked_at,omitzero" doc:"When it was linked" ja:"連携日時"`
}

// Totals are counted over orders that were not cancelled.
type Totals struct {
	Orders        int64     `json:"orders" doc:"How many orders" ja:"購入回数"`
	Amount        int64     `json:"amount" doc:"What was spent, in the smallest unit of currency (yen, cents)" ja:"購入金額(最小通貨単位)"`
	Currency      string    `json:"currency,omitempty" doc:"Currency of amount: JPY if there are orders in it" ja:"通貨コード"`
	OtherAmounts  []Money   `json:"other_amounts,omitempty" doc:"What was spent in other currencies" ja:"他通貨の購入金額"`
	FirstOrderAt  time.Time `json:"first_order_at,omitzero" doc:"When the first order was placed" ja:"初回購入日時"`
	LastOrderAt   time.Time `json:"last_order_at,omitzero" doc:"When the last order was placed" ja:"最終購入日時"`
	Shipments     int64     `json:"shipments" doc:"How many orders were shipped" ja:"発送回数"`
	LastShippedAt time.Time `json:"last_shipped_at,omitzero" doc:"When an order was shipped last" ja:"最終発送日時"`
	// SubscriptionStatus is active if any subscription is, else paused if any is, else cancelled.
	SubscriptionStatus Status `json:"subscription_status,omitempty" doc:"active if any subscription is, else paused if any is, else cancelled; missing without subscriptions" ja:"定期の状態(一つでも継続ならactive、次にpaused、cancelled。定期が無ければ無し)"`
}

// RecentDays is how many days back from a customer's newest order orders are told by day.
const RecentDays = 400

// DayTotals are counted over a day's orders that were not cancelled.
type DayTotals struct {
	Day    Date  `json:"day" doc:"Day in Japan" ja:"日付(日本)"`
	Orders int64 `json:"orders" doc:"How many orders" ja:"購入回数"`
	Amount int64 `json:"amount" doc:"What was spent, in the currency of totals.amount" ja:"購入金額(totals.amount の通貨)"`
	// Cut marks the first item where there was more before.
	Cut bool `json:"cut,omitempty" doc:"Orders of this day and before it are no longer told by day; they are not in this list" ja:"この日以前の購入は日ごとには残っていない(このリストに含まれない)"`
}

// CartTotals are the totals of one cart.
type CartTotals struct {
	Connection string `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	Totals
}

// MemberProduct is what a member bought of one product.
type MemberProduct struct {
	Connection    string    `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	Code          string    `json:"code" doc:"Product number, else SKU, else the product's id" ja:"商品番号(無ければSKU、商品ID)"`
	ProductID     string    `json:"product_id,omitempty" doc:"The product's id at the cart" ja:"商品ID"`
	SKU           string    `json:"sku,omitempty" doc:"Stock keeping unit" ja:"SKU"`
	Name          string    `json:"name,omitempty" doc:"Name when it was bought last" ja:"商品名"`
	Orders        int64     `json:"orders" doc:"How many orders contain it" ja:"購入回数"`
	Quantity      int64     `json:"quantity" doc:"How many pieces" ja:"購入個数"`
	LastOrderedAt time.Time `json:"last_ordered_at,omitzero" doc:"When it was bought last" ja:"最終購入日時"`
	// SubscriptionOrders counts orders of subscriptions, SubscriptionCount is the highest delivery number.
	SubscriptionOrders int64  `json:"subscription_orders" doc:"How many of the orders belong to a subscription" ja:"定期購入の回数"`
	SubscriptionCount  int64  `json:"subscription_count" doc:"Highest number of a delivery of a subscription; 0 if never subscribed" ja:"定期回数(最大。定期でなければ0)"`
	SubscriptionStatus Status `json:"subscription_status,omitempty" doc:"active if any subscription to it is, else paused if any is, else cancelled; missing without" ja:"この商品の定期の状態"`
}

// MemberSubscription is one subscription of a member.
type MemberSubscription struct {
	Connection string    `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	ID         string    `json:"id" doc:"The subscription's id there" ja:"定期受注ID"`
	Status     Status    `json:"status,omitempty" doc:"active, paused or cancelled; missing if the platform's word is not known" ja:"状態"`
	Times      int64     `json:"times" doc:"Number of the next delivery, from 1" ja:"回数"`
	Products   []string  `json:"products" doc:"Codes of what is delivered" ja:"商品番号"`
	ChangedAt  time.Time `json:"changed_at,omitzero" doc:"When the status became what it is" ja:"状態が変わった日時"`
}

// Birthday is a date of birth: 1990-04-02, or --04-02 where the year is unknown.
type Birthday string

// Schema says that a Birthday is a string of format "birthday": without a year it is no date.
func (Birthday) Schema() *abi.Schema { return &abi.Schema{Type: abi.TypeString, Format: "birthday"} }

// Contact is a person as a channel knows them.
type Contact struct {
	UserID    string   `json:"user_id,omitempty" doc:"The person's id at the channel; missing in events that do not tell" ja:"ユーザーID(グループのイベントなどでは無いことがある)"`
	Name      string   `json:"display_name,omitempty" doc:"Name at the channel" ja:"表示名"`
	Following *bool    `json:"following,omitempty" doc:"Whether messages can be sent; missing if the event does not tell" ja:"友だち状態か"`
	Email     string   `json:"email,omitempty" doc:"E-mail address, if the channel tells it" ja:"メールアドレス"`
	Phone     string   `json:"phone,omitempty" doc:"Telephone number, if the channel tells it" ja:"電話番号"`
	Birthday  Birthday `json:"birthday,omitempty" doc:"Date of birth, if the channel tells it" ja:"誕生日"`
}
