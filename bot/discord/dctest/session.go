package dctest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// session outlives its connections.
type session struct {
	id      string
	shard   [2]int
	seq     int64
	kept    []frame // not yet acknowledged
	conn    *conn   // nil when there is none
	pending *frame  // held back to be sent out of order
}

type identify struct {
	Token      string            `json:"token"`
	Intents    *int              `json:"intents"`
	Properties map[string]string `json:"properties"`
	Shard      *[2]int           `json:"shard"`
}

// privileged are the intents that an application must ask Discord for.
const privileged = 1<<1 | 1<<8 | 1<<15

func (s *Server) identify(c *conn, d json.RawMessage) *session {
	var in identify
	if err := json.Unmarshal(d, &in); err != nil {
		s.fail(fmt.Errorf("identify: %w", err))
		c.close(4002)
		return nil
	}
	shard := [2]int{0, 1}
	if in.Shard != nil {
		shard = *in.Shard
	}
	switch {
	case strings.TrimPrefix(in.Token, "Bot ") != Token:
		c.close(4004)
		return nil
	case in.Intents == nil || *in.Intents&privileged != 0:
		c.close(4014)
		return nil
	case shard[0] < 0 || shard[0] >= shard[1]:
		c.close(4010)
		return nil
	}
	f := s.fault(Call{Route: AtReady, Before: c.life})
	if f != nil && f.frames(c) && f.instead() {
		return nil
	}
	s.mu.Lock()
	s.gateway.next++
	own := &session{id: fmt.Sprintf("session-%d", s.gateway.next), shard: shard, conn: c}
	if s.gateway.current == nil {
		s.gateway.current = map[int]*session{}
	}
	if old := s.gateway.current[shard[0]]; old != nil {
		delete(s.gateway.sessions, old.id)
		s.lapse(old)
	}
	s.gateway.sessions[own.id], s.gateway.current[shard[0]] = own, own
	s.gateway.counts.Identified++
	s.gateway.counts.Intents = *in.Intents
	ready := map[string]any{
		"v": 10, "session_id": own.id, "resume_gateway_url": "ws" + strings.TrimPrefix(s.URL, "http") + c.life + "/ws",
		"user": map[string]any{"id": BotID, "username": "Test", "bot": true}, "application": map[string]any{"id": AppID, "flags": 0},
		"guilds": []any{}, "shard": shard,
	}
	s.push(own, s.frame(own, "READY", ready))
	close(c.ready)
	s.change()
	s.mu.Unlock()
	return own
}

// lapse takes down which interactions of a session that ended the bot had not
// acknowledged: nobody gets them any more.
func (s *Server) lapse(own *session) {
	for _, f := range own.kept {
		var d struct {
			ID string `json:"id"`
		}
		if f.T == nil || *f.T != "INTERACTION_CREATE" || json.Unmarshal(f.D, &d) != nil {
			continue
		}
		if s.gateway.lapsed == nil {
			s.gateway.lapsed = map[string]bool{}
		}
		s.gateway.lapsed[d.ID] = true
	}
}

func (s *Server) resume(c *conn, d json.RawMessage) *session {
	var in struct {
		Token string `json:"token"`
		ID    string `json:"session_id"`
		Seq   int64  `json:"seq"`
	}
	if err := json.Unmarshal(d, &in); err != nil || in.Token != Token {
		c.close(4004)
		return nil
	}
	f := s.fault(Call{Route: AtReady, Before: c.life})
	if f != nil && f.frames(c) && f.instead() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.gateway.sessions[in.ID]
	if own == nil || in.Seq > own.seq {
		go func() { _ = c.write(frame{Op: OpInvalid, D: json.RawMessage("false")}) }() // the client may be gone
		return nil
	}
	if own.conn != nil && own.conn != c {
		go own.conn.close(4000)
	}
	own.conn, own.pending = c, nil
	for _, f := range own.kept {
		if *f.S > in.Seq {
			s.push(own, f)
		}
	}
	s.gateway.counts.Resumed++
	s.push(own, s.frame(own, "RESUMED", map[string]any{}))
	close(c.ready)
	s.change()
	return own
}

// lost notes that a session has no connection.
func (s *Server) lost(own *session, c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own != nil && own.conn == c {
		own.conn = nil
		s.change()
	}
}

// frame makes the next event of a session.
func (s *Server) frame(own *session, t string, d any) frame {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // the test made something that is no JSON
	}
	own.seq++
	seq := own.seq
	f := frame{Op: opDispatch, D: raw, S: &seq, T: &t}
	if own.kept = append(own.kept, f); len(own.kept) > keptFrames {
		own.kept = own.kept[1:]
	}
	return f
}

// push writes an event, if there is a connection. The lock is held, so that
// events keep their order.
func (s *Server) push(own *session, f frame) bool {
	return own.conn != nil && own.conn.write(f) == nil
}

// Dispatch sends an event to the shard that it belongs to. It reports whether
// it was written to a connection; else the session keeps it.
func (s *Server) Dispatch(t string, d map[string]any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.shardOf(text(d["guild_id"]))
	if own == nil {
		return false
	}
	f := s.frame(own, t, d)
	if own.conn == nil {
		return false
	}
	if fault := s.faultLocked(Call{Route: AtEvent, Before: own.conn.life}); fault != nil {
		return s.misbehave(own, f, fault)
	}
	ok := s.push(own, f)
	if own.pending != nil {
		ok = s.push(own, *own.pending) && ok
		own.pending = nil
	}
	return ok
}

// shardOf finds the session that gets the events of a server; those without one
// go to shard 0.
func (s *Server) shardOf(guild string) *session {
	id, _ := strconv.ParseUint(guild, 10, 64) // 0 for none
	for _, own := range s.gateway.current {
		if uint64(own.shard[0]) == (id>>22)%uint64(own.shard[1]) {
			return own
		}
	}
	return nil
}
