// Package picture makes a photograph of a letter readable: upright, straight, evenly lit, quiet and of a good size.
//
// It owns the decoding of JPEG and PNG within a bound of memory, and the pixels in between. Letters arrive as telephones
// take them: turned on their side with a note in EXIF that says so, a few degrees askew, half in shadow, noisy, and far
// larger or smaller than a reader of text likes. What can be known from the picture alone is put right here; whether it
// stands on its head is for the reader to find out, because ink looks the same both ways.
//
// The way of a picture: Check (header alone) → Decode (grey, at most MaxSide, turned as EXIF says) → Prepare (median
// against specks, light divided out, skew turned back, letters brought to size).
//
// It starts no goroutine, keeps nothing between calls and never looks at file names or claimed types.
package picture
