package main

import (
	"maps"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/jp"
)

// customerFields are what can be set of a customer, named as in the output.
// What is missing stays as it is; an empty text or null clears it.
type customerFields struct {
	Email          sdk.Change        `json:"email,omitempty" doc:"E-mail address; null clears it" ja:"メールアドレス(nullで消去)"`
	State          *string           `json:"state,omitempty" doc:"State, such as member" ja:"状態(memberなど)"`
	FullName       *string           `json:"full_name,omitempty" doc:"Name with a blank between family and given name; instead of both" ja:"氏名(姓と名の間に空白)"`
	LastName       sdk.Change        `json:"last_name,omitempty" doc:"Family name; null clears it" ja:"姓(nullで消去)"`
	FirstName      sdk.Change        `json:"first_name,omitempty" doc:"Given name; null clears it" ja:"名(nullで消去)"`
	LastKana       sdk.Change        `json:"last_kana,omitempty" doc:"Reading of the family name; null clears it" ja:"姓(カナ)(nullで消去)"`
	FirstKana      sdk.Change        `json:"first_kana,omitempty" doc:"Reading of the given name; null clears it" ja:"名(カナ)(nullで消去)"`
	Company        sdk.Change        `json:"company,omitempty" doc:"Company; null clears it" ja:"会社名(nullで消去)"`
	Zip            sdk.Change        `json:"zip,omitempty" doc:"Postcode; it is split; null clears it" ja:"郵便番号(自動で分割)(nullで消去)"`
	Prefecture     sdk.Change        `json:"prefecture,omitempty" doc:"Prefecture by name; null clears it" ja:"都道府県名(nullで消去)"`
	PrefectureID   numberChange      `json:"prefecture_id,omitempty" doc:"Prefecture by JIS number, instead of the name; null clears it" ja:"都道府県コード(名前の代わりに)(nullで消去)"`
	Address1       sdk.Change        `json:"address1,omitempty" doc:"City and town; null clears it" ja:"住所1(市区町村)(nullで消去)"`
	Address2       sdk.Change        `json:"address2,omitempty" doc:"Street number; null clears it" ja:"住所2(番地)(nullで消去)"`
	Address3       sdk.Change        `json:"address3,omitempty" doc:"Building; null clears it" ja:"住所3(建物名)(nullで消去)"`
	Phone          sdk.Change        `json:"phone,omitempty" doc:"Telephone number; it is split by the numbering plan; null clears it" ja:"電話番号(自動で分割)(nullで消去)"`
	Birthday       dateChange        `json:"birthday,omitempty" format:"date" doc:"Date of birth; null clears it" ja:"生年月日(nullで消去)"`
	SexID          numberChange      `json:"sex_id,omitempty" doc:"Number of the sex in the shop's list; null clears it" ja:"性別ID(nullで消去)"`
	JobID          numberChange      `json:"job_id,omitempty" doc:"Number of the occupation; null clears it" ja:"職業ID(nullで消去)"`
	RankID         numberChange      `json:"customer_rank_id,omitempty" doc:"Customer rank; null clears it" ja:"会員ランクID(nullで消去)"`
	TypeID         numberChange      `json:"customer_type_id,omitempty" doc:"Customer type; null clears it" ja:"顧客種別ID(nullで消去)"`
	TenantID       numberChange      `json:"tenant_id,omitempty" doc:"Tenant; null clears it" ja:"テナントID(nullで消去)"`
	AdminID        numberChange      `json:"assigned_admin_id,omitempty" doc:"Administrator in charge; null clears it" ja:"担当者ID(nullで消去)"`
	OptIn          *bool             `json:"opt_in,omitempty" doc:"Whether news may be sent" ja:"メール配信の同意"`
	MailStop       *bool             `json:"mail_delivery_stop,omitempty" doc:"Whether mail is stopped" ja:"メール配信停止"`
	Blacklist      *bool             `json:"blacklist,omitempty" doc:"Whether the customer is on the blacklist" ja:"ブラックリスト"`
	BlacklistCause []int64           `json:"blacklist_reason_ids,omitempty" doc:"Why, with blacklist true" ja:"ブラックリスト理由ID"`
	LinkNumber     sdk.Change        `json:"link_number,omitempty" doc:"External key (link number); null clears it" ja:"連携番号(nullで消去)"`
	Note           sdk.Change        `json:"note,omitempty" doc:"Memo (linked_memo); null clears it" ja:"連携メモ(nullで消去)"`
	Options        map[string]string `json:"options,omitempty" doc:"Shop-defined fields option01 to option10" ja:"オプション項目(option01〜option10)"`
}

// body returns the fields in the platform's names, the billing address inside.
func (c *customerFields) body() (fields, error) {
	f := fields{}
	f.set("email", c.Email)
	f.set("state", c.State)
	f.set("birth", c.Birthday)
	f.set("sex_id", c.SexID)
	f.set("job_id", c.JobID)
	f.set("customer_rank_id", c.RankID)
	f.set("customer_type_id", c.TypeID)
	f.set("tenant_id", c.TenantID)
	f.set("assigned_admin_id", c.AdminID)
	f.set("link_number", c.LinkNumber)
	f.set("linked_memo", c.Note)
	f.setFlag("optin", c.OptIn)
	f.setFlag("mail_delivery_stop", c.MailStop)
	f.setFlag("is_blacklist", c.Blacklist)
	if len(c.BlacklistCause) > 0 {
		f["blacklist_reason_ids"] = c.BlacklistCause
	}
	if err := f.setOptions(c.Options); err != nil {
		return nil, err
	}
	billing, err := c.billing()
	if err == nil && len(billing) > 0 {
		f["billing_address_attributes"] = billing
	}
	return f, err
}

func (c *customerFields) billing() (fields, error) {
	f := fields{}
	if c.FullName != nil && !c.LastName.Given {
		f["name01"], f["name02"] = jp.SplitName(*c.FullName)
	}
	f.set("name01", c.LastName)
	f.set("name02", c.FirstName)
	f.set("kana01", c.LastKana)
	f.set("kana02", c.FirstKana)
	f.set("company_name", c.Company)
	f.set("addr01", c.Address1)
	f.set("addr02", c.Address2)
	f.set("addr03", c.Address3)
	if c.Phone.Given {
		f.setPhone(&c.Phone.Text)
	}
	if err := f.setPrefecture(c.PrefectureID, c.Prefecture); err != nil {
		return nil, err
	}
	if !c.Zip.Given {
		return f, nil
	}
	return f, f.setPostcode(&c.Zip.Text)
}

// unappliedCustomer returns the names that a customer does not have although
// they were sent, the billing address among them.
func unappliedCustomer(sent fields, r row) []string {
	flat := maps.Clone(sent)
	if value, given := flat["is_blacklist"]; given {
		flat["blacklist"] = value
	}
	names := flat.unapplied(r.Attributes)
	billing, given := sent["billing_address_attributes"].(fields)
	if !given {
		return names
	}
	address := r.one("billing_address")
	if address == nil {
		return append(names, "billing_address_attributes")
	}
	return append(names, billing.unapplied(address.Attributes)...)
}
