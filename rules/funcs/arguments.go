package funcs

import (
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/jp"
)

// strict are the functions that take some arguments only, whatever they are called on.
var strict = []string{
	"at", "date", "format", "inSeason", "tax", "plusTax", "minusTax", "round", "divide", "minor", "major", "prefecture", "padLeft", "decimal",
}

// refusals are about an argument alone.
var refusals = []diag.Kind{
	notAClock, notAZone, notALayout, notASeason, notARounding, notARate, notACurrency, notAPrefecture, oneLetter, tooManyPlaces,
}

// Strict says whether a function refuses some of its arguments whatever it is called on.
func Strict(function string) bool { return slices.Contains(strict, function) }

// RefusesArgument says whether a failure is about an argument, and not about what the function is called on.
func RefusesArgument(code string) bool {
	return slices.ContainsFunc(refusals, func(k diag.Kind) bool { return k.Code == code })
}

// MeantArgument returns what was probably meant by an argument that is refused.
func MeantArgument(code, text string) string {
	text = jp.Narrow(text)
	switch code {
	case notALayout.Code:
		return value.MeantLayout(text)
	case notACurrency.Code:
		return strings.ToUpper(text)
	case notARounding.Code:
		return meantRounding(text)
	default:
		return text
	}
}

func meantRounding(text string) string {
	switch strings.ToLower(text) {
	case "down", "floor", "truncate", "切り捨て", "切捨て":
		return "down"
	case "up", "ceil", "ceiling", "切り上げ", "切上げ":
		return "up"
	case "half", "round", "half_up", "四捨五入":
		return "half"
	default:
		return text
	}
}
