package funcs

import (
	"net/mail"
	"strings"

	"github.com/google/cel-go/cel"

	"github.com/musubi-run/musubi/sdk/jp"
)

func mailFunctions() []Function {
	return group("E-mail addresses", "メールアドレス",
		Function{
			Name: "normalizeEmail", Doc: doc("half-width, small letters, no blanks: for comparing", "半角・小文字にして空白を取る(照合用)"),
			Example: `' Ｈanako@Example.COM '.normalizeEmail()`, Result: `"hanako@example.com"`, options: []cel.EnvOption{onText("normalizeEmail", normalizeEmail)},
		},
		Function{
			Name: "isEmail", Doc: doc("whether it has the form of an e-mail address", "メールアドレスの形か"),
			Example: `'hanako@example.com'.isEmail()`, Result: `true`, options: []cel.EnvOption{check("isEmail", isEmail)},
		},
		Function{
			Name: "emailDomain", Doc: doc("what stands behind the @, in small letters; empty without one", "@より後ろ(小文字)。なければ空"),
			Example: `'hanako@Example.com'.emailDomain()`, Result: `"example.com"`, options: []cel.EnvOption{onText("emailDomain", emailDomain)},
		},
	)
}

func normalizeEmail(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(jp.Narrow(s)), ""))
}

func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Address == s && strings.Contains(emailDomain(s), ".")
}

func emailDomain(s string) string {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(s[i+1:]))
}
