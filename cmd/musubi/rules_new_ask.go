package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules"
)

// interview finds out what a new flow is to be: from flags, else by asking.
type interview struct {
	*asker
	*wish

	catalog *rules.Catalog
	draft   rules.Draft
	// asks says that a person answers, so that what could be left out is asked too.
	asks bool
}

// hold asks what is missing, in the order in which a person thinks of it.
func (i *interview) hold() error {
	i.asks = i.on == "" || i.to == ""
	for _, ask := range []func() error{i.event, i.reading, i.target, i.record, i.values, i.names} {
		if err := ask(); err != nil {
			return err
		}
	}
	return nil
}

// missing explains an answer that nobody gave.
func missing(err error, flag string) error {
	if errors.Is(err, errNoAnswer) {
		return usage("--"+flag+" is missing", "--"+flag+" を指定してください")
	}
	return err
}

func (i *interview) event() error {
	var options []option
	for _, name := range slices.Sorted(maps.Keys(i.catalog.Connections)) {
		for _, t := range i.catalog.Connections[name].Manifest.Triggers {
			options = append(options, option{name + " " + t.Name, i.lang.Pick(t.Title)})
		}
	}
	if i.on == "" {
		var err error
		if i.on, err = i.choose(i.say("What starts the flow?", "何が起きたら始めますか"), options); err != nil {
			return missing(err, "on")
		}
	}
	name, event, found := strings.Cut(strings.TrimSpace(i.on), " ")
	if !found {
		return usage(`--on wants a connection and an event: --on "shop customer.updated"`, `--on には接続とイベントを書きます: --on "shop customer.updated"`)
	}
	i.draft.Connection, i.draft.Event = name, strings.TrimSpace(event)
	return nil
}

// reading decides whether the whole record is read first: an event may say little more than its id.
func (i *interview) reading() error {
	if i.read == none {
		return nil
	}
	if i.draft.Read = i.read; i.read != "" {
		return nil
	}
	c := i.catalog.Connections[i.draft.Connection]
	if c == nil {
		return nil
	}
	action := rules.ReadingAction(c.Manifest, i.draft.Event)
	if action == "" || !i.asks {
		i.draft.Read = action
		return nil
	}
	question := fmt.Sprintf(i.say("Read the newest state with %s first?", "最初に %s で最新の内容を読みますか"), action)
	answer, err := i.line(question, i.say("yes", "はい"))
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"n", "no", "いいえ"}, strings.ToLower(answer)) {
		i.draft.Read = action
	}
	return nil
}

func (i *interview) target() error {
	var options []option
	for _, name := range slices.Sorted(maps.Keys(i.catalog.Connections)) {
		m := i.catalog.Connections[name].Manifest
		if m.Records != nil {
			options = append(options, option{name, i.say("update a record, or create it", "レコードを更新し、なければ作る")})
		}
		for _, a := range m.Actions {
			if !a.Reads && !strings.HasPrefix(a.Name, "record.") {
				options = append(options, option{name + "." + a.Name, i.lang.Pick(a.Title)})
			}
		}
	}
	if i.to == "" {
		var err error
		if i.to, err = i.choose(i.say("What does it do?", "何をしますか"), options); err != nil {
			return missing(err, "to")
		}
	}
	i.draft.Target, i.draft.Action, _ = strings.Cut(i.to, ".")
	if c := i.catalog.Connections[i.draft.Target]; i.draft.Action == "" && c != nil && c.Manifest.Records == nil {
		return usage(
			fmt.Sprintf("%s keeps no records: name an action, as in --to %s.ACTION", i.to, i.to),
			fmt.Sprintf("%s はレコードを持ちません。--to %s.アクション の形で指定してください", i.to, i.to))
	}
	return nil
}

// record asks which kind of record, and what it is to be remembered as.
func (i *interview) record() error {
	if i.draft.Action != "" {
		return nil
	}
	var err error
	if i.draft.Object, err = i.objectOf(); err != nil {
		return missing(err, "object")
	}
	noun, _, _ := strings.Cut(i.draft.Event, ".")
	kind := cmp.Or(i.link, noun)
	if i.asks && i.link == "" {
		question := i.say("Remember which record is which, as (none: not at all)", "対応をどの名前で記憶しますか(none: 記憶しない)")
		if kind, err = i.line(question, noun); err != nil {
			return err
		}
	}
	if kind != none {
		i.draft.Link = kind
	}
	return nil
}

func (i *interview) objectOf() (string, error) {
	question := i.say("Which kind of record, as in Account?", "どの種類のレコードですか(例: Account)")
	c := i.catalog.Connections[i.draft.Target]
	switch {
	case i.object != "":
		return i.object, nil
	case c == nil || len(c.Objects) == 0:
		return i.needed(question)
	}
	var options []option
	for _, name := range slices.Sorted(maps.Keys(c.Objects)) {
		options = append(options, option{name, c.Objects[name].Doc})
	}
	return i.choose(question, options)
}

func (i *interview) names() error {
	var err error
	i.draft.Title = i.title
	if i.draft.Flow = cmp.Or(i.name, flowNameOf(&i.draft)); i.asks && i.name == "" {
		if i.draft.Flow, err = i.line(i.say("The flow's name", "フローの名前"), i.draft.Flow); err != nil {
			return err
		}
	}
	if i.asks && i.title == "" {
		i.draft.Title, err = i.line(i.say("A title for people (may be empty)", "題名(空でもよい)"), "")
	}
	if errors.Is(err, errNoAnswer) {
		return nil
	}
	return err
}
