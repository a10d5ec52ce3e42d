package tgtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// hook delivers updates to the bot's webhook until it answers 200.
type hook struct {
	url, secret string
	cancel      context.CancelFunc
	wg          sync.WaitGroup
}

func (h *hook) stop() {
	if h != nil {
		h.cancel()
		h.wg.Wait()
	}
}

// webhookInfo is what getWebhookInfo gives.
func (s *Server) webhookInfo() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(s.queue)}
	if s.hook != nil {
		info["url"] = s.hook.url
	}
	if s.HookError != "" {
		info["last_error_date"], info["last_error_message"] = time.Now().Unix(), s.HookError
	}
	return info
}

// setWebhook starts to deliver; without an address it stops.
func (s *Server) setWebhook(c Call) {
	s.mu.Lock()
	old := s.hook
	s.hook = nil
	s.mu.Unlock()
	old.stop()
	if c.Text("url") == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &hook{url: c.Text("url"), secret: c.Text("secret_token"), cancel: cancel}
	connections := int(c.Int("max_connections"))
	if connections == 0 {
		connections = 40
	}
	s.mu.Lock()
	s.hook = h
	s.mu.Unlock()
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	work := make(chan queued)
	for range connections {
		h.wg.Go(func() {
			for q := range work {
				if !h.deliver(ctx, transport, q) {
					s.putBack(q)
				}
			}
		})
	}
	h.wg.Go(func() {
		defer transport.CloseIdleConnections()
		defer close(work)
		s.feed(ctx, work)
	})
}

// feed takes updates from the queue.
func (s *Server) feed(ctx context.Context, work chan<- queued) {
	for {
		s.mu.Lock()
		all, arrived := s.queue, s.arrived
		s.queue = nil
		s.mu.Unlock()
		for i, q := range all {
			select {
			case work <- q:
			case <-ctx.Done():
				s.putBack(all[i:]...)
				return
			}
		}
		if len(all) > 0 {
			continue
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return
		}
	}
}

// putBack queues what was not delivered, for the next webhook.
func (s *Server) putBack(q ...queued) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(slices.Clone(q), s.queue...)
}

// deliver posts an update until the bot has taken it, and reports whether it has;
// it has not when ctx ends before.
func (h *hook) deliver(ctx context.Context, t *http.Transport, q queued) bool {
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for !h.post(ctx, t, q) {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// post delivers an update and reports whether the bot took it.
func (h *hook) post(ctx context.Context, t *http.Transport, q queued) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(q.raw))
	if err != nil {
		panic(err) // setWebhook was given no URL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	resp, err := t.RoundTrip(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, resp.Body) // only the status counts
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
