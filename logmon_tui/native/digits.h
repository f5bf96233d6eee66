/* Digits as numbers. Nothing here reads a number that an int64 has no room for. */
#ifndef LOGMON_DIGITS_H
#define LOGMON_DIGITS_H

#include "span.h"

enum { MAX_DIGITS = 19, MAX_FRACTION_DIGITS = 9 };

static inline bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* The number that `text`, all digits and at most 19 of them, writes; -1 if it is none. */
static inline int64_t digits_of(span text)
{
    size_t length = span_length(text);
    if (length == 0 || length > MAX_DIGITS)
        return -1;
    uint64_t number = 0;
    for (size_t at = 0; at < length; at++) {
        if (!is_digit(text.at[at]))
            return -1;
        number = number * 10 + (uint64_t)(text.at[at] - '0');
    }
    return number > (uint64_t)INT64_MAX ? -1 : (int64_t)number;
}

/* `count` digits at `offset`, as a number; -1 if one of them is none. */
static inline int64_t digits_at(span text, size_t offset, size_t count)
{
    if (span_length(text) < offset + count)
        return -1;
    return digits_of(span_first(span_skip(text, offset), count));
}

/* Whether `text` is empty, or a point (or a comma, where allowed) and 1 to 9 digits. */
static inline bool is_fraction(span text, bool comma)
{
    if (text.at == text.end)
        return true;
    size_t length = span_length(text);
    if (text.at[0] != '.' && !(comma && text.at[0] == ','))
        return false;
    if (length < 2 || length > 1 + MAX_FRACTION_DIGITS)
        return false;
    for (size_t at = 1; at < length; at++)
        if (!is_digit(text.at[at]))
            return false;
    return true;
}

#endif
