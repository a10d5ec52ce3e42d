package index

import (
	"maps"
	"slices"
	"testing"

	"optoutbot/kb"
)

func TestStemmersAreThoseThatContentMayName(t *testing.T) {
	want := slices.Sorted(slices.Values(kb.Stems))
	if got := slices.Sorted(maps.Keys(stemmers)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
