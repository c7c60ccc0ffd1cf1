package expr

import "github.com/musubi-run/musubi/rules/diag"

// OpenString is the code of a text without its closing quote, which may be
// the doing of YAML's comments.
const OpenString = "open-string"

// UnknownField is the code of a field that is not there.
const UnknownField = "unknown-field"

// What can be wrong with the words of an expression.
var (
	emptyExpression   = diag.Kind{Code: "empty-expression", EN: "An expression is expected here.", JA: "ここには式が必要です。"}
	tooLongExpression = diag.Kind{Code: "expression-too-long", EN: "This expression is too long. Give parts of it names with a `set` step.", JA: "式が長すぎます。`set` ステップで途中の値に名前を付けてください。"}
	openString        = diag.Kind{Code: OpenString, EN: "The text that begins here has no closing quote.", JA: "ここで始まる文字の引用符が閉じられていません。"}
	lineBreakInText   = diag.Kind{Code: "line-break-in-text", EN: "There is a line break in this text. It is written \\n; within double quotes of YAML, \\\\n.", JA: "この文字の中に改行が入っています。改行は \\n と書きます(YAML の二重引用符の中では \\\\n)。"}
	wideCharacter     = diag.Kind{Code: "wide-character", EN: "%[1]q is a full-width character. Expressions use half-width: %[2]s", JA: "「%[1]s」は全角です。式では半角の %[2]s を使ってください。"}
	wideBlank         = diag.Kind{Code: "wide-character", EN: "There is a full-width space here. Expressions use half-width spaces.", JA: "全角スペースがあります。式では半角スペースを使ってください。"}
	japaneseField     = diag.Kind{Code: "japanese-field", EN: "A field with a Japanese name is written in brackets: ['%[1]s']", JA: "日本語の項目名は角括弧で書きます: ['%[1]s']"}
	unquotedText      = diag.Kind{Code: "unquoted-text", EN: "Text must be in quotes: '%[1]s'", JA: "文字は引用符で囲んでください: '%[1]s'"}
	badCharacter      = diag.Kind{Code: "bad-character", EN: "The character %[1]s cannot be used in an expression.", JA: "「%[1]s」は式の中では使えません。"}
	unquotedDay       = diag.Kind{Code: "unquoted-day", EN: "A day is written %[1]s.", JA: "日付は %[1]s と書きます。"}
	groupedDigits     = diag.Kind{Code: "grouped-digits", EN: "A number is written without commas: %[1]s", JA: "数値は桁区切りのカンマを付けずに %[1]s と書きます。"}
	numberWithUnit    = diag.Kind{Code: "number-with-unit", EN: "A number is written without %[2]q: %[1]s", JA: "数値は「%[2]s」を付けずに %[1]s と書きます。"}
	wordOperatorUsed  = diag.Kind{Code: "word-operator", EN: "%[1]q is written %[2]s in expressions.", JA: "式では「%[1]s」は %[2]s と書きます。"}
	singleEquals      = diag.Kind{Code: "single-equals", EN: "To compare, write == with two equals signs.", JA: "比較には等号を 2 つ並べた == を使います。"}
	otherOperator     = diag.Kind{Code: "other-operator", EN: "%[1]q is written %[2]s in expressions.", JA: "「%[1]s」は %[2]s と書きます。"}
	templateInside    = diag.Kind{Code: "template-in-expression", EN: "This field is an expression already. Write it without ${ }.", JA: "この項目はもともと式です。${ } を付けずに書いてください。"}
	commentInside     = diag.Kind{Code: "comment-in-expression", EN: "`//` would hide the rest of this expression. Put comments behind # on a line of their own.", JA: "`//` より後ろは無視されてしまいます。コメントは別の行に # で書いてください。"}
	openTemplate      = diag.Kind{Code: "open-template", EN: "This ${ is never closed by a }.", JA: "この ${ を閉じる } がありません。"}
	strayBracket      = diag.Kind{Code: "stray-bracket", EN: "This %[1]s closes nothing.", JA: "この「%[1]s」に対応する開き括弧がありません。"}
	openBracket       = diag.Kind{Code: "open-bracket", EN: "This %[1]s is never closed by a %[2]s.", JA: "この「%[1]s」を閉じる「%[2]s」がありません。"}
	endsTooEarly      = diag.Kind{Code: "ends-early", EN: "The expression ends too early: something is missing after this.", JA: "式が途中で終わっています。この後に何かが足りません。"}
	reservedWord      = diag.Kind{Code: "reserved-word", EN: "%[1]q is a word of the language. As a field it is written ['%[1]s'].", JA: "「%[1]s」は式で特別な意味を持つ語です。項目名なら ['%[1]s'] と書いてください。"}
	operatorMissing   = diag.Kind{Code: "operator-missing", EN: "Between %[1]s and %[2]s an operator such as == or && is missing.", JA: "%[1]s と %[2]s の間に == や && などの演算子がありません。"}
	unexpectedWord    = diag.Kind{Code: "unexpected", EN: "The expression cannot be read at %[1]q.", JA: "「%[1]s」のところで式が読めません。"}
	macroVariable     = diag.Kind{Code: "macro-variable", EN: "%[1]s() first wants a new name for the item, as in items.%[1]s(i, i.sku == 'A').", JA: "%[1]s() の最初には要素に付ける名前を書きます。例: items.%[1]s(i, i.sku == 'A')"}
	ternaryOpen       = diag.Kind{Code: "ternary-open", EN: "After `?` a `:` is missing: condition ? if true : if false", JA: "`?` に対応する `:` がありません: 条件 ? 真のとき : 偽のとき"}
)

