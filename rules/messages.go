package rules

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What mappings are called.
var (
	whatFlow     = abi.Text{EN: "a flow", JA: "フロー"}
	whatSnippet  = abi.Text{EN: "a snippet", JA: "スニペット"}
	whatTable    = abi.Text{EN: "a table", JA: "テーブル"}
	whatRows     = abi.Text{EN: "rows", JA: "rows"}
	whatTag      = abi.Text{EN: "a tag rule", JA: "タグのルール"}
	whatLinkRule = abi.Text{EN: "a link rule", JA: "連携ルール"}
	whatLinkKey  = abi.Text{EN: "a key of a link rule", JA: "連携ルールのキー"}
	whatTake     = abi.Text{EN: "take", JA: "take"}
	whatParams   = abi.Text{EN: "params", JA: "params"}
	whatParam    = abi.Text{EN: "a parameter", JA: "パラメーター"}
	whatOn       = abi.Text{EN: "on", JA: "on"}
	whatRetry    = abi.Text{EN: "retry", JA: "retry"}
	whatCase     = abi.Text{EN: "a case of switch", JA: "switch の分岐"}
	whatSet      = abi.Text{EN: "set", JA: "set"}
	whatLink     = abi.Text{EN: "link", JA: "link"}
	whatLinked   = abi.Text{EN: "linked", JA: "linked"}
	whatLinkEnd  = abi.Text{EN: "an end of a link", JA: "link の片側"}
	whatWait     = abi.Text{EN: "wait", JA: "wait"}
	whatTests    = abi.Text{EN: "a file of tests", JA: "テストのファイル"}
	whatTest     = abi.Text{EN: "a test", JA: "テスト"}
	whatEvent    = abi.Text{EN: "an event", JA: "イベント"}
	whatResults  = abi.Text{EN: "what the connectors answer", JA: "コネクターの応答"}
	whatError    = abi.Text{EN: "an error", JA: "エラー"}
	whatExpect   = abi.Text{EN: "expect", JA: "expect"}
	whatAStep    = abi.Text{EN: "a step", JA: "ステップ"}
)

func whatStep(kind string) abi.Text {
	return abi.Text{EN: "a step with " + kind, JA: kind + " のステップ"}
}

// What literals are called.
var (
	textName      = abi.Text{EN: "text", JA: "文字"}
	boolText      = abi.Text{EN: "true or false", JA: "真偽値"}
	integerText   = abi.Text{EN: "a whole number", JA: "整数"}
	numberText    = abi.Text{EN: "a decimal number", JA: "小数"}
	nullText      = abi.Text{EN: "null", JA: "null"}
	listText      = abi.Text{EN: "a list", JA: "リスト"}
	mapText       = abi.Text{EN: "a map", JA: "マップ"}
	mixedTextName = abi.Text{EN: "text around ${ }", JA: "${ } の前後に文字がある値"}
)

