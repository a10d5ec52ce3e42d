package telegram

import (
	"strings"
	"testing"
)

func TestSplitUpdates(t *testing.T) {
	deep := `{"update_id":2,"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`
	for _, c := range []struct {
		name, in string
		want     []int64
	}{
		{"none", `{"ok":true,"result":[]}`, nil},
		{"two", `{"ok":true,"result":[{"update_id":1},{"update_id":2}]}`, []int64{1, 2}},
		{"one that is nested too deep for the decoder", `{"ok":true,"result":[{"update_id":1},` + deep + `,{"update_id":3}]}`, []int64{1, 2, 3}},
		{"one that is no JSON", `{"ok":true,"result":[{"update_id":1},{"update_id":2,"x":tru},{"update_id":3}]}`, []int64{1, 2, 3}},
		{"brackets in a string", `{"ok":true,"result":[{"update_id":1,"x":"]}\"]}"},{"update_id":2,"x":tru}]}`, []int64{1, 2}},
		{"cut short", `{"ok":true,"result":[{"update_id":1},{"update_id":2,"message":{"te`, []int64{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := splitUpdates([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, raw := range all {
				id, _ := updateID(raw)
				got = append(got, id)
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
	if _, err := splitUpdates([]byte(`{"ok":true`)); err == nil {
		t.Error("half an answer without updates gives no error")
	}
}

func TestUpdateID(t *testing.T) {
	for in, want := range map[string]int64{
		`{"update_id":7}`:   7,
		`{"update_id" : 7}`: 7,
		`{"update_id":"7"}`: 7,
		`{"message":{"text":"\"update_id\":9"},"update_id":7}`: 7,
		`{"update_id":null}`:                 0,
		`{"update_id":99999999999999999999}`: 0,
		`{}`:                                 0,
	} {
		got, ok := updateID([]byte(in))
		if got != want && ok || ok != (want != 0) {
			t.Errorf("updateID(%s): got %d, %v, want %d", in, got, ok, want)
		}
	}
}

// What cannot be decoded is an error that names no value.
func TestDecodeBad(t *testing.T) {
	for _, in := range []string{
		`{"update_id":1,"message":{"message_id":"secret text"}}`,
		`{"update_id":1,"message":{"message_id":12345.678}}`,
		`{"update_id":1,"message":"secret text"}`,
		`{"update_id":1,"message":{"from":[]}}`,
		`{"update_id":1,"message":` + strings.Repeat(`{"reply_to_message":`, 70) + `{}` + strings.Repeat(`}`, 70) + `}`,
		`{"update_id":1`,
	} {
		_, err := decode([]byte(in))
		if err == nil {
			t.Errorf("decode(%.60s): got no error", in)
		} else if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "12345") {
			t.Errorf("decode(%.60s): the error has a value of the update: %v", in, err)
		}
	}
}
