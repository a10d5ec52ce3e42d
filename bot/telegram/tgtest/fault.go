package tgtest

import (
	"net/http"
	"slices"
	"time"
)

// Kind is a way in which the server misbehaves.
type Kind int

// The kinds. Those before CutAfter happen before the method is carried out.
const (
	Unauthorized Kind = iota // 401
	Conflict                 // 409
	TooMany                  // 429 with retry_after
	TooManyHTML              // 429 with a page and no retry_after
	Internal                 // 500
	BadGateway               // 502 with a page
	Page                     // 200 with a page
	Parse                    // 400 can't parse entities
	Blocked                  // 403
	ForAll                   // 400 no messages for one person here
	Migrated                 // 400 with migrate_to_chat_id
	Hasty                    // nothing, at once, where the server should wait
	CutBefore                // the connection is cut and nothing was done
	CutAfter                 // it was done and the connection is cut
	CutBody                  // it was done and the answer stops in the middle
	Slow                     // it was done and the answer comes in many pieces
)

// Fault is a misbehaviour that was ordered.
type Fault struct {
	Kind   Kind
	Method string                    // "" for any
	Times  int                       // how often it happens; 0 is once, -1 until the end
	Only   func(map[string]any) bool // requests that it happens to; nil for all
	Value  int64                     // seconds of retry_after, the id of migrate_to_chat_id
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

// fault takes the next fault for a request.
func (s *Server) fault(method string, params map[string]any) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Times == 0 || f.Method != "" && f.Method != method || f.Only != nil && !f.Only(params) {
			continue
		}
		f.Times--
		return f
	}
	return nil
}

const slowPieces = 200

const page = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"

// Before misbehaves instead of carrying the method out, and reports whether it
// did.
func (f *Fault) Before(w http.ResponseWriter) bool {
	switch f.Kind {
	case Unauthorized:
		refuse(w, 401, "Unauthorized", nil)
	case Conflict:
		refuse(w, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", nil)
	case TooMany:
		refuse(w, 429, "Too Many Requests: retry after", map[string]any{"retry_after": f.Value})
	case Internal:
		refuse(w, 500, "Internal Server Error", nil)
	case Parse:
		refuse(w, 400, "Bad Request: can't parse entities: unsupported start tag", nil)
	case ForAll:
		refuse(w, 400, "Bad Request: MESSAGE_NOT_COMMAND", nil)
	case Blocked:
		refuse(w, 403, "Forbidden: bot was blocked by the user", nil)
	case Migrated:
		refuse(w, 400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": f.Value})
	case TooManyHTML:
		sendPage(w, 429)
	case BadGateway:
		sendPage(w, 502)
	case Page:
		sendPage(w, 200)
	case Hasty:
		_, _ = w.Write([]byte(`{"ok":true,"result":[]}`)) // the client may be gone
	case CutBefore:
		cut(w)
	default:
		return false
	}
	return true
}

// After misbehaves instead of sending the result, and reports whether it did.
func (f *Fault) After(w http.ResponseWriter, result []byte) bool {
	switch f.Kind {
	case CutAfter:
		cut(w)
	case CutBody:
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(result[:len(result)/2]) // the client may be gone
		cut(w)
	case Slow:
		for piece := range slices.Chunk(result, max(1, len(result)/slowPieces)) {
			_, _ = w.Write(piece)
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
			<-time.After(time.Millisecond)
		}
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

// cut ends the connection without another word.
func cut(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok && w.Header().Get("Content-Length") != "" {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
