package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"
)

// Operations of the gateway.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// Limits of a connection.
const (
	dialTime  = 10 * time.Second
	writeTime = 10 * time.Second
	maxFrame  = 16 << 20 // READY of a bot in many servers; events stay far below
	lostAfter = 4000     // a close code by which Discord keeps the session
)

// intents are the events that the bot needs: messages in servers and in private
// chats. Both are free; interactions come without any.
const intents = discordgo.IntentsGuildMessages | discordgo.IntentsDirectMessages

// link is the session of one shard at the gateway, which outlives its
// connections.
type link struct {
	token string
	shard [2]int
	hello time.Duration // how long Hello, and then READY, may take
	event func(kind string, d json.RawMessage)
	bad   func(error) // told of what cannot be read

	id     string // of the session; empty for none
	resume string // where it is taken up again
	seq    atomic.Int64
}

// frame is what goes over a connection.
type frame struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	S  *int64          `json:"s,omitempty"`
	T  string          `json:"t,omitempty"`
}

// ended says why a connection ended.
type ended struct {
	text  string
	fresh bool // the session is lost: a new one is needed
	code  int  // the server's close code, or 0
}

func (e *ended) Error() string { return e.text }

// run holds one connection, until ctx ends or the connection does. Up is called
// when the session is there, with true when it is a new one. The error is never
// nil.
func (l *link) run(ctx context.Context, url string, up func(fresh bool, ready ready)) error {
	if l.id != "" && l.resume != "" {
		url = l.resume
	}
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	ws, _, err := (&websocket.Dialer{HandshakeTimeout: dialTime}).DialContext(dialing, url+"?v=10&encoding=json", nil)
	if err != nil {
		l.resume = "" // perhaps that address is what is wrong
		return fmt.Errorf("connect: %w", err)
	}
	ws.SetReadLimit(maxFrame)
	c := &conn{ws: ws, done: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { c.close(websocket.CloseNormalClosure) })
	defer stop()
	defer c.close(lostAfter)
	interval, err := l.greet(c)
	if err != nil {
		return err
	}
	var beating sync.WaitGroup
	defer beating.Wait()
	defer close(c.done)
	beating.Go(func() { l.beat(c, interval) })
	return l.listen(c, interval, up)
}

// greet waits for Hello and says who is there.
func (l *link) greet(c *conn) (interval time.Duration, err error) {
	f, err := c.read(l.hello)
	if err != nil {
		return 0, err
	}
	var hello struct {
		Interval int64 `json:"heartbeat_interval"`
	}
	if f.Op != opHello || json.Unmarshal(f.D, &hello) != nil || hello.Interval <= 0 {
		return 0, &ended{text: fmt.Sprintf("the gateway began with operation %d in place of Hello", f.Op)}
	}
	interval = time.Duration(min(hello.Interval, time.Hour.Milliseconds())) * time.Millisecond
	if l.id != "" {
		return interval, c.write(opResume, map[string]any{"token": l.token, "session_id": l.id, "seq": l.seq.Load()})
	}
	l.seq.Store(0)
	return interval, c.write(opIdentify, discordgo.Identify{
		Token: l.token, Intents: intents, Shard: &l.shard, LargeThreshold: 50,
		Properties: discordgo.IdentifyProperties{OS: runtime.GOOS, Browser: "optoutbot", Device: "optoutbot"},
	})
}

// beat sends heartbeats, the first after a random part of the interval. One that
// was not acknowledged by the next ends the connection.
func (l *link) beat(c *conn, interval time.Duration) {
	next := rand.N(interval)
	for {
		t := time.NewTimer(next)
		select {
		case <-c.done:
			t.Stop()
			return
		case <-t.C:
		}
		if c.waiting.Swap(true) {
			c.close(lostAfter) // whoever reads finds out
			return
		}
		if c.write(opHeartbeat, l.lastSeq()) != nil {
			c.close(lostAfter)
			return
		}
		next = interval
	}
}

// lastSeq is the number of the last event, nil before the first.
func (l *link) lastSeq() any {
	if n := l.seq.Load(); n > 0 {
		return n
	}
	return nil
}

