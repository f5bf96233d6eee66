/* Spans: the only way in which the scanner reads a log's bytes.
 *
 * A span knows its end, and every helper here looks before it reads; nothing else in the scanner
 * does pointer arithmetic on the log. So a field that is cut off anywhere, at the last byte of a
 * buffer too, is a field that does not fit, never a byte read beyond.
 */
#ifndef LOGMON_SPAN_H
#define LOGMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} span;

static inline size_t span_length(span text)
{
    return (size_t)(text.end - text.at);
}

static inline bool span_starts_with(span text, const uint8_t *literal, size_t length)
{
    return span_length(text) >= length && (length == 0 || memcmp(text.at, literal, length) == 0);
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

/* The byte at `offset`, -1 behind the end. */
static inline int span_byte(span text, size_t offset)
{
    return offset < span_length(text) ? text.at[offset] : -1;
}

static inline bool span_is(span text, uint8_t byte)
{
    return span_length(text) == 1 && text.at[0] == byte;
}

#endif
