package rules

import (
	"maps"
	"slices"
	"strconv"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// told is a rule as two versions of it are compared.
type told struct {
	name, version string
	// start is what the rule does, in a sentence.
	start abi.Text
	// aspects are called only when the versions differ.
	aspects func() map[string]aspect
}

// memberChanges says what changes in the rules about members.
func memberChanges(before, after *Set) []abi.Text {
	var lines []abi.Text
	was, is := before.toldAboutMembers(), after.toldAboutMembers()
	keys := maps.Clone(was)
	maps.Copy(keys, is)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		lines = append(lines, toldChanges(was[key], is[key])...)
	}
	return lines
}

func (s *Set) toldAboutMembers() map[string]*told {
	all := map[string]*told{}
	for _, r := range s.TagRules() {
		all["tag "+r.Tag] = &told{"tag " + r.Tag, r.Version, r.sentences()[0], r.aspects}
	}
	for _, r := range s.LinkRules() {
		all["link "+r.Name] = &told{"link " + r.Name, r.Version, r.sentences()[0], r.aspects}
	}
	return all
}

// toldChanges says what changes from one version of a rule to another; nil is no rule.
func toldChanges(before, after *told) []abi.Text {
	switch {
	case before == nil:
		return []abi.Text{diffNewFlow.Text(after.name, after.start)}
	case after == nil:
		return []abi.Text{diffGoneFlow.Text(before.name)}
	case before.version == after.version:
		return nil
	}
	changes := aspectChanges(before.aspects(), after.aspects())
	if len(changes) == 0 {
		return []abi.Text{diffOnlyForm.Text(after.name)}
	}
	lines := []abi.Text{diffFlow.Text(after.name)}
	for _, c := range changes {
		lines = append(lines, abi.Text{EN: "  " + c.EN, JA: "  " + c.JA})
	}
	return lines
}

func (r *TagRule) aspects() map[string]aspect {
	all := map[string]aspect{
		"when":   {what: aspectWhen.Text(), value: r.condition.when.Text()},
		"remove": sentenceAspect(aspectRemove.Text(), r.sentences()[1]),
	}
	if r.Announce == AnnounceAll {
		all["announce"] = aspect{what: abi.Text{EN: "announce", JA: "announce"}, value: string(r.Announce)}
	}
	return all
}

func (r *LinkRule) aspects() map[string]aspect {
	all := map[string]aspect{
		"ends": sentenceAspect(aspectEnds.Text(), r.sentences()[0]), "keys": sentenceAspect(aspectKeys.Text(), r.keysText()),
		"guests": sentenceAspect(aspectGuests.Text(), r.guestsText()), "take": sentenceAspect(aspectTake.Text(), r.takeText()),
	}
	if r.when != nil {
		all["when"] = aspect{what: aspectWhen.Text(), value: r.when.Text()}
	}
	if r.RequireOrder {
		all["order"] = aspect{what: abi.Text{EN: "require_order", JA: "require_order"}, value: "true"}
	}
	if r.ReviewBelow > 0 {
		all["review"] = aspect{what: abi.Text{EN: "review_below", JA: "review_below"}, value: strconv.Itoa(r.ReviewBelow)}
	}
	return all
}

func sentenceAspect(what, sentence abi.Text) aspect {
	return aspect{what: what, value: sentence.EN, sentence: sentence}
}

// What the parts of rules about members are called.
var (
	aspectRemove = diag.Kind{EN: "what happens later", JA: "付けた後の扱い"}
	aspectEnds   = diag.Kind{EN: "what is linked", JA: "連携するもの"}
	aspectKeys   = diag.Kind{EN: "the comparison", JA: "照合の方法"}
	aspectGuests = diag.Kind{EN: "the treatment of guests", JA: "ゲストの扱い"}
	aspectTake   = diag.Kind{EN: "what is taken over", JA: "取り込む項目"}
)
