package discord

import "sync"

// recent remembers something for each of the last keys that were used: at
// least limit of them and at most twice as many, in two maps of which the older
// is dropped when the newer is full.
type recent[V any] struct {
	limit int

	mu         sync.Mutex
	newer, old map[string]V
}

func newRecent[V any](limit int) *recent[V] {
	return &recent[V]{limit: limit, newer: map[string]V{}, old: map[string]V{}}
}

// change lets f change what is remembered for a key, the zero V when nothing
// is. F tells whether there was anything.
func (r *recent[V]) change(key string, f func(v V, known bool) V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, known := r.newer[key]
	if !known {
		v, known = r.old[key]
	}
	if len(r.newer) >= r.limit {
		r.old, r.newer = r.newer, make(map[string]V, r.limit)
	}
	r.newer[key] = f(v, known)
}

// first reports whether a key is new, and remembers it.
func (r *recent[V]) first(key string, v V) bool {
	is := false
	r.change(key, func(_ V, known bool) V { is = !known; return v })
	return is
}

// get gives what is remembered for a key.
func (r *recent[V]) get(key string) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.newer[key]; ok {
		return v
	}
	return r.old[key]
}

// all gives a copy of everything.
func (r *recent[V]) all() map[string]V {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[string]V, len(r.old)+len(r.newer))
	for k, v := range r.old {
		out[k] = v
	}
	for k, v := range r.newer {
		out[k] = v
	}
	return out
}
