package sdk_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func formDelivery(contentType, body string) sdk.Delivery {
	return sdk.Delivery{Headers: []abi.Header{{Name: "content-type", Value: contentType}}, Body: []byte(body)}
}

func TestFormsAreReadInTheirCharset(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	want := map[string][]string{"name": {"山田 花子"}, "表": {"1", ""}}
	for name, c := range map[string]struct{ contentType, charset, body string }{
		"UTF-8":                 {form, "", "name=%E5%B1%B1%E7%94%B0+%e8%8a%b1%e5%ad%90&%E8%A1%A8=1&%E8%A1%A8"},
		"named":                 {form + `; Charset="Shift_JIS"`, "", "name=%8ER%93c+%89%D4%8Eq&&%95%5C=1&%95\\="},
		"known":                 {form, "Shift_JIS", "name=%8E%52%93%63%20%89%D4%8E%71&%95%5c=1&%95%5c="},
		"not escaped":           {form + ";charset=Windows-31J", "", "name=\x8e\x52\x93\x63 \x89\xd4\x8e\x71&\x95\x5c=1&\x95\x5c="},
		"other than what is so": {form + "; charset=utf-8", "cp932", "name=山田+花子&表=1&表="},
	} {
		got, err := formDelivery(c.contentType, c.body).Form(c.charset)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for contentType, body := range map[string]string{
		"text/csv; charset=Shift_JIS": "id,\x96\xbc\x91\x4f\r\n", "text/csv": "id,名前\r\n", "text/csv; charset=utf-8": "\ufeffid,名前\r\n",
	} {
		if got, err := formDelivery(contentType, body).Text(""); err != nil || got != "id,名前\r\n" {
			t.Errorf("text of %s: %q, %v", contentType, got, err)
		}
	}
}

func TestWhatCannotBeReadIsKeptForAPerson(t *testing.T) {
	for name, d := range map[string]sdk.Delivery{
		"not UTF-8":     formDelivery("application/x-www-form-urlencoded", "name=%8E%52"),
		"other charset": formDelivery("application/x-www-form-urlencoded; charset=EUC-JP", "name=%BB%B3"),
		"half escape":   formDelivery("application/x-www-form-urlencoded", "name=%8"),
		"no escape":     formDelivery("application/x-www-form-urlencoded", "%zz=1"),
	} {
		if got, err := d.Form(""); abi.KindOf(err) != abi.Invalid || err == nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("a=1&b=%E5%B1%B1+x&a=&%")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := formDelivery("", body).Form("")
		want, wrong := url.ParseQuery(body)
		if wrong != nil && err == nil && !strings.Contains(body, ";") {
			t.Errorf("%q: taken, although %v", body, wrong)
		}
		if wrong != nil || err != nil {
			return
		}
		for name, values := range want {
			if !utf8.ValidString(name) {
				t.Errorf("%q: %q is no text", body, name)
			}
			if diff := cmp.Diff(values, got[name]); diff != "" {
				t.Errorf("%q: %s", body, diff)
			}
		}
		if diff := cmp.Diff(len(want), len(got)); diff != "" {
			t.Errorf("%q: %s", body, diff)
		}
	})
}
