package funcs

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/sdk/jp"
)

func addressFunctions() []Function {
	return group("Addresses", "住所",
		Function{
			Name: "postcode", Doc: doc("a postcode as 150-0001; fails for what is none", "郵便番号を150-0001の形にする。郵便番号でなければ失敗する"),
			Example: `'〒１５０ー０００１'.postcode()`, Result: `"150-0001"`, options: []cel.EnvOption{postcode()},
		},
		Function{
			Name: "postcodeParts", Doc: doc("the three and the four digits of a postcode", "郵便番号を3桁と4桁に分ける"),
			Example: `'1500001'.postcodeParts()`, Result: `["150","0001"]`, options: []cel.EnvOption{postcodeParts()},
		},
		Function{
			Name: "prefecture", Doc: doc("the prefecture of a JIS number, 1 to 47", "都道府県コード(1〜47)から都道府県名"),
			Example: `prefecture(13)`, Result: `"東京都"`, options: []cel.EnvOption{prefecture()},
		},
		Function{
			Name: "prefectureNumber", Doc: doc("the JIS number of a prefecture; absent if there is none of that name", "都道府県名からコード。該当がなければ無し"),
			Example: `'東京'.prefectureNumber().orValue(0)`, Result: `13`, options: []cel.EnvOption{prefectureNumber()},
		},
		Function{
			Name: "prefectureOf", Doc: doc("the prefecture at the front of an address; absent if it has none", "住所の先頭の都道府県。なければ無し"),
			Example: `'神奈川県横浜市中区1-1'.prefectureOf().orValue('')`, Result: `"神奈川県"`, options: []cel.EnvOption{prefectureOf()},
		},
		Function{
			Name: "withoutPrefecture", Doc: doc("an address without its prefecture", "住所から都道府県を除く"),
			Example: `'神奈川県横浜市中区1-1'.withoutPrefecture()`, Result: `"横浜市中区1-1"`,
			options: []cel.EnvOption{onText("withoutPrefecture", func(s string) string { _, rest := jp.SplitAddress(s); return rest })},
		},
	)
}

func postcode() cel.EnvOption {
	return method("postcode", []*cel.Type{cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		first, second, err := jp.SplitPostcode(text(args[0]))
		if err != nil {
			return fail(notAPostcode, text(args[0]))
		}
		return types.String(first + "-" + second)
	})
}

func postcodeParts() cel.EnvOption {
	return method("postcodeParts", []*cel.Type{cel.StringType}, cel.ListType(cel.StringType), func(args ...ref.Val) ref.Val {
		first, second, err := jp.SplitPostcode(text(args[0]))
		if err != nil {
			return fail(notAPostcode, text(args[0]))
		}
		return texts(first, second)
	})
}

func prefecture() cel.EnvOption {
	return function("prefecture", []*cel.Type{cel.IntType}, cel.StringType, func(args ...ref.Val) ref.Val {
		n := number(args[0])
		if n < 1 || n > 47 {
			return fail(notAPrefecture, n)
		}
		return types.String(jp.Prefecture(int(n)))
	})
}

func prefectureNumber() cel.EnvOption {
	return method("prefectureNumber", []*cel.Type{cel.StringType}, cel.OptionalType(cel.IntType), func(args ...ref.Val) ref.Val {
		n := jp.PrefectureNumber(text(args[0]))
		if n == 0 {
			return types.OptionalNone
		}
		return types.OptionalOf(types.Int(n))
	})
}

func prefectureOf() cel.EnvOption {
	return method("prefectureOf", []*cel.Type{cel.StringType}, cel.OptionalType(cel.StringType), func(args ...ref.Val) ref.Val {
		n, _ := jp.SplitAddress(text(args[0]))
		if n == 0 {
			return types.OptionalNone
		}
		return types.OptionalOf(types.String(jp.Prefecture(n)))
	})
}
