#include "textflag.h"

// One quote: its index to the list, and on to the next.
#define QUOTE(offset) \
	TZCNTQ AX, DX \
	BLSRQ AX, AX \
	ADDL R8, DX \
	MOVL DX, offset(R11)

// func stringsAVX2(b *block, n int, quotes *uint32, s *state) (read int)
TEXT ·stringsAVX2(SB), NOSPLIT, $0-40
	MOVQ b+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ quotes+16(FP), DI
	MOVQ s+24(FP), R13
	MOVQ 0(R13), R9  // quotes so far
	MOVQ 8(R13), R10 // all ones within a string
	MOVQ 16(R13), R8 // where the block stands
	XORQ BX, BX
	PCMPEQB X1, X1

next:
	CMPQ BX, CX
	JGE done
	CMPQ 8(SI), $0
	JNE done // a backslash
	MOVQ 0(SI), AX
	MOVQ AX, X0
	PCLMULQDQ $0, X1, X0
	MOVQ X0, DX
	XORQ R10, DX
	MOVQ DX, R10
	SARQ $63, R10
	NOTQ DX
	ANDQ DX, 16(SI)  // brackets
	MOVQ R9, 56(SI)  // before
	LEAQ (DI)(R9*4), R11
	POPCNTQ AX, R12
	ADDQ R12, R9
	TESTQ AX, AX
	JZ after

eight:
	QUOTE(0)
	QUOTE(4)
	QUOTE(8)
	QUOTE(12)
	QUOTE(16)
	QUOTE(20)
	QUOTE(24)
	QUOTE(28)
	ADDQ $32, R11
	TESTQ AX, AX
	JNZ eight

after:
	ADDQ $64, R8
	ADDQ $64, SI
	INCQ BX
	JMP next

done:
	MOVQ R9, 0(R13)
	MOVQ R10, 8(R13)
	MOVQ R8, 16(R13)
	MOVQ BX, read+32(FP)
	RET
