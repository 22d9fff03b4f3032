#include "textflag.h"

// Sixteen times each byte that is compared with.
DATA escapeFor<>+0x00(SB)/8, $0x2222222222222222 // "
DATA escapeFor<>+0x08(SB)/8, $0x2222222222222222
DATA escapeFor<>+0x10(SB)/8, $0x5c5c5c5c5c5c5c5c // \
DATA escapeFor<>+0x18(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA escapeFor<>+0x20(SB)/8, $0x1f1f1f1f1f1f1f1f // the last control character
DATA escapeFor<>+0x28(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL escapeFor<>(SB), RODATA|NOPTR, $48

// func escapeBlocks(dst, src *byte, blocks int, spread *[256][16]byte) (read, written int, high bool)
//
// Of sixteen bytes each half is put in front of eight backslashes; a shuffle that
// is chosen by which of the eight want a backslash takes bytes and backslashes
// in the order in which they belong. Nothing is guessed, so that no guess is
// wrong: what is between two quotes is of any length.
TEXT ·escapeBlocks(SB), NOSPLIT, $0-49
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ blocks+16(FP), R9
	MOVQ spread+24(FP), R8
	MOVQ DI, R10
	MOVQ SI, R11
	MOVOU escapeFor<>+0x00(SB), X8
	MOVOU escapeFor<>+0x10(SB), X9
	MOVOU escapeFor<>+0x20(SB), X10
	PXOR X7, X7 // top bits
	JMP more

block:
	MOVOU (SI), X0
	MOVO X0, X3
	PMINUB X10, X3
	PCMPEQB X0, X3
	PMOVMSKB X3, AX
	TESTL AX, AX
	JNE done
	POR X0, X7
	MOVO X0, X1
	PCMPEQB X8, X1
	MOVO X0, X2
	PCMPEQB X9, X2
	POR X2, X1
	PMOVMSKB X1, AX
	MOVO X0, X4
	PUNPCKLQDQ X9, X0
	PUNPCKHQDQ X9, X4
	MOVBLZX AX, BX
	SHRL $8, AX
	POPCNTL BX, CX
	POPCNTL AX, DX
	SHLL $4, BX
	SHLL $4, AX
	MOVOU (R8)(BX*1), X5
	MOVOU (R8)(AX*1), X6
	PSHUFB X5, X0
	PSHUFB X6, X4
	MOVOU X0, (DI)
	LEAQ 8(DI)(CX*1), DI
	MOVOU X4, (DI)
	LEAQ 8(DI)(DX*1), DI
	ADDQ $16, SI
	DECQ R9

more:
	TESTQ R9, R9
	JNE block

done:
	PMOVMSKB X7, AX
	TESTL AX, AX
	SETNE high+48(FP)
	SUBQ R11, SI
	SUBQ R10, DI
	MOVQ SI, read+32(FP)
	MOVQ DI, written+40(FP)
	RET
