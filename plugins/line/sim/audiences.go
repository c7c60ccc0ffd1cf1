package main

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// audience is an audience of uploaded user ids.
type audience struct {
	ID      int64     `json:"audienceGroupId"`
	Name    string    `json:"description"`
	Members []string  `json:"members"`
	Created time.Time `json:"created"`
	// Ready is when the last upload has been worked in.
	Ready time.Time `json:"ready"`
	Jobs  []string  `json:"jobs"`
}

const (
	// uploadTime is how long an upload takes to be worked in.
	uploadTime   = 5 * time.Second
	audienceLife = 180 * 24 * time.Hour
	maxAudiences = 1000
	maxUpload    = 10_000
	maxJobs      = 10
)

func (g audience) key() string { return strconv.FormatInt(g.ID, 10) }

func (g audience) status(now time.Time) string {
	switch {
	case now.Sub(g.Created) > audienceLife:
		return "EXPIRED"
	case now.Before(g.Ready):
		return "IN_PROGRESS"
	default:
		return "READY"
	}
}

func (a *account) audienceRoutes() {
	a.handle("POST", "/v2/bot/audienceGroup/upload", a.createAudience)
	a.handle("PUT", "/v2/bot/audienceGroup/upload", a.addToAudience)
	a.handle("GET", "/v2/bot/audienceGroup/list", a.listAudiences)
	a.handle("GET", "/v2/bot/audienceGroup/{id}", a.getAudience)
	a.handle("PUT", "/v2/bot/audienceGroup/{id}/updateDescription", a.renameAudience)
	a.handle("DELETE", "/v2/bot/audienceGroup/{id}", a.deleteAudience)
}

type uploadBody struct {
	ID          int64  `json:"audienceGroupId"`
	Description string `json:"description"`
	IFA         bool   `json:"isIfaAudience"`
	Note        string `json:"uploadDescription"`
	Audiences   []struct {
		ID string `json:"id"`
	} `json:"audiences"`
}

// coded is a refusal whose code stands in the details.
func coded(code string) *refusal {
	return refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{Message: code})
}

func checkName(name string) *refusal {
	switch n := len([]rune(name)); {
	case n == 0:
		return coded("AUDIENCE_GROUP_NAME_EMPTY")
	case n > 120:
		return coded("AUDIENCE_GROUP_NAME_SIZE_OVER")
	default:
		return nil
	}
}

