package main

import (
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// customer is a customer as rules see it: the words that all carts share, and
// ecforce's own. What is unknown or empty is missing.
type customer struct {
	commerce.Customer
	HumanState   string       `json:"human_state,omitempty" doc:"State in the console's words" ja:"状態(管理画面の表記)"`
	LinkNumber   string       `json:"link_number,omitempty" doc:"External key (link number)" ja:"連携番号"`
	Zip          string       `json:"zip,omitempty" doc:"Postcode, seven digits" ja:"郵便番号(7桁)"`
	Prefecture   string       `json:"prefecture,omitempty" doc:"Prefecture" ja:"都道府県"`
	PrefectureID int64        `json:"prefecture_id,omitempty" doc:"JIS number of the prefecture, 1 to 47" ja:"都道府県コード(1〜47)"`
	Address1     string       `json:"address1,omitempty" doc:"First line of the address: city and town" ja:"住所1(市区町村)"`
	Address2     string       `json:"address2,omitempty" doc:"Second line: street number" ja:"住所2(番地)"`
	Address3     string       `json:"address3,omitempty" doc:"Third line: building" ja:"住所3(建物名)"`
	FullAddress  string       `json:"full_address,omitempty" doc:"Prefecture and the three lines" ja:"住所(都道府県から)"`
	BuyTimes     *int64       `json:"buy_times,omitempty" doc:"How many orders the customer placed" ja:"購入回数"`
	BuyTotal     *int64       `json:"buy_total,omitempty" doc:"What the customer spent in total, in yen" ja:"累計購入金額(円)"`
	Point        *int64       `json:"point,omitempty" doc:"Balance of points" ja:"保有ポイント"`
	RankName     string       `json:"rank_name,omitempty" doc:"Customer rank" ja:"会員ランク"`
	TypeName     string       `json:"type_name,omitempty" doc:"Customer type" ja:"顧客種別"`
	SexID        int64        `json:"sex_id,omitempty" doc:"Number of the sex in the shop's list" ja:"性別ID"`
	MailStop     *bool        `json:"mail_delivery_stop,omitempty" doc:"Whether mail is stopped" ja:"メール配信停止"`
	Blacklist    *bool        `json:"blacklist,omitempty" doc:"Whether the customer is on the blacklist" ja:"ブラックリスト"`
	AutoEmail    *bool        `json:"is_auto_generated_email,omitempty" doc:"Whether the e-mail address was made up by ecforce: do not match on it" ja:"メールアドレスが自動生成か(照合に使わないこと)"`
	LineLinkedAt time.Time    `json:"line_linked_at,omitzero" doc:"When LINE was linked" ja:"LINE連携日時"`
	Deliveries   []addressRow `json:"shipping_addresses,omitempty" doc:"Delivery addresses" ja:"配送先"`
	Raw          attributes   `json:"raw,omitzero" doc:"Everything that ecforce told, under its own names" ja:"ecforceの項目そのまま"`
}

// addressRow is an address with its id.
type addressRow struct {
	ID string `json:"id" doc:"The address's id" ja:"住所ID"`
	commerce.Address
}

// customerOf makes a customer of a row; lineField is the setting line_id_field.
func customerOf(r row, lineField string) customer {
	c := customerFrom(r.ID, r.Attributes, lineField)
	if billing := r.one("billing_address"); billing != nil {
		c.fillAddress(billing.Attributes)
	}
	for _, a := range r.many("shipping_addresses") {
		c.Deliveries = append(c.Deliveries, addressRow{ID: a.ID, Address: *addressOf(a.Attributes)})
	}
	return c
}

// customerFrom makes a customer of attributes alone, as webhook templates have them.
func customerFrom(id string, a attributes, lineField string) customer {
	c := customer{
		HumanState: a.first("human_state_name", "human_state"), LinkNumber: a.text("link_number"),
		BuyTimes: a.integer("buy_times"), BuyTotal: a.integer("buy_total"), Point: a.integer("point"),
		RankName: a.text("customer_rank_name"), TypeName: a.text("customer_type_name"), SexID: a.number("sex_id"),
		MailStop: a.flag("mail_delivery_stop"), Blacklist: a.flag("blacklist"), AutoEmail: a.flag("is_auto_generated_email"),
		LineLinkedAt: a.moment("line_id_linked_at"),
		Raw:          a,
	}
	c.Customer = commerce.Customer{
		ID: id, Number: a.text("number"), State: a.text("state"), Deleted: a.text("deleted_at") != "", Email: a.text("email"), Birthday: a.day("birth"), Sex: sexOf(a),
		Tags: a.words("labels"), OptIn: a.flag("optin"), Orders: a.integer("buy_times"), Spent: a.yen("buy_total"),
		Points: a.integer("point"), Rank: a.text("customer_rank_name"), FirstOrderAt: a.moment("first_order_completed_at"), LastOrderAt: a.moment("last_order_completed_at"),
		LineID: a.text(lineField), Note: a.text("linked_memo"), CreatedAt: a.moment("created_at"), UpdatedAt: a.moment("updated_at"),
	}
	c.clear("line_id", a, lineField)
	c.clear("email", a, "email")
	if billing, ok := a.object("billing_address"); ok {
		c.fillAddress(billing)
	}
	return c
}

// clear notes that a field is empty, where at least one of the attributes that make it is told and none has a value.
func (c *customer) clear(field string, a attributes, names ...string) {
	told := slices.ContainsFunc(names, func(name string) bool {
		_, there := a.lookup(name)
		return there
	})
	if told && a.first(names...) == "" {
		c.Cleared = append(c.Cleared, field)
	}
}

// sexOf maps the label; sex_id numbers a list that is the shop's own.
func sexOf(a attributes) string {
	return map[string]string{"男性": "male", "女性": "female", "その他": "other"}[a.text("sex")]
}

// fillAddress adds name, phone and address of the billing address.
func (c *customer) fillAddress(a attributes) {
	address := addressOf(a)
	c.Address = address
	c.LastName, c.FirstName, c.FullName = address.LastName, address.FirstName, address.FullName
	c.LastKana, c.FirstKana = a.text("kana01"), a.text("kana02")
	c.Kana = joined(" ", c.LastKana, c.FirstKana)
	c.clear("phone", a, "tel01", "tel02", "tel03", "full_tel")
	c.Company, c.Phone, c.Zip = address.Company, address.Phone, address.Postcode
	c.Prefecture, c.PrefectureID = address.Prefecture, address.PrefectureID
	c.Address1, c.Address2, c.Address3, c.FullAddress = address.City, address.Line1, address.Line2, address.Full
}

// addressOf makes an address of its attributes. The joined forms (full_tel and
// the like) have no documented separator, so the parts are preferred and the rest is normalised.
func addressOf(a attributes) *commerce.Address {
	address := commerce.Address{
		LastName: a.text("name01"), FirstName: a.text("name02"), Company: a.text("company_name"), Country: "JP",
		Phone:    jp.Phone(partsOr(a, "full_tel", "tel01", "tel02", "tel03")),
		Postcode: jp.Digits(partsOr(a, "full_zip", "zip01", "zip02")),
		City:     a.text("addr01"), Line1: a.text("addr02"), Line2: a.text("addr03"),
		Prefecture: a.text("prefecture_name"), PrefectureID: a.number("prefecture_id"),
	}
	address.FullName = joined(" ", address.LastName, address.FirstName)
	if address.FullName == "" {
		address.LastName, address.FirstName = jp.SplitName(a.text("full_name"))
		address.FullName = joined(" ", address.LastName, address.FirstName)
	}
	if address.Prefecture == "" {
		address.Prefecture = jp.Prefecture(int(address.PrefectureID))
	}
	address.Full = joined("", address.Prefecture, address.City, address.Line1, address.Line2)
	return &address
}

func partsOr(a attributes, whole string, parts ...string) string {
	var all strings.Builder
	for _, name := range parts {
		all.WriteString(a.text(name))
	}
	if all.Len() == 0 {
		return a.text(whole)
	}
	return all.String()
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	kept := parts[:0:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}
