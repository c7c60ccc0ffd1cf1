package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

func noteActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("note.list", text("List a customer's notes", "顧客の対応メモを取得する"), listNotes),
		sdk.Do("note.add", text("Add a note to a customer", "顧客に対応メモを追加する"), addNote).Confirm(confirmNote),
		sdk.Read("point.list", text("List a customer's points", "顧客のポイント履歴を取得する"), listPoints),
		sdk.Do("point.change", text("Give points to a customer or take them", "顧客のポイントを加算・減算する"), changePoints).Confirm(confirmPoints),
	}
}

// extra is a note or a row of points.
type extra struct {
	ID      string     `json:"id" doc:"Id of the row" ja:"id"`
	Text    string     `json:"text,omitempty" doc:"Content of the note, or name of the points" ja:"内容(ポイントは名称)"`
	Point   *int64     `json:"point,omitempty" doc:"Points given, or taken if negative" ja:"ポイント"`
	Created string     `json:"created_at,omitempty" format:"date-time" doc:"When it was added" ja:"登録日時"`
	Raw     attributes `json:"raw,omitzero" doc:"Everything that ecforce told" ja:"ecforceの項目そのまま"`
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

// fresh says whether there is a row that the attempt under way may have added.
func (l *extraList) fresh(s shop, mine func(extra) bool) bool {
	for _, item := range l.Items {
		if mine(item) && !item.Raw.moment("created_at").Before(attemptBegan(s)) {
			return true
		}
	}
	return false
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
		return done{}, looked(err)
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
	found := notes.fresh(s, func(n extra) bool { return folded(n.Text) == folded(in.Text) })
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
	found := points.fresh(s, func(p extra) bool {
		return p.Point != nil && max(*p.Point, -*p.Point) == max(in.Points, -in.Points) && (in.Name == "" || p.Text == in.Name)
	})
	return pointsOutput{done: done{ID: in.ID}}, found, nil
}
