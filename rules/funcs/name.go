package funcs

import (
	"strings"

	"github.com/google/cel-go/cel"

	"github.com/musubi-run/musubi/sdk/jp"
)

func nameFunctions() []Function {
	return group("Names", "氏名",
		Function{
			Name: "lastName", Doc: doc("the family name: what stands before the blank", "姓(空白より前)"),
			Example: `'山田　花子'.lastName()`, Result: `"山田"`,
			options: []cel.EnvOption{onText("lastName", func(s string) string { last, _ := jp.SplitName(s); return last })},
		},
		Function{
			Name: "firstName", Doc: doc("the given name: what stands behind the blank; empty without one", "名(空白より後。空白がなければ空)"),
			Example: `'山田　花子'.firstName()`, Result: `"花子"`,
			options: []cel.EnvOption{onText("firstName", func(s string) string { _, first := jp.SplitName(s); return first })},
		},
		Function{
			Name: "honorific", Doc: doc("the name with 様; an empty name becomes お客様", "氏名に「様」を付ける。空なら「お客様」"),
			Example: `'山田 花子'.honorific()`, Result: `"山田 花子 様"`, options: []cel.EnvOption{onText("honorific", honorific)},
		},
	)
}

func honorific(name string) string {
	name = squeeze(name)
	switch {
	case name == "":
		return "お客様"
	case strings.HasSuffix(name, "様") || strings.HasSuffix(name, "御中"):
		return name
	default:
		return name + " 様"
	}
}
