package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// customerInclude is read with every customer.
const customerInclude = "billing_address,shipping_addresses"

func customerActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("customer.get", text("Fetch one customer", "顧客を1件取得する"), getCustomer),
		sdk.Read("customer.search", text("Search customers by e-mail, phone, number or link number", "メール・電話番号・顧客番号・連携番号で顧客を検索する"), searchCustomers),
		sdk.Do("customer.create", text("Create a customer", "顧客を登録する"), createCustomer).Confirm(confirmCustomer),
		sdk.Do("customer.update", text("Update a customer; what is not named stays", "顧客を更新する(指定した項目のみ)"), updateCustomer).Idempotent(),
		sdk.Do("customer.link_line", text("Store a LINE user id with a customer", "顧客にLINEユーザーIDを連携する"), linkLine).Idempotent(),
		sdk.Do("customer.bulk_update", text("Update many customers", "顧客を一括更新する"), bulkUpdate("customers")).Idempotent(),
		sdk.Do("customer.bulk_create", text("Create many customers later (asynchronous)", "顧客を一括登録する(非同期)"), bulkCreate("customers")),
		sdk.Do("customer.bulk_delete", text("Delete customers for good", "顧客を一括削除する(取り消し不可)"), deleteCustomers).Idempotent(),
	}
}

func getCustomer(call *sdk.Call, in byID) (customer, error) {
	s := shopOf(call)
	r, err := readCustomer(s, in.ID)
	if err != nil {
		return customer{}, err
	}
	return customerOf(r, s.LineIDField), nil
}

func readCustomer(s shop, id string) (row, error) {
	doc, err := readOne(s, "customers", id, customerInclude)
	if err != nil {
		return row{}, fmt.Errorf("fetching customer %s: %w", id, err)
	}
	return doc.row(), nil
}

type createCustomerInput struct {
	customerFields
	LineID       *string           `json:"line_id,omitempty" doc:"LINE user id" ja:"LINEユーザーID"`
	Password     *string           `json:"password,omitempty" doc:"Password of the shopper" ja:"パスワード"`
	Delivery     *commerce.Address `json:"shipping_address,omitempty" doc:"Delivery address, if it differs" ja:"配送先(異なる場合)"`
	PointEventID *int64            `json:"point_event_id,omitempty" doc:"Point event to give points by" ja:"ポイントイベントID"`
	Points       *int64            `json:"points,omitempty" doc:"Points to give, with point_event_id" ja:"付与ポイント(point_event_idとともに)"`
	Notify       bool              `json:"notify,omitempty" doc:"Whether ecforce mails that registration is complete" ja:"登録完了メールを送るか"`
	CheckLinks   *bool             `json:"check_duplicate_link_numbers,omitempty" doc:"Refuse a link number that is taken; default true" ja:"連携番号の重複を拒否する(既定 true)"`
}

func (in *createCustomerInput) draft(s settings) (fields, error) {
	draft, err := in.body()
	if err != nil {
		return nil, err
	}
	if in.Email.Text == "" {
		return nil, sdk.Errorf(abi.Invalid, "a new customer needs an email")
	}
	if in.State == nil {
		draft["state"] = "member"
	}
	draft.set(s.LineIDField, in.LineID)
	draft.set("password", in.Password)
	draft["need_to_send_registration_complete_notification"] = flagOf(in.Notify)
	if in.Points != nil {
		points := fields{"point": *in.Points}
		points.set("point_event_id", in.PointEventID)
		draft["point_attributes"] = points
	}
	if in.Delivery != nil {
		address, err := addressFields(*in.Delivery)
		if err != nil {
			return nil, err
		}
		draft["shipping_address_attributes"] = address
	}
	return draft, nil
}

func createCustomer(call *sdk.Call, in createCustomerInput) (customer, error) {
	s := shopOf(call)
	draft, err := in.draft(s.settings)
	if err != nil {
		return customer{}, err
	}
	body := fields{"customer": draft, "check_duplicate_link_numbers": flagOf(in.CheckLinks == nil || *in.CheckLinks)}
	doc, err := readSingle(s.admin("POST", "/customers").JSON(body))
	if err != nil {
		return customer{}, fmt.Errorf("creating the customer: %w", err)
	}
	if !s.VerifyWrites {
		return customerOf(doc.row(), s.LineIDField), nil
	}
	c, err := verifiedCustomer(s, doc.Data.ID, draft)
	return c, looked(err)
}

// verifiedCustomer reads a customer that was just written and compares.
func verifiedCustomer(s shop, id string, sent fields) (customer, error) {
	r, err := readCustomer(s, id)
	if err != nil {
		return customer{}, err
	}
	if err := notApplied("customer "+id, unappliedCustomer(sent, r)); err != nil {
		return customer{}, err
	}
	return customerOf(r, s.LineIDField), nil
}

