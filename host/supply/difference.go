package supply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Difference is one way in which a plugin is not what was accepted.
type Difference struct {
	// More says that the plugin asks for more than before, or demands less proof.
	More bool     `json:"more"`
	Text abi.Text `json:"text"`
}

// declarations are what a plugin declares of itself, and how a change of each is told.
var declarations = []struct {
	of          func(*Entry) []string
	added, gone abi.Text
	lessIsMore  bool
}{
	{
		of:    func(e *Entry) []string { return e.Reaches },
		added: abi.Text{EN: "reaches %s", JA: "%s へ送れる"},
		gone:  abi.Text{EN: "no longer reaches %s", JA: "%s へは送らなくなった"},
	},
	{
		of:    func(e *Entry) []string { return e.Secrets },
		added: abi.Text{EN: "wants the secret %s", JA: "秘密の値 %s を求める"},
		gone:  abi.Text{EN: "no longer wants the secret %s", JA: "秘密の値 %s を求めなくなった"},
	},
	{
		of:    func(e *Entry) []string { return e.Credentials },
		added: abi.Text{EN: "sends the credential so: %s", JA: "認証情報の送り方: %s"},
		gone:  abi.Text{EN: "no longer sends the credential so: %s", JA: "次の送り方はやめた: %s"},
	},
	{
		of:    func(e *Entry) []string { return e.Changes },
		added: abi.Text{EN: "can change the platform by %s", JA: "%s で相手側を変更できる"},
		gone:  abi.Text{EN: "has no action %s any more", JA: "アクション %s はなくなった"},
	},
	{
		of: func(e *Entry) []string { return e.Webhooks }, lessIsMore: true,
		added: abi.Text{EN: "checks this signature of webhooks: %s", JA: "Webhookの署名を確認する: %s"},
		gone:  abi.Text{EN: "no longer checks this signature of webhooks: %s", JA: "Webhookの次の署名を確認しなくなった: %s"},
	},
	{
		of:    func(e *Entry) []string { return e.Pings },
		added: abi.Text{EN: "answers posts that nobody signed, if this is all that they hold: %s", JA: "署名のないPOSTでも、項目が次だけなら応答する: %s"},
		gone:  abi.Text{EN: "no longer answers posts that nobody signed and that hold: %s", JA: "項目が次だけの署名のないPOSTには応答しなくなった: %s"},
	},
}

// Differences compares what was accepted with what is there. None means that
// they are the same. Of a plugin that nobody accepted yet, accepted is nil.
func Differences(accepted *Entry, there Entry) []Difference {
	if accepted == nil {
		accepted = new(Entry)
	}
	if accepted.SHA256 == there.SHA256 { // a lock from before they were noted
		there.Reaches = slices.DeleteFunc(slices.Clone(there.Reaches), func(place string) bool {
			return strings.Contains(place, standardMark) && !slices.Contains(accepted.Reaches, place)
		})
	}
	var all []Difference
	for _, part := range declarations {
		before, now := part.of(accepted), part.of(&there)
		all = append(all, missing(now, before, part.added, !part.lessIsMore)...)
		all = append(all, missing(before, now, part.gone, part.lessIsMore)...)
	}
	return append(contents(accepted, there), all...)
}

// missing words what is in one list and not in the other.
func missing(in, other []string, words abi.Text, more bool) []Difference {
	var found []Difference
	for _, item := range in {
		if !slices.Contains(other, item) {
			shown := plainly(item)
			found = append(found, Difference{more, abi.Text{EN: fmt.Sprintf(words.EN, shown), JA: fmt.Sprintf(words.JA, shown)}})
		}
	}
	return found
}

// plainly shows a declaration that was written out exactly without JSON's
// marks, whole all the same: "token: type header, header Authorization, …".
func plainly(item string) string {
	var declared map[string]any
	if json.Unmarshal([]byte(item), &declared) != nil {
		return item
	}
	name := ""
	if text, ok := declared["name"].(string); ok {
		name = text + ": "
		delete(declared, "name")
	}
	parts := make([]string, 0, len(declared))
	for _, key := range slices.SortedFunc(maps.Keys(declared), typeFirst) {
		if declared[key] != "" {
			parts = append(parts, fmt.Sprintf("%s %v", key, declared[key]))
		}
	}
	return name + strings.Join(parts, ", ")
}

func typeFirst(a, b string) int {
	const first = "type"
	switch {
	case a == first && b != first:
		return -1
	case b == first && a != first:
		return 1
	default:
		return strings.Compare(a, b)
	}
}

// contents says that it is another file.
func contents(accepted *Entry, there Entry) []Difference {
	switch {
	case accepted.SHA256 == there.SHA256:
		return nil
	case accepted.SHA256 == "":
		return []Difference{{Text: abi.Text{EN: "is new (version " + there.Version + ")", JA: "新しいプラグイン(バージョン " + there.Version + ")"}}}
	case accepted.Version != there.Version:
		return []Difference{{Text: abi.Text{
			EN: fmt.Sprintf("is version %s instead of %s", there.Version, accepted.Version),
			JA: fmt.Sprintf("バージョンが %s から %s に変わった", accepted.Version, there.Version),
		}}}
	default:
		return []Difference{{Text: abi.Text{
			EN: fmt.Sprintf("is another file (SHA-256 %.12s… instead of %.12s…) of the same version %s", there.SHA256, accepted.SHA256, there.Version),
			JA: fmt.Sprintf("同じバージョン %[3]s だが別のファイル(SHA-256 %.12[2]s… → %.12[1]s…)", there.SHA256, accepted.SHA256, there.Version),
		}}}
	}
}
