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
	lapsed   map[string]bool // by the id of an interaction
}

// GatewayCounts say what happened at the gateway.
type GatewayCounts struct {
	Dials, Identified, Resumed, Heartbeats int
	Before                                 string // what stood before /ws in the last connection's address
	Intents                                int    // of the last identify
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
