package kb

import (
	"embed"
	"io/fs"
)

//go:embed all:content
var content embed.FS

// Content is the knowledge base that is part of the program.
func Content() fs.FS {
	sub, err := fs.Sub(content, "content")
	if err != nil {
		panic(err) // the folder is embedded by name
	}
	return sub
}
