package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// unapplied returns the names whose values the record does not have although
// they were sent. What the platform does not show cannot be checked, nor can lists.
func (f fields) unapplied(got attributes) []string {
	var names []string
	for name, value := range f {
		there, shown := got.lookup(name)
		if shown && !same(value, there) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// same compares what was sent with what is there, but for what the platform is
// free to write differently: width, case, blanks, forms of a time or truth value.
func same(sent any, got value) bool {
	switch v := sent.(type) {
	case nil:
		return got.text() == ""
	case string:
		return folded(v) == folded(got.text()) || sameTime(v, got)
	case int, int64, bool:
		want := fmt.Sprint(v)
		if yes := got.flag(); yes != nil && (want == "0" || want == "1") {
			return want == strconv.Itoa(flagOf(*yes))
		}
		return want == got.text()
	default:
		return true
	}
}

func sameTime(sent string, got value) bool {
	t, err := jp.ParseTime(sent)
	return err == nil && !t.IsZero() && t.Equal(got.moment())
}

func folded(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(jp.Narrow(text)), ""))
}

// notApplied is the error for values that were answered with 200 and dropped.
func notApplied(what string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return &abi.Error{
		Kind: abi.Invalid, Code: "not_applied", Status: 200, Fields: names,
		Message: fmt.Sprintf("ecforce answered 200 for %s but did not take %s", what, strings.Join(names, ", ")),
	}
}

// looked returns the error of a look at what was just written. When only the
// look failed, what was written is there: tried once more, it would be there twice.
func looked(err error) error {
	switch abi.KindOf(err) {
	case abi.Unavailable, abi.RateLimited, abi.Auth:
		e := *abi.AsError(err)
		e.Kind = abi.Unknown
		return &e
	default:
		return err
	}
}

// change sends the fields of one record and returns it as it is then: read
// again and compared if the setting verify_writes says so, else as the
// platform answered the write.
func change(s shop, path, id, include string, request request, sent fields) (row, error) {
	if !s.VerifyWrites {
		doc, err := readSingle(request)
		if err != nil {
			return row{}, err
		}
		return doc.row(), nil
	}
	if err := request.Send(); err != nil {
		return row{}, err
	}
	doc, err := readOne(s, path, id, include)
	if err != nil {
		return row{}, fmt.Errorf("reading %s %s again after the write: %w", path, id, err)
	}
	return doc.row(), notApplied(path+" "+id, sent.unapplied(doc.Data.Attributes))
}

// verified compares what was sent with what was read again, if the setting verify_writes says so.
func verified(s shop, what string, sent fields, got attributes) error {
	if !s.VerifyWrites {
		return nil
	}
	return notApplied(what, sent.unapplied(got))
}
