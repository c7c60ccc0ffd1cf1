package web

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// readForm reads JSON or what a browser's form sends; page says that a person
// is to see the answer.
func readForm(c *fiber.Ctx) (said api.FormPost, page bool, err error) {
	body, kind := c.Request().Body(), c.Get(fiber.HeaderContentType)
	if strings.HasPrefix(kind, fiber.MIMEApplicationJSON) {
		if err := json.Unmarshal(body, &said); err != nil {
			return said, false, problem(http.StatusBadRequest, "the body cannot be read as JSON", "本文をJSONとして読めません")
		}
		return said, false, nil
	}
	values, err := formValues(kind, body)
	if err != nil {
		return said, false, problem(http.StatusBadRequest, "the form cannot be read", "フォームを読み取れません")
	}
	said.Token = values.Get("t")
	said.Phone, said.Email, said.Name, said.Kana = values.Get("phone"), values.Get("email"), values.Get("name"), values.Get("kana")
	said.Birthday = commerce.Birthday(values.Get("birthday"))
	return said, c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON) == fiber.MIMETextHTML, nil
}

// formValues reads both ways in which a browser writes a form: a page's own
// script has it in parts.
func formValues(kind string, body []byte) (url.Values, error) {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil || media != fiber.MIMEMultipartForm {
		return url.ParseQuery(string(body))
	}
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(formMaxBody)
	if err != nil {
		return nil, err
	}
	return form.Value, nil
}
