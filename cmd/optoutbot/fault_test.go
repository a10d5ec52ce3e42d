package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/telegram/tgtest"
	"optoutbot/kb"
)

// TestFaultRun asks the real program many questions while the server
// misbehaves in every way and the program is killed and started again. It runs
// only when OPTOUTBOT_FAULTS says how many updates:
//
//	OPTOUTBOT_FAULTS=10000 go test -run TestFaultRun -v -timeout 30m ./cmd/optoutbot
func TestFaultRun(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("OPTOUTBOT_FAULTS"))
	if err != nil {
		t.Skip("OPTOUTBOT_FAULTS does not say how many updates")
	}
	r := newFaultRun(t, n)
	defer r.server.Close()
	r.deliver()
	begin := time.Now()
	for r.left() > 0 {
		r.live(t)
	}
	r.report(t, time.Since(begin))
}

const (
	faultChats = 500
	faultKills = 20
	calmFor    = 40 // answers between two faults
)

// faultRun is the state of a fault run.
type faultRun struct {
	server *tgtest.Server
	bin    string
	dir    string
	n      int

	asked     map[string]int // chat and title → place among the chat's questions
	questions []asked
	poisoned  int
	repeats   int

	mu       sync.Mutex
	answered chan struct{}     // gets something with each answer
	sent     map[string][]sent // by chat and title, in the order in which they came
	order    map[int64][]int   // by chat: the places of its questions as they were first answered
	messages int
	ordered  map[tgtest.Kind]int

	lives, kills, ends int
}

type asked struct {
	text, title string
}

// sent is an answer: in which life of the program, and whether it was told.
type sent struct {
	life string
	cut  bool
}

func newFaultRun(t *testing.T, n int) *faultRun {
	t.Helper()
	r := &faultRun{
		server: tgtest.New(), dir: t.TempDir(), n: n, asked: map[string]int{}, answered: make(chan struct{}, 1),
		sent: map[string][]sent{}, order: map[int64][]int{}, ordered: map[tgtest.Kind]int{},
	}
	r.bin = filepath.Join(r.dir, "optoutbot")
	if out, err := exec.Command("go", "build", "-o", r.bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	a := &app{streams: streams{nil, os.Stdout, os.Stderr}, getenv: os.Getenv}
	b, base, ix, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }() // nothing was written
	for _, e := range base.Entries {
		if e.Kind != kb.Answer {
			continue
		}
		q := e.Texts[kb.English].Questions[0]
		if got, err := b.Ask(t.Context(), bot.Question{Text: q}); err == nil && got.Entry == e.ID && got.Outcome == bot.Answer && got.Claim == "" {
			r.questions = append(r.questions, asked{q, got.Title})
		}
	}
	if per := (n + faultChats - 1) / faultChats; len(r.questions) < per {
		t.Fatalf("%d questions have an answer of their own, want %d", len(r.questions), per)
	}
	r.server.OnCall = r.onCall
	return r
}

// chat is the i-th chat: half are private, half groups.
func chat(i int) int64 {
	if i%2 == 0 {
		return int64(1000 + i)
	}
	return int64(-1000 - i)
}

func key(chat int64, title string) string { return fmt.Sprint(chat, " ", title) }

// deliver queues all updates, a poisoned one with every hundred, and some
// twice.
func (r *faultRun) deliver() {
	for i := range r.n {
		c, k := chat(i%faultChats), i/faultChats
		q := r.questions[(i%faultChats+k)%len(r.questions)]
		r.asked[key(c, q.title)] = k
		message := int64(k + 1)
		u := tgtest.Private(c, message, q.text)
		if c < 0 {
			u = tgtest.Group(c, 1, message, "/ask@"+tgtest.Username+" "+q.text)
		}
		id := r.server.Deliver(u)
		if i%100 == 0 {
			r.server.DeliverRaw(`{"update_id":%d,"message":{"message_id":"x","chat":[]}}`)
			r.poisoned++
			r.server.Repeat(id, u)
			r.repeats++
		}
	}
}

// onCall takes down an answer, and makes bad weather now and then.
func (r *faultRun) onCall(c tgtest.Call) {
	if c.Method != "sendMessage" {
		return
	}
	title, _, _ := strings.Cut(c.Visible(), "\n")
	r.mu.Lock()
	r.messages++
	bad := r.messages%calmFor == 0
	k := key(c.Int("chat_id"), title)
	if place, ok := r.asked[k]; ok && len(r.sent[k]) == 0 {
		r.order[c.Int("chat_id")] = append(r.order[c.Int("chat_id")], place)
	}
	r.sent[k] = append(r.sent[k], sent{c.Before, c.Cut})
	r.mu.Unlock()
	if bad {
		r.misbehave()
	}
	select {
	case r.answered <- struct{}{}:
	default:
	}
}

