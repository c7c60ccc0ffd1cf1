package builtin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Members is the part that tells of members and changes them. who returns the
// members of the host, link makes addresses of forms; they are asked only when
// an action is called.
func Members(who func() *members.Members, link FormLink) Part {
	a := memberActions{who, link}
	return Part{
		Triggers: []Trigger{
			Announce[members.LinkChange](members.EventLinked, abi.Text{EN: "A cart's customer was linked with a member", JA: "会員とカート顧客が連携された"}),
			Announce[members.LinkChange](members.EventUnlinked, abi.Text{EN: "A link with a cart's customer was undone", JA: "会員とカート顧客の連携が解除された"}),
			Announce[members.TagChange](members.EventTagAdded, abi.Text{EN: "A member was tagged", JA: "会員にタグが付いた"}),
			Announce[members.TagChange](members.EventTagRemoved, abi.Text{EN: "A tag was taken from a member", JA: "会員のタグが外れた"}),
			Announce[members.Update](members.EventUpdated, abi.Text{EN: "Something about a member changed", JA: "会員の内容が変わった"}),
			Announce[members.MessageRequest](members.EventMessageRequested, abi.Text{EN: "Somebody wants a message sent to a batch of members", JA: "会員への一斉配信が指示された(分割ごと)"}),
		},
		Actions: []Action{
			Read("member.get", abi.Text{EN: "Get a member", JA: "会員を取得"}, a.get),
			Read("member.find", abi.Text{EN: "Find a member by telephone number, e-mail address, channel user or customer", JA: "会員を検索(電話番号・メール・チャネルのユーザー・顧客)"}, a.find),
			Read("member.purchases", abi.Text{EN: "List a member's orders, newest first", JA: "会員の購入履歴を取得(新しい順)"}, a.purchases),
			Read("member.form_link", abi.Text{EN: "Make a member's own address of a form, to be sent to the member", JA: "会員専用のフォームURLを作る"}, a.formLink),
			Do("member.observe", abi.Text{EN: "Take in a customer, order, subscription or contact that was read from a platform", JA: "取得した顧客・注文・定期・連絡先を会員に取り込む"}, a.observe),
			Do("member.tag", abi.Text{EN: "Tag a member", JA: "会員にタグを付ける"}, a.tag),
			Do("member.untag", abi.Text{EN: "Take a tag from a member", JA: "会員のタグを外す"}, a.untag),
			Do("member.flag", abi.Text{EN: "Put a flag of a member up or down", JA: "会員のフラグを立てる・下ろす"}, a.flag),
			Do("member.add_points", abi.Text{EN: "Add points to a member, or take them", JA: "会員にポイントを加算・減算"}, a.addPoints),
			Do("member.link", abi.Text{EN: "Link a cart's customer with a member, whosever the customer was", JA: "カート顧客を会員に連携する(他の会員と連携済みなら移す)"}, a.linkCustomer),
			Do("member.unlink", abi.Text{EN: "Undo the link of a cart's customer; link rules do not make it again", JA: "カート顧客の連携を解除する(連携ルールでは再連携されない)"}, a.unlinkCustomer),
			Do("member.erase", abi.Text{EN: "Forget a member; customers of carts stay, linked with nobody", JA: "会員の情報を消去(カート顧客は未連携として残る)"}, a.erase),
			Do("member.erase_customer", abi.Text{EN: "Forget a cart's customer and all orders, as a person may ask for", JA: "カート顧客と購入履歴を消去(本人の削除依頼など)"}, a.eraseCustomer),
			Do("member.update", abi.Text{EN: "Keep what a person said: telephone number, address, name, birthday", JA: "会員の電話番号・メール・氏名・誕生日を記録"}, a.update),
		},
	}
}

// AskFormLink says which form a member is to open.
type AskFormLink struct {
	ID         string `json:"id" doc:"The member's id" ja:"会員ID"`
	Form       string `json:"form" doc:"Name of the form in musubi.yaml" ja:"フォームの名前(musubi.yaml)"`
	ValidHours int64  `json:"valid_hours,omitempty" doc:"How long the address works; 72 hours if missing" ja:"有効時間(省略時72時間)"`
}

// FormAddress is the address of a form.
type FormAddress struct {
	URL string `json:"url" doc:"The address" ja:"URL"`
}