// quotedSome names at most a dozen things.
func quotedSome(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// Faults of the file's shape.
var (
	notAFlow        = diag.Kind{Code: "not-a-flow", EN: "A rules file begins with `language: 1` and `flow: <name>`.", JA: "ルールのファイルは `language: 1` と `flow: <名前>` で始めます。"}
	keyMissing      = diag.Kind{Code: "key-missing", EN: "%[1]q is missing here.", JA: "ここに「%[1]s」が必要です。"}
	unknownLanguage = diag.Kind{Code: "unknown-language", EN: "This version of Musubi does not know language %[1]q. Write language: %[2]s", JA: "この Musubi は language「%[1]s」を知りません。language: %[2]s と書いてください。"}
	flowNameForm    = diag.Kind{Code: "flow-name", EN: "%[1]q cannot be a flow's name. Use small letters, digits, dots and dashes; the title can be Japanese.", JA: "「%[1]s」はフロー名に使えません。半角の小文字・数字・ドット・ハイフンにしてください。日本語は title に書けます。"}
	duplicateFlow   = diag.Kind{Code: "duplicate-flow", EN: "There is a flow %[1]q in %[2]s as well. Give one of them another name, or remove its file.", JA: "「%[1]s」というフローは %[2]s にもあります。どちらかの flow: を別の名前にするか、要らないほうのファイルを削除してください。"}
	mappingWanted   = diag.Kind{Code: "mapping-wanted", EN: "Write %[1]s as keys and values here, one per line.", JA: "%[1]s は「項目名: 値」の形で 1 行に 1 つずつ書きます。"}
	unknownKeyNear  = diag.Kind{Code: "unknown-key", EN: "There is no key %[1]q in %[2]s. Did you mean %[3]q?", JA: "%[2]sに「%[1]s」という項目はありません。「%[3]s」ではありませんか?"}
	unknownKeyFault = diag.Kind{Code: "unknown-key", EN: "There is no key %[1]q in %[2]s. It has: %[3]s.", JA: "%[2]sに「%[1]s」という項目はありません。使える項目: %[3]s"}
	textWanted      = diag.Kind{Code: "text-wanted", EN: "Text is expected here. If this is meant as text, put it into quotes.", JA: "ここには文字を書きます。文字のつもりなら引用符で囲んでください。"}
	emptyValue      = diag.Kind{Code: "empty-value", EN: `Nothing is written here. Write "" for empty text, or null to clear the field.`, JA: `値が書かれていません。空の文字なら ""、項目を空にするなら null と書いてください。`}
	boolWanted      = diag.Kind{Code: "bool-wanted", EN: "Write true or false here.", JA: "ここには true か false を書きます。"}
	countWanted     = diag.Kind{Code: "count-wanted", EN: "Write a whole number of at least 1 here.", JA: "ここには 1 以上の整数を書きます。"}
	notAChoice      = diag.Kind{Code: "not-a-choice", EN: "%[1]q cannot stand here. Choose: %[2]s.", JA: "ここに「%[1]s」は書けません。選べる値: %[2]s"}
	durationForm    = diag.Kind{Code: "duration-form", EN: "%[1]q is not a duration. Write it like 3d, 12h or 1h30m.", JA: "「%[1]s」は期間として読めません。3d、12h、1h30m のように書いてください。"}
)

// Faults of snippets, tables, texts, tags and lockfiles.
var (
	duplicateName       = diag.Kind{Code: "duplicate-name", EN: "There is already something called %[1]q in %[2]s.", JA: "「%[1]s」という名前は %[2]s にもあります。"}
	unknownSnippetFault = diag.Kind{Code: "unknown-snippet", EN: "There is no snippet %[1]q.", JA: "「%[1]s」というスニペットはありません。"}
	unknownSnippetNear  = diag.Kind{Code: "unknown-snippet", EN: "There is no snippet %[1]q. Did you mean %[2]q?", JA: "「%[1]s」というスニペットはありません。「%[2]s」ではありませんか?"}
	snippetCircle       = diag.Kind{Code: "snippet-circle", EN: "The snippet %[1]q includes itself, so it would never end.", JA: "スニペット「%[1]s」が自分自身を含んでいるため、終わらなくなります。"}
	badCSV              = diag.Kind{Code: "bad-csv", EN: "This line does not have the columns of the first line, or a quote is not closed.", JA: "この行の列数が 1 行目と違うか、引用符が閉じられていません。"}
	csvColumns          = diag.Kind{Code: "csv-columns", EN: "The first line of a table names its columns: the key first, then at least one more.", JA: "テーブルの 1 行目には列名を書きます。最初がキー、その後に 1 列以上です。"}
	duplicateKeyOfTable = diag.Kind{Code: "duplicate-table-key", EN: "The key %[1]q is already on line %[2]d.", JA: "キー「%[1]s」は %[2]d 行目にもあります。"}
	unknownTextFault    = diag.Kind{Code: "unknown-text", EN: "There is no text %[1]q. Texts are files named %[1]s.txt beside the rules.", JA: "「%[1]s」という文面はありません。文面はルールのフォルダーに %[1]s.txt として置きます。"}
	unknownTextNear     = diag.Kind{Code: "unknown-text", EN: "There is no text %[1]q. Did you mean %[2]q?", JA: "「%[1]s」という文面はありません。「%[2]s」ではありませんか?"}
	textCircle          = diag.Kind{Code: "text-circle", EN: "The text %[1]q contains itself, so it would never end.", JA: "文面「%[1]s」が自分自身を含んでいるため、終わらなくなります。"}
	unknownShapeNear    = diag.Kind{Code: "unknown-shape", EN: "%[1]s has no %[2]q. Did you mean %[3]q?", JA: "%[1]s に「%[2]s」はありません。「%[3]s」ではありませんか?"}
	unknownShape        = diag.Kind{Code: "unknown-shape", EN: "%[1]s has no %[2]q. Describe the body there, as a JSON Schema under that name, or leave shape out.", JA: "%[1]s に「%[2]s」はありません。その名前で本文の形(JSON Schema)を書くか、shape を消してください。"}
	objectsOfNobody     = diag.Kind{Code: "objects-of-nobody", EN: "This file describes the connection %[1]q, which there is not.", JA: "このファイルが説明している接続「%[1]s」はありません。"}
	badObjects          = diag.Kind{Code: "bad-objects", EN: "This file is not what `musubi connections describe` writes. Write it again.", JA: "`musubi connections describe` が書いた形になっていません。もう一度書き出してください。"}
	noMembers           = diag.Kind{Code: "no-members", EN: "This host keeps no members, so there is nobody to tag.", JA: "このホストは会員を管理していないため、タグのルールは使えません。"}
)

// Faults of rules about members.
var (
	tagsNotNamed    = diag.Kind{Code: "tags-not-named", EN: "The rule of %[1]q changes the tags itself, so its condition must name the tags that it asks for: 'VIP' in member.tags, member.tags.hasAny(['A', 'B']).", JA: "「%[1]s」のルールはタグ自体を変えるため、条件では調べるタグの名前を書いてください。例: 'VIP' in member.tags、member.tags.hasAny(['A', 'B'])"}
	tagCircle       = diag.Kind{Code: "tag-circle", EN: "These tags depend on each other, so there is no order in which to decide them: %[1]s.", JA: "タグが互いに依存しているため、どちらを先に判定するか決められません: %[1]s"}
	noCustomersOf   = diag.Kind{Code: "no-customers", EN: "%[1]s announces no customers, so there is nobody to link.", JA: "%[1]s は顧客のイベントを発生させないため、連携できません。"}
	noContactsOf    = diag.Kind{Code: "no-contacts", EN: "%[1]s announces no people of a channel, so there is nobody to link.", JA: "%[1]s はチャネルの友だちのイベントを発生させないため、連携できません。"}
	keysOfLink      = diag.Kind{Code: "link-keys", EN: "Write what must be the same on both sides as a list: keys: [phone, email]. There are: %[1]s.", JA: "何が一致すれば同じ人とみなすかをリストで書きます。例: keys: [phone, email]。使える項目: %[1]s"}
	keyTwice        = diag.Kind{Code: "link-key-twice", EN: "%[1]q is already a key of this rule.", JA: "「%[1]s」はすでにキーにあります。"}
	percentWanted   = diag.Kind{Code: "percent-wanted", EN: "Write a whole number from 1 to 100 here.", JA: "ここには 1〜100 の整数を書きます。"}
	neverSure       = diag.Kind{Code: "never-sure", EN: "No key reaches %[1]d, so this rule would never link anybody by itself.", JA: "%[1]d 以上のキーがないため、自動で連携されることがありません。"}
	duplicateLinked = diag.Kind{Code: "duplicate-link", EN: "There is already a rule for %[1]s and %[2]s in %[3]s.", JA: "%[1]s と %[2]s の連携ルールは %[3]s にもあります。"}
)

// Faults of parameters and triggers.
var (
	nameForm          = diag.Kind{Code: "name-form", EN: "%[1]q cannot be a name in expressions. Use letters, digits and _, not a digit first.", JA: "「%[1]s」は式の中で名前に使えません。半角の英数字と _ で、英字から始めてください。"}
	itemsOfList       = diag.Kind{Code: "items-of-list", EN: "Only a list has items.", JA: "items は list のときだけ書けます。"}
	enumOfText        = diag.Kind{Code: "enum-of-text", EN: "enum is a list of texts, for a parameter of type string.", JA: "enum は type が string のときに、文字のリストで書きます。"}
	paramWithoutValue = diag.Kind{Code: "param-without-value", EN: "The parameter %[1]q has no default, and nobody else gives it a value.", JA: "パラメーター「%[1]s」に default がありません。値を決めてください。"}
	onlyWithSchedule  = diag.Kind{Code: "only-with-schedule", EN: "%[1]q belongs to a schedule.", JA: "「%[1]s」は schedule と一緒に使います。"}
	notWithSchedule   = diag.Kind{Code: "not-with-schedule", EN: "A flow starts on an event or on a schedule, not on both: remove %[1]q.", JA: "フローを始めるのはイベントかスケジュールのどちらか一方です。「%[1]s」を消してください。"}
	unknownZone       = diag.Kind{Code: "unknown-zone", EN: "%[1]q is not a time zone. Write one like Asia/Tokyo.", JA: "「%[1]s」というタイムゾーンはありません。Asia/Tokyo のように書いてください。"}
	badCron           = diag.Kind{Code: "bad-cron", EN: "%[1]q is not a schedule. Write minute, hour, day, month, weekday, as in \"0 9 * * *\" for 9 o'clock every day, or an interval, as in every 45m.", JA: "「%[1]s」はスケジュールとして読めません。分 時 日 月 曜日の順に書きます。例: \"0 9 * * *\" は毎日 9 時。間隔なら every 45m のように書きます"}
	zoneInCron        = diag.Kind{Code: "zone-in-cron", EN: "Write the time zone into `zone`.", JA: "タイムゾーンは `zone` に書いてください。"}

	unknownConnectionFault = diag.Kind{Code: "unknown-connection", EN: "There is no connection %[1]q. There are: %[2]s.", JA: "「%[1]s」という接続はありません。ある接続: %[2]s"}
	unknownConnectionNear  = diag.Kind{Code: "unknown-connection", EN: "There is no connection %[1]q. Did you mean %[2]q?", JA: "「%[1]s」という接続はありません。「%[2]s」ではありませんか?"}
	unknownEvent           = diag.Kind{Code: "unknown-event", EN: "%[1]s does not announce %[2]q. It announces: %[3]s.", JA: "%[1]s に「%[2]s」というイベントはありません。あるイベント: %[3]s"}
	unknownEventNear       = diag.Kind{Code: "unknown-event", EN: "%[1]s does not announce %[2]q. Did you mean %[3]q?", JA: "%[1]s に「%[2]s」というイベントはありません。「%[3]s」ではありませんか?"}
)

// Faults of steps.
var (
	stepsWanted     = diag.Kind{Code: "steps-wanted", EN: "Steps are written as a list: each begins with a dash.", JA: "ステップはリストで書きます。それぞれ「- 」で始めてください。"}
	noSteps         = diag.Kind{Code: "no-steps", EN: "There is no step here.", JA: "ステップが 1 つもありません。"}
	neverReached    = diag.Kind{Code: "never-reached", EN: "This step is never reached: the one before it always ends the run.", JA: "このステップには到達しません。前のステップで必ず終了します。"}
	unknownKind     = diag.Kind{Code: "unknown-step", EN: "There is no step %[1]q. There are: %[2]s.", JA: "「%[1]s」というステップはありません。使えるステップ: %[2]s"}
	unknownKindNear = diag.Kind{Code: "unknown-step", EN: "There is no step %[1]q. Did you mean %[2]q?", JA: "「%[1]s」というステップはありません。「%[2]s」ではありませんか?"}
	noKindFault     = diag.Kind{Code: "step-without-kind", EN: "This step does not say what to do. Write one of: %[1]s.", JA: "このステップには何をするかが書かれていません。次のどれかを書いてください: %[1]s"}
	twoKinds        = diag.Kind{Code: "two-steps-in-one", EN: "This step says both %[1]q and %[2]q. Make two steps of it.", JA: "1 つのステップに「%[1]s」と「%[2]s」の両方があります。2 つのステップに分けてください。"}
	nameReserved    = diag.Kind{Code: "name-reserved", EN: "%[1]q means something in expressions already. Choose another name.", JA: "「%[1]s」は式で特別な意味を持ちます。別の名前にしてください。"}
	nameTaken       = diag.Kind{Code: "name-taken", EN: "There is something called %[1]q already. Choose another name.", JA: "「%[1]s」という名前はすでに使われています。別の名前にしてください。"}
	nameOfOtherKind = diag.Kind{Code: "name-of-other-kind", EN: "%[1]q names something of another kind elsewhere in this flow. Choose another name.", JA: "「%[1]s」はこのフローの別の場所で違う種類の値に使われています。別の名前にしてください。"}
	callForm        = diag.Kind{Code: "call-form", EN: "%[1]q is not an action. Write connection and action, as in crm.record.search.", JA: "「%[1]s」はアクションではありません。crm.record.search のように「接続.アクション」と書いてください。"}

	unknownActionFault = diag.Kind{Code: "unknown-action", EN: "%[1]s cannot do %[2]q. It can: %[3]s.", JA: "%[1]s に「%[2]s」というアクションはありません。あるアクション: %[3]s"}
	unknownActionNear  = diag.Kind{Code: "unknown-action", EN: "%[1]s cannot do %[2]q. Did you mean %[3]q?", JA: "%[1]s に「%[2]s」というアクションはありません。「%[3]s」ではありませんか?"}

	noRecords           = diag.Kind{Code: "no-records", EN: "%[1]s keeps no records that could be searched and updated, so it cannot be used with upsert.", JA: "%[1]s はレコードの検索・更新に対応していないため、upsert には使えません。"}
	matchWanted         = diag.Kind{Code: "match-wanted", EN: "upsert needs `match`: until there is a link, it tells which record is meant.", JA: "upsert には `match` が必要です。対応が記憶されるまでは、これでどのレコードかを決めます。"}
	fromNeedsLink       = diag.Kind{Code: "from-needs-link", EN: "`from` belongs to `link`.", JA: "`from` は `link` と一緒に使います。"}
	readOnlyField       = diag.Kind{Code: "read-only-field", EN: "The platform alone writes the field %[1]s of %[2]s. Remove it, or write another one; it can still be read and matched.", JA: "%[2]s の項目 %[1]s は、プラットフォームだけが書き込む項目です。消すか、別の項目に書いてください(読み取りや match には使えます)。"}
	emptyMatch          = diag.Kind{Code: "empty-match", EN: "An empty match would fit every record.", JA: "match が空だと、すべてのレコードに一致してしまいます。"}
	casesWanted         = diag.Kind{Code: "cases-wanted", EN: "switch is a list of cases: `- when: …` with `steps:`, and `- otherwise:` at the end.", JA: "switch は分岐のリストです。`- when: …` と `steps:`、最後に `- otherwise:` を書きます。"}
	afterOtherwise      = diag.Kind{Code: "after-otherwise", EN: "Nothing can follow `otherwise`.", JA: "`otherwise` の後に分岐は書けません。"}
	reasonWanted        = diag.Kind{Code: "reason-wanted", EN: "Say why, in a sentence: it is shown with the run.", JA: "理由を文で書いてください。実行結果に表示されます。"}
	listWanted          = diag.Kind{Code: "list-wanted", EN: "foreach needs a list; this is %[1]s.", JA: "foreach にはリストが必要です。これは%[1]sです。"}
	optionalForeach     = diag.Kind{Code: "optional-used", EN: "The list %[1]s may be absent. Say what then with .orValue([]).", JA: "リスト %[1]s は無いことがあります。無いときの値を .orValue([]) で決めてください。"}
	unknownLink         = diag.Kind{Code: "unknown-link", EN: "No step of these rules makes a link of the kind %[1]q, so there would never be one.", JA: "「%[1]s」という種類の対応を記憶するステップがルールにないため、いつも見つかりません。"}
	unknownLinkNear     = diag.Kind{Code: "unknown-link", EN: "No step of these rules makes a link of the kind %[1]q. Did you mean %[2]q?", JA: "「%[1]s」という種類の対応を記憶するステップがルールにありません。「%[2]s」ではありませんか?"}
	linkNotThere        = diag.Kind{Code: "link-not-there", EN: "Links of the kind %[1]q never lead to %[2]s. They tie together: %[3]s.", JA: "「%[1]s」の対応は %[2]s のレコードには付きません。結び付くのは: %[3]s"}
	linkedNeedsFrom     = diag.Kind{Code: "linked-needs-from", EN: "A schedule is about no record. Say whose link is meant, with from: {connection: …, id: …}.", JA: "スケジュールには対象のレコードがありません。from: {connection: …, id: …} で、どのレコードの対応かを書いてください。"}
	emitNeedsConnection = diag.Kind{Code: "emit-needs-connection", EN: "emit announces an event of the connection that the flow starts on; this flow starts on none.", JA: "emit は、フローが始まる接続のイベントを発生させます。このフローには接続がありません。"}
	unknownFlowFault    = diag.Kind{Code: "unknown-flow", EN: "There is no flow %[1]q that could be used as a step.", JA: "ステップとして使える「%[1]s」というフローはありません。"}
	unknownFlowNear     = diag.Kind{Code: "unknown-flow", EN: "There is no flow %[1]q that could be used as a step. Did you mean %[2]q?", JA: "ステップとして使える「%[1]s」というフローはありません。「%[2]s」ではありませんか?"}
	flowCircle          = diag.Kind{Code: "flow-circle", EN: "%[1]q uses this flow itself, so it would never end.", JA: "「%[1]s」はこのフロー自身を使っているため、終わらなくなります。"}
	flowHasTrigger      = diag.Kind{Code: "flow-has-trigger", EN: "%[1]q starts on its own events. Only a flow without `on` can be used as a step.", JA: "「%[1]s」は自分でイベントを待つフローです。ステップとして使えるのは `on` のないフローだけです。"}
	forOrUntil          = diag.Kind{Code: "for-or-until", EN: "wait needs either `for` or `until`.", JA: "wait には `for` か `until` のどちらか一方を書きます。"}
	ifPastNeedsUntil    = diag.Kind{Code: "if-past-needs-until", EN: "`if_past` belongs to `until`.", JA: "`if_past` は `until` と一緒に使います。"}
	oneExpression       = diag.Kind{Code: "one-expression", EN: "Write one ${ } here, with nothing around it.", JA: "ここには ${ } を 1 つだけ書き、前後に文字を付けないでください。"}
)

// Faults of values.
var (
	noTrigger         = diag.Kind{Code: "no-trigger", EN: "This flow has no `on:`, so it is a sub-flow and has no event.data. Say with `on:` what starts it, or pass what it needs as params.", JA: "このフローには `on:` がないのでサブフローになり、event.data はありません。何で始まるかを `on:` で書くか、必要な値を params で渡してください。"}
	noExpressionHere  = diag.Kind{Code: "no-expression-here", EN: "${ } cannot be used here: this is read before anything runs.", JA: "ここでは ${ } を使えません。実行前に決まる項目です。"}
	noExpressionInKey = diag.Kind{Code: "no-expression-in-key", EN: "A key is written plainly, without ${ }.", JA: "項目名には ${ } を使えません。"}
	unknownInput      = diag.Kind{Code: "unknown-input", EN: "There is no field %[1]q in %[2]s. It has: %[3]s.", JA: "「%[1]s」という項目は %[2]s にありません。ある項目: %[3]s"}
	unknownInputNear  = diag.Kind{Code: "unknown-input", EN: "There is no field %[1]q in %[2]s. Did you mean %[3]q?", JA: "「%[1]s」という項目は %[2]s にありません。「%[3]s」ではありませんか?"}
	missingInput      = diag.Kind{Code: "missing-input", EN: "The field %[1]q is required in %[2]s.", JA: "%[2]s には「%[1]s」が必要です。"}
	wrongTypeFault    = diag.Kind{Code: "wrong-type", EN: "%[1]s must be %[2]s; this is %[3]s.", JA: "%[1]s は%[2]sでなければなりません。これは%[3]sです。"}
	otherObject       = diag.Kind{Code: "wrong-type", EN: "%[1]s is an object with the fields %[2]s; this one has %[3]s. Write its fields one by one.", JA: "%[1]s の項目は %[2]s ですが、このオブジェクトの項目は %[3]s です。項目を 1 つずつ書いてください。"}
	mapKeys           = diag.Kind{Code: "map-keys", EN: "%[1]s: the keys of a map that is passed on must be text; these are %[2]s.", JA: "%[1]s: 渡すマップのキーは文字でなければなりません。このキーは%[2]sです。"}
	notAllowed        = diag.Kind{Code: "not-allowed", EN: "%[1]s cannot be %[2]q. It can be: %[3]s.", JA: "%[1]s に「%[2]s」は指定できません。指定できる値: %[3]s"}
	notAllowedNear    = diag.Kind{Code: "not-allowed", EN: "%[1]s cannot be %[2]q. Did you mean %[3]q?", JA: "%[1]s に「%[2]s」は指定できません。「%[3]s」ではありませんか?"}
	timeForm          = diag.Kind{Code: "time-form", EN: "%[1]q is not a time. Write it like 2025-02-11T21:03:09+09:00.", JA: "「%[1]s」は日時として読めません。2025-02-11T21:03:09+09:00 のように書いてください。"}
	dateForm          = diag.Kind{Code: "date-form", EN: "%[1]q is not a date. Write it like 2025-02-11.", JA: "「%[1]s」は日付として読めません。2025-02-11 のように書いてください。"}
	decimalForm       = diag.Kind{Code: "decimal-form", EN: "%[1]q is not a decimal. Write it like \"1234.50\".", JA: "「%[1]s」は数値として読めません。\"1234.50\" のように書いてください。"}
	birthdayForm      = diag.Kind{Code: "birthday-form", EN: "%[1]q is not a birthday. Write it like 1990-04-02, or --04-02 without a year.", JA: "「%[1]s」は誕生日として読めません。1990-04-02 か、年がなければ --04-02 のように書いてください。"}
	expressionWanted  = diag.Kind{Code: "expression-wanted", EN: "An expression is expected here, on one line.", JA: "ここには式を 1 行で書きます。"}
	conditionWanted   = diag.Kind{Code: "condition-wanted", EN: "A condition must be true or false; this is %[1]s.", JA: "条件は真偽値でなければなりません。これは%[1]sです。"}
	mistypedMarks     = diag.Kind{Code: "mistyped-template", EN: "%[1]s would be passed on as this very text. A value is filled in with half-width signs: %[2]s. For the text itself write ${'…'}.", JA: "%[1]s はこのままの文字として渡されます。値を入れるには半角の記号で %[2]s と書いてください。この文字そのものを渡すなら ${'…'} と書きます。"}
	bareReference     = diag.Kind{Code: "bare-reference", EN: "This would be passed on as the text %[1]q. For the value write %[2]s; for the text itself put it into quotes.", JA: "「%[1]s」という文字として渡されます。値を入れるには %[2]s と書いてください。この文字そのものを渡すなら引用符で囲みます。"}
	wideBrace         = diag.Kind{Code: "wide-brace", EN: "A full-width ｝ does not close the ${. Write a half-width }.", JA: "全角の ｝ では ${ を閉じられません。半角の } にしてください。"}
	dayForTime        = diag.Kind{Code: "wrong-type", EN: "%[1]s must be a time; this is a date. Say at what time of that day: %[2]s", JA: "%[1]s は日時でなければなりません(日付になっています)。その日の何時かを %[2]s のように書いてください。"}
	secretInRules     = diag.Kind{Code: "secret-reference", EN: "%[1]s would be passed on as this very text: rules use no secrets. Write it below secrets of a connection in musubi.yaml, and the host sends it along. For the text itself write ${'%[1]s'} in its place.", JA: "%[1]s はこのままの文字として渡されます。ルールで秘密の値は使えません。musubi.yaml の接続の secrets に書けば、ホストが付けて送ります。この文字そのものを渡すなら、その部分を ${'%[1]s'} と書きます。"}
	secretInConstant  = diag.Kind{Code: "secret-reference", EN: "%[1]s stays this very text here: rules use no secrets. Write it below secrets of a connection in musubi.yaml, and the host sends it along.", JA: "%[1]s はこのままの文字として扱われます。ルールで秘密の値は使えません。musubi.yaml の接続の secrets に書けば、ホストが付けて送ります。"}
	wideWord          = diag.Kind{Code: "wide-character", EN: "%[1]q has full-width signs. Write it in half-width: %[2]s", JA: "「%[1]s」に全角の文字が入っています。半角で %[2]s と書いてください。"}
	wideInURL         = diag.Kind{Code: "wide-character", EN: "This address has full-width signs, so nobody can open it. Write it in half-width.", JA: "このURLには全角の文字が入っているため、開けません。半角で書いてください。"}
	wideHashSign      = diag.Kind{Code: "wide-comment", EN: "A full-width ＃ begins no comment: it becomes part of the value. Write a half-width #.", JA: "全角の ＃ はコメントにならず、値の一部になります。半角の # にしてください。"}
	cutByComment      = diag.Kind{Code: "cut-by-comment", EN: "YAML takes everything from this # on for a comment. Put the whole value into single quotes.", JA: "この # から後ろは YAML のコメントとして読まれます。値全体を ' で囲んでください。"}
	notText           = diag.Kind{Code: "not-text", EN: "%[1]s is %[2]s and does not become text by itself. Say how, for instance with string(…) or join(…).", JA: "%[1]s は%[2]sなので、そのままでは文字になりません。string(…) や join(…) などで書き方を決めてください。"}
	optionalText      = diag.Kind{Code: "optional-used", EN: "%[1]s may be absent. Say what then with .orValue(%[2]s).", JA: "%[1]s は無いことがあります。無いときの文字を .orValue(%[2]s) で決めてください。"}
	optionalValue     = diag.Kind{Code: "optional-used", EN: "%[1]s is required, but %[2]s may be absent. Say what then with .orValue(…).", JA: "%[1]s は必須ですが、%[2]s は無いことがあります。無いときの値を .orValue(…) で決めてください。"}
)

// What can be wrong while a flow runs.
var (
	notTextNow     = diag.Kind{Code: "not-text-now", EN: "this should be text but is %[1]s", JA: "文字のはずが %[1]s です"}
	notBoolNow     = diag.Kind{Code: "not-bool-now", EN: "this should be true or false but is %[1]s", JA: "真偽値のはずが %[1]s です"}
	notListNow     = diag.Kind{Code: "not-list-now", EN: "this should be a list but is %[1]s", JA: "リストのはずが %[1]s です"}
	notDurationNow = diag.Kind{Code: "not-duration-now", EN: "this should be a duration but is %[1]s", JA: "期間のはずが %[1]s です"}
	notTimeNow     = diag.Kind{Code: "not-time-now", EN: "this should be a time but is %[1]s", JA: "日時のはずが %[1]s です"}
)

// hiddenStep explains the name of a step on another line.
func hiddenStep(line int) diag.Kind {
	return diag.Kind{
		Code: "hidden-step",
		EN:   fmt.Sprintf("%%[1]q is the result of the step on line %d, which cannot be seen from here: it runs later, or only inside another block.", line),
		JA:   fmt.Sprintf("「%%[1]s」は %d 行目のステップの結果ですが、ここからは見えません。後で実行されるか、別のブロックの中でだけ使えます。", line),
	}
}

// Faults of tests, and what they find.
var (
	unknownStepOfTest     = diag.Kind{Code: "unknown-step", EN: "The flow %[1]s has no step %[2]q to answer. It has: %[3]s.", JA: "フロー %[1]s に、応答を待つステップ「%[2]s」はありません。あるステップ: %[3]s"}
	unknownStepOfTestNear = diag.Kind{Code: "unknown-step", EN: "The flow %[1]s has no step %[2]q to answer. Did you mean %[3]q?", JA: "フロー %[1]s に、応答を待つステップ「%[2]s」はありません。「%[3]s」ではありませんか?"}
	unknownFlowOfTest     = diag.Kind{Code: "unknown-flow", EN: "There is no flow %[1]q to test.", JA: "テストする「%[1]s」というフローがありません。"}
	unknownTagOfTest      = diag.Kind{Code: "unknown-tag", EN: "There is no rule of the tag %[1]q to test.", JA: "テストする「%[1]s」というタグのルールがありません。"}
	listOfTexts           = diag.Kind{Code: "list-of-texts", EN: "Write a list of texts here, as in [A, B].", JA: "ここには [A, B] のように文字のリストを書きます。"}
	untakenTag            = diag.Kind{Code: "untaken-branch", EN: "No test gives the tag %[1]q.", JA: "タグ「%[1]s」が付くテストがありません。"}
	untakenNoTag          = diag.Kind{Code: "untaken-branch", EN: "No test leaves the tag %[1]q away.", JA: "タグ「%[1]s」が付かないテストがありません。"}
	testDataWrong         = diag.Kind{Code: "test-data", EN: "The connector could not send this: %[1]s.", JA: "コネクターがこの内容を送ることはありません。%[1]s。"}
	unknownErrorKind      = diag.Kind{Code: "unknown-error-kind", EN: "%[1]q is not a kind of error. Write not_found, conflict, unavailable, …", JA: "「%[1]s」というエラーの種類はありません。not_found、conflict、unavailable などを書いてください。"}
	testFailed            = diag.Kind{Code: "test-failed", EN: "%[1]s: the run failed: %[2]s", JA: "%[1]s: 実行に失敗しました。%[2]s"}
	testOutcome           = diag.Kind{Code: "test-outcome", EN: "%[1]s: expected the run to be %[2]s, but it was %[3]s%[4]s", JA: "%[1]s: 結果は %[2]s のはずが %[3]s でした%[4]s"}
	testStepMissing       = diag.Kind{Code: "test-step-missing", EN: "%[1]s: expected %[2]s, but the run did nothing more", JA: "%[1]s: %[2]s が必要ですが、それ以上何も行われませんでした"}
	testStepExtra         = diag.Kind{Code: "test-step-extra", EN: "%[1]s: the run also did %[2]s (step %[3]s) with %[4]s", JA: "%[1]s: 予定にない %[2]s(ステップ %[3]s)が行われました。内容: %[4]s"}
	testOtherStep         = diag.Kind{Code: "test-other-step", EN: "%[1]s: expected %[2]s, but the run did %[3]s (step %[4]s)", JA: "%[1]s: %[2]s のはずが %[3]s(ステップ %[4]s)でした"}
	testOtherInput        = diag.Kind{Code: "test-other-input", EN: "%[1]s: %[2]s should be %[3]s but was %[4]s", JA: "%[1]s: %[2]s は %[3]s のはずが %[4]s でした"}
	untakenStep           = diag.Kind{Code: "untaken-step", EN: "No test gets to this step (%[1]s).", JA: "このステップ(%[1]s)を通るテストがありません。"}
	untakenCase           = diag.Kind{Code: "untaken-branch", EN: "No test takes this branch (step %[1]s).", JA: "この分岐(ステップ %[1]s)を通るテストがありません。"}
	untakenOtherwise      = diag.Kind{Code: "untaken-branch", EN: "No test takes the other branch (step %[1]s).", JA: "それ以外の分岐(ステップ %[1]s)を通るテストがありません。"}
	morePages             = diag.Kind{Code: "more-pages", EN: "Step %[1]s has more pages than the %[2]d that a test goes through. The last page has no `next`.", JA: "ステップ %[1]s のページ数が、テストで処理する %[2]d ページを超えています。最後のページには `next` を書きません。"}
	testSummary           = diag.Kind{Code: "test-summary", EN: "%[1]d passed, %[2]d failed, %[3]d branches never taken", JA: "成功 %[1]d 件、失敗 %[2]d 件、通らなかった分岐 %[3]d 件"}
)
