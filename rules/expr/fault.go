package expr

import (
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Fault is what is wrong with an expression. From and To count runes of its text.
type Fault struct {
	From, To int
	Code     string
	Text     abi.Text
	// Fix puts it right; nil when only the writer can know.
	Fix *Edit
}

// Edit replaces a part of an expression. Applied to the whole it gives the corrected expression.
type Edit struct {
	From, To int
	Text     string
}

func faultAt(from, to int, kind diag.Kind, args ...any) Fault {
	return Fault{From: from, To: to, Code: kind.Code, Text: kind.Text(args...)}
}

func (f Fault) fix(from, to int, text string) Fault {
	f.Fix = &Edit{from, to, text}
	return f
}

func (t token) fault(kind diag.Kind, args ...any) Fault { return faultAt(t.from, t.to, kind, args...) }

// replace says that the token should have been text.
func (f Fault) replace(text string) Fault { return f.fix(f.From, f.To, text) }