// What can be wrong with names and fields.
var (
	unknownNameFault  = diag.Kind{Code: "unknown-name", EN: "There is nothing called %[1]q here. Known here: %[2]s.", JA: "「%[1]s」という名前はここにはありません。使える名前: %[2]s"}
	unknownNameNear   = diag.Kind{Code: "unknown-name", EN: "There is nothing called %[1]q here. Did you mean %[2]q?", JA: "「%[1]s」という名前はここにはありません。「%[2]s」ではありませんか?"}
	noEnvironment     = diag.Kind{Code: "unknown-name", EN: "There is nothing called %[1]q here: rules use no secrets and no environment. Write a secret below secrets of a connection in musubi.yaml, and the host sends it along.", JA: "「%[1]s」という名前はここにはありません。ルールで秘密の値や環境変数は使えません。musubi.yaml の接続の secrets に書けば、ホストが付けて送ります。"}
	todayOfFlow       = diag.Kind{Code: "unknown-name", EN: "`today` is for tag rules. In a flow write now.date(), the day of the event.", JA: "`today` はタグのルールで使います。フローでは now.date()(イベントの日付)と書きます。"}
	notExpression     = diag.Kind{Code: "not-expression", EN: "This is a sentence, no expression. Write which field is meant and what of it: event.data.total >= 3000, customer.?email.orValue('') == ''", JA: "文章は式になりません。項目と比べ方を書いてください。例: event.data.total >= 3000、customer.?email.orValue('') == ''"}
	nameNotText       = diag.Kind{Code: "unquoted-text", EN: "There is nothing called %[1]q here. Text must be in quotes: '%[1]s'", JA: "「%[1]s」という名前はありません。文字なら引用符で囲んでください: '%[1]s'"}
	unknownFieldFault = diag.Kind{Code: "unknown-field", EN: "%[1]s has no field %[2]q. It has: %[3]s.", JA: "「%[2]s」という項目は %[1]s にありません。ある項目: %[3]s"}
	unknownFieldNear  = diag.Kind{Code: "unknown-field", EN: "%[1]s has no field %[2]q. Did you mean %[3]q?", JA: "「%[2]s」という項目は %[1]s にありません。「%[3]s」ではありませんか?"}
	noFieldsFault     = diag.Kind{Code: "unknown-field", EN: "%[1]s has no field %[2]q; it has none at all.", JA: "「%[2]s」という項目は %[1]s にありません(項目が 1 つもありません)。"}
	fieldOfListFault  = diag.Kind{Code: "field-of-list", EN: "%[1]s is a list, so it has no field %[2]q. Take one item, as in %[1]s[0], or ask with exists().", JA: "%[1]s はリストなので「%[2]s」という項目はありません。%[1]s[0] のように 1 件を選ぶか、exists() を使ってください。"}
	fieldOfTime       = diag.Kind{Code: "field-of-time", EN: "%[1]s is %[3]s and has no field %[2]q. Use functions such as %[1]s.date().year() or %[1]s.format('H').", JA: "%[1]s は%[3]sなので「%[2]s」という項目はありません。%[1]s.date().year() や %[1]s.format('H') などの関数を使ってください。"}
	fieldOfValueFault = diag.Kind{Code: "field-of-value", EN: "%[1]s is %[2]s and has no field %[3]q.", JA: "%[1]s は%[2]sなので「%[3]s」という項目はありません。"}
	fieldIsFunction   = diag.Kind{Code: "field-of-value", EN: "%[1]s is %[2]s, whose %[3]s is a function: write %[3]s().", JA: "%[1]s は%[2]sです。%[3]s は関数なので %[3]s() と書いてください。"}
	fieldOfObject     = diag.Kind{Code: "object-used", EN: "%[1]s is an object, not %[2]s. Take a field of it: %[3]s.", JA: "%[1]s はオブジェクトで、%[2]sではありません。中の項目を選んでください: %[3]s"}
	sizeOf            = diag.Kind{Code: "size", EN: "The number of items or letters is written %[2]s.size(), not .%[1]s.", JA: "個数や文字数は .%[1]s ではなく %[2]s.size() と書きます。"}
	noObjects         = diag.Kind{Code: "no-objects", EN: "Objects are written as maps: {'key': value}", JA: "オブジェクトは {'キー': 値} のようにマップで書きます。"}
	otherFault        = diag.Kind{Code: "expression", EN: "This expression is not right: %[1]s", JA: "式に誤りがあります: %[1]s"}
	internalFault     = diag.Kind{Code: "internal", EN: "This expression could not be checked: %[1]s", JA: "式を検査できませんでした: %[1]s"}
	notPlannable      = diag.Kind{Code: "not-plannable", EN: "This expression cannot be run: %[1]s", JA: "この式は実行できません: %[1]s"}
)

