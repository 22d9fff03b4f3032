// A program that was built with -march=x86-64-v3 may use AVX2 anywhere in its C and C++ code, in what runs before main
// too. On a machine without it that is a SIGILL that explains nothing. So this runs first, uses nothing beyond plain
// x86-64 itself, and ends the program with a sentence.

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <stddef.h>
#include <unistd.h>

#define PLAIN __attribute__((target("general-regs-only,no-bmi,no-bmi2,no-lzcnt,no-movbe,no-popcnt"), noinline))

struct need {
	const char *name;
	unsigned leaf, bit;
	int reg; // 1 ebx, 2 ecx, 3 edx
};

static const struct need needs[] = {
#ifdef __SSE3__
	{"SSE3", 1, 0, 2},
#endif
#ifdef __SSSE3__
	{"SSSE3", 1, 9, 2},
#endif
#ifdef __SSE4_1__
	{"SSE4.1", 1, 19, 2},
#endif
#ifdef __SSE4_2__
	{"SSE4.2", 1, 20, 2},
#endif
#ifdef __POPCNT__
	{"POPCNT", 1, 23, 2},
#endif
#ifdef __MOVBE__
	{"MOVBE", 1, 22, 2},
#endif
#ifdef __AVX__
	{"AVX", 1, 28, 2},
#endif
#ifdef __F16C__
	{"F16C", 1, 29, 2},
#endif
#ifdef __FMA__
	{"FMA", 1, 12, 2},
#endif
#ifdef __AVX2__
	{"AVX2", 7, 5, 1},
#endif
#ifdef __BMI__
	{"BMI", 7, 3, 1},
#endif
#ifdef __BMI2__
	{"BMI2", 7, 8, 1},
#endif
#ifdef __LZCNT__
	{"LZCNT", 0x80000001u, 5, 2},
#endif
#ifdef __XOP__
	{"XOP", 0x80000001u, 11, 2},
#endif
#ifdef __AVX512F__
	{"AVX512F", 7, 16, 1},
#endif
#ifdef __AVX512DQ__
	{"AVX512DQ", 7, 17, 1},
#endif
#ifdef __AVX512CD__
	{"AVX512CD", 7, 28, 1},
#endif
#ifdef __AVX512BW__
	{"AVX512BW", 7, 30, 1},
#endif
#ifdef __AVX512VL__
	{"AVX512VL", 7, 31, 1},
#endif
#ifdef __AVX512VBMI__
	{"AVX512VBMI", 7, 1, 2},
#endif
#ifdef __AVX512VNNI__
	{"AVX512VNNI", 7, 11, 2},
#endif
	{0, 0, 0, 0},
};

// The sets that the program was built for, for the Go code.
const char *afirgen_simd_name(int i) { return needs[i].name; }

static PLAIN void say(const char *text) {
	size_t n = 0;
	while (text[n] != 0) n++;
	if (write(2, text, n) < 0) return;
}

// present asks the processor, and for AVX and above the operating system too, which has to save the wider registers.
static PLAIN int present(const struct need *need) {
	unsigned a, b, c, d;
	__cpuid(need->leaf & 0x80000000u, a, b, c, d); // the highest leaf
	if (a < need->leaf) return 0;
	__cpuid_count(need->leaf, 0, a, b, c, d);
	unsigned reg = need->reg == 1 ? b : need->reg == 2 ? c : d;
	return (reg >> need->bit) & 1;
}

static PLAIN int saved(void) {
#ifdef __AVX__
	unsigned a, b, c, d, low, high;
	__cpuid(1, a, b, c, d);
	if (!((c >> 27) & 1)) return 0; // OSXSAVE
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
#ifdef __AVX512F__
	return (low & 0xe6) == 0xe6;
#else
	return (low & 0x6) == 0x6;
#endif
#else
	return 1;
#endif
}

static PLAIN void refuse(const char *missing) {
	say("afirgen: this program was built for processors with ");
	say(missing);
	say(", which this machine lacks: build it here with make build, or for any machine with MARCH=x86-64 make build\n");
	_exit(1);
}

__attribute__((constructor(101))) static PLAIN void afirgen_guard(void) {
	for (const struct need *need = needs; need->name != 0; need++)
		if (!present(need)) refuse(need->name);
	if (!saved()) refuse("AVX registers that the operating system saves");
}

#else

const char *afirgen_simd_name(int i) { (void)i; return 0; }

#endif