// confirmCustomer finds the customer that an unanswered attempt may have
// created: an e-mail address belongs to one customer only, so it is ours if it
// came into being since the attempt began.
func confirmCustomer(call *sdk.Call, in createCustomerInput) (customer, bool, error) {
	s := shopOf(call)
	if in.Email.Text == "" {
		return customer{}, false, nil
	}
	found, err := findCustomers(s, []filter{equal("email", in.Email.Text)}, 1)
	if err != nil || len(found.Customers) == 0 {
		return customer{}, false, err
	}
	c := found.Customers[0]
	return c, !c.CreatedAt.Before(attemptBegan(s)), nil
}

// attemptBegan is when the first attempt began, less what two clocks may differ by.
func attemptBegan(s shop) time.Time {
	began := s.Since()
	if began.IsZero() { // this is the first one
		began = s.Now()
	}
	return began.Add(-2 * time.Minute)
}

type updateCustomerInput struct {
	byID
	customerFields
	Deliveries   []addressRow `json:"shipping_addresses,omitempty" doc:"Delivery addresses: with an id it is changed, with an empty one added" ja:"配送先(idありは変更、空は追加)"`
	MemberGroups bool         `json:"update_member_groups,omitempty" doc:"Whether ecforce sorts the customer into member groups again" ja:"会員グループを更新するか"`
	CheckLinks   *bool        `json:"check_duplicate_link_numbers,omitempty" doc:"Refuse a link number that is taken; default true" ja:"連携番号の重複を拒否する(既定 true)"`
}

func updateCustomer(call *sdk.Call, in updateCustomerInput) (customer, error) {
	s := shopOf(call)
	changes, err := in.body()
	if err != nil {
		return customer{}, err
	}
	var addresses []fields
	for _, delivery := range in.Deliveries {
		address, err := addressFields(delivery.Address)
		if err != nil {
			return customer{}, err
		}
		if delivery.ID != "" {
			address["id"] = delivery.ID
		}
		addresses = append(addresses, address)
	}
	if len(addresses) > 0 {
		changes["shipping_addresses_attributes"] = addresses
	}
	body := fields{"customer": changes, "update_member_groups": flagOf(in.MemberGroups)}
	if in.LinkNumber.Text != "" {
		body["check_duplicate_link_numbers"] = flagOf(in.CheckLinks == nil || *in.CheckLinks)
	}
	return changeCustomer(s, in.ID, body, changes)
}

// changeCustomer sends an update and returns the customer as it is then.
func changeCustomer(s shop, id string, body, changes fields) (customer, error) {
	if err := checkID(id); err != nil {
		return customer{}, err
	}
	doc, err := readSingle(s.admin("PUT", "/customers/%s", id).JSON(body))
	if err != nil {
		return customer{}, fmt.Errorf("updating customer %s: %w", id, err)
	}
	if !s.VerifyWrites {
		return customerOf(doc.row(), s.LineIDField), nil
	}
	return verifiedCustomer(s, id, changes)
}

type linkLineInput struct {
	byID
	LineID    string `json:"line_id" doc:"LINE user id" ja:"LINEユーザーID"`
	Overwrite bool   `json:"overwrite,omitempty" doc:"Whether another LINE user id may be replaced" ja:"別のLINEユーザーIDを上書きしてよいか"`
}

// linkLine stores a LINE user id where the setting line_id_field says. Another
// id that is there already is a conflict, unless the rule allows to replace it.
func linkLine(call *sdk.Call, in linkLineInput) (customer, error) {
	s := shopOf(call)
	if strings.TrimSpace(in.LineID) == "" {
		return customer{}, sdk.Errorf(abi.Invalid, "line_id is empty")
	}
	r, err := readCustomer(s, in.ID)
	if err != nil {
		return customer{}, err
	}
	switch there := r.Attributes.text(s.LineIDField); {
	case there == in.LineID:
		return customerOf(r, s.LineIDField), nil
	case there != "" && !in.Overwrite:
		return customer{}, &abi.Error{
			Kind: abi.Conflict, Code: "line_id_taken", Fields: []string{"line_id"},
			Message: fmt.Sprintf("customer %s has another value in %s; set overwrite to replace it", in.ID, s.LineIDField),
		}
	}
	changes := fields{s.LineIDField: in.LineID}
	return changeCustomer(s, in.ID, fields{"customer": changes}, changes)
}

type deleteCustomersInput struct {
	IDs []string `json:"ids" doc:"Customers to delete; those with a running subscription are refused" ja:"削除する顧客ID(有効な定期受注がある場合は拒否される)"`
}

func deleteCustomers(call *sdk.Call, in deleteCustomersInput) (bulkOutput, error) {
	s := shopOf(call)
	ids, err := numbers(in.IDs)
	if err != nil {
		return bulkOutput{}, err
	}
	return sendBulk(s, "DELETE", "/customers/bulk_destroy", fields{"customer_ids": ids})
}
