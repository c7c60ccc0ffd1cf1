package main

import (
	"iter"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

func actions() []sdk.Action {
	var all []sdk.Action
	for _, family := range [][]sdk.Action{
		messageActions(), narrowcastActions(), accountActions(), userActions(), phoneActions(),
		richMenuActions(), richMenuBulkActions(), richMenuMakeActions(), audienceActions(), hookActions(),
	} {
		all = append(all, family...)
	}
	return all
}

// nothing is the input or output of an action that has none.
type nothing struct{}

// userID names one user.
type userID struct {
	UserID string `json:"user_id" doc:"LINE user id" ja:"LINEユーザーID"`
}

// ask sends a request whose answer is an object with nothing in it to read. It
// is read all the same: a page with status 200 means that nothing was done.
func ask(request *rest.Request) (nothing, error) {
	var answer nothing
	err := request.Into(&answer)
	return answer, err
}

// told returns err or, of an answer that came and lacks what it must tell, an
// error of the kind doubt: it is not LINE's own. After a request that writes
// nobody knows then whether it was carried out.
func told(err error, complete bool, doubt abi.Kind) error {
	if err != nil || complete {
		return err
	}
	return sdk.Errorf(doubt, "LINE answered without telling what was asked")
}

// gone sends a request to delete something. What is not there at a repeated
// attempt was deleted by the first one.
func gone(call *sdk.Call, request *rest.Request) (nothing, error) {
	_, err := ask(request)
	if abi.KindOf(err) == abi.NotFound && !call.Since().IsZero() {
		return nothing{}, nil
	}
	return nothing{}, err
}

// onDataHost begins a request to the second host, which has what is large. The
// argument stands for %s and is an id: letters, digits, hyphens.
func onDataHost(call *sdk.Call, method, path, id string) (*rest.Request, error) {
	s, err := sdk.SettingsOf[settings](call)
	if err != nil {
		return nil, err
	}
	if id == "" || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "" {
		return nil, sdk.Errorf(abi.Invalid, "%q is no id", id)
	}
	return call.Request(method, strings.TrimRight(s.DataURL, "/")+strings.Replace(path, "%s", id, 1)), nil
}

// parts cuts a list into numbered parts of at most size. The cut depends on
// nothing but the list, so that a repeated attempt has the same parts.
func parts(list []string, size int) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		for n := 0; n*size < len(list); n++ {
			if !yield(n, list[n*size:min((n+1)*size, len(list))]) {
				return
			}
		}
	}
}

// checkCount demands at least one of a list and at most that many.
func checkCount(name string, got, most int) error {
	if got == 0 || got > most {
		return sdk.Errorf(abi.Invalid, "%s: from 1 to %d at once, there are %d", name, most, got)
	}
	return nil
}