// misbehave orders a fault of any kind.
func (r *faultRun) misbehave() {
	kinds := []tgtest.Kind{
		tgtest.Unauthorized, tgtest.Conflict, tgtest.TooMany, tgtest.TooManyHTML, tgtest.Internal, tgtest.BadGateway,
		tgtest.Page, tgtest.CutBefore, tgtest.CutAfter, tgtest.CutBody, tgtest.Slow,
	}
	f := tgtest.Fault{Kind: kinds[rand.N(len(kinds))], Method: "sendMessage", Value: 1}
	if rand.N(2) == 0 || f.Kind == tgtest.Conflict {
		f.Method = "getUpdates"
	}
	r.mu.Lock()
	r.ordered[f.Kind]++
	r.mu.Unlock()
	r.server.Order(f)
}

// left counts the questions without an answer.
func (r *faultRun) left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.asked)
	for k := range r.asked {
		if len(r.sent[k]) > 0 {
			n--
		}
	}
	return n
}

// command is the program with its settings: no limits, and an address that tells
// in which life a call was made.
func (r *faultRun) command(ctx context.Context, log *os.File) *exec.Cmd {
	cmd := exec.CommandContext(ctx, r.bin, "serve")
	cmd.Stderr = log
	cmd.Env = append(os.Environ(), "TELEGRAM_TOKEN="+tgtest.Token, fmt.Sprintf("TELEGRAM_URL=%s/life%d", r.server.URL, r.lives),
		"DATA="+filepath.Join(r.dir, "data"), "ADMIN=off",
		"TELEGRAM_JOURNAL="+filepath.Join(r.dir, "updates"), "TELEGRAM_PER_SECOND=0", "TELEGRAM_CHAT_PER_SECOND=0",
		"TELEGRAM_GROUP_PER_MINUTE=0", "TELEGRAM_GROUP_ANSWERS=0", "TELEGRAM_PRIVATE_ANSWERS=0")
	return cmd
}

// live starts the program and lets it live until it is time to kill it, it ends
// by itself, or all is answered.
func (r *faultRun) live(t *testing.T) {
	t.Helper()
	r.lives++
	log, err := os.OpenFile(filepath.Join(r.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the program has written it
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := r.command(ctx, log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case <-r.answered:
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Fatalf("the program ended with %v", err)
			}
			r.ends++ // told 401 or 409, as it should
			return
		}
		signal := syscall.Signal(0)
		if r.left() == 0 {
			signal = syscall.SIGTERM
			r.server.Calm()
		} else if r.kills < faultKills && r.n-r.left() > (r.kills+1)*r.n/(faultKills+1) {
			signal = syscall.SIGKILL
			r.kills++
		}
		if signal != 0 {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Logf("signal: %v", err) // it has ended by itself at this moment
			}
			<-ended
			return
		}
	}
}

// tally accounts for every answer.
type tally struct {
	once        int
	killed      int // again, because killed between sending and acknowledging
	cut         int // again, because the server cut the connection after acting
	unexplained int // again, without a reason
	strange     int // nobody asked
	disorder    int // chats whose questions were not answered in order
}

func (r *faultRun) tally(t *testing.T) tally {
	t.Helper()
	var n tally
	for k, all := range r.sent {
		if _, ok := r.asked[k]; !ok {
			n.strange++
			t.Logf("nobody asked for %s", k)
		}
		if len(all) == 1 {
			n.once++
		}
		for i, s := range all[1:] {
			switch {
			case all[i].cut:
				n.cut++
			case all[i].life != s.life:
				n.killed++
			default:
				n.unexplained++
				t.Logf("twice in %s: %s", s.life, k)
			}
		}
	}
	for c, places := range r.order {
		if !slices.IsSorted(places) || len(places) > 0 && places[len(places)-1] != len(places)-1 {
			n.disorder++
			t.Logf("chat %d: got order %v", c, places)
		}
	}
	return n
}

// report prints the counts and fails if a question was lost, answered twice
// without a reason, or out of order.
func (r *faultRun) report(t *testing.T, took time.Duration) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	n, faults := r.tally(t), 0
	for _, times := range r.ordered {
		faults += times
	}
	t.Logf("%d questions from %d chats in %v; %d faults ordered; %d SIGKILLs; %d ends by 401 or 409; %d starts",
		len(r.asked), faultChats, took.Round(time.Second), faults, r.kills, r.ends, r.lives)
	t.Logf("poisoned updates %d, repeated %d", r.poisoned, r.repeats)
	t.Logf("answered once %d; again because killed between sending and acknowledging %d; again because the server cut the connection after acting %d; again without a reason %d; lost %d; chats out of order %d",
		n.once, n.killed, n.cut, n.unexplained, len(r.asked)-len(r.sent)+n.strange, n.disorder)
	log, err := os.ReadFile(filepath.Join(r.dir, "log"))
	if err != nil || strings.Contains(string(log), tgtest.Token) {
		t.Errorf("the log cannot be read (%v) or has the token", err)
	}
	if n.unexplained+n.strange+n.disorder > 0 || len(r.server.Wrong()) > 0 || r.server.Waiting() > 0 || r.kills < faultKills {
		t.Errorf("wrong requests %v; %d updates not acknowledged", r.server.Wrong(), r.server.Waiting())
	}
}
