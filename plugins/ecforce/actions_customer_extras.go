package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

func customerExtraActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("note.list", text("List a customer's notes", "顧客の対応メモを取得する"), listNotes),
		sdk.Do("note.add", text("Add a note to a customer", "顧客に対応メモを追加する"), addNote).Confirm(confirmNote),
		sdk.Read("point.list", text("List a customer's points", "顧客のポイント履歴を取得する"), listPoints),
		sdk.Do("point.change", text("Give points to a customer or take them", "顧客のポイントを加算・減算する"), changePoints).Confirm(confirmPoints),
		sdk.Do("email.send", text("Send an e-mail to a customer", "顧客にメールを送る"), sendEmail),
		sdk.Do("sms.send", text("Send an SMS to a customer", "顧客にSMSを送る"), sendSMS),
		sdk.Read("free_column.list", text("Read the free columns of a record", "自由項目を取得する"), listFreeColumns),
		sdk.Do("free_column.set", text("Set free columns of a record", "自由項目を設定する"), setFreeColumns).Idempotent(),
	}
}

// extra is a note or a row of points.
type extra struct {
	ID      string     `json:"id" doc:"Id of the row" ja:"id"`
	Text    string     `json:"text,omitempty" doc:"Content of the note, or name of the points" ja:"内容(ポイントは名称)"`
	Point   *int64     `json:"point,omitempty" doc:"Points given, or taken if negative" ja:"ポイント"`
	Created string     `json:"created_at,omitempty" format:"date-time" doc:"When it was added" ja:"登録日時"`
	Raw     attributes `json:"raw,omitempty" doc:"Everything that ecforce told" ja:"ecforceの項目そのまま"`
}

type extraList struct {
	Items []extra `json:"items" doc:"The rows" ja:"一覧"`
}

// listExtras returns the rows under a relation of a customer.
func listExtras(s shop, id, relation string) (extraList, error) {
	doc, err := readOne(s, "customers", id, relation)
	if err != nil {
		return extraList{}, err
	}
	found := extraList{Items: []extra{}}
	for _, r := range doc.row().many(relation) {
		a := r.Attributes
		item := extra{ID: r.ID, Text: a.first("content", "name"), Point: a.integer("point"), Raw: a}
		if created := a.moment("created_at"); !created.IsZero() {
			item.Created = created.Format("2006-01-02T15:04:05Z07:00")
		}
		found.Items = append(found.Items, item)
	}
	return found, nil
}

// fresh returns the row that an attempt under way may have added.
func (l *extraList) fresh(s shop, mine func(extra) bool) (extra, bool) {
	for _, item := range l.Items {
		if mine(item) && !item.Raw.moment("created_at").Before(attemptBegan(s)) {
			return item, true
		}
	}
	return extra{}, false
}

func listNotes(call *sdk.Call, in byID) (extraList, error) {
	return listExtras(shopOf(call), in.ID, "notes")
}

func listPoints(call *sdk.Call, in byID) (extraList, error) {
	return listExtras(shopOf(call), in.ID, "points")
}

type addNoteInput struct {
	byID
	Text  string `json:"text" doc:"The note" ja:"メモの内容"`
	By    *int64 `json:"operated_by,omitempty" doc:"Administrator whose note it is" ja:"対応者の管理者ID"`
	Since string `json:"operated_at,omitempty" doc:"When it happened; now if missing" ja:"対応日時(省略時は現在)"`
}

// addNote writes notes_attributes; other spellings would be answered 200 and ignored.
func addNote(call *sdk.Call, in addNoteInput) (done, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return done{}, err
	}
	note := fields{"content": in.Text, "operated_at": jp.FormatTime(s.Now())}
	if in.Since != "" {
		if err := note.setTime("operated_at", &in.Since); err != nil {
			return done{}, err
		}
	}
	note.set("operated_by", in.By)
	body := fields{"customer": fields{"notes_attributes": []fields{note}}}
	if err := s.admin("PUT", "/customers/%s", in.ID).JSON(body).Send(); err != nil {
		return done{}, err
	}
	if !s.VerifyWrites {
		return done{ID: in.ID}, nil
	}
	notes, err := listNotes(s.Call, in.byID)
	if err != nil {
		return done{}, err
	}
	for _, n := range notes.Items {
		if folded(n.Text) == folded(in.Text) {
			return done{ID: in.ID}, nil
		}
	}
	return done{}, notApplied("the note of customer "+in.ID, []string{"text"})
}

func confirmNote(call *sdk.Call, in addNoteInput) (done, bool, error) {
	s := shopOf(call)
	notes, err := listNotes(s.Call, in.byID)
	if err != nil {
		return done{}, false, err
	}
	_, found := notes.fresh(s, func(n extra) bool { return folded(n.Text) == folded(in.Text) })
	return done{ID: in.ID}, found, nil
}

