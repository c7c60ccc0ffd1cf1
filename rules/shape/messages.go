package shape

import "github.com/musubi-run/musubi/rules/diag"

// What can be wrong with data.
var (
	absent        = diag.Kind{Code: "absent", EN: "%[1]s is missing here", JA: "%[1]s がありません"}
	wantObject    = diag.Kind{Code: "want-object", EN: "an object was expected, not %[1]s", JA: "オブジェクトのはずが %[1]s です"}
	wantList      = diag.Kind{Code: "want-list", EN: "a list was expected, not %[1]s", JA: "リストのはずが %[1]s です"}
	wantString    = diag.Kind{Code: "want-string", EN: "text was expected, not %[1]s", JA: "文字のはずが %[1]s です"}
	wantBool      = diag.Kind{Code: "want-bool", EN: "true or false was expected, not %[1]s", JA: "true か false のはずが %[1]s です"}
	wantInteger   = diag.Kind{Code: "want-integer", EN: "a whole number was expected, not %[1]s", JA: "整数のはずが %[1]s です"}
	wantNumber    = diag.Kind{Code: "want-number", EN: "a number was expected, not %[1]s", JA: "数値のはずが %[1]s です"}
	wantTimestamp = diag.Kind{Code: "want-timestamp", EN: "a time like 2025-02-11T21:03:09+09:00 was expected, not %[1]s", JA: "2025-02-11T21:03:09+09:00 のような日時のはずが %[1]s です"}
	wantDate      = diag.Kind{Code: "want-date", EN: "a date like 2025-02-11 was expected, not %[1]s", JA: "2025-02-11 のような日付のはずが %[1]s です"}
	wantDecimal   = diag.Kind{Code: "want-decimal", EN: "a decimal like 1234.50 was expected, not %[1]s", JA: "1234.50 のような数値のはずが %[1]s です"}
	wantBirthday  = diag.Kind{Code: "want-birthday", EN: "a birthday like 1990-04-02 or --04-02 was expected, not %[1]s", JA: "1990-04-02 か --04-02 のような誕生日のはずが %[1]s です"}
	tooManyDigits = diag.Kind{Code: "too-many-digits", EN: "%[1]s has more digits than a number can hold", JA: "%[1]s は数値として扱える桁数を超えています"}
	inside        = diag.Kind{Code: "inside", EN: "%[1]s: %[2]s", JA: "%[1]s: %[2]s"}
	notOneOf      = diag.Kind{Code: "not-one-of", EN: "%[1]q is not one of %[2]s", JA: "「%[1]s」は使えません。使える値: %[2]s"}
	notWritable   = diag.Kind{Code: "not-writable", EN: "a value of this kind (%[1]s) cannot be passed on", JA: "この種類の値(%[1]s)は渡せません"}
	keyNotText    = diag.Kind{Code: "key-not-text", EN: "the keys of a map that is passed on must be text", JA: "渡すマップのキーは文字でなければなりません"}
)
