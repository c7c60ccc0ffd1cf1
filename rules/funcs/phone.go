package funcs

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/sdk/jp"
)

func phoneFunctions() []Function {
	return group("Telephone numbers", "電話番号",
		Function{
			Name: "phone", Doc: doc("the national digits, however the number is written", "数字だけの国内表記にする"),
			Example: `'+81 90-1234-5678'.phone()`, Result: `"09012345678"`, options: []cel.EnvOption{onText("phone", jp.Phone)},
		},
		Function{
			Name: "e164", Doc: doc("the international form; fails for what is no Japanese number", "国際表記(+81)にする。日本の番号でなければ失敗する"),
			Example: `'090-1234-5678'.e164()`, Result: `"+819012345678"`, options: []cel.EnvOption{e164()},
		},
		Function{
			Name: "phoneParts", Doc: doc("the three parts that forms ask for", "3つに分ける"),
			Example: `'0312345678'.phoneParts()`, Result: `["03","1234","5678"]`,
			options: []cel.EnvOption{method("phoneParts", []*cel.Type{cel.StringType}, cel.ListType(cel.StringType), func(args ...ref.Val) ref.Val {
				return texts(jp.SplitPhone(text(args[0])))
			})},
		},
		Function{
			Name: "formatPhone", Doc: doc("the three parts with hyphens", "ハイフンでつないだ表記にする"),
			Example: `'０９０１２３４５６７８'.formatPhone()`, Result: `"090-1234-5678"`, options: []cel.EnvOption{onText("formatPhone", formatPhone)},
		},
		Function{
			Name: "isMobile", Doc: doc("whether it is a Japanese mobile number", "日本の携帯電話の番号か"),
			Example: `'090-1234-5678'.isMobile()`, Result: `true`, options: []cel.EnvOption{check("isMobile", isMobile)},
		},
	)
}

func e164() cel.EnvOption {
	return method("e164", []*cel.Type{cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		number, err := jp.E164(text(args[0]))
		if err != nil {
			return fail(notAPhone, text(args[0]))
		}
		return types.String(number)
	})
}

func formatPhone(s string) string {
	if phone := jp.Phone(s); strings.HasPrefix(phone, "+") { // of another country, which groups digits otherwise
		return phone
	}
	first, second, third := jp.SplitPhone(s)
	return strings.TrimRight(first+"-"+second+"-"+third, "-")
}

func isMobile(s string) bool {
	phone := jp.Phone(s)
	if len(phone) != 11 || strings.HasPrefix(phone, "0800") { // 0800 is free of charge, and nobody's own
		return false
	}
	prefix := phone[:3]
	return prefix == "060" || prefix == "070" || prefix == "080" || prefix == "090"
}
