package vault

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Fault is a secret that could not be looked up, or what is made of secrets and could not be.
type Fault struct {
	// Path is the key in the configuration, as "connections.crm.secrets.client_id".
	Path string
	// Reference is where it should be; zero for what is made of several.
	Reference Reference
	Err       error
}

// Error names the place and the reference, never the value.
func (f *Fault) Error() string { return f.Text().EN }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Text is the error in both languages.
func (f *Fault) Text() abi.Text {
	place, why := f.Path+": ", reason(f.Err)
	if f.Reference != (Reference{}) {
		place += f.Reference.String() + ": "
	}
	return abi.Text{EN: place + why.EN, JA: place + why.JA}
}

// reason puts the causes that people meet into words; others speak for themselves.
func reason(err error) abi.Text {
	switch {
	case errors.Is(err, errUnset):
		return abi.Text{EN: err.Error(), JA: "環境変数が設定されていません"}
	case errors.Is(err, errEmpty):
		return abi.Text{EN: err.Error(), JA: "空です"}
	case errors.Is(err, errNoKey):
		return abi.Text{EN: err.Error(), JA: "保管庫の鍵は、32バイトの乱数をbase64か16進数で書いたものです。openssl rand -base64 32 で作れます"}
	case errors.Is(err, ErrUnknown):
		return abi.Text{EN: err.Error() + ": musubi vault set keeps it", JA: "保管庫にありません。musubi vault set で保存してください"}
	case errors.Is(err, ErrKey):
		return abi.Text{
			EN: ErrKey.Error() + ": put the old vault.key back (or the old vault_key), or keep the value anew with musubi vault set",
			JA: "別の鍵で暗号化されています。元の vault.key(または元の vault_key)に戻すか、musubi vault set で値を保存し直してください",
		}
	case errors.Is(err, fs.ErrNotExist):
		return abi.Text{EN: "there is no such file", JA: "ファイルがありません"}
	case errors.Is(err, fs.ErrPermission):
		return abi.Text{EN: "the file may not be read by this user", JA: "このユーザーにはファイルを読む権限がありません"}
	}
	if e, ok := errors.AsType[interface {
		error
		Text() abi.Text
	}](err); ok {
		return e.Text()
	}
	return abi.Text{EN: err.Error(), JA: err.Error()}
}

// FaultErrors are several at once.
type FaultErrors []*Fault

// Error puts each on a line.
func (f FaultErrors) Error() string { return f.Text().EN }

// Text is all of them in both languages, each on a line.
func (f FaultErrors) Text() abi.Text {
	var en, ja []string
	for _, fault := range f {
		text := fault.Text()
		en, ja = append(en, text.EN), append(ja, text.JA)
	}
	return abi.Text{EN: strings.Join(en, "\n"), JA: strings.Join(ja, "\n")}
}

// Unwrap returns each.
func (f FaultErrors) Unwrap() []error {
	all := make([]error, len(f))
	for i, fault := range f {
		all[i] = fault
	}
	return all
}

// LostError names the rows that no key of the host opens, as "secret/name" or
// "token/oauth/connection/scheme".
type LostError []string

// Error names each and what to do.
func (l LostError) Error() string { return l.Text().EN }

// Unwrap returns [ErrKey].
func (l LostError) Unwrap() error { return ErrKey }

// Secrets returns the names of the secrets among them. What else there is are
// tokens, which a platform gives anew when they are needed.
func (l LostError) Secrets() []string {
	var names []string
	for _, row := range l {
		if name, is := strings.CutPrefix(row, secretPrefix); is {
			names = append(names, name)
		}
	}
	return names
}

// Text names each in both languages, with the way on.
func (l LostError) Text() abi.Text {
	return abi.Text{
		EN: strings.Join(l, ", ") + ": " + ErrKey.Error() + ", and left as it was; everything else is sealed with the new key. " +
			"Keep each secret/NAME anew with musubi vault set NAME, or drop it with musubi vault remove NAME. A token/… that is needed the host fetches anew by itself",
		JA: strings.Join(l, "、") + ": 別の鍵で暗号化されているため、そのまま残しました。ほかはすべて新しい鍵で暗号化し直しました。" +
			"secret/名前 は musubi vault set 名前 で保存し直すか、musubi vault remove 名前 で削除してください。token/… は必要になればホストが自動で取り直します",
	}
}
