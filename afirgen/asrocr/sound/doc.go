// Package sound turns a recording into what recognisers of speech take: one channel of 16-bit samples at 16 kHz.
//
// It owns the decoding of WAV and MP3 within a bound of length, the mixing of channels and the change of rate. It starts
// no goroutine, keeps nothing between calls and never looks at file names or claimed types.
package sound
