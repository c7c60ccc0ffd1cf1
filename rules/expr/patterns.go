package expr

import (
	"errors"
	"regexp/syntax"

	"github.com/google/cel-go/common/ast"

	"github.com/musubi-run/musubi/sdk/abi"
)

// patterns finds regular expressions that are none.
func (a *analysis) patterns() {
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "matches" {
			continue
		}
		args := e.AsCall().Args()
		pattern, literal := literalText(args[len(args)-1])
		if !literal {
			continue
		}
		_, err := syntax.Parse(pattern, syntax.Perl)
		if fault, ok := errors.AsType[*syntax.Error](err); ok {
			from, to := a.span(args[len(args)-1])
			a.faults = append(a.faults, faultAt(from, to, badPattern, patternFault(fault)))
		}
	}
}

// patternFault says what is wrong with a regular expression.
func patternFault(fault *syntax.Error) abi.Text {
	reasons := map[syntax.ErrorCode]string{
		syntax.ErrMissingBracket: "[ を閉じる ] がありません", syntax.ErrMissingParen: "( を閉じる ) がありません",
		syntax.ErrUnexpectedParen: ") に対応する ( がありません", syntax.ErrMissingRepeatArgument: "* + ? の前に文字がありません",
		syntax.ErrInvalidRepeatOp: "* + ? が続いています", syntax.ErrInvalidRepeatSize: "回数の指定が正しくありません",
		syntax.ErrInvalidEscape: "この \\ の書き方は使えません", syntax.ErrTrailingBackslash: "\\ で終わっています",
		syntax.ErrInvalidCharRange: "[ ] の中の範囲が正しくありません", syntax.ErrInvalidCharClass: "[ ] の中が正しくありません",
		syntax.ErrInvalidPerlOp: "この (? の書き方は使えません", syntax.ErrInvalidNamedCapture: "名前付きの ( ) が正しくありません",
	}
	ja := reasons[fault.Code]
	if ja == "" {
		ja = "この書き方は使えません"
	}
	en := fault.Code.String()
	if fault.Expr != "" {
		en, ja = en+" at "+fault.Expr, ja+"("+fault.Expr+")"
	}
	return abi.Text{EN: en, JA: ja}
}
