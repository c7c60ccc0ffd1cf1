package scaffold_test

import "github.com/musubi-run/musubi/cmd/musubi/internal/scaffold"

// readsForms has a connector read its deliveries as forms, by the names of their fields.
const readsForms = `form, err := d.Form("")
	if err != nil {
		return sdk.Receipt{}, err
	}
	if len(form["event"]) == 1 && len(form["id"]) == 1 {
		body.Event, body.Item = form["event"][0], &item{ID: form["id"][0], UpdatedAt: time.Unix(1, 1)}
	}
	if body.Event == "" {
		return sdk.Receipt{}, sdk.Errorf(abi.Invalid, "the delivery names no event")
	}
`

var unbroken = map[string]broken{
	"an expiry that is told by another status than 401": {
		connector: scaffold.Connector{Auth: scaffold.AuthOAuth2, Events: scaffold.EventsNone},
		edits: []edit{
			{"connector.go", `ClientSecret: "{client_secret}",`, `ClientSecret: "{client_secret}", ExpiredStatus: 419,`},
			{"connector.go", "fault := rest.StatusError(answer)", "fault := rest.StatusError(answer)\n\tif answer.Status == 419 {\n\t\tfault.Kind = abi.Auth\n\t}"},
			{"sim/gate.go", `http.StatusUnauthorized, "invalid token"`, `419, "invalid token"`},
		},
		finds: "auth",
	},
	"a form that is whole without its second half": {
		connector: delivered,
		edits: []edit{
			{"triggers.go", "if err := d.JSON(&body); err != nil {\n\t\treturn sdk.Receipt{}, err\n\t}\n", readsForms},
			{"testdata/webhooks/item-updated/request.json", "application/json", "application/x-www-form-urlencoded"},
		},
		files: map[string]string{"testdata/webhooks/item-updated/body": "event=item.updated&id=1001&memo=between+nine+and+half+past+ten"},
		finds: "webhook/hostile-.*",
	},
}