// What can be absent.
var (
	mayBeAbsent     = diag.Kind{Code: "may-be-absent", EN: "%[1]s may be absent. Ask with has(%[1]s) first, or say with .?%[2]s what then.", JA: "%[1]s は無いことがあります。先に has(%[1]s) で確かめるか、.?%[2]s で無いときの値を決めてください。"}
	optionalUsed    = diag.Kind{Code: "optional-used", EN: "%[1]s may be absent. Say what then with .orValue(…).", JA: "%[1]s は無いことがあります。無いときの値を .orValue(…) で決めてください。"}
	optionalList    = diag.Kind{Code: "optional-used", EN: "The list %[1]s may be absent. Say what then with .orValue([]).", JA: "リスト %[1]s は無いことがあります。無いときの値を .orValue([]) で決めてください。"}
	orValueOfObject = diag.Kind{Code: "or-value-other", EN: "%[1]s is an object, not %[2]s. Take a field of it, as .?field: %[3]s", JA: "%[1]s はオブジェクトで、%[2]sではありません。中の項目を .?項目 の形で選んでください: %[3]s"}
	orValueOther    = diag.Kind{Code: "or-value-other", EN: "%[1]s is %[2]s, and .orValue(…) must give the same, not %[3]s.", JA: "%[1]s は%[2]sです。.orValue(…) にも同じ種類の値を書いてください(%[3]sになっています)。"}
	filledOther     = diag.Kind{Code: "filled-other", EN: "%[1]s is %[2]s, and .filled() is for texts. Write it without.", JA: "%[1]s は%[2]sです。.filled() は文字の項目に使います。付けずに書いてください。"}
	alwaysThere     = diag.Kind{Code: "always-there", EN: "%[1]s is always there, so .%[2]s() is not needed.", JA: "%[1]s は必ずあるので、.%[2]s() は要りません。"}
	badHas          = diag.Kind{Code: "has-of-value", EN: "has() asks for a field, as in has(customer.email).", JA: "has() には項目を書きます。例: has(customer.email)"}
	notInEnum       = diag.Kind{Code: "not-in-enum", EN: "%[1]s is never %[2]q. It is one of: %[3]s.", JA: "%[1]s が「%[2]s」になることはありません。取りうる値: %[3]s"}
	notInEnumNear   = diag.Kind{Code: "not-in-enum", EN: "%[1]s is never %[2]q. Did you mean %[3]q?", JA: "%[1]s が「%[2]s」になることはありません。「%[3]s」ではありませんか?"}
)

