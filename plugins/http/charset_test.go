package main

import (
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// TestWebhooksAreReadInTheirCharset: a sender that names none is read as the settings say.
func TestWebhooksAreReadInTheirCharset(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct{ charset, contentType, body, query, field, text, asked string }{
		"set":              {"shift_jis", form, "name=%8ER%93c", "q=%8ER", "山田", "", "山"},
		"set, otherwise":   {"shift_jis", form + "; charset=UTF-8", "name=%E5%B1%B1", "", "山", "", ""},
		"set, a text":      {"shift_jis", "text/plain", "\x8eR\x93c", "", "", "山田", ""},
		"named, a text":    {"utf-8", "text/csv; charset=Shift_JIS", "\x8eR\x93c", "", "", "山田", ""},
		"not set":          {"utf-8", form, "name=7&other=%8ER", "q=7&r=%8E", "7", "name=7&other=%8ER", "7"},
		"not set, a text":  {"utf-8", "text/plain", "7 \x8eR", "", "", "7 \ufffdR", ""},
		"JSON":             {"utf-8", "application/json; charset=Shift_JIS", `{"name":"` + "\x8eR\x93c\x83\\" + `"}`, "q=%8ER", "山田ソ", "", "山"},
		"JSON, set":        {"shift_jis", "application/json", `{"name":"` + "\x8eR\x93c" + `"}`, "", "山田", "", ""},
		"JSON, misnamed":   {"utf-8", "application/json; charset=Shift_JIS", `{"name":"山田"}`, "", "山田", "", ""},
		"JSON with a mark": {"utf-8", "application/json", "\ufeff{\"name\":\"山\"}", "", "山", "", ""},
		"one of no reader": {"utf-8", form + "; charset=EUC-JP", "name=7&b=%BB%B3", "", "7", "name=7&b=%BB%B3", ""},
	} {
		s := sdktest.New(t, connector, map[string]any{"base_url": "https://forms.example.com", "webhook_charset": c.charset}, nil)
		got, err := s.Deliver(sdk.Delivery{
			Method: "POST", Query: c.query, Headers: []abi.Header{{Name: "Content-Type", Value: c.contentType}}, Body: []byte(c.body),
		})
		if err != nil || len(got.Events) != 1 {
			t.Errorf("%s: %v, %d events", name, err, len(got.Events))
			continue
		}
		var data delivery
		if err := sdk.Decode(got.Events[0].Data, &data); err != nil {
			t.Fatal(err)
		}
		if at(data.Body, "name") != c.field || data.Text != c.text || data.Query["q"] != c.asked {
			t.Errorf("%s: got %+v", name, data)
		}
	}
}

func TestAnswersAreReadInTheirCharset(t *testing.T) {
	for name, c := range map[string]struct{ contentType, body, field, text string }{
		"JSON":    {"application/json; charset=Shift_JIS", `{"name":"` + "\x8eR\x93c\x83\\" + `"}`, "山田ソ", ""},
		"a text":  {"text/csv; charset=Windows-31J", "\x8eR\x93c", "", "山田"},
		"unnamed": {"text/csv", "7 \x8eR", "", "7 \ufffdR"},
		"UTF-8":   {"text/csv; charset=Shift_JIS", "山田", "", "山田"},
	} {
		s := sdktest.New(t, connector, map[string]any{"base_url": "https://zip.example.com"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.contentType)
			_, _ = w.Write([]byte(c.body)) //nolint:errcheck // the caller would tell
		}))
		var got answer
		if err := s.Do("request.get", map[string]any{"path": "x"}, &got); err != nil || at(got.Body, "name") != c.field || got.Text != c.text {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
