package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"time"

	"bytes"

	"github.com/bwmarrin/discordgo"
)

const (
	maxInteraction = 1 << 20         // bytes of a request; real ones stay below 100 KiB
	maxAge         = 5 * time.Minute // of a signature
	stampHeader    = "X-Signature-Timestamp"
)

// serve receives interactions by HTTP until ctx ends: requests that came before
// are answered first.
func (a *Adapter) serve(ctx context.Context) error {
	key, err := hex.DecodeString(a.cfg.Endpoint.PublicKey)
	if err != nil {
		return fmt.Errorf("the public key: %w", err)
	}
	server := &http.Server{
		Handler: a.endpoint(key), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // it would write addresses
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(a.cfg.Endpoint.Listener) }()
	a.receiving.Add(1)
	defer a.receiving.Add(-1)
	a.log.Info("discord interactions are received by HTTP", "address", a.cfg.Endpoint.Listener.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("interactions endpoint: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Grace+time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close() // requests that are left get no answer
	}
	<-ended
	return nil
}

// endpoint answers interactions that Discord has signed, and nothing else.
func (a *Adapter) endpoint(key ed25519.PublicKey) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "interactions are posted", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInteraction))
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			return // the connection is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !a.inTime(r.Header.Get(stampHeader)) || !discordgo.VerifyInteraction(r, key) {
			a.counts.forged.Add(1)
			http.Error(w, "invalid request signature", http.StatusUnauthorized)
			return
		}
		a.accept(w, body)
	})
}

// inTime reports whether a signature's time is near enough to be Discord's own
// request and not a copy of one.
func (a *Adapter) inTime(stamp string) bool {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && a.now().Sub(time.Unix(seconds, 0)).Abs() <= maxAge
}

// accept answers a signed request. What was answered before is a copy.
func (a *Adapter) accept(w http.ResponseWriter, body []byte) {
	begin := time.Now()
	i, err := decodeInteraction(body)
	if err != nil {
		a.counts.poisoned.Add(1)
		a.log.Error("discord interaction set aside", "err", err)
	}
	if i == nil {
		http.Error(w, "no interaction", http.StatusBadRequest)
		return
	}
	if !a.fresh(i) {
		a.counts.forged.Add(1)
		http.Error(w, "this request was answered", http.StatusUnauthorized)
		return
	}
	done := make(chan struct{})
	ctx, cancel := context.WithDeadline(a.work, begin.Add(answerTime))
	defer cancel()
	taken := a.quick.take(ctx, "", func() {
		defer close(done)
		a.answerHTTP(ctx, w, i, err != nil)
	})
	if !taken {
		http.Error(w, "too much at once", http.StatusServiceUnavailable)
		return
	}
	<-done
}

// answerHTTP writes the answer to an interaction. One with files goes by a call,
// and the request is only acknowledged.
func (a *Adapter) answerHTTP(ctx context.Context, w http.ResponseWriter, i *interaction, bare bool) {
	s := a.handle(ctx, i, bare)
	if len(s.files) > 0 {
		if err := a.call(ctx, i, s); err != nil {
			a.failed(err)
		} else {
			a.counts.answers.Add(1)
			a.more(i, s)
		}
		w.WriteHeader(http.StatusAccepted)
		return
	}
	data, err := json.Marshal(s.answer)
	if err != nil {
		a.errorOf("answer not encoded", err)
		http.Error(w, "sorry", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, err = w.Write(data)
	if err = errors.Join(err, http.NewResponseController(w).Flush()); err != nil { // before further messages go out
		a.failed(errors.New("the connection was gone"))
		return
	}
	a.counts.answers.Add(1)
	a.counts.messages.Add(1)
	a.more(i, s)
}

// more sends further messages when the answer is out.
func (a *Adapter) more(i *interaction, s said) {
	if len(s.rest) > 0 {
		a.slow.take(a.work, "more"+i.ID, func() { a.sayMore(i, s) })
	}
}
