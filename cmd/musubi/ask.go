package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// asker asks a person, line by line. Answers come from standard input, so that
// they can be written down as well; questions go where messages go.
type asker struct {
	*program

	in *bufio.Reader
}

// option is one of several answers.
type option struct{ value, title string }

// errNoAnswer means that nobody is there to answer.
var errNoAnswer = errors.New("nobody answers")

// line asks one question. An empty answer takes the fallback, and so does the
// end of the input; without a fallback that is errNoAnswer.
func (a *asker) line(question, fallback string) (string, error) {
	prompt := question
	if fallback != "" {
		prompt += " [" + fallback + "]"
	}
	a.stderr(prompt + ": ")
	text, err := a.in.ReadString('\n')
	if errors.Is(err, io.EOF) && strings.TrimSpace(text) == "" {
		a.stderr("\n")
		if fallback == "" {
			return "", errNoAnswer
		}
		return fallback, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading an answer: %w", err)
	}
	if text = strings.TrimSpace(text); text == "" {
		return fallback, nil
	}
	return text, nil
}

// needed asks until there is an answer.
func (a *asker) needed(question string) (string, error) {
	for {
		text, err := a.line(question, "")
		if text != "" || err != nil {
			return text, err
		}
	}
}

// choose asks for one of the options, by its number or its value, until one is chosen.
func (a *asker) choose(question string, options []option) (string, error) {
	a.list(options)
	for {
		text, err := a.needed(question)
		if err != nil {
			return "", err
		}
		if value, ok := chosen(text, options); ok {
			return value, nil
		}
		a.stderr(fmt.Sprintf(a.say("There is no %q; answer with a number of the list.\n", "「%s」はありません。一覧の番号で答えてください。\n"), text))
	}
}

// list shows the options with their numbers.
func (a *asker) list(options []option) {
	t := table{}
	for i, o := range options {
		t.row(fmt.Sprintf("%3d", i+1), o.value, o.title)
	}
	w := &page{}
	t.write(w, "")
	a.stderr(w.String())
}

// chosen returns the option that an answer means.
func chosen(answer string, options []option) (string, bool) {
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(options) {
		return options[n-1].value, true
	}
	for _, o := range options {
		if o.value == answer {
			return o.value, true
		}
	}
	return "", false
}
