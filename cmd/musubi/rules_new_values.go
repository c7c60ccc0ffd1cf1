package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// values asks which record is meant and what is written.
func (i *interview) values() error {
	var err error
	if i.draft.Match, err = mappings("match", i.match); err != nil {
		return err
	}
	if i.draft.Set, err = mappings("set", i.set); err != nil {
		return err
	}
	needsMatch := i.draft.Action == "" && len(i.draft.Match) == 0
	if !needsMatch && (!i.asks || len(i.draft.Set) > 0) {
		return nil
	}
	sources, err := i.sources()
	if err != nil {
		return err
	}
	i.list(sources)
	if needsMatch {
		question := i.say("The field that tells which record is meant, as in Email", "対象のレコードを決める項目(例: Email)")
		if i.draft.Match, err = i.pairs(question, sources, 1); err != nil {
			return missing(err, "match")
		}
	}
	if len(i.draft.Set) > 0 || !i.asks {
		return nil
	}
	return i.written(sources)
}

// written asks what is written: the inputs that an action needs, then what else there is.
func (i *interview) written(sources []option) error {
	for _, name := range i.requiredInputs() {
		m, err := i.pair(name, sources)
		if err != nil {
			return missing(err, "set")
		}
		i.draft.Set = append(i.draft.Set, m)
	}
	question := i.say("A field to write (empty: no more)", "書く項目(空で終わり)")
	more, err := i.pairs(question, sources, 0)
	i.draft.Set = append(i.draft.Set, more...)
	return err
}

// pairs asks for fields and their values until no more are named, or so many were.
func (i *interview) pairs(question string, sources []option, most int) ([]rules.Mapping, error) {
	var all []rules.Mapping
	for most == 0 || len(all) < most {
		name, err := i.line(question, "")
		switch {
		case errors.Is(err, errNoAnswer) && most == 0:
			return all, nil
		case err != nil:
			return nil, err
		case name == "" && most == 0:
			return all, nil
		case name == "":
			continue
		}
		m, err := i.pair(name, sources)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// pair asks for the value of a field: a number or a name of the list, or a text in double quotes.
func (i *interview) pair(name string, sources []option) (rules.Mapping, error) {
	question := fmt.Sprintf(i.say("  %s gets (number or field, or \"text\")", "  %s に入れる値(番号か項目名、または \"文字\")"), name)
	for {
		answer, err := i.needed(question)
		if err != nil {
			return rules.Mapping{}, err
		}
		if strings.HasPrefix(answer, `"`) {
			return rules.Mapping{Field: name, From: answer}, nil
		}
		if path, ok := chosen(answer, sources); ok {
			return rules.Mapping{Field: name, From: path}, nil
		}
		i.stderr(fmt.Sprintf(i.say("There is no %q.\n", "「%s」はありません。\n"), answer))
	}
}

// sources are the values that the flow can pass on.
func (i *interview) sources() ([]option, error) {
	fields, err := rules.SourceFields(i.draft, i.catalog)
	if err != nil {
		return nil, err
	}
	options := make([]option, len(fields))
	for n, f := range fields {
		options[n] = option{f.Path, i.lang.Pick(abi.Text{EN: f.Schema.Doc, JA: f.Schema.DocJA})}
	}
	return options, nil
}

// requiredInputs are the inputs that an action cannot do without.
func (i *interview) requiredInputs() []string {
	c := i.catalog.Connections[i.draft.Target]
	if c == nil || i.draft.Action == "" {
		return nil
	}
	at := slices.IndexFunc(c.Manifest.Actions, func(a abi.Action) bool { return a.Name == i.draft.Action })
	if at < 0 || c.Manifest.Actions[at].Input == nil {
		return nil
	}
	input := c.Manifest.Actions[at].Input
	return slices.DeleteFunc(slices.Clone(input.Required), func(name string) bool {
		return !slices.Contains(slices.Collect(maps.Keys(input.Properties)), name) || input.Properties[name].Type != abi.TypeString
	})
}
