package main

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// user is a LINE user whom the channel knows.
type user struct {
	ID            string `json:"userId"`
	DisplayName   string `json:"displayName"`
	Language      string `json:"language,omitempty"`
	PictureURL    string `json:"pictureUrl,omitempty"`
	StatusMessage string `json:"statusMessage,omitempty"`
	Friend        bool   `json:"friend"`
	Blocked       bool   `json:"blocked"`
	RichMenuID    string `json:"richMenuId,omitempty"`
	// Phone is as +819012345678; it is told nobody.
	Phone string `json:"phone,omitempty"`
}

type group struct {
	ID      string   `json:"groupId"`
	Members []string `json:"members"`
}

// content is what a user sent: a picture's bytes.
type content struct {
	Type string
	Data []byte
}

// linkToken is one of the account link's.
type linkToken struct {
	user   string
	issued time.Time
}

const linkTokenLife = 10 * time.Minute

func (a *account) userRoutes() {
	a.handle("GET", "/v2/bot/profile/{userId}", a.profile)
	a.handle("GET", "/v2/bot/followers/ids", a.followers)
	a.handleOn(a.data, "GET", "/v2/bot/message/{id}/content", a.content)
	a.handle("POST", "/v2/bot/user/{userId}/linkToken", a.issueLinkToken)
	a.mux.HandleFunc("GET /dialog/bot/accountLink", a.linkDialog)
}

// known returns the user that the path names.
func (a *account) known(c *call) (user, *refusal) {
	id := c.r.PathValue("userId")
	if !userPattern.MatchString(id) {
		return user{}, errUser
	}
	u, ok := a.users.Get(id)
	if !ok {
		return user{}, errNotFound
	}
	return u, nil
}

func (a *account) profile(c *call) (int, any, *refusal) {
	u, no := a.known(c)
	if no != nil {
		return 0, nil, no
	}
	if !u.Friend || u.Blocked {
		return 0, nil, errNotFound
	}
	profile := map[string]string{"displayName": u.DisplayName, "userId": u.ID}
	for name, value := range map[string]string{"language": u.Language, "pictureUrl": u.PictureURL, "statusMessage": u.StatusMessage} {
		if value != "" {
			profile[name] = value
		}
	}
	return http.StatusOK, profile, nil
}

func (a *account) followers(c *call) (int, any, *refusal) {
	if !a.verified {
		return 0, nil, refused(http.StatusForbidden, "Access to this API is not available for your account")
	}
	limit := 300
	if text := c.r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return 0, nil, refused(http.StatusBadRequest, "The value for the 'limit' parameter is invalid")
		}
		limit = n
	}
	ids := a.friends()
	begin, err := strconv.Atoi("0" + c.r.FormValue("start"))
	if err != nil || begin > len(ids) {
		return 0, nil, refused(http.StatusBadRequest, "The value for the 'start' parameter is invalid")
	}
	end := min(begin+limit, len(ids))
	answer := map[string]any{"userIds": ids[begin:end]}
	if end < len(ids) {
		answer["next"] = strconv.Itoa(end)
	}
	return http.StatusOK, answer, nil
}

// content answers bytes, not JSON, so it writes the answer itself.
func (a *account) content(c *call) (int, any, *refusal) {
	found, ok := a.contents.Get(c.r.PathValue("id"))
	if !ok {
		return 0, nil, errNotFound
	}
	c.w.Header().Set("Content-Type", found.Type)
	c.w.WriteHeader(http.StatusOK)
	if _, err := c.w.Write(found.Data); err != nil {
		return 0, nil, refused(http.StatusInternalServerError, err.Error())
	}
	return alreadyAnswered, nil, nil
}

func (a *account) issueLinkToken(c *call) (int, any, *refusal) {
	u, no := a.known(c)
	if no != nil {
		return 0, nil, no
	}
	token := fmt.Sprintf("NMZTNuVrPTqlr2IF8Bnymkb7rX%04d", len(a.linkTokens)+1)
	a.linkTokens[token] = linkToken{user: u.ID, issued: a.env.Clock.Now()}
	a.effect(c, "issue link token for %s", u.ID)
	return http.StatusOK, map[string]string{"linkToken": token}, nil
}

// linkDialog is the page that a user's browser is sent to. A token that is used
// or old shows an error there, and nobody is told.
func (a *account) linkDialog(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token := r.FormValue("linkToken")
	issued, ok := a.linkTokens[token]
	delete(a.linkTokens, token)
	nonce := r.FormValue("nonce")
	if !ok || a.env.Clock.Now().Sub(issued.issued) > linkTokenLife || len(nonce) < 10 || len(nonce) > 255 {
		http.Error(w, "The link is not valid any more.", http.StatusBadRequest)
		return
	}
	a.hooks.send(event{"type": "accountLink", "link": map[string]any{"result": "ok", "nonce": nonce}}, issued.user)
	http.Error(w, "Linked.", http.StatusOK)
}
