package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// ExplainMembers writes in prose what the tag rule or link rule of a name, or
// in a file, does. The kind is "tag" or "link", "off" for one that is switched off, or empty if there is none.
func (s *Set) ExplainMembers(w io.Writer, name string, lang Lang) (kind string, err error) {
	for _, r := range s.tags {
		if r.Tag == name || r.File == name {
			return "tag", explainMember(w, lang, titleOr(r.Title, r.Tag), r.sentences())
		}
	}
	for _, r := range s.links {
		if r.Name == name || r.File == name {
			return "link", explainMember(w, lang, titleOr(r.Title, r.Name), r.sentences())
		}
	}
	for _, r := range s.offMembers {
		if r.name == name || r.file == name {
			return "off", explainMember(w, lang, r.name, []abi.Text{explainOff.Text()})
		}
	}
	return "", nil
}

func titleOr(title, name string) string {
	if title == "" {
		return name
	}
	return title
}

func explainMember(w io.Writer, lang Lang, title string, sentences []abi.Text) error {
	e := &explainer{lang: lang}
	fmt.Fprintf(&e.out, "# %s\n\n", title)
	for _, s := range sentences {
		e.line(0, s)
	}
	_, err := io.WriteString(w, e.out.String())
	return err
}

// sentences says what the rule does.
func (r *TagRule) sentences() []abi.Text {
	all := []abi.Text{explainTag.Text(r.Tag, r.condition.when.Text()), explainTagStays.Text()}
	if r.Remove {
		all[1] = explainTagGoes.Text()
	}
	if r.Announce == AnnounceAll {
		all = append(all, explainAnnounceAll.Text())
	}
	if len(r.inputs) > 0 {
		all = append(all, explainInputs.Text(strings.Join(r.inputs, ", ")))
	}
	if r.Timed() {
		all = append(all, explainTimed.Text())
	}
	if asks := r.Asks(); len(asks) > 0 {
		all = append(all, explainAsks.Text(strings.Join(asks, ", ")))
	}
	return all
}

// sentences says what the rule does.
func (r *LinkRule) sentences() []abi.Text {
	all := []abi.Text{explainLinkRule.Text(r.Channel, r.Cart), r.keysText()}
	if r.when != nil {
		all = append(all, explainCustomers.Text(r.when.Text()))
	}
	if r.ReviewBelow > 0 {
		all = append(all, explainReview.Text(r.ReviewBelow))
	}
	if r.RequireOrder {
		all = append(all, explainOrderFirst.Text())
	}
	return append(all, r.guestsText(), r.takeText())
}

func (r *LinkRule) keysText() abi.Text {
	keys := make([]string, len(r.Keys))
	for i, k := range r.Keys {
		keys[i] = fmt.Sprintf("%s (%d%%)", k.Field, k.Confidence)
	}
	return explainKeys.Text(strings.Join(keys, ", "))
}

func (r *LinkRule) guestsText() abi.Text {
	if r.Guests == GuestsLink {
		return explainGuests.Text()
	}
	return explainNoGuests.Text()
}

// takeText says whose word counts for which attribute.
func (r *LinkRule) takeText() abi.Text {
	by := map[Take][]string{}
	for _, attribute := range takenAttributes {
		by[r.TakeOf(attribute)] = append(by[r.TakeOf(attribute)], attribute)
	}
	var en, ja []string
	for _, take := range []Take{TakeFirst, TakeNewest, TakeNever} {
		if names := by[take]; names != nil {
			slices.Sort(names)
			text := takeSentences[take].Text(strings.Join(names, ", "))
			en, ja = append(en, text.EN), append(ja, text.JA)
		}
	}
	return abi.Text{EN: strings.Join(en, " "), JA: strings.Join(ja, "")}
}

// The sentences of an explanation.
var (
	explainTag         = diag.Kind{EN: "Gives a member the tag %[1]s when %[2]s.", JA: "%[2]s のとき、会員にタグ「%[1]s」を付けます。"}
	explainTagGoes     = diag.Kind{EN: "Takes it away again when that no longer holds.", JA: "条件に当てはまらなくなると外します。"}
	explainAnnounceAll = diag.Kind{EN: "When it is new or changed, flows hear of everybody whom it fits already.", JA: "ルールの追加・変更時に、すでに当てはまる会員についてもフローに通知します。"}
	explainTagStays    = diag.Kind{EN: "Once given it stays.", JA: "一度付けたタグは外しません。"}
	explainInputs      = diag.Kind{EN: "Asked when these change: %[1]s.", JA: "次の項目が変わったときに判定します: %[1]s"}
	explainTimed       = diag.Kind{EN: "Asked again at the instant at which time alone may change it, reckoned for each member.", JA: "時間がたつだけで結果が変わる場合は、会員ごとに求めたその時刻にも判定します。"}
	explainAsks        = diag.Kind{EN: "Comes after the rules of these tags: %[1]s.", JA: "次のタグのルールの後に判定します: %[1]s"}
	explainLinkRule    = diag.Kind{EN: "Says which customers of %[2]s are people of %[1]s.", JA: "%[1]s の友だちと %[2]s の顧客を同じ会員として連携します。"}
	explainKeys        = diag.Kind{EN: "Compares in this order, the first that finds somebody decides: %[1]s. Several matches go to the review list.", JA: "次の順に照合し、最初に見つかったもので決めます: %[1]s。複数の人に一致した場合は確認リストに載せます。"}
	explainCustomers   = diag.Kind{EN: "Only customers of whom this holds: %[1]s.", JA: "対象の顧客: %[1]s"}
	explainReview      = diag.Kind{EN: "A match of less than %[1]d%% goes to the review list.", JA: "確度が %[1]d%% 未満の一致は確認リストに載せます。"}
	explainOrderFirst  = diag.Kind{EN: "A customer without orders waits and is linked with the first order.", JA: "注文のない顧客は保留し、最初の注文のときに連携します。"}
	explainGuests      = diag.Kind{EN: "Guests are linked too.", JA: "ゲスト購入も連携します。"}
	explainNoGuests    = diag.Kind{EN: "Guests are not linked.", JA: "ゲスト購入は連携しません。"}
)

var takeSentences = map[Take]diag.Kind{
	TakeFirst:  {EN: "From the customer linked first: %[1]s.", JA: "最初に連携した顧客の値を使う項目: %[1]s。"},
	TakeNewest: {EN: "From the customer changed last: %[1]s.", JA: "最後に更新された顧客の値を使う項目: %[1]s。"},
	TakeNever:  {EN: "Never from a cart: %[1]s.", JA: "カートからは取り込まない項目: %[1]s。"},
}
