package source

import "github.com/musubi-run/musubi/rules/diag"

// What can be wrong with a file as such.
var (
	tooLong   = diag.Kind{Code: "file-too-long", EN: "This file is longer than %[1]d KiB. Split it.", JA: "このファイルは %[1]d KiB を超えています。分割してください。"}
	notUTF8   = diag.Kind{Code: "not-utf8", EN: "This line is not UTF-8. Save the file as UTF-8.", JA: "この行は UTF-8 ではありません。ファイルを UTF-8 で保存してください。"}
	emptyFile = diag.Kind{Code: "empty-file", EN: "This file is empty. A flow begins with `language: 1` and `flow: <name>`.", JA: "ファイルが空です。フローは `language: 1` と `flow: <名前>` で始めます。"}
	badYAML   = diag.Kind{
		Code: "yaml",
		EN:   "This cannot be read as YAML. Look at the indentation, the space after each colon, and the quotes.",
		JA:   "YAML として読めません。字下げ、コロンの後の空白、引用符を確かめてください。",
	}
	secondDocument = diag.Kind{Code: "second-document", EN: "`---` begins a second document. Put each flow into a file of its own.", JA: "`---` から 2 つ目の文書が始まっています。フローは 1 ファイルに 1 つ書いてください。"}
)

// The traps of YAML.
var (
	tabIndent = diag.Kind{Code: "tab", EN: "YAML does not allow tabs at the start of a line. Use spaces.", JA: "行頭にタブは使えません。半角スペースを使ってください。"}

	wideIndent = diag.Kind{
		Code: "wide-space",
		EN:   "There is a full-width space at the start of this line. Use half-width spaces.",
		JA:   "行頭に全角スペースがあります。半角スペースにしてください。",
	}
	wideColon = diag.Kind{
		Code: "wide-colon",
		EN:   "After a key there must be a half-width colon and a half-width space.",
		JA:   "項目名の後は、半角コロンと半角スペースにしてください。",
	}
	noSpaceAfterColon = diag.Kind{Code: "colon-space", EN: "There must be a space after the colon.", JA: "コロンの後に半角スペースが必要です。"}
	wideHash          = diag.Kind{Code: "wide-comment", EN: "A full-width ＃ begins no comment: it becomes part of the value. Write a half-width #.", JA: "全角の ＃ はコメントにならず、値の一部になります。半角の # にしてください。"}
	noSpaceAfterDash  = diag.Kind{Code: "dash-space", EN: "There must be a space after the dash.", JA: "ハイフンの後に半角スペースが必要です。"}

	wideDashSign = diag.Kind{
		Code: "wide-dash",
		EN:   "%[1]s is not a half-width dash. An item of a list begins with a half-width dash and a half-width space.",
		JA:   "「%[1]s」は半角のハイフンではありません。リストの要素は、半角のハイフンと半角スペースで始めてください。",
	}
	wideAfterDash = diag.Kind{
		Code: "dash-space",
		EN:   "There is a full-width space after the dash. Use a half-width space.",
		JA:   "ハイフンの後に全角スペースがあります。半角スペースにしてください。",
	}
	wideSign = diag.Kind{
		Code: "wide-sign",
		EN:   "%[1]s is a full-width character. YAML uses half-width: %[2]s",
		JA:   "「%[1]s」は全角です。ここでは半角の %[2]s を使ってください。",
	}
	curlyQuotes = diag.Kind{
		Code: "curly-quotes",
		EN:   "YAML takes %[1]s for part of the value. Write half-width quotes; if the value itself has these signs, put half-width quotes around them.",
		JA:   "%[1]s は引用符にならず、値の一部になります。半角の引用符にしてください。この記号も値に含めるなら、その外側を半角の引用符で囲みます。",
	}
	quoteThenMore = diag.Kind{
		Code: "quote-then-more",
		EN:   "YAML ends this value at the second quote. Put the whole expression into single quotes.",
		JA:   "YAML では 2 つ目の引用符で値が終わってしまいます。式全体を ' で囲んでください。",
	}
	notInExpression = diag.Kind{
		Code: "bad-start",
		EN:   "An expression does not begin with %[1]s. Write the name of a field, as in event.data.total > 0.",
		JA:   "式を「%[1]s」で始めることはできません。event.data.total > 0 のように項目名を書いてください。",
	}
	bracketTooMany = diag.Kind{
		Code: "bracket-then-more",
		EN:   "The value ends before this bracket, which closes nothing.",
		JA:   "この括弧の前で値が終わっていて、対応する開き括弧がありません。",
	}
	bracketThenMore = diag.Kind{
		Code: "bracket-then-more",
		EN:   "YAML ends this value at the closing bracket. Put the whole expression into single quotes.",
		JA:   "YAML では閉じ括弧で値が終わってしまいます。式全体を ' で囲んでください。",
	}
	openInBraces = diag.Kind{
		Code: "unquoted-in-braces",
		EN:   "Inside { } and [ ] YAML reads the braces of ${ } as its own. Put it into quotes.",
		JA:   "{ } や [ ] の中では ${ } の括弧が YAML の括弧として読まれます。引用符で囲んでください。",
	}
	colonInValue = diag.Kind{
		Code: "colon-in-value",
		EN:   "YAML takes the colon in this value for a new key. Put the whole value into single quotes.",
		JA:   "この値の中のコロンが、YAML では新しい項目として読まれます。値全体を ' で囲んでください。",
	}
	blankInRules = diag.Kind{
		Code: "colon-in-value",
		EN:   "YAML takes the colon in this value for a new key, and rules use no secrets. Write %[1]s below secrets of a connection in musubi.yaml, and the host sends it along.",
		JA:   "この値の中のコロンが、YAML では新しい項目として読まれます。また、ルールで秘密の値は使えません。%[1]s は musubi.yaml の接続の secrets に書けば、ホストが付けて送ります。",
	}
	blankInReference = diag.Kind{
		Code: "colon-in-value",
		EN:   "YAML takes the colon in this value for a new key. Behind env:, file: and vault: there is no space.",
		JA:   "この値の中のコロンが、YAML では新しい項目として読まれます。env:、file:、vault: の後に空白は入れません。",
	}
	commaInValue = diag.Kind{
		Code: "comma-in-value",
		EN:   "Inside { } YAML ends a value at the comma. Put the whole value into quotes.",
		JA:   "{ } の中ではコンマで値が終わってしまいます。値全体を引用符で囲んでください。",
	}
	badStart = diag.Kind{
		Code: "bad-start",
		EN:   "A value cannot begin with this character in YAML. Put it into single quotes.",
		JA:   "YAML ではこの文字で値を始められません。値全体を ' で囲んでください。",
	}
	tooDeep = diag.Kind{
		Code: "too-deep",
		EN:   "This line is too deep: the line above has its value already. Lines that belong together begin in the same column.",
		JA:   "この行の字下げが深すぎます。上の行にはすでに値があります。同じまとまりの行は同じ位置から始めてください。",
	}
	badIndent = diag.Kind{
		Code: "indent",
		EN:   "This line is not indented like any line above it. Lines that belong together begin in the same column.",
		JA:   "この行の字下げが上のどの行とも合っていません。同じまとまりの行は同じ位置から始めてください。",
	}
	withoutDash = diag.Kind{
		Code: "without-dash",
		EN:   "This line stands among the items of a list but begins with no dash. To belong to the item above it must be indented two more.",
		JA:   "リストの要素の並びに「- 」のない行があります。上の要素に含めるなら、半角 2 文字分字下げしてください。",
	}
	openQuote = diag.Kind{Code: "open-quote", EN: "The quote that begins here is never closed.", JA: "ここで始まる引用符が閉じられていません。"}
	openBrace = diag.Kind{Code: "open-brace", EN: "The bracket that opens here is never closed.", JA: "ここで開いた括弧が閉じられていません。"}

	tag = diag.Kind{
		Code: "tag",
		EN:   "YAML takes %[1]s for a tag and forgets it. Put the whole expression into single quotes.",
		JA:   "%[1]s は YAML のタグとして読まれ、消えてしまいます。式全体を ' で囲んでください。",
	}
	anchor = diag.Kind{
		Code: "anchor",
		EN:   "YAML takes a value that begins with * or & for an anchor, and anchors are not used here. Put the value into single quotes.",
		JA:   "* や & で始まる値は YAML のアンカーとして読まれますが、ここではアンカーを使えません。値を ' で囲んでください。",
	}
	mergeKey     = diag.Kind{Code: "merge-key", EN: "Rules files do not use `<<`. Write the keys out, or use a sub-flow.", JA: "ルールでは `<<` を使えません。項目をそのまま書くか、サブフローを使ってください。"}
	keyNotText   = diag.Kind{Code: "key-not-text", EN: "A key must be plain text. If this is ${ }, put it into quotes.", JA: "項目名は文字でなければなりません。${ } なら引用符で囲んでください。"}
	duplicateKey = diag.Kind{Code: "duplicate-key", EN: "%[1]q is already set on line %[2]d. Only one of them can stay.", JA: "「%[1]s」は %[2]d 行目でも指定されています。どちらか 1 つにしてください。"}
)
