package tgtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody is how many bytes of a request are read.
const maxBody = 1 << 20

func readParams(r *http.Request) (map[string]any, error) {
	if r.Method != http.MethodPost {
		return nil, fmt.Errorf("it is sent with %s", r.Method)
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	switch ct := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(ct, "multipart/form-data"):
		return readForm(r)
	case ct != "application/json":
		return nil, fmt.Errorf("content type %q", ct)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if !json.Valid(body) {
		return nil, errors.New("it is no JSON")
	}
	v := readJSON(body)
	params, ok := v.(map[string]any)
	if !ok && v != nil { // telebot sends null where there are no parameters
		return nil, errors.New("it is no object")
	}
	return params, nil
}

// File is a file that the bot sent.
type File struct {
	Name, Type string
	Data       []byte
}

// readForm reads the form in which files come: other values are text, or JSON.
func readForm(r *http.Request) (map[string]any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	params := map[string]any{}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return params, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		switch {
		case part.FileName() != "":
			params[part.FormName()] = File{part.FileName(), part.Header.Get("Content-Type"), data}
		case json.Valid(data):
			params[part.FormName()] = readJSON(data)
		default:
			params[part.FormName()] = string(data)
		}
	}
}

func readJSON(data []byte) any {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil
	}
	return v
}
