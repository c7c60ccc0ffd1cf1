package main

import (
	"cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// errorWords are what a person reads of an error before its own text, which
// comes from a plugin, the platform or the host, in English.
type errorWords struct {
	// name is a few words; where the English ones are missing, the kind's own name stands for them.
	name abi.Text
	// advice says what the error means and what to do, in sentences.
	advice abi.Text
}

// codeFail is the code of an error that a flow ends itself with, by the step fail.
const codeFail = "fail"

// wordsOf finds the words for an error: those of a code of the host's own, else those of its kind.
func wordsOf(e *abi.Error) errorWords {
	if words, ok := codeWords()[e.Code]; ok && e.Status == 0 { // a platform's code may read the same
		return words
	}
	return kindWords()[e.Kind]
}

func codeWords() map[string]errorWords {
	return map[string]errorWords{
		host.CodeNoAnswer: {
			abi.Text{EN: "outcome not known", JA: "結果不明"},
			abi.Text{EN: "The call went out, no answer came, and it may have been carried out: look at the platform. If it was not, run again; if it was, cancel the run (musubi runs cancel).", JA: "呼び出しの応答がなく、処理されたかどうか分かりません。相手側を確認し、未処理なら再実行、処理済みなら取り消し(musubi runs cancel)をしてください。"},
		},
		host.CodeHeld: {
			abi.Text{EN: "not sent", JA: "未送信"},
			abi.Text{EN: "The connection does not work just now, so nothing was sent: see musubi connections.", JA: "接続が使えないため、送信していません。musubi connections で状況を確認してください。"},
		},
		host.CodeLoop: {
			abi.Text{EN: "endless loop", JA: "終わらない繰り返し"},
			abi.Text{EN: "Flows start each other, or one itself, for ever, by what they write or announce (emit): compare that, mend one, then run it again. Where it is people who change a record so often, raise loop_limit.", JA: "フローが書き込みや emit で、互いを(または自分自身を)始め続けています。書き込む値や emit を見比べて片方を直し、再実行してください。人が何度も変更しただけなら、loop_limit を大きくしてください。"},
		},
		codeFail: {
			abi.Text{EN: "failed by the flow", JA: "フローによる失敗"},
			abi.Text{EN: "The flow itself says that this is a failure, by its step fail.", JA: "フローのステップ fail が失敗として終了させました。"},
		},
	}
}

// kindWords has the words of every kind of error.
func kindWords() map[abi.Kind]errorWords {
	words := func(name, en, ja string) errorWords { return errorWords{abi.Text{JA: name}, abi.Text{EN: en, JA: ja}} }
	return map[abi.Kind]errorWords{
		abi.Internal:    words("内部エラー", "A fault of the plugin or of Musubi: see whether there is a newer version; if it stays, tell the maker this text.", "プラグインかMusubiの不具合です。新しい版がないか確認し、続く場合は以下の文を開発元に知らせてください。"),
		abi.Invalid:     words("不正な内容", "The values are refused: mend the rule or the record.", "値が受け付けられません。ルールか元データを直してください。"),
		abi.NotFound:    words("該当なし", "The record does not exist on the platform.", "プラットフォームに該当のレコードがありません。"),
		abi.Conflict:    words("競合", "A record stands in the way: look for duplicates.", "レコードが競合しています。重複を確認してください。"),
		abi.Auth:        words("認証エラー", "The platform refuses the credential: renew the connection's secret, then musubi connections resume NAME. One in an environment variable (env:) needs a restart of the host instead.", "認証情報が拒否されました。接続の秘密の値を更新し、musubi connections resume 接続名 で再開してください。環境変数(env:)の値を変えたときは、代わりにホストを再起動してください。"),
		abi.Denied:      words("権限不足", "The credential lacks a right: grant it on the platform.", "権限が足りません。プラットフォーム側で権限を付けてください。"),
		abi.RateLimited: words("回数制限", "The platform asks to slow down; nothing was done.", "プラットフォームの回数制限により、処理されていません。"),
		abi.Unavailable: words("利用不可", "The platform does not work just now, or cannot be reached; nothing was done.", "プラットフォームが一時的に使えないか、接続できません。処理されていません。"),
		abi.Unknown:     words("応答なし", "A request went out and no answer came: it may have been carried out.", "送信後に応答がなく、処理されたかどうか分かりません。"),
		abi.Limit:       words("上限超過", "The plugin went over a limit of its sandbox: raise the limit that the text names, or give it less at once.", "プラグインが実行時の上限を超えました。以下の文にある上限を上げるか、一度に渡す量を減らしてください。"),
		abi.Unsupported: words("未対応", "The connector cannot do this: mend the rule, or update the plugin.", "コネクターが対応していない操作です。ルールを直すか、プラグインを更新してください。"),
		abi.Config:      words("設定エラー", "The connection's settings or secrets are wrong: mend them; after a change of the settings, restart.", "接続の設定か秘密の値に誤りがあります。直してください(設定を変えた場合は再起動してください)。"),
		abi.Blocked:     words("宛先不許可", "The address is not allowed to the connector; see allow_private and the setting base_url.", "許可されていない宛先です。allow_private と設定 base_url を確認してください。"),
	}
}

// kind names an error's kind in a few words, and as --kind takes it.
func (p *program) kind(e *abi.Error) string {
	name, words := e.Kind.String(), wordsOf(e).name
	if words.EN != "" {
		words.EN = name + ", " + words.EN
	}
	if words.JA != "" {
		words.JA += "(" + name + ")"
	}
	return cmp.Or(p.say(words.EN, words.JA), name)
}

// failed is an error on one line, with its kind in the reader's language.
func (p *program) failed(e *abi.Error) string {
	if e == nil {
		return ""
	}
	return p.kind(e) + ": " + e.Error()
}

// short is failed for a list's last column: the text is cut, but not what it means.
func (p *program) short(e *abi.Error) string {
	if e == nil {
		return ""
	}
	return p.kind(e) + ": " + columns().Truncate(clean(e.Error(), false), widestCell, "…")
}

// showError tells an error in full: what it means and what to do, then its own text.
func (p *program) showError(w *page, e *abi.Error) {
	w.line("%s: %s", p.kind(e), p.lang.Pick(wordsOf(e).advice))
	w.line("%s", clean(e.Error(), false))
}
