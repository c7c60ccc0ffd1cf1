package main

import (
	"slices"
	"strings"
)

// reviseAddresses edits or adds the addresses of a customer or an order.
func (s *shop) reviseAddresses(t *table, rec *record, body object) *record {
	for relation, key := range map[string]string{"billing_address": "billing_address_attributes", "shipping_address": "shipping_address_attributes"} {
		fields := part(body, key)
		if _, has := t.relations[relation]; !has || len(fields) == 0 {
			continue
		}
		if ids := rec.links[relation]; len(ids) > 0 {
			s.editAddress(ids[0], fields)
			continue
		}
		rec = t.link(rec, relation, s.addAddress(fields).id)
	}
	for _, fields := range objects(body, "shipping_addresses_attributes") {
		if id := number(fields, "id"); slices.Contains(rec.links["shipping_addresses"], id) {
			s.editAddress(id, fields)
			continue
		}
		rec = t.link(rec, "shipping_addresses", s.addAddress(fields).id)
	}
	return rec
}

func (s *shop) billing(rec *record) *record {
	if ids := rec.links["billing_address"]; len(ids) > 0 {
		if address, ok := s.tables["addresses"].get(ids[0]); ok {
			return address
		}
	}
	return nil
}

func (s *shop) addAddress(fields object) *record {
	t := s.tables["addresses"]
	attrs := attributes{
		"name01": "", "name02": "", "kana01": "", "kana02": "", "company_name": nil, "zip01": "", "zip02": "", "prefecture_id": nil,
		"addr01": "", "addr02": "", "addr03": "", "tel01": "", "tel02": "", "tel03": "", "created_at": s.now(),
	}
	for key, v := range accept(t.keys, fields) {
		attrs[key] = v
	}
	s.joinAddress(attrs)
	return t.put(t.nextID(), attrs, nil)
}

func (s *shop) editAddress(id int64, fields object) {
	t := s.tables["addresses"]
	rec, ok := t.get(id)
	if !ok {
		return
	}
	attrs := attributes{}
	for key, v := range rec.attrs {
		attrs[key] = v
	}
	for key, v := range accept(t.keys, fields) {
		attrs[key] = v
	}
	s.joinAddress(attrs)
	t.put(id, attrs, nil)
}

// joinAddress fills the attributes that are made of the others.
func (s *shop) joinAddress(attrs attributes) {
	text := func(key string) string { return asText(attrs[key]) }
	separator := ""
	if s.hyphenated {
		separator = "-"
	}
	prefecture := ""
	if id, ok := attrs["prefecture_id"].(int64); ok && id >= 1 && id <= int64(len(prefectures)) {
		prefecture = prefectures[id-1]
	}
	attrs["prefecture_name"] = prefecture
	attrs["full_name"] = strings.TrimSpace(text("name01") + " " + text("name02"))
	attrs["full_kana"] = strings.TrimSpace(text("kana01") + " " + text("kana02"))
	attrs["full_tel"] = strings.Trim(text("tel01")+separator+text("tel02")+separator+text("tel03"), "-")
	attrs["full_zip"] = strings.Trim(text("zip01")+separator+text("zip02"), "-")
	attrs["full_address"] = prefecture + text("addr01") + text("addr02") + text("addr03")
	attrs["updated_at"] = s.now()
}
