package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What to do when a duplicate rule stops a create.
const (
	duplicateUseMatch = "use_match"
	duplicateAllow    = "allow"
)

const defaultSearch = 200

// searchRecords finds the records of an object by the values of some fields.
func searchRecords(call *sdk.Call, in abi.RecordQuery) (abi.RecordList, error) {
	o, err := open(call)
	if err != nil {
		return abi.RecordList{}, err
	}
	s := &search{org: o, object: in.Object, match: in.Match, fields: in.Fields, limit: in.Limit}
	if s.limit <= 0 {
		s.limit = defaultSearch
	}
	if err := s.check(); err != nil {
		return abi.RecordList{}, err
	}
	var list abi.RecordList
	err = o.withKinds(in.Object, slices.Sorted(maps.Keys(in.Match)), func(kinds fieldKinds) error {
		list, err = s.run(kinds)
		return err
	})
	if err != nil {
		return list, fmt.Errorf("searching %s: %w", in.Object, err)
	}
	return list, nil
}

// search is a record.search under way.
type search struct {
	org    *org
	object string
	match  map[string]any
	fields []string
	limit  int64
}

// check refuses names that are none, and a match that would find records that
// nobody meant: an empty value equals every empty field.
func (s *search) check() error {
	if err := checkName("object", s.object); err != nil {
		return err
	}
	if len(s.match) == 0 {
		return sdk.Errorf(abi.Invalid, "match is empty: it would find every %s", s.object)
	}
	for field, value := range s.match {
		if err := checkName("field", field); err != nil {
			return err
		}
		if text, ok := value.(string); value == nil || ok && strings.TrimSpace(text) == "" {
			return &abi.Error{Kind: abi.Invalid, Fields: []string{field}, Message: fmt.Sprintf(
				"the match value of %s is empty: it would find every %s without one", field, s.object,
			)}
		}
	}
	for _, field := range s.fields {
		if err := checkName("field", field); err != nil {
			return err
		}
	}
	return nil
}

// run asks for one record more than wanted, and so learns without a second
// call whether total_size is known.
func (s *search) run(kinds fieldKinds) (abi.RecordList, error) {
	where, err := s.where(kinds)
	if err != nil {
		return abi.RecordList{}, err
	}
	found, err := s.org.query(selectFrom(s.fields, s.object) + where + " LIMIT " + strconv.FormatInt(s.limit+1, 10))
	if err != nil {
		return abi.RecordList{}, err
	}
	list := abi.RecordList{TotalSize: int64(len(found)), Records: []abi.Record{}}
	if list.TotalSize > s.limit {
		found = found[:s.limit]
		if list.TotalSize, err = s.org.count("SELECT COUNT() FROM " + s.object + where); err != nil {
			return list, err
		}
	}
	for _, r := range found {
		id := r.take()
		list.Records = append(list.Records, abi.Record{ID: id, Fields: r})
	}
	return list, nil
}

func (s *search) where(kinds fieldKinds) (string, error) {
	terms := make([]string, 0, len(s.match))
	for _, field := range slices.Sorted(maps.Keys(s.match)) {
		value, err := literal(field, s.match[field], kinds[field])
		if err != nil {
			return "", err
		}
		terms = append(terms, field+" = "+value)
	}
	return " WHERE " + strings.Join(terms, " AND "), nil
}

// selectFrom begins a query for the id and the fields, each once.
func selectFrom(fields []string, object string) string {
	var b strings.Builder
	b.WriteString("SELECT Id")
	for i, field := range fields {
		if strings.EqualFold(field, "Id") || slices.Contains(fields[:i], field) {
			continue
		}
		b.WriteString(", " + field)
	}
	return b.String() + " FROM " + object
}

// createRecord creates a record. When a duplicate rule finds one record that
// matches, the setting on_duplicate decides.
func createRecord(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, error) {
	o, err := open(call)
	if err != nil {
		return abi.RecordRef{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return abi.RecordRef{}, err
	}
	answer, err := o.write("POST", "/sobjects/%s", in.Object).JSON(in.Fields).Raw()
	if err != nil {
		return abi.RecordRef{}, fmt.Errorf("creating %s: %w", in.Object, err)
	}
	if answer.OK() {
		var made written
		if err := answer.JSON(&made); err != nil {
			return abi.RecordRef{}, sdk.Errorf(abi.Unknown, "creating %s: %w", in.Object, err)
		}
		if err := told(made.ID != "", abi.Unknown); err != nil {
			return abi.RecordRef{}, fmt.Errorf("creating %s: %w", in.Object, err)
		}
		return abi.RecordRef{ID: made.ID}, o.noteUsage(answer)
	}
	refused := misnamed(readError(answer))
	if errs := readErrors(answer.Body); len(errs) > 0 && errs[0].duplicates() != nil {
		return o.resolveDuplicate(in, errs[0].duplicates(), refused)
	}
	return abi.RecordRef{}, fmt.Errorf("creating %s: %w", in.Object, refused)
}

// resolveDuplicate updates the one record that matches, if the settings say so.
func (o *org) resolveDuplicate(in abi.RecordDraft, found *duplicateResult, refused error) (abi.RecordRef, error) {
	ids := found.ids(in.Object)
	if o.settings.OnDuplicate == duplicateUseMatch && len(ids) == 1 {
		return o.update(abi.RecordChange{Object: in.Object, ID: ids[0], Fields: in.Fields})
	}
	return abi.RecordRef{}, fmt.Errorf("creating %s: duplicate rule %s found %s: %w", in.Object, found.Rule, strings.Join(ids, ", "), refused)
}

// updateRecord changes the given fields of a record.
func updateRecord(call *sdk.Call, in abi.RecordChange) (abi.RecordRef, error) {
	o, err := open(call)
	if err != nil {
		return abi.RecordRef{}, err
	}
	if err := checkName("object", in.Object); err != nil {
		return abi.RecordRef{}, err
	}
	return o.update(in)
}

func (o *org) update(in abi.RecordChange) (abi.RecordRef, error) {
	if err := o.carryOut(o.write("PATCH", "/sobjects/%s/%s", in.Object, in.ID).JSON(in.Fields)); err != nil {
		return abi.RecordRef{}, fmt.Errorf("updating %s %s: %w", in.Object, in.ID, err)
	}
	return abi.RecordRef{ID: in.ID}, nil
}

// isCode says whether err is the platform's refusal with that code.
func isCode(err error, code string) bool {
	e, ok := errors.AsType[*abi.Error](err)
	return ok && e.Code == code
}