// members reads the ids; those that are nobody's are dropped, but not all may be.
func (a *account) members(b *uploadBody) ([]string, *refusal) {
	if len(b.Audiences) > maxUpload {
		return nil, coded("UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS")
	}
	var ids []string
	for _, m := range b.Audiences {
		if !userPattern.MatchString(m.ID) {
			return nil, coded("UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT")
		}
		if _, ok := a.users.Get(m.ID); ok {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil, coded("UPLOAD_AUDIENCE_GROUP_NO_VALID_AUDIENCE_IDS")
	}
	return ids, nil
}

func (a *account) createAudience(c *call) (int, any, *refusal) {
	var b uploadBody
	if no := c.read(&b); no != nil {
		return 0, nil, no
	}
	if no := checkName(b.Description); no != nil {
		return 0, nil, no
	}
	ids, no := a.members(&b)
	if no != nil {
		return 0, nil, no
	}
	if a.audiences.Len() >= maxAudiences {
		return 0, nil, coded("AUDIENCE_GROUP_COUNT_MAX_OVER")
	}
	now := a.env.Clock.Now()
	a.last++
	g := audience{
		ID: 1234567890000 + a.last%1000, Name: b.Description, Members: ids,
		Created: now, Ready: now.Add(uploadTime), Jobs: []string{b.Note},
	}
	a.audiences.Put(g.key(), g)
	a.effect(c, "create audience %s with %d", g.Name, len(ids))
	return http.StatusAccepted, map[string]any{
		"audienceGroupId": g.ID, "createRoute": "MESSAGING_API", "type": "UPLOAD", "description": g.Name, "created": now.Unix(),
		"permission": "READ_WRITE", "expireTimestamp": now.Add(audienceLife).Unix(), "isIfaAudience": false,
	}, nil
}

func (a *account) addToAudience(c *call) (int, any, *refusal) {
	var b uploadBody
	if no := c.read(&b); no != nil {
		return 0, nil, no
	}
	now := a.env.Clock.Now()
	g, ok := a.audiences.Get(strconv.FormatInt(b.ID, 10))
	switch {
	case !ok:
		return 0, nil, coded("AUDIENCE_GROUP_NOT_FOUND")
	case g.status(now) == "EXPIRED":
		return 0, nil, coded("AUDIENCE_GROUP_CAN_NOT_UPLOAD_STATUS_EXPIRED")
	case now.Before(g.Ready) && len(g.Jobs) >= maxJobs:
		return 0, nil, refused(http.StatusTooManyRequests, "Too many jobs for this audience group")
	}
	ids, no := a.members(&b)
	if no != nil {
		return 0, nil, no
	}
	known := map[string]bool{}
	for _, id := range g.Members {
		known[id] = true
	}
	members := append([]string{}, g.Members...)
	for _, id := range ids {
		if !known[id] {
			members = append(members, id)
		}
	}
	g.Members, g.Ready, g.Jobs = members, now.Add(uploadTime), append(append([]string{}, g.Jobs...), b.Note)
	a.audiences.Put(g.key(), g)
	a.effect(c, "add %d to audience %s", len(ids), g.Name)
	return http.StatusAccepted, empty{}, nil
}

func (a *account) named(c *call) (audience, *refusal) {
	g, ok := a.audiences.Get(c.r.PathValue("id"))
	if !ok {
		return g, refused(http.StatusNotFound, "Not found", detail{Message: "AUDIENCE_GROUP_NOT_FOUND"})
	}
	return g, nil
}

func (a *account) getAudience(c *call) (int, any, *refusal) {
	g, no := a.named(c)
	if no != nil {
		return 0, nil, no
	}
	now := a.env.Clock.Now()
	jobs := []map[string]any{}
	for i, note := range g.Jobs {
		status := "FINISHED"
		if i == len(g.Jobs)-1 && now.Before(g.Ready) {
			status = "WORKING"
		}
		jobs = append(jobs, map[string]any{"audienceGroupJobId": i + 1, "audienceGroupId": g.ID, "description": note, "jobStatus": status})
	}
	return http.StatusOK, map[string]any{"audienceGroup": g.shown(now), "jobs": jobs}, nil
}

func (g audience) shown(now time.Time) map[string]any {
	return map[string]any{
		"audienceGroupId": g.ID, "type": "UPLOAD", "description": g.Name, "status": g.status(now), "failedType": nil,
		"audienceCount": len(g.Members), "created": g.Created.Unix(),
	}
}

// listAudiences answers a page of those whose name holds the description, the newest first.
func (a *account) listAudiences(c *call) (int, any, *refusal) {
	page, err := strconv.Atoi(c.r.FormValue("page"))
	size, wrong := strconv.Atoi(cmp.Or(c.r.FormValue("size"), "20"))
	if err != nil || wrong != nil || page < 1 || size < 1 || size > 40 {
		return 0, nil, refused(http.StatusBadRequest, "The value for the 'page' or 'size' parameter is invalid")
	}
	part := strings.ToLower(c.r.FormValue("description"))
	found := a.audiences.Select(func(g audience) bool { return strings.Contains(strings.ToLower(g.Name), part) })
	slices.SortStableFunc(found, func(a, b audience) int { return b.Created.Compare(a.Created) })
	begin := min((page-1)*size, len(found))
	end := min(begin+size, len(found))
	list := []map[string]any{}
	for _, g := range found[begin:end] {
		list = append(list, g.shown(a.env.Clock.Now()))
	}
	return http.StatusOK, map[string]any{
		"audienceGroups": list, "hasNextPage": end < len(found), "totalCount": len(found), "page": page, "size": size,
	}, nil
}

func (a *account) renameAudience(c *call) (int, any, *refusal) {
	g, no := a.named(c)
	if no != nil {
		return 0, nil, no
	}
	var b uploadBody
	if no := c.read(&b); no != nil {
		return 0, nil, no
	}
	if no := checkName(strings.TrimSpace(b.Description)); no != nil {
		return 0, nil, no
	}
	g.Name = b.Description
	a.audiences.Put(g.key(), g)
	a.effect(c, "rename audience %s", g.Name)
	return http.StatusOK, empty{}, nil
}

func (a *account) deleteAudience(c *call) (int, any, *refusal) {
	g, no := a.named(c)
	if no != nil {
		return 0, nil, no
	}
	a.audiences.Delete(g.key())
	a.effect(c, "delete audience %s", g.Name)
	return http.StatusAccepted, empty{}, nil
}