// What can be wrong with types.
var (
	notAListFault      = diag.Kind{Code: "not-a-list", EN: "%[1]s is %[2]s; this needs a list.", JA: "%[1]s は%[2]sです。ここにはリストが必要です。"}
	notBoolFault       = diag.Kind{Code: "not-bool", EN: "%[1]s is %[2]s; a condition must be true or false.", JA: "%[1]s は%[2]sです。条件は真偽値でなければなりません。"}
	differentTypes     = diag.Kind{Code: "different-types", EN: "Only values of one kind can be compared: %[1]s is %[2]s, %[3]s is %[4]s.", JA: "種類の違うものは比べられません。%[1]s は%[2]s、%[3]s は%[4]sです。"}
	afterDay           = diag.Kind{Code: "different-types", EN: "Only values of one kind can be compared: %[1]s is %[2]s, %[3]s is %[4]s. With %[5]s the day itself does not count; if it should, write %[5]s=.", JA: "種類の違うものは比べられません。%[1]s は%[2]s、%[3]s は%[4]sです。%[5]s ではその日は含まれません。その日から数えるなら %[5]s= と書いてください。"}
	unreadableTime     = diag.Kind{Code: "unreadable-moment", EN: "%[1]q cannot be read as a time. Write it like 2025-02-11T21:03:09+09:00. To compare by the day, write field.date() >= date('2025-02-11').", JA: "「%[1]s」は日時として読めません。2025-02-11T21:03:09+09:00 のように書いてください。日付で比べるなら 項目.date() >= date('2025-02-11') と書きます。"}
	unreadableDay      = diag.Kind{Code: "unreadable-moment", EN: "%[1]q cannot be read as a day. Write it like 2025-02-11.", JA: "「%[1]s」は日付として読めません。2025-02-11 のように書いてください。"}
	badPattern         = diag.Kind{Code: "bad-pattern", EN: "This is not a regular expression: %[1]s.", JA: "正規表現として正しくありません: %[1]s"}
	unreadableDuration = diag.Kind{Code: "unreadable-moment", EN: "%[1]q cannot be read as a duration. Write it in hours, minutes and seconds, like 72h30m.", JA: "「%[1]s」は期間として読めません。72h30m のように、時間(h)・分(m)・秒(s)で書いてください。"}
	partInUTC          = diag.Kind{Code: "part-in-utc", EN: "%[1]s() counts in UTC, which is yesterday in Japan until 9 o'clock. Name the zone, or write %[2]s.date().month(), .day(), .weekday(), %[2]s.format('H').", JA: "%[1]s() はUTCで数えるため、日本時間の9時までは前日になります。タイムゾーンを書くか、%[2]s.date().month()、.day()、.weekday()、%[2]s.format('H') を使ってください。"}
	noOrder            = diag.Kind{Code: "no-order", EN: "Values of this kind (%[1]s) have no order, so %[2]s cannot be used.", JA: "この種類の値(%[1]s)には順序がないため、%[2]s は使えません。"}
	comparedWithNull   = diag.Kind{Code: "compared-with-null", EN: "%[1]s is never null. Whether it is there is asked with has(%[1]s).", JA: "%[1]s が null になることはありません。あるかどうかは has(%[1]s) で確かめます。"}
	clockUnclear       = diag.Kind{Code: "clock-unclear", EN: "It cannot be told when this changes: %[1]s. Compare it with a time (now >= …, now - … > duration('24h')), or use today: today.daysSince(…) >= 30, …isOn(today).", JA: "%[1]s では、いつ結果が変わるかを決められません。now >= … や now - … > duration('24h') のように日時と比べるか、today を使ってください(例: today.daysSince(…) >= 30、…isOn(today))。"}
	periodTooLong      = diag.Kind{Code: "period-too-long", EN: "%[1]s goes back %[2]d days at most, this may be %[3]d. For all that was ever bought use member.totals.", JA: "%[1]s で遡れるのは%[2]d日までです(ここでは最大%[3]d日)。全期間の合計は member.totals を使ってください。"}
	periodOfDay        = diag.Kind{Code: "period-of-day", EN: "%[1]s asks for the first day of the period, as in today.minusDays(90): %[2]s is %[3]s.", JA: "%[1]s には、期間の最初の日を today.minusDays(90) のように書きます。%[2]s は%[3]sです。"}
	notOfMember        = diag.Kind{Code: "not-of-member", EN: "%[1]s is asked of a member, as tag rules and musubi.member.get have it: %[2]s is none.", JA: "%[1]s は会員(タグのルールの member や musubi.member.get の結果)に使います。%[2]s は会員ではありません。"}
	inText             = diag.Kind{Code: "in-text", EN: "`in` looks into lists. For text write %[1]s.contains(…).", JA: "`in` はリストに使います。文字なら %[1]s.contains(…) と書いてください。"}
	inIsNoFunction     = diag.Kind{Code: "in-is-no-function", EN: "`in` stands between a value and a list: x in ['a', 'b']", JA: "`in` は値とリストの間に書きます。例: x in ['a', 'b']"}
	inOtherList        = diag.Kind{Code: "in-other-list", EN: "%[1]s is %[2]s, but %[3]s is %[4]s: it can never be in it.", JA: "%[1]s は%[2]sですが、%[3]s は%[4]sです。含まれることはありません。"}
	inObject           = diag.Kind{Code: "in-object", EN: "Whether an object has a field is asked with has(%[1]s.field).", JA: "項目があるかどうかは has(%[1]s.項目) で確かめます。"}
	inNothing          = diag.Kind{Code: "in-nothing", EN: "%[1]s is %[2]s; `in` needs a list or a map.", JA: "%[1]s は%[2]sです。`in` にはリストかマップが必要です。"}
	badSign            = diag.Kind{Code: "bad-sign", EN: "%[1]s cannot stand before %[2]s.", JA: "%[2]sの前に %[1]s は付けられません。"}
	badArithmeticFault = diag.Kind{Code: "bad-arithmetic", EN: "%[1]s is %[2]s and %[3]s is %[4]s: %[5]s does not work between them.", JA: "%[1]s は%[2]s、%[3]s は%[4]sなので、%[5]s で計算できません。"}
	divideDecimal      = diag.Kind{Code: "bad-arithmetic", EN: "A division must say how many digits to keep and how to round: %[1]s.divide(%[2]s, 2, 'half').", JA: "割り算では残す桁数と端数処理を決めてください。%[1]s.divide(%[2]s, 2, 'half') のように書きます。"}
	listIndex          = diag.Kind{Code: "list-index", EN: "%[1]s is a list: its items are counted from 0, not named by %[2]s.", JA: "%[1]s はリストです。要素は%[2]sではなく 0 からの番号で指定します。"}
	objectIndex        = diag.Kind{Code: "object-index", EN: "%[1]s is an object: write the name of a field in quotes between the brackets.", JA: "%[1]s はオブジェクトです。角括弧の中には項目名を引用符で囲んで書いてください。"}
	noIndex            = diag.Kind{Code: "no-index", EN: "%[1]s is %[2]s; nothing can be taken out of it with [ ].", JA: "%[1]s は%[2]sなので、[ ] で要素を取り出せません。"}
	tooCostly          = diag.Kind{Code: "too-costly", EN: "This loop within loops would take too long. Filter the outer list first, or prepare a value with a `set` step or groupBy().", JA: "繰り返しの中の繰り返しが深く、時間がかかりすぎます。先に外側のリストを絞り込むか、`set` ステップや groupBy() で値を用意してください。"}
	daysBetween        = diag.Kind{Code: "bad-arithmetic", EN: "The days between two dates or times are written %[1]s.", JA: "日付や日時の間の日数は %[1]s と書きます。"}
	daysLater          = diag.Kind{Code: "bad-arithmetic", EN: "So many days later or earlier is written %[1]s.", JA: "何日後・何日前は %[1]s と書きます。"}
	nullBranch         = diag.Kind{Code: "different-branches", EN: "Both sides of the colon must be of one kind, not %[2]s and null. To leave the field out, write %[1]s.", JA: "コロンの左右は同じ種類でなければなりません(%[2]sと null)。項目を書かないでおくには %[1]s と書きます。"}
	nullNeedsValue     = diag.Kind{Code: "different-branches", EN: "Both sides of the colon must be of one kind, not %[1]s and null. This place needs a value: write one instead of null.", JA: "コロンの左右は同じ種類でなければなりません(%[1]sと null)。ここには値が必要です。null の代わりの値を書いてください。"}
	differentBranches  = diag.Kind{Code: "different-branches", EN: "Both sides of the colon must be of one kind, not %[1]s and %[2]s.", JA: "コロンの左右は同じ種類でなければなりません(左は%[1]s、右は%[2]s)。"}
)

