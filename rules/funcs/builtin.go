package funcs

// builtinFunctions are those of CEL itself that rules need most, so that all
// are found in one list.
func builtinFunctions() []Function {
	known := func(name, en, ja, example, result string) Function {
		return Function{Name: name, Doc: doc(en, ja), Example: example, Result: result}
	}
	return group("Always there", "基本の関数",
		known("size", "how many items, or letters", "要素の数、文字数", `[1, 2].size() + 'abc'.size()`, `5`),
		known("trim", "without the spaces around it", "前後の空白を取る", `'  a '.trim()`, `"a"`),
		known("split", "the parts between a separator", "区切りで分ける", `'a,b'.split(',')`, `["a","b"]`),
		known("join", "texts put together", "文字をつなぐ", `['a', 'b'].join('/')`, `"a/b"`),
		known("replace", "one text in place of another", "文字を置き換える", `'a-b-c'.replace('-', ' ')`, `"a b c"`),
		known("contains", "whether a text is in it; startsWith() and endsWith() alike", "文字を含むか。startsWith() と endsWith() も同じ", `'山田花子'.contains('花')`, `true`),
		known("matches", "whether it fits a regular expression", "正規表現に合うか", `'A-12'.matches('^[A-Z]-[0-9]+$')`, `true`),
		known("substring", "the letters from one place to another, counted from 0", "0から数えた位置の文字を取り出す", `'2025-02'.substring(0, 4)`, `"2025"`),
		known("in", "whether it is one of a list", "リストに含まれるか", `'a' in ['a', 'b']`, `true`),
		known("filter", "the items that fit a condition", "条件に合う要素だけ", `[1, 5, 9].filter(i, i > 3)`, `[5,9]`),
		known("map", "a value made of each item", "要素ごとに値を作る", `[1, 2].map(i, i * 10)`, `[10,20]`),
		known("exists", "whether any item fits; all() asks for every one", "1つでも合うか。all() はすべて", `[1, 5].exists(i, i > 3) && ![1, 5].all(i, i > 3)`, `true`),
		known("sortBy", "the items in order of a value", "値の順に並べる", `[{'n': 2}, {'n': 1}].sortBy(i, i.n)`, `[{"n":1},{"n":2}]`),
		known("distinct", "every item once", "重複を除く", `['a', 'b', 'a'].distinct()`, `["a","b"]`),
		known("first", "the first item, if there is one; last() alike", "最初の要素(無いことがある)。last() も同じ", `[3, 4].first().orValue(0)`, `3`),
		known("slice", "the items from one place to another", "位置で切り出す", `[1, 2, 3].slice(0, 2)`, `[1,2]`),
		known("reverse", "in the opposite order", "逆順にする", `[1, 2].reverse()`, `[2,1]`),
		known("orValue", "what to take when nothing is there", "無いときの値", `{'a': 1}.?b.orValue(0)`, `0`),
		known("optMap", "a value made of what is there, if it is", "あるときだけ値を作る", `{'a': 1}.?a.optMap(v, v + 1).orValue(0)`, `2`),
		known("math.greatest", "the largest; math.least() is the smallest", "最大値。math.least() は最小値", `math.greatest(3, 7, 5)`, `7`),
		known("math.abs", "without its sign", "絶対値", `math.abs(-3)`, `3`),
		known("string", "as text; int(), double() and timestamp() read text", "文字にする。int()、double()、timestamp() は文字を読む", `string(450789469) + string(int('7'))`, `"4507894697"`),
		known("duration", "a length of time", "時間の長さ", `timestamp('2025-02-11T00:00:00Z') + duration('36h')`, `"2025-02-12T12:00:00Z"`),
	)
}
