package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// fieldTable lists the fields of an object. Those that are always there come first, with the mark.
func (p *program) fieldTable(s *abi.Schema, mark string) table {
	t := table{}
	if s == nil {
		return t
	}
	if s.Type != abi.TypeObject {
		t.row(p.typeName(s), p.doc(s))
		return t
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	slices.SortStableFunc(names, func(a, b string) int {
		return rank(s, a) - rank(s, b)
	})
	for _, name := range names {
		field := s.Properties[name]
		always := ""
		if rank(s, name) == 0 {
			always = mark
		}
		t.row(name, p.typeName(field), always, string(field.Default), p.doc(field))
	}
	return t
}

// rank is 0 for a field that is always there.
func rank(s *abi.Schema, name string) int {
	if slices.Contains(s.Required, name) && s.Properties[name].Default == nil {
		return 0
	}
	return 1
}

func (p *program) doc(s *abi.Schema) string {
	return p.lang.Pick(abi.Text{EN: s.Doc, JA: s.DocJA})
}

// typeName names a schema's type for people.
func (p *program) typeName(s *abi.Schema) string {
	if len(s.Enum) > 0 {
		return strings.Join(s.Enum, " | ")
	}
	switch s.Type {
	case abi.TypeString:
		return p.stringName(s.Format)
	case abi.TypeInteger:
		return p.say("whole number", "整数")
	case abi.TypeNumber:
		return p.say("number", "数値")
	case abi.TypeBoolean:
		return p.say("true or false", "true/false")
	case abi.TypeArray:
		if s.Items == nil {
			return p.say("list", "リスト")
		}
		return p.say("list of ", "リスト: ") + p.typeName(s.Items)
	case abi.TypeObject:
		return p.say("object", "オブジェクト")
	case abi.TypeAny:
		return p.say("anything", "任意")
	default:
		return string(s.Type)
	}
}

func (p *program) stringName(format string) string {
	switch format {
	case "date-time":
		return p.say("date and time", "日時")
	case "date":
		return p.say("date", "日付")
	case "uri":
		return p.say("address", "URL")
	case "email":
		return p.say("e-mail", "メールアドレス")
	default:
		return p.say("text", "文字列")
	}
}
