package dctest

import (
	"encoding/json"
	"net/http"
)

// Kind is a way in which the server misbehaves.
type Kind int

// The kinds for requests.
const (
	Unauthorized   Kind = iota // 401
	Forbidden                  // 403
	TooMany                    // 429 of the route
	TooManyAll                 // 429 of everything
	TooManyHTML                // 429 with a page and a Retry-After header
	Internal                   // 500
	BadGateway                 // 502 with a page
	CutBefore                  // the connection is cut and nothing was done
	CutAfter                   // it was done and the connection is cut
	BrokenBody                 // it was done and the answer's body is broken
	PartBody                   // it was done and the answer stops in the middle
	UnknownWebhook             // 404: the interaction has no answer yet, or has ended
)

// The kinds for the gateway, at AtHello, AtReady or AtEvent.
const (
	Silence       Kind = 100 + iota // nothing comes
	Reconnect                       // operation 7
	Invalid                         // operation 9, false
	InvalidResume                   // operation 9, true
	Ack                             // operation 11 that answers nothing; what should come does
	Close                           // the connection ends with the code Value
	Drop                            // the connection ends without a word
	Garbage                         // a text that is no JSON; what should come does
	Null                            // the JSON null; what should come does
	Poison                          // an event with wrong types; what should come does
	Twice                           // an event comes twice
	Shuffled                        // an event comes after the next one
)

// Moments of a connection, in the place of a route.
const (
	AtDial  = "gateway dial"
	AtHello = "gateway hello"
	AtReady = "gateway ready"
	AtEvent = "gateway event"
)

// Fault is a misbehaviour that was ordered.
type Fault struct {
	Kind  Kind
	Route string  // "" for any request, but for no moment of the gateway
	Times int     // how often it happens; 0 is once, -1 until the end
	Value float64 // seconds of retry_after, or the close code
}

// Order makes the server misbehave.
func (s *Server) Order(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Calm takes all faults back.
func (s *Server) Calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault takes the next fault for a request or a moment.
func (s *Server) fault(c Call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faultLocked(c)
}

func (s *Server) faultLocked(c Call) *Fault {
	moment := c.Route == AtDial || c.Route == AtHello || c.Route == AtReady || c.Route == AtEvent
	for i, f := range s.faults {
		if f.Route == "" && moment || f.Route != "" && f.Route != c.Route {
			continue
		}
		if f.Times--; f.Times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return f
	}
	return nil
}

const page = "<html><head><title>Error</title></head><body>cloudflare</body></html>"

// before misbehaves instead of carrying a request out, and reports whether it
// did.
func (f *Fault) before(w http.ResponseWriter) bool {
	switch f.Kind {
	case Unauthorized:
		refuse(w, &refusal{status: 401, text: "401: Unauthorized"})
	case Forbidden:
		refuse(w, &refusal{status: 403, code: 50001, text: "Missing Access"})
	case TooMany:
		refuse(w, &refusal{status: 429, text: "You are being rate limited.", retry: f.Value})
	case TooManyAll:
		refuse(w, &refusal{status: 429, text: "You are being rate limited.", retry: f.Value, global: true})
	case TooManyHTML:
		w.Header().Set("Retry-After", "1")
		sendPage(w, 429)
	case Internal:
		refuse(w, &refusal{status: 500, text: "500: Internal Server Error"})
	case UnknownWebhook:
		refuse(w, &refusal{status: 404, code: 10015, text: "Unknown Webhook"})
	case BadGateway:
		sendPage(w, 502)
	case CutBefore:
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// after misbehaves instead of sending the result, and reports whether it did.
func (f *Fault) after(w http.ResponseWriter) bool {
	switch f.Kind {
	case CutAfter:
		panic(http.ErrAbortHandler)
	case BrokenBody:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":[`)) // the client may be gone
	case PartBody:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte(`{"id":"1",`)) // the client may be gone
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

func sendPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page)) // the client may be gone
}

// instead reports whether what should come does not.
func (f *Fault) instead() bool {
	switch f.Kind {
	case Ack, Garbage, Null, Poison:
		return false
	}
	return true
}

// poison has the wrong types everywhere.
const poison = `{"op":0,"s":"x","t":"MESSAGE_CREATE","d":{"id":[],"author":7,"content":{},"mentions":"x"}}`

// frames misbehaves on a connection. Its result is for the moments before an
// event: whether it did something.
func (f *Fault) frames(c *conn) bool {
	out := frame{}
	switch f.Kind {
	case Silence:
		return true
	case Reconnect:
		out = frame{Op: OpReconnect}
	case Invalid:
		out = frame{Op: OpInvalid, D: json.RawMessage("false")}
	case InvalidResume:
		out = frame{Op: OpInvalid, D: json.RawMessage("true")}
	case Ack:
		out = frame{Op: OpAck}
	case Garbage:
		out.text = []byte(`{"op":`)
	case Null:
		out.text = []byte("null")
	case Poison:
		out.text = []byte(poison)
	case Close:
		c.close(int(f.Value))
		return true
	case Drop:
		c.close(0)
		return true
	default:
		return false
	}
	_ = c.write(out) // the client may be gone
	return true
}

// misbehave does so at an event. It reports whether the event was written.
func (s *Server) misbehave(own *session, f frame, fault *Fault) bool {
	switch fault.Kind {
	case Twice:
		s.push(own, f)
		return s.push(own, f)
	case Shuffled:
		own.pending = &f
		return true
	case Reconnect, Invalid, InvalidResume, Close, Drop:
		ok := s.push(own, f) // it may be on the way when the connection ends
		fault.frames(own.conn)
		own.conn = nil
		s.change()
		if fault.Kind == Invalid {
			delete(s.gateway.sessions, own.id)
		}
		return ok
	case Silence:
		own.conn.mute = true
	default:
		fault.frames(own.conn)
	}
	return s.push(own, f)
}
