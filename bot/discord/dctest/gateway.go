package dctest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Operations of the gateway.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	OpReconnect = 7
	OpInvalid   = 9
	opHello     = 10
	OpAck       = 11
)

// keptFrames is how many events a session keeps for the case that it is
// resumed.
const keptFrames = 20_000

type gateway struct {
	sessions map[string]*session // by id
	current  map[int]*session    // by shard: the last that was identified
	counts   GatewayCounts
	next     int
}

// GatewayCounts say what happened at the gateway.
type GatewayCounts struct {
	Dials, Identified, Resumed, Heartbeats int
	Before                                 string // what stood before /ws in the last connection's address
	Intents                                int    // of the last identify
}

// session outlives its connections.
type session struct {
	id      string
	shard   [2]int
	seq     int64
	kept    []frame // not yet acknowledged
	conn    *conn   // nil when there is none
	pending *frame  // held back to be sent out of order
}

type frame struct {
	Op   int             `json:"op"`
	D    json.RawMessage `json:"d,omitempty"`
	S    *int64          `json:"s"`
	T    *string         `json:"t"`
	text []byte          // instead of it, when set
}

// conn is a connection of the bot.
type conn struct {
	mu    sync.Mutex // of writing
	ws    *websocket.Conn
	mute  bool
	life  string
	ready chan struct{} // closed when it identified or resumed
}

func (c *conn) write(f frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(5 * time.Second)) // the error comes with the write
	if f.text != nil {
		return c.ws.WriteMessage(websocket.TextMessage, f.text)
	}
	return c.ws.WriteJSON(f)
}

// close ends the connection with a code, or without a word for 0.
func (c *conn) close(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if code != 0 {
		// What was written before must arrive, so the other side closes.
		text := websocket.FormatCloseMessage(code, "as ordered")
		_ = c.ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(time.Second)) // it is closed anyway
		_ = c.ws.SetReadDeadline(time.Now().Add(time.Second))                            // the reader ends then
		return
	}
	_ = c.ws.Close()
}

func (s *Server) gatewayBot(c *Call) (any, error) {
	return map[string]any{
		"url": "ws" + strings.TrimPrefix(s.URL, "http") + c.Before + "/ws", "shards": s.opt.Shards,
		"session_start_limit": map[string]any{"total": 1000, "remaining": 900, "reset_after": 1000, "max_concurrency": 16},
	}, nil
}

// connect is a connection to the gateway from its beginning to its end.
func (s *Server) connect(w http.ResponseWriter, r *http.Request, before string) {
	s.mu.Lock()
	s.gateway.counts.Dials++
	s.gateway.counts.Before = before
	s.change()
	s.mu.Unlock()
	f := s.fault(Call{Route: AtDial, Before: before})
	if f != nil && f.before(w) {
		return
	}
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return // it was no WebSocket
	}
	c := &conn{ws: ws, life: before, ready: make(chan struct{})}
	defer func() { _ = ws.Close() }() // it may be closed already
	if f := s.fault(Call{Route: AtHello, Before: before}); f != nil && f.frames(c) && f.instead() {
		s.drain(c)
		return
	}
	hello, _ := json.Marshal(map[string]any{"heartbeat_interval": s.opt.Heartbeat.Milliseconds()}) // it is plain
	if c.write(frame{Op: opHello, D: hello}) != nil {
		return
	}
	s.listen(c)
}

// drain reads until the other side ends the connection.
func (s *Server) drain(c *conn) {
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			return
		}
	}
}

func (s *Server) listen(c *conn) {
	var own *session
	defer func() { s.lost(own, c) }()
	for {
		_, data, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		var f struct {
			Op int             `json:"op"`
			D  json.RawMessage `json:"d"`
		}
		if json.Unmarshal(data, &f) != nil {
			c.close(4002)
			return
		}
		switch f.Op {
		case opHeartbeat:
			s.beat(own, c, f.D)
		case opIdentify:
			own = s.identify(c, f.D)
		case opResume:
			own = s.resume(c, f.D)
		default:
			s.fail(fmt.Errorf("gateway: operation %d", f.Op))
			c.close(4001)
		}
	}
}

func (s *Server) beat(own *session, c *conn, d json.RawMessage) {
	seen, err := strconv.ParseInt(string(d), 10, 64)
	s.mu.Lock()
	s.gateway.counts.Heartbeats++
	if own != nil && err == nil {
		for len(own.kept) > 0 && *own.kept[0].S <= seen {
			own.kept = own.kept[1:]
		}
	}
	mute := c.mute
	s.change()
	s.mu.Unlock()
	if !mute {
		_ = c.write(frame{Op: OpAck}) // the client may be gone
	}
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
	case in.Token != Token:
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

// Raw sends a text to every connection as it is.
func (s *Server) Raw(text string) {
	for _, c := range s.conns() {
		_ = c.write(frame{text: []byte(text)}) // the client may be gone
	}
}

// Op sends an operation to every connection.
func (s *Server) Op(op int, d string) {
	for _, c := range s.conns() {
		_ = c.write(frame{Op: op, D: json.RawMessage(d)}) // the client may be gone
	}
}

// Cut ends every connection with a close code, or without a word for 0.
func (s *Server) Cut(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, own := range s.gateway.current {
		s.end(own, code)
	}
}

// end ends the connection of a session: nothing more is written to it.
func (s *Server) end(own *session, code int) {
	if own.conn != nil {
		own.conn.close(code)
		own.conn = nil
		s.change()
	}
}

// Mute answers no more heartbeats on the connections that there are.
func (s *Server) Mute() {
	all := s.conns()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range all {
		c.mute = true
	}
}

// Forget makes every session one that cannot be resumed.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.sessions = map[string]*session{}
}

func (s *Server) conns() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*conn
	for _, own := range s.gateway.current {
		if own.conn != nil {
			out = append(out, own.conn)
		}
	}
	return out
}

// Gateway returns what happened at the gateway.
func (s *Server) Gateway() GatewayCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.counts
}

// WaitGateway waits until what happened at the gateway is enough.
func (s *Server) WaitGateway(ctx context.Context, enough func(GatewayCounts) bool) error {
	return s.until(ctx, func() bool { return enough(s.gateway.counts) })
}

// WaitReady waits until n shards are connected.
func (s *Server) WaitReady(ctx context.Context, n int) error {
	return s.until(ctx, func() bool { return s.ready() >= n })
}

func (s *Server) ready() int {
	n := 0
	for _, own := range s.gateway.current {
		if own.conn != nil {
			n++
		}
	}
	return n
}
