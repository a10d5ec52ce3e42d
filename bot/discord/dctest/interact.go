package dctest

import (
	"time"
)

// Time limits of interactions.
const (
	answerTime = 3 * time.Second
	tokenTime  = 15 * time.Minute
	maxKept    = 20_000 // interactions that are remembered
	outsiders  = 5      // follow-ups where the application is not in the server
)

// interaction is what the server knows of an interaction.
type interaction struct {
	id, token string
	kind      int
	began     time.Time // when it was delivered
	answered  bool
	late      bool // an answer was refused for that
	outside   bool // the application is installed by the person alone
	followUps int
}

type interactions struct {
	all   map[string]*interaction // by token
	order []string
}

// Delivered says how an interaction went out.
type Delivered struct {
	ID, Token string
	Now       bool // written to a connection; else it waits for the session to resume, or is lost
}

// Interact makes an interaction and delivers it by the gateway. Its id and its
// token are put in.
func (s *Server) Interact(d map[string]any) Delivered {
	i := s.begin(d)
	now := s.Dispatch("INTERACTION_CREATE", d)
	return Delivered{i.id, i.token, now}
}

// NewInteraction makes an interaction, to be delivered by Dispatch, and returns
// its id.
func (s *Server) NewInteraction(d map[string]any) string { return s.begin(d).id }

func (s *Server) begin(d map[string]any) *interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.newID()
	i := &interaction{id: id, token: "itoken-" + id, kind: int(number(d["type"])), began: s.opt.Now()}
	if k, ok := d["type"].(int); ok {
		i.kind = k
	}
	owners, has := d["authorizing_integration_owners"].(map[string]any)
	i.outside = has && owners["0"] == nil && d["guild_id"] != nil
	d["id"], d["token"], d["application_id"], d["version"] = id, i.token, AppID, 1
	s.inters.all[i.token] = i
	if s.inters.order = append(s.inters.order, i.token); len(s.inters.order) > maxKept {
		delete(s.inters.all, s.inters.order[0])
		s.inters.order = s.inters.order[1:]
	}
	s.forgetful()
	return i
}

// callback answers an interaction: once, in time.
func (s *Server) callback(c *Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.inters.all[c.IDs[1]]
	switch {
	case i == nil || i.id != c.IDs[0]:
		return nil, &refusal{status: 404, code: 10062, text: "Unknown interaction"}
	case i.answered:
		return nil, &refusal{status: 400, code: 40060, text: "Interaction has already been acknowledged."}
	case s.since(i.began) > answerTime:
		i.late = true
		return nil, &refusal{status: 404, code: 10062, text: "Unknown interaction"}
	}
	i.answered = true
	c.Interaction, c.Took = i.id, s.since(i.began)
	return nil, nil
}

// Fate says what the server knows of an interaction that was not answered.
type Fate int

// Fates.
const (
	Unknown Fate = iota
	Late         // an answer came, and too late
	Lapsed       // its session ended, and the bot had not said that it had it
)

// Fate returns what became of an interaction by its id.
func (s *Server) Fate(id string) Fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.inters.all {
		if i.id == id && i.late {
			return Late
		}
	}
	if s.gateway.lapsed[id] {
		return Lapsed
	}
	return Unknown
}

// followUp says more to an interaction that was answered.
func (s *Server) followUp(c *Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.inters.all[c.IDs[1]]
	if i == nil || !i.answered || s.since(i.began) > tokenTime {
		return nil, &refusal{status: 404, code: 10015, text: "Unknown Webhook"}
	}
	if i.followUps++; i.outside && i.followUps > outsiders {
		return nil, &refusal{status: 400, code: 40094, text: "Maximum number of follow up messages reached"}
	}
	c.Interaction, c.Took = i.id, s.since(i.began)
	return map[string]any{"id": s.newID()}, nil
}