// Observation is a record of the shared model; exactly one of the models is given.
type Observation struct {
	Connection   string          `json:"connection" doc:"Connection that it was read from" ja:"取得元の接続名"`
	Customer     json.RawMessage `json:"customer,omitempty" doc:"A customer, as the connector returned it" ja:"顧客(コネクターの結果そのまま)"`
	Order        json.RawMessage `json:"order,omitempty" doc:"An order, as the connector returned it" ja:"注文(コネクターの結果そのまま)"`
	Subscription json.RawMessage `json:"subscription,omitempty" doc:"A subscription, as the connector returned it" ja:"定期(コネクターの結果そのまま)"`
	Contact      json.RawMessage `json:"contact,omitempty" doc:"A person at a channel" ja:"チャネルの連絡先"`
}

// OneMember is the input of actions about one member.
type OneMember struct {
	ID string `json:"id" doc:"The member's id" ja:"会員ID"`
}

// OneCustomer is the input of actions about one customer of a cart.
type OneCustomer struct {
	Connection string `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	CustomerID string `json:"customer_id" doc:"The customer's id there" ja:"顧客ID"`
}

// CustomerOfMember says that a customer of a cart is a member.
type CustomerOfMember struct {
	ID string `json:"id" doc:"The member's id" ja:"会員ID"`
	OneCustomer
}

// UnlinkedCustomer says whether a link was undone.
type UnlinkedCustomer struct {
	Changed bool `json:"changed" doc:"false if the customer was nobody's" ja:"変わったか(連携がなければfalse)"`
}

// FindMember names a member by one of its fields.
type FindMember struct {
	Phone      string `json:"phone,omitempty" doc:"Telephone number, however it is written" ja:"電話番号(表記は自由)"`
	Email      string `json:"email,omitempty" doc:"E-mail address" ja:"メールアドレス"`
	Connection string `json:"connection,omitempty" doc:"Connection of user_id or customer_id" ja:"user_id・customer_idの接続名"`
	UserID     string `json:"user_id,omitempty" doc:"The person's id at the channel" ja:"チャネルのユーザーID"`
	CustomerID string `json:"customer_id,omitempty" doc:"The customer's id at the cart" ja:"カートの顧客ID"`
}

// FoundMember is whom a search found.
type FoundMember struct {
	Count  int64            `json:"count" doc:"How many members were found" ja:"見つかった人数"`
	Member *commerce.Member `json:"member,omitempty" doc:"The member; missing unless exactly one was found" ja:"会員(1人だけ見つかったとき)"`
}

// TagMember is a tag to give or take.
type TagMember struct {
	ID  string `json:"id" doc:"The member's id" ja:"会員ID"`
	Tag string `json:"tag" doc:"The tag" ja:"タグ"`
}

// TaggedMember says whether a tag changed.
type TaggedMember struct {
	Changed bool `json:"changed" doc:"Whether anything changed" ja:"変わったか"`
}

// FlagMember is a flag to put up or down.
type FlagMember struct {
	ID   string `json:"id" doc:"The member's id" ja:"会員ID"`
	Flag string `json:"flag" doc:"The flag" ja:"フラグ"`
	Down bool   `json:"down,omitempty" doc:"Put it down instead of up" ja:"立てずに下ろす"`
}

// MemberPoints are points to add.
type MemberPoints struct {
	ID     string `json:"id" doc:"The member's id" ja:"会員ID"`
	Points int64  `json:"points" doc:"Points to add; negative to take" ja:"加算するポイント(負なら減算)"`
}

// PointBalance is how many points a member has.
type PointBalance struct {
	Points int64 `json:"points" doc:"The balance" ja:"残高"`
}

// UpdateMember is what a person said. What is missing stays.
type UpdateMember struct {
	ID       string            `json:"id" doc:"The member's id" ja:"会員ID"`
	Name     string            `json:"name,omitempty" doc:"Full name" ja:"氏名"`
	Kana     string            `json:"kana,omitempty" doc:"Reading of the name" ja:"氏名(カナ)"`
	Phone    string            `json:"phone,omitempty" doc:"Telephone number, to be added" ja:"追加する電話番号"`
	Email    string            `json:"email,omitempty" doc:"E-mail address, to be added" ja:"追加するメールアドレス"`
	Birthday commerce.Birthday `json:"birthday,omitempty" doc:"Date of birth, 1990-04-02 or --04-02" ja:"誕生日(1990-04-02 または --04-02)"`
	Sex      string            `json:"sex,omitempty" enum:"male,female,other" doc:"Sex" ja:"性別"`
}

// ListPurchases says which orders are asked for.
type ListPurchases struct {
	ID    string    `json:"id" doc:"The member's id" ja:"会員ID"`
	Since time.Time `json:"since,omitzero" doc:"Only orders placed at or after this time" ja:"この日時以降の注文のみ"`
	Limit int64     `json:"limit,omitempty" doc:"How many at most; 12 if missing" ja:"最大件数(省略時12)"`
}

// Purchases are a member's orders.
type Purchases struct {
	Orders []Purchase `json:"orders" doc:"Orders, newest first" ja:"注文(新しい順)"`
}

// Purchase is one order of a member.
type Purchase struct {
	Connection string         `json:"connection" doc:"Connection of the cart" ja:"カートの接続名"`
	CustomerID string         `json:"customer_id" doc:"The customer's id there" ja:"顧客ID"`
	OrderID    string         `json:"order_id" doc:"The order's id there" ja:"受注ID"`
	Number     string         `json:"number,omitempty" doc:"The number that people see" ja:"受注番号"`
	OrderedAt  time.Time      `json:"ordered_at,omitzero" doc:"When it was placed" ja:"注文日時"`
	ShippedAt  time.Time      `json:"shipped_at,omitzero" doc:"When it was shipped" ja:"発送日時"`
	Cancelled  bool           `json:"cancelled" doc:"Whether it was cancelled" ja:"キャンセルされたか"`
	Total      commerce.Money `json:"total" doc:"What was paid" ja:"合計"`
	Items      []string       `json:"items" doc:"What was bought, as text" ja:"商品(文字列)"`
	URL        string         `json:"url,omitempty" doc:"Its page in the cart's console" ja:"管理画面のURL"`
}

// FormLink makes a member's address of a form.
type FormLink func(form, member string, validFor time.Duration) (string, error)

type memberActions struct {
	who  func() *members.Members
	link FormLink
}

func causeOf(call host.Invocation) host.Cause {
	return host.Cause{By: host.ByFlow, Name: call.Flow}
}

func (a memberActions) get(ctx context.Context, _ host.Invocation, in OneMember) (*commerce.Member, error) {
	m, err := a.who().Get(ctx, in.ID)
	return m, absent(in.ID, err)
}

func (a memberActions) find(ctx context.Context, _ host.Invocation, in FindMember) (FoundMember, error) {
	q := members.Query{
		Phone: in.Phone, Email: in.Email,
		User: host.Ref{Connection: in.Connection, ID: in.UserID}, Customer: host.Ref{Connection: in.Connection, ID: in.CustomerID},
	}
	found, err := a.who().Find(ctx, q)
	out := FoundMember{Count: int64(len(found))}
	if len(found) == 1 {
		out.Member = found[0]
	}
	return out, err
}

// usualPurchases is how many orders a list has unless it is told otherwise.
const usualPurchases = 12

func (a memberActions) purchases(ctx context.Context, _ host.Invocation, in ListPurchases) (Purchases, error) {
	out := Purchases{Orders: []Purchase{}}
	all, err := a.who().Purchases(ctx, in.ID, int(cmp.Or(in.Limit, usualPurchases)))
	for i := range all {
		if p := &all[i]; !p.OrderedAt.Before(in.Since) {
			out.Orders = append(out.Orders, Purchase{
				Connection: p.Connection, CustomerID: p.Customer, OrderID: p.Order, Number: p.Number, OrderedAt: p.OrderedAt,
				ShippedAt: p.ShippedAt, Cancelled: p.Cancelled, Total: p.Total, Items: p.Items, URL: p.URL,
			})
		}
	}
	return out, absent(in.ID, err)
}

func (a memberActions) tag(ctx context.Context, call host.Invocation, in TagMember) (TaggedMember, error) {
	n, err := a.who().Tag(ctx, causeOf(call), []string{in.ID}, in.Tag)
	return TaggedMember{Changed: n > 0}, err
}

func (a memberActions) untag(ctx context.Context, call host.Invocation, in TagMember) (TaggedMember, error) {
	n, err := a.who().Untag(ctx, causeOf(call), []string{in.ID}, in.Tag)
	return TaggedMember{Changed: n > 0}, err
}

func (a memberActions) flag(ctx context.Context, call host.Invocation, in FlagMember) (struct{}, error) {
	return struct{}{}, absent(in.ID, a.who().Flag(ctx, causeOf(call), in.ID, in.Flag, !in.Down))
}

func (a memberActions) addPoints(ctx context.Context, call host.Invocation, in MemberPoints) (PointBalance, error) {
	balance, err := a.who().AddPoints(ctx, causeOf(call), in.ID, in.Points, call.IdempotencyKey)
	return PointBalance{Points: balance}, absent(in.ID, err)
}

func (a memberActions) update(ctx context.Context, call host.Invocation, in UpdateMember) (struct{}, error) {
	err := a.who().Describe(ctx, causeOf(call), in.ID, members.Details{
		Name: in.Name, Kana: in.Kana, Phone: in.Phone, Email: in.Email, Birthday: in.Birthday, Sex: in.Sex,
	})
	return struct{}{}, absent(in.ID, err)
}

func (a memberActions) erase(ctx context.Context, call host.Invocation, in OneMember) (struct{}, error) {
	return struct{}{}, a.who().Erase(ctx, causeOf(call), in.ID)
}

func (a memberActions) eraseCustomer(ctx context.Context, call host.Invocation, in OneCustomer) (struct{}, error) {
	return struct{}{}, a.who().EraseCustomer(ctx, causeOf(call), in.ref())
}

func (in OneCustomer) ref() host.Ref { return host.Ref{Connection: in.Connection, ID: in.CustomerID} }

func (a memberActions) linkCustomer(ctx context.Context, call host.Invocation, in CustomerOfMember) (struct{}, error) {
	err := a.who().Link(ctx, causeOf(call), in.ID, in.ref())
	if errors.Is(err, host.ErrNotFound) {
		return struct{}{}, &abi.Error{Kind: abi.NotFound, Message: fmt.Sprintf("there is no member %s, or nothing is known yet of customer %s of %s", in.ID, in.CustomerID, in.Connection)}
	}
	return struct{}{}, err
}

func (a memberActions) unlinkCustomer(ctx context.Context, call host.Invocation, in OneCustomer) (UnlinkedCustomer, error) {
	err := a.who().Unlink(ctx, causeOf(call), in.ref())
	if errors.Is(err, host.ErrNotFound) {
		return UnlinkedCustomer{}, nil
	}
	return UnlinkedCustomer{Changed: err == nil}, err
}

// absent says of whom there is none.
func absent(id string, err error) error {
	if errors.Is(err, host.ErrNotFound) {
		return &abi.Error{Kind: abi.NotFound, Message: "there is no member " + id}
	}
	return err
}

// usualHours is how long a form's address works unless a flow says otherwise.
const usualHours = 72

func (a memberActions) formLink(_ context.Context, _ host.Invocation, in AskFormLink) (FormAddress, error) {
	address, err := a.link(in.Form, in.ID, time.Duration(cmp.Or(in.ValidHours, usualHours))*time.Hour)
	return FormAddress{URL: address}, err
}

func (a memberActions) observe(ctx context.Context, call host.Invocation, in Observation) (struct{}, error) {
	var facts []members.Fact
	for model, raw := range map[abi.Model]json.RawMessage{
		abi.ModelCustomer: in.Customer, abi.ModelOrder: in.Order, abi.ModelSubscription: in.Subscription, abi.ModelContact: in.Contact,
	} {
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		value := members.Blank(model)
		if err := json.Unmarshal(raw, value); err != nil {
			return struct{}{}, &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("reading the %s: %v", model, err)}
		}
		facts = append(facts, members.Fact{Connection: in.Connection, Value: value, Raw: raw})
	}
	refused, err := a.who().Import(ctx, causeOf(call), facts, false)
	for _, why := range refused {
		if why != nil {
			return struct{}{}, &abi.Error{Kind: abi.Invalid, Message: why.Error()}
		}
	}
	return struct{}{}, err
}
