package telegram

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

func TestLedger(t *testing.T) {
	l := newLedger(nil, nil)
	first, fresh := l.begin(1)
	if !fresh {
		t.Fatal("the first delivery is not new")
	}
	if again, fresh := l.begin(1); fresh || again != first {
		t.Error("a delivery while the first is in hand is taken for new")
	}
	if err := l.finish(first, false); err != nil {
		t.Fatal(err)
	}
	second, fresh := l.begin(1)
	if !fresh {
		t.Error("an update that was left is not new at the next delivery")
	}
	if err := l.finish(second, true); err != nil {
		t.Fatal(err)
	}
	if third, fresh := l.begin(1); fresh || !third.ok {
		t.Error("a handled update is taken for new")
	}
	if !l.handled(1) || l.handled(2) || l.inHand() != 0 {
		t.Errorf("got handled %v, %v, %d in hand", l.handled(1), l.handled(2), l.inHand())
	}
}

func TestLedgerForgets(t *testing.T) {
	l := newLedger(nil, nil)
	for id := range int64(3 * remembered) {
		e, _ := l.begin(id)
		if err := l.finish(e, true); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.done) != remembered || len(l.order) != remembered {
		t.Errorf("got %d and %d remembered, want %d", len(l.done), len(l.order), remembered)
	}
	if l.handled(2*remembered-1) || !l.handled(2*remembered) {
		t.Error("not the last are remembered")
	}
	if r := l.recent(); r[0] != 2*remembered || !slices.IsSorted(r) {
		t.Errorf("recent begins with %d", r[0])
	}
}

func TestJournal(t *testing.T) {
	name := filepath.Join(t.TempDir(), "updates")
	j, ids, err := openJournal(name)
	if err != nil || len(ids) != 0 {
		t.Fatalf("a new journal: got %v, %v", ids, err)
	}
	l := newLedger(j, ids)
	const n = 5*remembered + 7
	for id := range int64(n) {
		e, _ := l.begin(id)
		if err := l.finish(e, true); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(name)
	if err != nil || info.Size() > (2*remembered+1)*numberSize {
		t.Errorf("got %d bytes, %v, want at most %d", info.Size(), err, 2*remembered*numberSize)
	}
	// A kill in the middle of writing leaves half a number, and no close.
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	_, ids, err = openJournal(name)
	if err != nil || len(ids) == 0 || ids[len(ids)-1] != n-1 {
		t.Fatalf("opened again: got %d numbers, the last %v, error %v", len(ids), ids[max(0, len(ids)-1):], err)
	}
	again := newLedger(nil, ids)
	for id := int64(n - remembered/2); id < n; id++ {
		if !again.handled(id) {
			t.Fatalf("%d is forgotten", id)
		}
	}
	if left, err := filepath.Glob(name + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestJournalErrors(t *testing.T) {
	if _, _, err := openJournal(filepath.Join(t.TempDir(), "no", "such", "folder")); err == nil {
		t.Error("a journal in no folder gives no error")
	}
}

// Tasks of a lane run one after the other in order, those of others at the same
// time.
func TestPool(t *testing.T) {
	p := newPool(4)
	var mu sync.Mutex
	got := map[int64][]int{}
	for i := range 300 {
		lane := int64(i % 7)
		err := p.submit(t.Context(), lane, func() {
			mu.Lock()
			defer mu.Unlock()
			got[lane] = append(got[lane], i)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p.close()
	for lane, all := range got {
		if !slices.IsSorted(all) {
			t.Errorf("lane %d: got order %v", lane, all)
		}
	}
	if len(p.lanes) != 0 || len(p.slots) != 0 {
		t.Errorf("%d lanes and %d slots are left", len(p.lanes), len(p.slots))
	}
	if err := p.submit(t.Context(), 1, func() {}); err == nil {
		t.Error("a closed pool takes a task")
	}
}

// Two lanes run at the same time: each task waits for the other.
func TestPoolLanesAreIndependent(t *testing.T) {
	p := newPool(2)
	a, b := make(chan struct{}), make(chan struct{})
	for lane, f := range map[int64]func(){1: func() { close(a); <-b }, 2: func() { <-a; close(b) }} {
		if err := p.submit(t.Context(), lane, f); err != nil {
			t.Fatal(err)
		}
	}
	p.close()
}