// What can be wrong with functions.
var (
	badMethod            = diag.Kind{Code: "bad-arguments", EN: "%[1]s() cannot be used on %[2]s with %[3]s. It is written: %[4]s.", JA: "%[1]s() は%[2]sに対して引数(%[3]s)では使えません。書き方: %[4]s"}
	badKeys              = diag.Kind{Code: "bad-arguments", EN: "%[1]s() goes by %[2]s, not by %[3]s.", JA: "%[1]s() に使える値は%[2]sです。%[3]sは使えません。"}
	partOfDay            = diag.Kind{Code: "bad-arguments", EN: "%[1]s() is for dates. Of a time, write %[2]s.", JA: "%[1]s() は日付に使います。日時なら %[2]s と書いてください。"}
	badFunction          = diag.Kind{Code: "bad-arguments", EN: "%[1]s() does not take %[2]s. It is written: %[3]s.", JA: "%[1]s() の引数が合いません(%[2]s)。書き方: %[3]s"}
	unknownFunctionFault = diag.Kind{Code: "unknown-function", EN: "There is no function %[1]q.", JA: "「%[1]s」という関数はありません。"}
	unknownFunctionNear  = diag.Kind{Code: "unknown-function", EN: "There is no function %[1]q. Did you mean %[2]q?", JA: "「%[1]s」という関数はありません。「%[2]s」ではありませんか?"}
	functionElsewhere    = diag.Kind{Code: "unknown-function", EN: "There is no function %[1]q here. Write: %[2]s", JA: "「%[1]s」という関数はありません。次のように書きます: %[2]s"}
	nameNotFunction      = diag.Kind{Code: "unknown-function", EN: "%[1]s is not a function. Write it without brackets.", JA: "%[1]s は関数ではありません。括弧を付けずに書いてください。"}
	textAlone            = diag.Kind{Code: "text-alone", EN: "text('…') stands alone in its ${ }, and only in a value.", JA: "text('…') は値の ${ } の中に単独で書きます。"}
	linkIsAStep          = diag.Kind{Code: "link-is-a-step", EN: "A link is looked up by a step: `- id: record` with `linked: {kind: …, to: …}`. Behind it, has(record.id) tells whether there is one.", JA: "対応はステップで調べます。`- id: record` と `linked: {kind: …, to: …}` を書くと、その後で has(record.id) により有無が分かります。"}
	macroShape           = diag.Kind{Code: "macro-shape", EN: "%[1]s() wants a name for the item and an expression, as in items.%[1]s(i, i.sku == 'A').", JA: "%[1]s() には要素の名前と式を書きます。例: items.%[1]s(i, i.sku == 'A')"}
)

