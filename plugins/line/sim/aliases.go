package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
)

var aliasPattern = regexp.MustCompile(`^[0-9a-zA-Z\-_]{1,32}$`)

// maxImage is how large a rich menu's image may be, in bytes.
const maxImage = 1 << 20

func (a *account) menuMakingRoutes() {
	a.handle("POST", "/v2/bot/richmenu", a.createMenu)
	a.handle("DELETE", "/v2/bot/richmenu/{menuId}", a.deleteMenu)
	a.handleOn(a.data, "POST", "/v2/bot/richmenu/{menuId}/content", a.uploadImage)
	a.handleOn(a.data, "GET", "/v2/bot/richmenu/{menuId}/content", a.downloadImage)
	a.handle("GET", "/v2/bot/richmenu/alias/list", a.listAliases)
	a.handle("POST", "/v2/bot/richmenu/alias", a.createAlias)
	a.handle("POST", "/v2/bot/richmenu/alias/{aliasId}", a.updateAlias)
	a.handle("DELETE", "/v2/bot/richmenu/alias/{aliasId}", a.deleteAlias)
}

func (a *account) createMenu(c *call) (int, any, *refusal) {
	var body struct {
		Name        string           `json:"name"`
		ChatBarText string           `json:"chatBarText"`
		Size        map[string]any   `json:"size"`
		Areas       []map[string]any `json:"areas"`
	}
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	if body.Name == "" || body.ChatBarText == "" || body.Size == nil || body.Areas == nil {
		return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"must be specified", "name, chatBarText, size, areas"})
	}
	var faults []detail
	for i, area := range body.Areas {
		faults = append(faults, checkActionAt(area, fmt.Sprintf("areas[%d]", i))...)
	}
	if len(faults) > 0 {
		return 0, nil, refused(http.StatusBadRequest, fmt.Sprintf("The request body has %d error(s)", len(faults)), faults...)
	}
	id := fmt.Sprintf("richmenu-%032x", a.menus.Len()+1)
	a.menus.Put(id, menu{ID: id, Name: body.Name})
	a.effect(c, "create menu %s", body.Name)
	return http.StatusOK, map[string]string{"richMenuId": id}, nil
}

func (a *account) deleteMenu(c *call) (int, any, *refusal) {
	id := c.r.PathValue("menuId")
	if !a.menus.Delete(id) {
		return 0, nil, errNotFound
	}
	a.effect(c, "delete menu %s", id)
	return http.StatusOK, empty{}, nil
}

// uploadImage takes one image for each menu.
func (a *account) uploadImage(c *call) (int, any, *refusal) {
	id := c.r.PathValue("menuId")
	m, ok := a.menus.Get(id)
	image, err := io.ReadAll(c.r.Body)
	kind := c.r.Header.Get("Content-Type")
	switch {
	case !ok:
		return 0, nil, errNotFound
	case kind != "image/png" && kind != "image/jpeg":
		return 0, nil, refused(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	case err != nil || len(image) == 0 || len(image) > maxImage:
		return 0, nil, refused(http.StatusBadRequest, "The image is too large")
	case m.HasImage:
		return 0, nil, refused(http.StatusBadRequest, "An image has already been uploaded to the richmenu")
	}
	m.HasImage, m.image = true, image
	a.menus.Put(id, m)
	a.effect(c, "image of %s, %d bytes", id, len(image))
	return http.StatusOK, empty{}, nil
}

func (a *account) downloadImage(c *call) (int, any, *refusal) {
	m, ok := a.menus.Get(c.r.PathValue("menuId"))
	if !ok || !m.HasImage {
		return 0, nil, errNotFound
	}
	c.w.Header().Set("Content-Type", http.DetectContentType(m.image))
	_, _ = c.w.Write(m.image) //nolint:errcheck // who asked has gone away
	return alreadyAnswered, nil, nil
}

type aliasBody struct {
	AliasID    string `json:"richMenuAliasId"`
	RichMenuID string `json:"richMenuId"`
}

func (a *account) listAliases(*call) (int, any, *refusal) {
	return http.StatusOK, map[string]any{"aliases": a.aliases.Select(nil)}, nil
}

func (a *account) createAlias(c *call) (int, any, *refusal) {
	var body aliasBody
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	if _, there := a.aliases.Get(body.AliasID); there || !aliasPattern.MatchString(body.AliasID) {
		return 0, nil, refused(http.StatusBadRequest, "conflict richmenu alias id")
	}
	return a.aim(c, body)
}

func (a *account) updateAlias(c *call) (int, any, *refusal) {
	var body aliasBody
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	body.AliasID = c.r.PathValue("aliasId")
	if _, there := a.aliases.Get(body.AliasID); !there {
		return 0, nil, refused(http.StatusNotFound, "richmenu alias not found")
	}
	return a.aim(c, body)
}

// aim has the alias stand for a menu that can be shown.
func (a *account) aim(c *call, body aliasBody) (int, any, *refusal) {
	if m, ok := a.menus.Get(body.RichMenuID); !ok || !m.HasImage {
		return 0, nil, refused(http.StatusBadRequest, "richmenu not found")
	}
	a.aliases.Put(body.AliasID, body)
	a.effect(c, "alias %s is %s", body.AliasID, body.RichMenuID)
	return http.StatusOK, empty{}, nil
}

func (a *account) deleteAlias(c *call) (int, any, *refusal) {
	if !a.aliases.Delete(c.r.PathValue("aliasId")) {
		return 0, nil, refused(http.StatusNotFound, "richmenu alias not found")
	}
	a.effect(c, "delete alias %s", c.r.PathValue("aliasId"))
	return http.StatusOK, empty{}, nil
}
