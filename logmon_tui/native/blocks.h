/* Blocks of 16 bytes: what the scanner asks of many bytes at once.
 *
 * With SSE2, which every x86-64 has, or NEON, which every arm64 has; elsewhere, and where
 * `SCAN_WITH_WORDS` is defined, with two words of 8 bytes. Callers see to it that the blocks can be
 * read.
 */
#ifndef LOGMON_BLOCKS_H
#define LOGMON_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(SCAN_WITH_WORDS)
#elif defined(__SSE2__)
#define HAS_SSE2
#include <emmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define HAS_NEON
#include <arm_neon.h>
#endif

enum { BLOCK = 16 };

#define EACH_BYTE UINT64_C(0x0101010101010101)

static inline uint64_t load_8(const uint8_t *from)
{
    uint64_t value;
    memcpy(&value, from, 8);
    return value;
}

static inline uint32_t load_4(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, 4);
    return value;
}

/* A word whose lowest byte is the first. */
static inline uint64_t word_at(const uint8_t *at)
{
    uint64_t word = 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = load_8(at);
#else
    for (size_t place = 8; place > 0; place--)
        word = word << 8 | at[place - 1];
#endif
    return word;
}

/* The number of the lowest bit that is set; one is. */
static inline size_t first_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return (size_t)__builtin_ctzll(bits);
#else
    size_t number = 0;
    for (; (bits & 1) == 0; bits >>= 1)
        number++;
    return number;
#endif
}

#if defined(HAS_SSE2)

static inline __m128i load_block(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* A bit for each of the 16 bytes from `at` on that is `one` or `other`. */
static inline uint32_t bits_of(const uint8_t *at, uint8_t one, uint8_t other)
{
    __m128i block = load_block(at);
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8((char)one)),
                                 _mm_cmpeq_epi8(block, _mm_set1_epi8((char)other)));
    return (uint32_t)_mm_movemask_epi8(found);
}

/* A bit for each of those that is no ASCII. */
static inline uint32_t bits_beyond_ascii(const uint8_t *at)
{
    return (uint32_t)_mm_movemask_epi8(load_block(at));
}

/* A bit for each of those that is `one` or `other`, or at most `highest`, which is ASCII. */
static inline uint32_t bits_of_or_up_to(
    const uint8_t *at, uint8_t one, uint8_t other, uint8_t highest)
{
    __m128i block = load_block(at);
    __m128i within = _mm_min_epu8(block, _mm_set1_epi8((char)highest));
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8((char)one)),
                                 _mm_cmpeq_epi8(block, _mm_set1_epi8((char)other)));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(found, _mm_cmpeq_epi8(within, block)));
}

/* A bit for each of the 16 bytes that two blocks have in the same place. */
static inline uint32_t bits_shared(const uint8_t *one, const uint8_t *other)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(load_block(one), load_block(other)));
}

/* The differences between two blocks: all zero where they are the same. */
static inline __m128i block_differences(const uint8_t *one, const uint8_t *other)
{
    return _mm_xor_si128(load_block(one), load_block(other));
}

/* Whether `length` bytes, a block at least, are the same. The last block overlaps the one before. */
static inline bool are_same_blocks(const uint8_t *one, const uint8_t *other, size_t length)
{
    size_t last = length - BLOCK;
    __m128i different = block_differences(one + last, other + last);
    for (size_t at = 0; at < last; at += BLOCK)
        different = _mm_or_si128(different, block_differences(one + at, other + at));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(different, _mm_setzero_si128())) == 0xFFFF;
}

#elif defined(HAS_NEON)

/* A bit for each byte that is 0xFF; the others are 0. */
static inline uint32_t bits_from(uint8x16_t found)
{
    static const uint8_t weights[BLOCK] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vandq_u8(found, vld1q_u8(weights));
    return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

static inline uint8x16_t found_of(uint8x16_t block, uint8_t one, uint8_t other)
{
    return vorrq_u8(vceqq_u8(block, vdupq_n_u8(one)), vceqq_u8(block, vdupq_n_u8(other)));
}

static inline uint32_t bits_of(const uint8_t *at, uint8_t one, uint8_t other)
{
    return bits_from(found_of(vld1q_u8(at), one, other));
}

static inline uint32_t bits_beyond_ascii(const uint8_t *at)
{
    return bits_from(vcgeq_u8(vld1q_u8(at), vdupq_n_u8(0x80)));
}

static inline uint32_t bits_of_or_up_to(
    const uint8_t *at, uint8_t one, uint8_t other, uint8_t highest)
{
    uint8x16_t block = vld1q_u8(at);
    return bits_from(vorrq_u8(found_of(block, one, other), vcleq_u8(block, vdupq_n_u8(highest))));
}

static inline uint32_t bits_shared(const uint8_t *one, const uint8_t *other)
{
    return bits_from(vceqq_u8(vld1q_u8(one), vld1q_u8(other)));
}

static inline bool are_same_blocks(const uint8_t *one, const uint8_t *other, size_t length)
{
    size_t last = length - BLOCK;
    uint8x16_t different = veorq_u8(vld1q_u8(one + last), vld1q_u8(other + last));
    for (size_t at = 0; at < last; at += BLOCK)
        different = vorrq_u8(different, veorq_u8(vld1q_u8(one + at), vld1q_u8(other + at)));
    return vmaxvq_u8(different) == 0;
}

#else

static const uint64_t LOW_BITS = EACH_BYTE * 0x7F, HIGH_BITS = EACH_BYTE * 0x80;

/* The high bits of two words' bytes as 16 bits. */
static inline uint32_t high_bits(uint64_t first, uint64_t second)
{
    const uint64_t side_by_side = UINT64_C(0x0102040810204080); /* moves byte n's bit to 56 + n */
    first = ((first & HIGH_BITS) >> 7) * side_by_side;
    second = ((second & HIGH_BITS) >> 7) * side_by_side;
    return (uint32_t)(first >> 56 | second >> 56 << 8);
}

/* The high bit of each byte that is `byte`. */
static inline uint64_t bytes_that_are(uint64_t word, uint8_t byte)
{
    word ^= EACH_BYTE * byte;
    return ~(((word & LOW_BITS) + LOW_BITS) | word) & HIGH_BITS;
}

static inline uint32_t bits_of(const uint8_t *at, uint8_t one, uint8_t other)
{
    uint64_t first = word_at(at), second = word_at(at + 8);
    return high_bits(bytes_that_are(first, one) | bytes_that_are(first, other),
                     bytes_that_are(second, one) | bytes_that_are(second, other));
}

static inline uint32_t bits_beyond_ascii(const uint8_t *at)
{
    return high_bits(word_at(at), word_at(at + 8));
}

static inline uint32_t bits_of_or_up_to(
    const uint8_t *at, uint8_t one, uint8_t other, uint8_t highest)
{
    uint64_t first = word_at(at), second = word_at(at + 8);
    uint64_t more = EACH_BYTE * (uint64_t)(0x7F - highest);
    return bits_of(at, one, other) | high_bits(~(((first & LOW_BITS) + more) | first),
                                               ~(((second & LOW_BITS) + more) | second));
}

static inline uint32_t bits_shared(const uint8_t *one, const uint8_t *other)
{
    return high_bits(bytes_that_are(word_at(one) ^ word_at(other), 0),
                     bytes_that_are(word_at(one + 8) ^ word_at(other + 8), 0));
}

static inline bool are_same_blocks(const uint8_t *one, const uint8_t *other, size_t length)
{
    return memcmp(one, other, length) == 0;
}

#endif

#endif
