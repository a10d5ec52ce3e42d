package tgtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// do carries out a method and returns the body of the answer.
func (s *Server) do(ctx context.Context, call Call) ([]byte, error) {
	method, params := call.Method, call.Params
	if s.Lenient {
		// as it is
	} else if err := s.check(method, params); err != nil {
		s.fail(fmt.Errorf("%s: %w", method, err))
		return nil, &refusal{400, "Bad Request: " + err.Error(), nil}
	}
	var result any = true
	switch method {
	case "getMe":
		result = map[string]any{"id": BotID, "is_bot": true, "first_name": "Test", "username": Username, "supports_inline_queries": true, "supports_guest_queries": !s.Old}
		if s.Me != nil {
			result = s.Me
		}
	case "getWebhookInfo":
		result = s.webhookInfo()
	case "getUpdates":
		return s.getUpdates(ctx, call)
	case "sendMessage", "editMessageText", "sendDocument":
		if err := s.mayBeForOne(call); err != nil {
			return nil, err
		}
		result = s.message(call)
	case "editEphemeralMessageText", "answerGuestQuery":
		if s.Old {
			return nil, &refusal{404, "Not Found: method not found", nil}
		}
	case "getChatMember":
		result = map[string]any{"status": "member", "user": User(call.Int("user_id"))}
		if slices.Contains(s.Admins, call.Int("user_id")) {
			result = map[string]any{"status": "administrator", "user": User(call.Int("user_id"))}
		}
	case "setWebhook":
		s.setWebhook(call)
	case "deleteWebhook":
		s.setWebhook(Call{})
	case "answerCallbackQuery", "answerInlineQuery":
	case "getMyCommands", "getMyName", "getMyDescription", "getMyShortDescription",
		"setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription":
		result = s.ownProfile(method, params)
	default:
		return nil, &refusal{404, "Not Found: method not found", nil}
	}
	s.record(call)
	return okBody(result), nil
}

func okBody(result any) []byte {
	data, err := json.Marshal(result)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return slices.Concat([]byte(`{"ok":true,"result":`), data, []byte("}"))
}

// record keeps a call and wakes those who wait for one.
func (s *Server) record(c Call) {
	if s.OnCall != nil {
		s.OnCall(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.OnCall == nil {
		s.calls = append(s.calls, c)
	}
	close(s.called)
	s.called = make(chan struct{})
}

// mayBeForOne refuses a message for one person where there is none: outside
// groups, and without anything that it answers unless the bot runs the group.
func (s *Server) mayBeForOne(c Call) error {
	press, secret := c.Answers()
	switch {
	case s.Old && secret != 0:
		return &refusal{400, "Bad Request: message to be replied not found", nil}
	case s.Old || c.OnlyFor() == 0:
	case c.Int("chat_id") > 0:
		return &refusal{400, "Bad Request: PEER_ID_INVALID", nil}
	case press == "" && secret == 0 && !s.Runs:
		return &refusal{400, "Bad Request: CHAT_ADMIN_REQUIRED", nil}
	}
	return nil
}

// message gives a message the next number in its chat; one for one person has a
// number of another kind.
func (s *Server) message(c Call) any {
	chat := c.Int("chat_id")
	if c.OnlyFor() != 0 && !s.Old {
		return map[string]any{
			"message_id": 0, "ephemeral_message_id": 77, "receiver_user": User(c.OnlyFor()), "date": c.At.Unix(),
			"chat": map[string]any{"id": chat, "type": "supergroup"}, "text": c.Text("text"),
		}
	}
	id := c.Int("message_id")
	s.mu.Lock()
	if id == 0 {
		counter := chat
		if s.OnCall != nil {
			counter = 0
		}
		s.messages[counter]++
		id = s.messages[counter]
	}
	s.mu.Unlock()
	return map[string]any{"message_id": id, "date": c.At.Unix(), "chat": map[string]any{"id": chat, "type": "private"}, "text": c.Text("text")}
}

// getUpdates confirms what comes before the offset and waits for more. Of two
// polls at once the older is ended, as Telegram does.
func (s *Server) getUpdates(ctx context.Context, c Call) ([]byte, error) {
	s.mu.Lock()
	if s.hook != nil {
		s.mu.Unlock()
		return nil, &refusal{409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", nil}
	}
	if s.poller != nil {
		s.poller()
	}
	mine, cancel := context.WithCancel(ctx)
	defer cancel()
	s.poller = cancel
	offset, limit := c.Int("offset"), int(c.Int("limit"))
	s.queue = slices.DeleteFunc(s.queue, func(q queued) bool { return q.id < offset && !q.again })
	s.mu.Unlock()
	s.record(c)
	late := time.NewTimer(time.Duration(c.Int("timeout")) * time.Second)
	defer late.Stop()
	for {
		s.mu.Lock()
		n, arrived := min(limit, len(s.queue)), s.arrived
		if n > 0 {
			defer s.mu.Unlock()
			body := batchBody(s.queue[:n])
			for i := range n {
				s.queue[i].again = false
			}
			return body, nil
		}
		s.mu.Unlock()
		select {
		case <-arrived:
		case <-late.C:
			return batchBody(nil), nil
		case <-mine.Done():
			return nil, &refusal{409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", nil}
		}
	}
}

func batchBody(all []queued) []byte {
	var b strings.Builder
	b.WriteString(`{"ok":true,"result":[`)
	for i, q := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(q.raw)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

// ownProfile keeps what the set… methods set for the get… methods.
func (s *Server) ownProfile(method string, params map[string]any) any {
	what := method[len("get"):]
	scope, _ := params["scope"].(map[string]any)
	key := fmt.Sprint(what, " ", scope["type"], " ", params["language_code"])
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasPrefix(method, "get") {
		if have := s.profile[key]; have != nil {
			return have
		}
		if what == "MyCommands" {
			return []any{}
		}
		return map[string]any{profileField(what): ""}
	}
	value := any(map[string]any{profileField(what): params[profileField(what)]})
	if what == "MyCommands" {
		value = s.commands(params["commands"])
	}
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	s.profile[key] = data
	return true
}

// commands are as the server keeps them.
func (s *Server) commands(v any) any {
	all, _ := v.([]any)
	for _, c := range all {
		if c, ok := c.(map[string]any); ok && s.Old {
			delete(c, "is_ephemeral")
		}
	}
	return v
}

func profileField(what string) string {
	switch what {
	case "MyDescription":
		return "description"
	case "MyShortDescription":
		return "short_description"
	}
	return "name"
}