type changePointsInput struct {
	byID
	Points  int64  `json:"points" doc:"Points to give; negative ones are taken" ja:"加算するポイント(負の値は減算)"`
	Name    string `json:"name,omitempty" doc:"Name of the entry; needed without point_event_id" ja:"名称(point_event_idがない場合は必須)"`
	Text    string `json:"description,omitempty" doc:"Description of the entry" ja:"説明"`
	EventID *int64 `json:"point_event_id,omitempty" doc:"Existing point event" ja:"既存のポイントイベントID"`
}

type pointsOutput struct {
	done
	Point *int64 `json:"point,omitempty" doc:"Balance afterwards" ja:"変更後の残高"`
}

// changePoints checks the balance before and after, because the platform's
// reference does not say which value of addition_and_subtraction gives points
// (setting points_add_value).
func changePoints(call *sdk.Call, in changePointsInput) (pointsOutput, error) {
	s := shopOf(call)
	body, err := in.body(s.settings)
	if err != nil {
		return pointsOutput{}, err
	}
	var before *int64
	if s.VerifyWrites {
		if before, err = balance(s, in.ID); err != nil {
			return pointsOutput{}, err
		}
	}
	if err := s.admin("POST", "/customers/%s/points", in.ID).JSON(body).Send(); err != nil {
		return pointsOutput{}, err
	}
	if before == nil {
		return pointsOutput{done: done{ID: in.ID}}, nil
	}
	after, err := balance(s, in.ID)
	if err != nil {
		return pointsOutput{}, sdk.Errorf(abi.Unknown, "reading the balance of customer %s after the change: %w", in.ID, err)
	}
	if after != nil && *after == *before-in.Points {
		return pointsOutput{}, sdk.Errorf(abi.Config, "the points of customer %s changed the wrong way, from %d to %d: change the setting points_add_value", in.ID, *before, *after)
	}
	return pointsOutput{done: done{ID: in.ID}, Point: after}, nil
}

func (in *changePointsInput) body(s settings) (fields, error) {
	if err := checkID(in.ID); err != nil {
		return nil, err
	}
	if in.Points == 0 || (in.EventID == nil && in.Name == "") {
		return nil, sdk.Errorf(abi.Invalid, "points must not be 0, and a name or a point_event_id is needed")
	}
	adds := s.AddsPoints
	if in.Points < 0 {
		adds = 1 - adds
	}
	body := fields{"point": max(in.Points, -in.Points), "addition_and_subtraction": adds, "with_create": flagOf(in.EventID == nil)}
	if in.EventID != nil {
		body["point_event_id"] = *in.EventID
		return body, nil
	}
	body["name"], body["description"] = in.Name, in.Text
	return body, nil
}

func balance(s shop, id string) (*int64, error) {
	doc, err := readOne(s, "customers", id, "")
	if err != nil {
		return nil, err
	}
	return doc.Data.Attributes.integer("point"), nil
}

func confirmPoints(call *sdk.Call, in changePointsInput) (pointsOutput, bool, error) {
	s := shopOf(call)
	points, err := listPoints(s.Call, in.byID)
	if err != nil {
		return pointsOutput{}, false, err
	}
	_, found := points.fresh(s, func(p extra) bool {
		return p.Point != nil && max(*p.Point, -*p.Point) == max(in.Points, -in.Points) && (in.Name == "" || p.Text == in.Name)
	})
	return pointsOutput{done: done{ID: in.ID}}, found, nil
}

type sendEmailInput struct {
	byID
	Subject string `json:"subject" doc:"Subject" ja:"件名"`
	Body    string `json:"body" doc:"Text" ja:"本文"`
	HTML    string `json:"body_html,omitempty" doc:"The same as HTML" ja:"本文(HTML)"`
	Cc      string `json:"cc,omitempty" doc:"Copy to" ja:"CC"`
	Bcc     string `json:"bcc,omitempty" doc:"Blind copy to" ja:"BCC"`
}

func sendEmail(call *sdk.Call, in sendEmailInput) (done, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return done{}, err
	}
	body := fields{"subject": in.Subject, "body": in.Body, "use_html": flagOf(in.HTML != "")}
	for name, value := range map[string]string{"body_html": in.HTML, "cc": in.Cc, "bcc": in.Bcc} {
		if value != "" {
			body[name] = value
		}
	}
	err := s.admin("POST", "/customers/%s/emails", in.ID).JSON(body).Send()
	return done{ID: in.ID}, err
}

type sendSMSInput struct {
	byID
	Body string `json:"body" doc:"Text; above 70 characters each segment is billed" ja:"本文(70文字を超えると分割課金)"`
}

func sendSMS(call *sdk.Call, in sendSMSInput) (done, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return done{}, err
	}
	err := s.admin("POST", "/customers/%s/sms", in.ID).JSON(fields{"body": in.Body}).Send()
	return done{ID: in.ID}, err
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
