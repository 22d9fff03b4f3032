#include "textflag.h"

// The classes of a byte are what its lower four bits and its upper four have in common here. Bytes beyond ASCII have none.
//   0x01 digits      0x10 space, quote, comma
//   0x02 # %         0x20 colon
//   0x04 ?           0x40 control characters
//   0x08 @           0x80 brackets
// What has one from 0x10 on is a delimiter, what has one of the others but 0x01 a mark.
DATA classes<>+0x00(SB)/8, $0x4141434143514159 // lower four: of 7 to 0
DATA classes<>+0x08(SB)/8, $0x4440c050c0604141 // of 15 to 8
DATA classes<>+0x10(SB)/8, $0x8000800825124040 // upper four: of 7 to 0
DATA classes<>+0x18(SB)/8, $0x0000000000000000
GLOBL classes<>(SB), RODATA|NOPTR, $32

DATA each<>+0x00(SB)/8, $0x0f0f0f0f0f0f0f0f // four bits
DATA each<>+0x08(SB)/8, $0x2222222222222222 // "
DATA each<>+0x10(SB)/8, $0x5c5c5c5c5c5c5c5c // \
DATA each<>+0x18(SB)/8, $0x7070707070707070 // brings what is 0x10 or more to the top bit
DATA each<>+0x20(SB)/8, $0x7e7e7e7e7e7e7e7e // and what is 0x02 or more
GLOBL each<>(SB), RODATA|NOPTR, $40

// The classes of 32 bytes in BYTES to CLASSES. Lower bits are looked up where the top bit is not set.
#define CLASSIFY(BYTES, CLASSES, UPPER) \
	VPSRLW $4, BYTES, UPPER \
	VPSHUFB BYTES, Y6, CLASSES \
	VPAND UPPER, Y8, UPPER \
	VPSHUFB UPPER, Y7, UPPER \
	VPAND CLASSES, UPPER, CLASSES

// The top bits of the bytes of Y4 and of Y5, side by side, to TO.
#define GATHER(TO) \
	VPMOVMSKB Y4, TO \
	VPMOVMSKB Y5, BX \
	SHLQ $32, BX \
	ORQ BX, TO

// Which bytes of Y0 and Y1 are those of WHAT.
#define SAME(WHAT, TO) \
	VPCMPEQB Y0, WHAT, Y4 \
	VPCMPEQB Y1, WHAT, Y5 \
	GATHER(TO)

// Which bytes have a class that is as much as LEAST brings to the top bit.
#define FROM(LEAST, TO) \
	VPADDUSB Y2, LEAST, Y4 \
	VPADDUSB Y3, LEAST, Y5 \
	GATHER(TO)

// func classifyAVX2(text *byte, out *block, n int) (controls, high uint32)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-32
	MOVQ text+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ n+16(FP), CX
	VBROADCASTI128 classes<>+0x00(SB), Y6
	VBROADCASTI128 classes<>+0x10(SB), Y7
	VPBROADCASTQ each<>+0x00(SB), Y8
	VPBROADCASTQ each<>+0x08(SB), Y9
	VPBROADCASTQ each<>+0x10(SB), Y10
	VPBROADCASTQ each<>+0x18(SB), Y11
	VPBROADCASTQ each<>+0x20(SB), Y12
	VPXOR Y14, Y14, Y14
	XORQ R8, R8
	TESTQ CX, CX
	JLE done

next:
	VMOVDQU 0(SI), Y0
	VMOVDQU 32(SI), Y1
	CLASSIFY(Y0, Y2, Y4)
	CLASSIFY(Y1, Y3, Y5)
	VPOR Y2, Y14, Y14
	VPOR Y3, Y14, Y14
	SAME(Y9, AX)
	MOVQ AX, 0(DI)   // quotes
	SAME(Y10, DX)
	MOVQ DX, 8(DI)   // backslashes
	VPMOVMSKB Y2, R9
	VPMOVMSKB Y3, R10
	SHLQ $32, R10
	ORQ R10, R9
	MOVQ R9, 16(DI)  // brackets
	FROM(Y11, R10)
	MOVQ R10, 24(DI) // delimiters
	VPSLLW $7, Y2, Y4
	VPSLLW $7, Y3, Y5
	GATHER(AX)
	MOVQ AX, 32(DI)  // digits
	FROM(Y12, R11)
	NOTQ R10
	ANDQ R10, R11
	ORQ DX, R11
	VPMOVMSKB Y0, R9
	VPMOVMSKB Y1, R12
	SHLQ $32, R12
	ORQ R12, R9
	ORQ R9, R8
	ORQ R9, R11
	MOVQ R11, 40(DI) // marks
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNZ next

done:
	VPSLLW $1, Y14, Y14 // the class of control characters
	VPMOVMSKB Y14, AX
	MOVL AX, controls+24(FP)
	MOVQ R8, AX
	SHRQ $32, AX
	ORQ AX, R8
	MOVL R8, high+28(FP)
	VZEROUPPER
	RET

// func hasAVX2() bool
TEXT ·hasAVX2(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	XORL CX, CX
	CPUID
	CMPL AX, $7
	JLT none
	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $0x18800002, CX // PCLMULQDQ, POPCNT, AVX, and XGETBV may be used
	CMPL CX, $0x18800002
	JNE none
	XORL CX, CX
	XGETBV
	ANDL $6, AX // the registers' halves are saved
	CMPL AX, $6
	JNE none
	MOVL $7, AX
	XORL CX, CX
	CPUID
	ANDL $0x28, BX // BMI1, AVX2
	CMPL BX, $0x28
	JNE none
	MOVB $1, ret+0(FP)

none:
	RET
