package main

import (
	"fmt"
	"net/http"
	"regexp"
)

// menu is a rich menu; one without an image cannot be linked.
type menu struct {
	ID       string `json:"richMenuId"`
	Name     string `json:"name"`
	HasImage bool   `json:"hasImage"`
	image    []byte
}

var resumeKey = regexp.MustCompile(`^[0-9a-zA-Z\-_]{1,100}$`)

func (a *account) menuRoutes() {
	a.handle("POST", "/v2/bot/user/{userId}/richmenu/{menuId}", a.linkMenu)
	a.handle("DELETE", "/v2/bot/user/{userId}/richmenu", a.unlinkMenu)
	a.handle("GET", "/v2/bot/user/{userId}/richmenu", a.menuOf)
	a.handle("GET", "/v2/bot/richmenu/list", a.listMenus)
	a.handle("POST", "/v2/bot/user/all/richmenu/{menuId}", a.setDefault)
	a.handle("DELETE", "/v2/bot/user/all/richmenu", a.clearDefault)
	a.handle("GET", "/v2/bot/user/all/richmenu", a.getDefault)
	a.handle("POST", "/v2/bot/richmenu/bulk/link", a.bulkLink)
	a.handle("POST", "/v2/bot/richmenu/bulk/unlink", a.bulkUnlink)
	a.handle("POST", "/v2/bot/richmenu/batch", a.batch)
	a.handle("GET", "/v2/bot/richmenu/progress/batch", a.batchProgress)
}

func (a *account) usable(id string) *refusal {
	m, ok := a.menus.Get(id)
	switch {
	case !ok:
		return errNotFound
	case !m.HasImage:
		return refused(http.StatusBadRequest, "must upload richmenu image before applying it to user")
	default:
		return nil
	}
}

// give sets a user's own menu; none takes it away.
func (a *account) give(id, menuID string) {
	if u, ok := a.users.Get(id); ok {
		u.RichMenuID = menuID
		a.users.Put(id, u)
	}
}

// linkMenu answers 200 also for somebody who is no friend, and does nothing then.
func (a *account) linkMenu(c *call) (int, any, *refusal) {
	id, menuID := c.r.PathValue("userId"), c.r.PathValue("menuId")
	if !userPattern.MatchString(id) {
		return 0, nil, errUser
	}
	if no := a.usable(menuID); no != nil {
		return 0, nil, no
	}
	a.give(id, menuID)
	a.effect(c, "link %s to %s", menuID, id)
	return http.StatusOK, empty{}, nil
}

func (a *account) unlinkMenu(c *call) (int, any, *refusal) {
	id := c.r.PathValue("userId")
	if !userPattern.MatchString(id) {
		return 0, nil, errUser
	}
	a.give(id, "")
	a.effect(c, "unlink menu of %s", id)
	return http.StatusOK, empty{}, nil
}

func (a *account) menuOf(c *call) (int, any, *refusal) {
	u, no := a.known(c)
	if no != nil {
		return 0, nil, no
	}
	if u.RichMenuID == "" {
		return 0, nil, errNotFound
	}
	return http.StatusOK, map[string]string{"richMenuId": u.RichMenuID}, nil
}

func (a *account) listMenus(*call) (int, any, *refusal) {
	list := []map[string]string{}
	for _, m := range a.menus.Select(nil) {
		list = append(list, map[string]string{"richMenuId": m.ID, "name": m.Name})
	}
	return http.StatusOK, map[string]any{"richmenus": list}, nil
}

func (a *account) setDefault(c *call) (int, any, *refusal) {
	if no := a.usable(c.r.PathValue("menuId")); no != nil {
		return 0, nil, no
	}
	a.defaultMenu = c.r.PathValue("menuId")
	a.effect(c, "default menu %s", a.defaultMenu)
	return http.StatusOK, empty{}, nil
}

func (a *account) clearDefault(c *call) (int, any, *refusal) {
	a.defaultMenu = ""
	a.effect(c, "no default menu")
	return http.StatusOK, empty{}, nil
}

func (a *account) getDefault(*call) (int, any, *refusal) {
	if a.defaultMenu == "" {
		return 0, nil, errNotFound
	}
	return http.StatusOK, map[string]string{"richMenuId": a.defaultMenu}, nil
}

// bulkBody is the body of bulk operations.
type bulkBody struct {
	RichMenuID string   `json:"richMenuId"`
	UserIDs    []string `json:"userIds"`
}

func (c *call) readBulk() (b bulkBody, no *refusal) {
	if no := c.read(&b); no != nil {
		return b, no
	}
	if len(b.UserIDs) == 0 || len(b.UserIDs) > 500 {
		return b, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"Size must be between 1 and 500", "userIds"})
	}
	for i, id := range b.UserIDs {
		if !userPattern.MatchString(id) {
			return b, refused(http.StatusBadRequest, fmt.Sprintf("The property, userIds[%d], in the request body is invalid (line: -, column: -)", i))
		}
	}
	return b, nil
}

func (a *account) bulkLink(c *call) (int, any, *refusal) {
	b, no := c.readBulk()
	if no == nil {
		no = a.usable(b.RichMenuID)
	}
	if no != nil {
		return 0, nil, no
	}
	for _, id := range b.UserIDs {
		a.give(id, b.RichMenuID)
	}
	a.effect(c, "bulk link %s to %d users", b.RichMenuID, len(b.UserIDs))
	return http.StatusAccepted, empty{}, nil
}

func (a *account) bulkUnlink(c *call) (int, any, *refusal) {
	b, no := c.readBulk()
	if no != nil {
		return 0, nil, no
	}
	for _, id := range b.UserIDs {
		a.give(id, "")
	}
	a.effect(c, "bulk unlink %d users", len(b.UserIDs))
	return http.StatusAccepted, empty{}, nil
}

type batchBody struct {
	Operations []struct{ Type, From, To string } `json:"operations"`
	ResumeKey  string                            `json:"resumeRequestKey"`
}

func (a *account) batch(c *call) (int, any, *refusal) {
	var b batchBody
	if no := c.read(&b); no != nil {
		return 0, nil, no
	}
	if len(b.Operations) == 0 || len(b.Operations) > 1000 || (b.ResumeKey != "" && !resumeKey.MatchString(b.ResumeKey)) {
		return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"Size must be between 1 and 1000", "operations"})
	}
	for _, o := range b.Operations {
		if o.Type == "unlinkAll" && len(b.Operations) > 1 {
			return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"unlinkAll must be alone", "operations"})
		}
		for _, u := range a.users.Select(func(u user) bool { return u.RichMenuID != "" && (o.Type == "unlinkAll" || u.RichMenuID == o.From) }) {
			a.give(u.ID, o.To)
		}
	}
	a.batches[c.id] = a.env.Clock.Now()
	a.effect(c, "batch of %d", len(b.Operations))
	return http.StatusAccepted, empty{}, nil
}

func (a *account) batchProgress(c *call) (int, any, *refusal) {
	at, ok := a.batches[c.r.FormValue("requestId")]
	if !ok {
		return 0, nil, errNotFound
	}
	return http.StatusOK, map[string]string{"phase": "succeeded", "acceptedTime": stamp(at), "completedTime": stamp(at)}, nil
}
