package org

import "strings"

// DuplicateRule finds records that look like the one being written: those
// that hold the same value in one of its fields.
type DuplicateRule struct {
	Name   string   `json:"name"`
	Object string   `json:"object"`
	Fields []string `json:"fields"`
	// AllowSave makes it an alert, which a client may override, not a block.
	AllowSave bool `json:"allow_save"`
}

// Duplicate is what a rule found.
type Duplicate struct {
	Rule    DuplicateRule
	Records []*Record
}

const duplicateMessage = "Use one of these records?"

func (d *draft) checkDuplicates(options Options) error {
	if d.tx.staff {
		return nil
	}
	for _, rule := range d.tx.org.duplicates {
		if !strings.EqualFold(rule.Object, d.object.Name) || rule.AllowSave && options.AllowDuplicates {
			continue
		}
		if twins := d.twins(rule); len(twins) > 0 {
			e := refuse(CodeDuplicates, duplicateMessage).on()
			e.Fields = []string{}
			e.Duplicate = &Duplicate{Rule: rule, Records: twins}
			return e
		}
	}
	return nil
}

func (d *draft) twins(rule DuplicateRule) []*Record {
	var twins []*Record
	for _, name := range rule.Fields {
		f := d.object.Field(name)
		if f == nil || !d.changed(name) {
			continue
		}
		value, ok := at(d.values, f).(string)
		if !ok {
			continue
		}
		for _, other := range d.object.indexOf(f).records[fold(value)] {
			if other != d.record {
				twins = append(twins, other)
			}
		}
	}
	return twins
}
