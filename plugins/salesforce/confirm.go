package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// clockSkew is how far our clock may be ahead of the platform's.
const clockSkew = time.Minute

// confirmCreate looks for a record that was created since the first attempt
// with the same texts. Without a text to look for nobody can tell: a person must.
func confirmCreate(call *sdk.Call, in abi.RecordDraft) (abi.RecordRef, bool, error) {
	o, err := open(call)
	if err != nil {
		return abi.RecordRef{}, false, err
	}
	if err := checkName("object", in.Object); err != nil {
		return abi.RecordRef{}, false, err
	}
	texts := textFields(in.Fields)
	if len(texts) == 0 {
		return abi.RecordRef{}, false, sdk.Errorf(abi.Conflict, "a %s was to be created and no answer came; it has no text field to look for it by", in.Object)
	}
	var ref abi.RecordRef
	err = o.withKinds(in.Object, slices.Sorted(maps.Keys(texts)), func(kinds fieldKinds) error {
		ref, err = o.findCreated(in.Object, texts, kinds)
		return err
	})
	if err != nil {
		return ref, false, fmt.Errorf("looking for the created %s: %w", in.Object, err)
	}
	return ref, ref.ID != "", nil
}

// textFields returns the fields that hold a text the platform stores as it is.
func textFields(fields map[string]any) map[string]string {
	texts := map[string]string{}
	for name, value := range fields {
		text, ok := value.(string)
		if ok && strings.TrimSpace(text) != "" && isName(name) && !strings.EqualFold(name, "attributes") {
			texts[name] = text
		}
	}
	return texts
}

// findCreated returns the oldest record that has exactly these texts.
func (o *org) findCreated(object string, texts map[string]string, kinds fieldKinds) (abi.RecordRef, error) {
	names := slices.Sorted(maps.Keys(texts))
	terms := []string{"CreatedDate >= " + soqlTime(o.call.Since().Add(-clockSkew))}
	if o.settings.IntegrationUserID != "" {
		terms = append(terms, "CreatedById = "+quote(o.settings.IntegrationUserID))
	}
	var compared []string
	for _, name := range names {
		if kinds[name] == unfilterable {
			continue
		}
		value, err := literal(name, texts[name], kinds[name])
		if err != nil {
			return abi.RecordRef{}, err
		}
		terms = append(terms, name+" = "+value)
		if kinds[name] == guess || kinds[name] == asText {
			compared = append(compared, name)
		}
	}
	if len(compared) == 0 {
		return abi.RecordRef{}, sdk.Errorf(abi.Conflict, "no field of the created %s can be searched by", object)
	}
	found, err := o.query(selectFrom(compared, object) + " WHERE " + strings.Join(terms, " AND ") + " ORDER BY CreatedDate, Id LIMIT 200")
	if err != nil {
		return abi.RecordRef{}, err
	}
	for _, r := range found {
		if sameTexts(r, compared, texts) {
			return abi.RecordRef{ID: r.take()}, nil
		}
	}
	return abi.RecordRef{}, nil
}

// sameTexts compares exactly: the platform's own comparison ignores case.
func sameTexts(r record, names []string, texts map[string]string) bool {
	for _, name := range names {
		stored, ok := r[name].(string)
		if ok && stored != strings.TrimSpace(texts[name]) {
			return false
		}
	}
	return true
}
