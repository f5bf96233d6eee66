/* Spans: the only way in which the scanner reads a log's bytes.
 *
 * A span knows its end, and every helper here looks before it reads; nothing else in the scanner
 * does pointer arithmetic on the log. So a field that is cut off anywhere, at the last byte of a
 * buffer too, is a field that does not fit, never a byte read beyond. Where more bytes of the buffer
 * follow, a text is roomy: then helpers may look at a few of them, and take no notice of what is
 * found there.
 */
#ifndef LOGMON_SPAN_H
#define LOGMON_SPAN_H

#include "blocks.h"

/* Have memory fetched that is about to be read. */
#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

/* For what is made once for each value of a parameter that is constant where it is called. */
#if defined(__GNUC__)
#define MADE_FOR_EACH_CALL static inline __attribute__((always_inline))
#else
#define MADE_FOR_EACH_CALL static inline
#endif

/* For what is not made a part of its callers, which are faster without it. */
#if defined(__GNUC__)
#define CALLED static __attribute__((noinline))
#else
#define CALLED static
#endif

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} span;

static inline size_t span_length(span text)
{
    return (size_t)(text.end - text.at);
}

/* Whether `length` bytes are the same. Mostly they are few, and the same. */
static inline bool are_same(const uint8_t *one, const uint8_t *other, size_t length)
{
    if (length >= BLOCK)
        return are_same_blocks(one, other, length);
    if (length >= 8)
        return ((load_8(one) ^ load_8(other)) |
                (load_8(one + length - 8) ^ load_8(other + length - 8))) == 0;
    if (length >= 4)
        return load_4(one) == load_4(other) && load_4(one + length - 4) == load_4(other + length - 4);
    if (length == 0)
        return true;
    size_t middle = length / 2, last = length - 1; /* of three bytes at most, these are all */
    return one[0] == other[0] && one[middle] == other[middle] && one[last] == other[last];
}

static inline bool span_starts_with(span text, const uint8_t *literal, size_t length)
{
    return span_length(text) >= length && are_same(text.at, literal, length);
}

/* The bytes up to `place`, which stands in `text` or at its end. */
static inline span span_up_to(span text, const uint8_t *place)
{
    return (span){text.at, place};
}

static inline span span_skip(span text, size_t length)
{
    return (span){text.at + length, text.end};
}

/* The first `length` bytes, or fewer where there are no more. */
static inline span span_first(span text, size_t length)
{
    return length < span_length(text) ? (span){text.at, text.at + length} : text;
}

/* Where `byte` first stands; the end where it does not. */
static inline const uint8_t *span_find(span text, uint8_t byte)
{
    const uint8_t *found = text.at == text.end ? NULL : memchr(text.at, byte, span_length(text));
    return found == NULL ? text.end : found;
}

/* Bytes that can be read behind a text that is roomy. */
enum { ROOM_BEHIND = 64 };

static inline bool is_roomy(span text, const uint8_t *readable_end)
{
    return readable_end - text.end >= ROOM_BEHIND;
}

/* Where the first byte stands that is `one` or `other`, mostly not far off; the end if none is. */
MADE_FOR_EACH_CALL const uint8_t *span_find_near(
    span text, bool roomy, uint8_t one, uint8_t other)
{
    const uint8_t *at = text.at;
    for (; roomy ? at < text.end : text.end - at >= BLOCK; at += BLOCK) {
        uint32_t bits = bits_of(at, one, other);
        if (bits != 0) {
            at += first_bit(bits);
            return at < text.end ? at : text.end;
        }
    }
    if (roomy)
        return text.end;
    if (at != text.at) { /* the last block overlaps the one before, in which neither stands */
        uint32_t bits = bits_of(text.end - BLOCK, one, other);
        return bits != 0 ? text.end - BLOCK + first_bit(bits) : text.end;
    }
    while (at != text.end && *at != one && *at != other)
        at++;
    return at;
}

/* The same for what is mostly farther off, but within a few dozens of bytes. */
static inline const uint8_t *span_find_far(span text, bool roomy, uint8_t one, uint8_t other)
{
    if (!roomy)
        return span_find_near(text, roomy, one, other);
    for (const uint8_t *at = text.at; at < text.end; at += ROOM_BEHIND) {
        uint64_t bits = 0;
        for (int part = 0; part < ROOM_BEHIND; part += BLOCK)
            bits |= (uint64_t)bits_of(at + part, one, other) << part;
        if (bits != 0) {
            at += first_bit(bits);
            return at < text.end ? at : text.end;
        }
    }
    return text.end;
}

/* Where the first byte stands that is one of a few `stops`; the end if none is. */
static inline const uint8_t *span_find_any(span text, const char *stops)
{
    const uint8_t *at = text.at;
    for (; text.end - at >= BLOCK; at += BLOCK) {
        uint32_t bits = 0;
        for (const char *stop = stops; *stop != '\0'; stop++)
            bits |= bits_of(at, (uint8_t)*stop, (uint8_t)*stop);
        if (bits != 0)
            return at + first_bit(bits);
    }
    for (; at != text.end; at++)
        for (const char *stop = stops; *stop != '\0'; stop++)
            if (*at == (uint8_t)*stop)
                return at;
    return at;
}

enum { CACHE_LINE = 64, FETCHED_AHEAD = 4096 };

/* Have the bytes fetched that stand as far behind `text` as one should look ahead, up to `end`.
 *
 * Processors fetch what is read in a row themselves, but not beyond a page.
 */
static inline void span_fetch_ahead(span text, const uint8_t *end)
{
    for (span rest = text; rest.at < rest.end; rest = span_skip(rest, CACHE_LINE)) {
        if (end - rest.at <= FETCHED_AHEAD)
            return;
        FETCH(rest.at + FETCHED_AHEAD);
        if (span_length(rest) <= CACHE_LINE)
            return;
    }
}

/* The byte at `offset`, -1 behind the end. */
static inline int span_byte(span text, size_t offset)
{
    return offset < span_length(text) ? text.at[offset] : -1;
}

static inline bool span_is(span text, uint8_t byte)
{
    return span_length(text) == 1 && text.at[0] == byte;
}

/* `line` without the byte order mark and the carriage return that belong to no field. */
static inline span bare(span line)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (span_byte(line, 0) == mark[0] && span_starts_with(line, mark, sizeof mark))
        line = span_skip(line, sizeof mark);
    if (line.at != line.end && line.end[-1] == '\r')
        line.end -= 1;
    return line;
}

#endif
