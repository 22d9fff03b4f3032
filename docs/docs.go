// Package docs holds this folder's pages and pictures, embedded as they stand. What they look like in a browser is
// manual's business.
package docs

import "embed"

// Files are the Markdown pages, by their path from this folder, and the pictures below images.
//
//go:embed *.md */*.md images/*.png
var Files embed.FS
