package shape

import (
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TypeName says to a person what a type is.
func TypeName(t *types.Type) abi.Text {
	switch t.Kind() {
	case types.StringKind:
		return abi.Text{EN: "text", JA: "文字"}
	case types.IntKind, types.UintKind:
		return abi.Text{EN: "a whole number", JA: "整数"}
	case types.DoubleKind:
		return abi.Text{EN: "a decimal number", JA: "小数"}
	case types.BoolKind:
		return abi.Text{EN: "true or false", JA: "真偽値"}
	case types.TimestampKind:
		return abi.Text{EN: "a time", JA: "日時"}
	case types.DurationKind:
		return abi.Text{EN: "a duration", JA: "期間"}
	case types.NullTypeKind:
		return abi.Text{EN: "null", JA: "null"}
	case types.BytesKind:
		return abi.Text{EN: "bytes", JA: "バイト列"}
	case types.StructKind:
		return abi.Text{EN: "an object", JA: "オブジェクト"}
	default:
		return compoundName(t)
	}
}

func compoundName(t *types.Type) abi.Text {
	switch {
	case t.Kind() == types.ListKind && named(t.Parameters()[0]):
		of := TypeName(t.Parameters()[0])
		return abi.Text{EN: "a list of " + plural(of.EN), JA: of.JA + "のリスト"}
	case t.Kind() == types.ListKind:
		return abi.Text{EN: "a list", JA: "リスト"}
	case t.Kind() == types.MapKind:
		return abi.Text{EN: "a map", JA: "マップ"}
	case t.IsExactType(value.DateType):
		return abi.Text{EN: "a date", JA: "日付"}
	case t.IsExactType(value.DecimalType):
		return abi.Text{EN: "an exact decimal", JA: "正確な小数"}
	case t.IsExactType(value.BirthdayType):
		return abi.Text{EN: "a birthday", JA: "誕生日"}
	case IsOptional(t):
		of := TypeName(t.Parameters()[0])
		return abi.Text{EN: of.EN + " that may be absent", JA: of.JA + "(無いことがある)"}
	case t.Kind() == types.TypeKind:
		return abi.Text{EN: "the name of a type", JA: "型の名前"}
	default:
		return abi.Text{EN: "a value of any kind", JA: "任意の値"}
	}
}

// named says whether a list's items are worth naming.
func named(t *types.Type) bool {
	return t.Kind() != types.DynKind && t.Kind() != types.TypeParamKind
}

func plural(en string) string {
	plurals := map[string]string{
		"text": "texts", "a whole number": "whole numbers", "a decimal number": "decimal numbers", "a time": "times",
		"a duration": "durations", "a date": "dates", "an exact decimal": "exact decimals", "an object": "objects", "a map": "maps",
	}
	if p, ok := plurals[en]; ok {
		return p
	}
	return en
}
