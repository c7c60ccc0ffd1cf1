package funcs

import (
	"crypto/md5" //nolint:gosec // a checksum that platforms ask for, not a secret
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
)

func codeFunctions() []Function {
	return group("Encoding", "符号化",
		Function{
			Name: "sha256", Doc: doc("SHA-256 in hexadecimal", "SHA-256(16進)"),
			Example: `'abc'.sha256().left(8)`, Result: `"ba7816bf"`,
			options: []cel.EnvOption{onText("sha256", func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) })},
		},
		Function{
			Name: "md5", Doc: doc("MD5 in hexadecimal, for platforms that want it", "MD5(16進。必要とするサービス向け)"),
			Example: `'abc'.md5().left(8)`, Result: `"90015098"`,
			options: []cel.EnvOption{onText("md5", func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) })},
		},
		Function{
			Name: "json", Doc: doc("a value written as JSON", "値をJSONの文字にする"),
			Example: `json({'b': [1, true], 'a': '山田'})`, Result: `"{\"a\":\"山田\",\"b\":[1,true]}"`,
			options: []cel.EnvOption{function("json", []*cel.Type{cel.DynType}, cel.StringType, writeJSON)},
		},
		Function{
			Name: "parseJson", Doc: doc("the value that JSON text stands for", "JSONの文字を値にする"),
			Example: `'{"id": 9007199254740993}'.parseJson().id`, Result: `9007199254740993`,
			options: []cel.EnvOption{method("parseJson", []*cel.Type{cel.StringType}, cel.DynType, readJSON)},
		},
		Function{
			Name: "urlEncode", Doc: doc("text for the query of an address", "URLのパラメーターに使える形にする"),
			Example: `'山田 & co'.urlEncode()`, Result: `"%E5%B1%B1%E7%94%B0+%26+co"`, options: []cel.EnvOption{onText("urlEncode", url.QueryEscape)},
		},
	)
}

func writeJSON(args ...ref.Val) ref.Val {
	data, err := shape.AppendJSON(nil, args[0])
	if err != nil {
		return types.WrapErr(err)
	}
	return types.String(data)
}

func readJSON(args ...ref.Val) ref.Val {
	v, err := shape.DecodeAny([]byte(text(args[0])))
	if fault, ok := errors.AsType[*value.Error](err); ok {
		return types.WrapErr(fault)
	} else if err != nil {
		return fail(notJSON)
	}
	return v
}