// Why an expression has no value.
var (
	evaluationFault   = diag.Kind{Code: "evaluation", EN: "this has no value: %[1]s", JA: "値を求められません: %[1]s"}
	tookTooLong       = diag.Kind{Code: "took-too-long", EN: "this was stopped because it takes too long: a list has too many items for it", JA: "リストの件数が多く、時間がかかりすぎるため中止しました"}
	notThere          = diag.Kind{Code: "not-there", EN: "%[1]s is not there", JA: "%[1]s がありません"}
	noSuchKey         = diag.Kind{Code: "no-such-key", EN: "the field that is asked for is not there", JA: "指定された項目がありません"}
	noSuchItemOrField = diag.Kind{Code: "no-such-item", EN: "the item that is asked for, or the field of it, is not there", JA: "指定された要素、またはその項目がありません"}
	noSuchItem        = diag.Kind{Code: "no-such-item", EN: "the item that is asked for is not there", JA: "指定された要素がありません"}
	otherKind         = diag.Kind{Code: "other-kind", EN: "a value is of another kind than this works with, such as text for a number, or null: turn it into the right one first, as with int(…) or string(…)", JA: "値の種類が合いません(数値のはずが文字、または null など)。int(…) や string(…) などで先に変換してください"}
	noList            = diag.Kind{Code: "no-list", EN: "this goes through a list, and the value is none", JA: "リストが必要ですが、値がリストではありません"}
	tooShort          = diag.Kind{Code: "too-short", EN: "the text or list is too short for that; left(), right() and take() give what there is", JA: "文字やリストの長さが足りません。left()、right()、take() なら、ある分だけを返します"}
	unsortable        = diag.Kind{Code: "unsortable", EN: "this sorts by values of one kind, and one is of another kind or null: turn all into one, as with string(…) or .orValue('')", JA: "並べ替えに使う値は同じ種類でそろえてください(種類の違う値か null が混ざっています)。string(…) や .orValue('') を使ってください"}
	emptyList         = diag.Kind{Code: "empty-list", EN: "the list is empty, so nothing is the largest or smallest: ask with size() > 0 first", JA: "リストが空なので、最大・最小の値がありません。先に size() > 0 で確かめてください"}
	badPatternNow     = diag.Kind{Code: "bad-pattern", EN: "this is not a regular expression", JA: "正規表現として読めません"}
	dividedByZero     = diag.Kind{Code: "divided-by-zero", EN: "this divides by zero", JA: "0 で割っています"}
	numberOverflow    = diag.Kind{Code: "number-overflow", EN: "the result is too large for a number", JA: "計算結果が数値の範囲を超えました"}
	notANumber        = diag.Kind{Code: "not-a-number", EN: "this cannot be read as a number", JA: "数値として読めません"}
	notATime          = diag.Kind{Code: "not-a-time", EN: "this cannot be read as a time; it must look like 2025-02-11T21:03:09+09:00", JA: "日時として読めません。2025-02-11T21:03:09+09:00 の形が必要です"}
	notADuration      = diag.Kind{Code: "not-a-duration", EN: "this cannot be read as a duration; it must look like 72h30m", JA: "期間として読めません。72h30m の形が必要です"}
)
