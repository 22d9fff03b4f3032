#include "textflag.h"

// Sixteen times each byte that is compared with.
DATA lookFor<>+0x00(SB)/8, $0x2222222222222222 // "
DATA lookFor<>+0x08(SB)/8, $0x2222222222222222
DATA lookFor<>+0x10(SB)/8, $0x5c5c5c5c5c5c5c5c // \
DATA lookFor<>+0x18(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA lookFor<>+0x20(SB)/8, $0x1f1f1f1f1f1f1f1f // the last control character
DATA lookFor<>+0x28(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL lookFor<>(SB), RODATA|NOPTR, $48

// Sixteen bytes at offset: the bits of quotes to Q, of backslashes to B; X6
// gathers control characters (a byte that is its minimum with the last of
// them), X7 top bits.
#define LOOK16(offset, Q, B) \
	MOVOU offset(SI), X0 \
	MOVO X0, X1 \
	MOVO X0, X2 \
	MOVO X0, X3 \
	POR X0, X7 \
	PCMPEQB X8, X1 \
	PCMPEQB X9, X2 \
	PMINUB X10, X3 \
	PCMPEQB X0, X3 \
	PMOVMSKB X1, Q \
	PMOVMSKB X2, B \
	POR X3, X6

// func look(b *[64]byte) (quotes, backslashes, controls, high uint64)
TEXT ·look(SB), NOSPLIT, $0-40
	MOVQ b+0(FP), SI
	MOVOU lookFor<>+0x00(SB), X8
	MOVOU lookFor<>+0x10(SB), X9
	MOVOU lookFor<>+0x20(SB), X10
	PXOR X6, X6
	PXOR X7, X7
	LOOK16(0, AX, BX)
	LOOK16(16, CX, DX)
	SHLQ $16, CX
	SHLQ $16, DX
	ORQ CX, AX
	ORQ DX, BX
	LOOK16(32, CX, DX)
	SHLQ $32, CX
	SHLQ $32, DX
	ORQ CX, AX
	ORQ DX, BX
	LOOK16(48, CX, DX)
	SHLQ $48, CX
	SHLQ $48, DX
	ORQ CX, AX
	ORQ DX, BX
	PMOVMSKB X6, CX
	PMOVMSKB X7, DX
	MOVQ AX, quotes+8(FP)
	MOVQ BX, backslashes+16(FP)
	MOVQ CX, controls+24(FP)
	MOVQ DX, high+32(FP)
	RET
