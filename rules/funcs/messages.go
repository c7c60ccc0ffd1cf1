package funcs

import "github.com/musubi-run/musubi/rules/diag"

// Why a function has no value for its arguments.
var (
	filledNoText   = diag.Kind{Code: "filled-other", EN: "filled() is for texts, and this value is none", JA: "filled() は文字に使いますが、値が文字ではありません"}
	oneLetter      = diag.Kind{Code: "one-letter", EN: "padLeft() fills with one letter, not %[1]q", JA: "padLeft() で埋める文字は 1 文字です(「%[1]s」)"}
	notAPhone      = diag.Kind{Code: "not-a-phone", EN: "%[1]q is not a Japanese telephone number", JA: "「%[1]s」は日本の電話番号ではありません"}
	notAPostcode   = diag.Kind{Code: "not-a-postcode", EN: "%[1]q is not a Japanese postcode of seven digits", JA: "「%[1]s」は 7 桁の郵便番号ではありません"}
	notAPrefecture = diag.Kind{Code: "not-a-prefecture", EN: "%[1]d is not the number of a prefecture (1 to 47)", JA: "%[1]d は都道府県コード(1〜47)ではありません"}
	notADate       = diag.Kind{Code: "not-a-date", EN: "%[1]q is not a date like 2025-02-11", JA: "「%[1]s」は 2025-02-11 のような日付ではありません"}
	noSuchDay      = diag.Kind{Code: "no-such-day", EN: "there is no day %[1]d-%[2]d-%[3]d", JA: "%[1]d年%[2]d月%[3]d日という日はありません"}
	notAMoment     = diag.Kind{Code: "not-a-moment", EN: "%[1]q is not a date or time", JA: "「%[1]s」は日付や日時として読めません"}
	notAClock      = diag.Kind{Code: "not-a-clock", EN: "%[1]q is not a time of day like 18:00", JA: "「%[1]s」は 18:00 のような時刻ではありません"}
	notALayout     = diag.Kind{Code: "not-a-layout", EN: "format() does not know %[1]q: it writes yyyy MM dd HH mm ss M d H E", JA: "format() の書式に「%[1]s」はありません。使えるもの: yyyy MM dd HH mm ss M d H E"}
	notAZone       = diag.Kind{Code: "not-a-zone", EN: "%[1]q is not a time zone like Asia/Tokyo", JA: "「%[1]s」は Asia/Tokyo のようなタイムゾーンではありません"}
	notASeason     = diag.Kind{Code: "not-a-season", EN: "%[1]q is not a day of the year like 03-01", JA: "「%[1]s」は 03-01 のような月日ではありません"}
	noBirthYear    = diag.Kind{Code: "no-birth-year", EN: "the year of this birthday (%[1]s) is not known: ask with hasYear() first", JA: "この誕生日(%[1]s)は年が分かりません。先に hasYear() で確かめてください"}
	notABirthday   = diag.Kind{Code: "not-a-birthday", EN: "%[1]q is not a birthday like 1990-04-02 or --04-02", JA: "「%[1]s」は 1990-04-02 や --04-02 のような誕生日ではありません"}
	outOfCalendar  = diag.Kind{Code: "out-of-calendar", EN: "the result is outside of the years 1 to 9999", JA: "結果が西暦 1〜9999 年の範囲を超えました"}
	notARounding   = diag.Kind{Code: "not-a-rounding", EN: "%[1]q is not a way to round: write 'down', 'up' or 'half'", JA: "「%[1]s」という端数処理はありません。'down'(切り捨て)、'up'(切り上げ)、'half'(四捨五入)のどれかを書いてください"}
	notARate       = diag.Kind{Code: "not-a-rate", EN: "a tax rate is 0 to 100 percent, not %[1]d", JA: "税率は 0〜100 % です(%[1]d)"}
	tooMuchMoney   = diag.Kind{Code: "too-much-money", EN: "the amount is too large", JA: "金額が大きすぎます"}
	notAnAmount    = diag.Kind{Code: "not-an-amount", EN: "%[1]q is not an amount in %[2]s", JA: "「%[1]s」は %[2]s の金額として読めません"}
	notACurrency   = diag.Kind{Code: "not-a-currency", EN: "%[1]q is not a known currency", JA: "「%[1]s」という通貨を知りません"}
	notADecimal    = diag.Kind{Code: "not-a-decimal", EN: "%[1]q is not a number like 1234.50", JA: "「%[1]s」は 1234.50 のような数値として読めません"}
	tooManyPlaces  = diag.Kind{Code: "too-many-places", EN: "a decimal has 0 to 20 digits behind the point, not %[1]d", JA: "小数点以下の桁数は 0〜20 です(%[1]d)"}
	byZero         = diag.Kind{Code: "by-zero", EN: "this divides by zero", JA: "0 で割っています"}
	notExact       = diag.Kind{Code: "not-exact", EN: "%[1]s is finer than %[2]s: say how to round, as in minor(%[2]q, 'half')", JA: "%[1]s は %[2]s の最小単位より細かい値です。minor(%[2]q, 'half') のように端数処理を書いてください"}
	notWhole       = diag.Kind{Code: "not-whole", EN: "%[1]s is not a whole number: round it first, as in round(0, 'half')", JA: "%[1]s は整数ではありません。round(0, 'half') などで先に丸めてください"}
	sumTooLarge    = diag.Kind{Code: "sum-too-large", EN: "the sum is too large for a number", JA: "合計が数値の範囲を超えました"}
	sumOfOther     = diag.Kind{Code: "sum-of-other", EN: "sum() adds numbers, and an item is none: turn texts into numbers, as in x.sum(i, int(i.price))", JA: "sum() は数値を合計しますが、数値ではない要素があります。文字なら x.sum(i, int(i.price)) のように数値にしてください"}
	notJSON        = diag.Kind{Code: "not-json", EN: "this text is not JSON", JA: "JSON として読めません"}
	unknownRecent  = diag.Kind{Code: "unknown-recent", EN: "the orders by day of this member (recent) are not known here", JA: "この会員の日ごとの購入(recent)がありません"}
	beforeRecent   = diag.Kind{Code: "before-recent", EN: "orders since %[1]s cannot be told: those of %[2]s and before are no longer kept by day", JA: "%[1]s 以降の購入は集計できません。%[2]s 以前の購入は日ごとに残っていません"}
	keysNotTexts   = diag.Kind{Code: "keys-not-texts", EN: "groupBy() groups by text", JA: "groupBy() は文字ごとに分けます"}
)