// listen reads until the connection ends. Nothing that is read ends it but what
// is meant to.
func (l *link) listen(c *conn, interval time.Duration, up func(bool, ready)) error {
	there, begin := false, time.Now()
	for {
		limit := 2*interval + l.hello // a heartbeat's acknowledgement comes before
		if !there {
			limit = max(time.Millisecond, l.hello-time.Since(begin))
		}
		f, err := c.read(limit)
		if bad := (*unreadable)(nil); errors.As(err, &bad) {
			l.bad(err)
			continue
		}
		if err != nil {
			return l.closed(err)
		}
		switch f.Op {
		case opHeartbeat:
			err = c.write(opHeartbeat, l.lastSeq())
		case opAck:
			c.waiting.Store(false)
		case opReconnect:
			return &ended{text: "the gateway asked for a new connection"}
		case opInvalid:
			if string(f.D) == "true" {
				return &ended{text: "the gateway asked to resume"}
			}
			return l.forget("the session is no longer valid")
		case opDispatch:
			if l.dispatch(f, up) {
				there = true
			}
		}
		if err != nil {
			return err
		}
	}
}

// ready is what the adapter needs of READY.
type ready struct {
	Session string `json:"session_id"`
	Resume  string `json:"resume_gateway_url"`
	User    user   `json:"user"`
	App     struct {
		ID string `json:"id"`
	} `json:"application"`
}

// dispatch hands an event on, and reports whether it began or took up a session.
// Its number counts once it was handed on, so that what was lost with the
// connection comes again.
func (l *link) dispatch(f frame, up func(bool, ready)) bool {
	began := false
	switch f.T {
	case "READY":
		var r ready
		if err := json.Unmarshal(f.D, &r); err != nil || r.Session == "" {
			l.bad(fmt.Errorf("READY has another form than expected"))
			break
		}
		l.id, l.resume, began = r.Session, r.Resume, true
		up(true, r)
	case "RESUMED":
		began = true
		up(false, ready{})
	default:
		l.event(f.T, f.D)
	}
	if f.S != nil && *f.S > l.seq.Load() {
		l.seq.Store(*f.S)
	}
	return began
}

// forget drops the session.
func (l *link) forget(why string) error {
	l.id, l.resume = "", ""
	return &ended{text: why, fresh: true}
}

// Close codes: Discord, Gateway Close Event Codes.
const (
	closeToken       = 4004
	closeShard       = 4010
	closeSharding    = 4011
	closeVersion     = 4012
	closeIntents     = 4013
	closeDisallowed  = 4014
	closeSequence    = 4007
	closeTimedOut    = 4009
	closeNotIdentify = 4003
)

// closed says what the end of a connection means for the session.
func (l *link) closed(err error) error {
	shut := (*websocket.CloseError)(nil)
	if !errors.As(err, &shut) {
		return err
	}
	out := &ended{text: fmt.Sprintf("the gateway closed the connection with code %d", shut.Code), code: shut.Code}
	switch shut.Code {
	case closeSequence, closeTimedOut, closeNotIdentify, websocket.CloseNormalClosure, websocket.CloseGoingAway:
		out.fresh = true
		l.id, l.resume = "", ""
	}
	return out
}

// conn is one connection.
type conn struct {
	ws      *websocket.Conn
	done    chan struct{} // closed when nobody reads any more
	waiting atomic.Bool   // a heartbeat was not acknowledged

	mu   sync.Mutex // of writing
	shut sync.Once
}

// unreadable is a frame that is none.
type unreadable struct{}

func (unreadable) Error() string { return "a frame of the gateway is no JSON of the form expected" }

// read reads a frame and waits for it no longer than limit.
func (c *conn) read(limit time.Duration) (frame, error) {
	var f frame
	if err := c.ws.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return f, err
	}
	_, data, err := c.ws.ReadMessage()
	if err != nil {
		return f, err
	}
	f.Op = -1
	if json.Unmarshal(data, &f) != nil || f.Op < 0 {
		return f, &unreadable{}
	}
	return f, nil
}

func (c *conn) write(op int, d any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ws.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return c.ws.WriteJSON(map[string]any{"op": op, "d": d})
}

// close ends the connection. It waits for nothing.
func (c *conn) close(code int) {
	c.shut.Do(func() {
		end := websocket.FormatCloseMessage(code, "")
		_ = c.ws.WriteControl(websocket.CloseMessage, end, time.Now().Add(time.Second)) // it is closed anyway
		_ = c.ws.Close()
	})
}
