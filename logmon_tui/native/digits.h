/* Digits as numbers. Nothing here reads a number that an int64 has no room for. */
#ifndef LOGMON_DIGITS_H
#define LOGMON_DIGITS_H

#include "span.h"

enum { MAX_DIGITS = 19, MAX_FRACTION_DIGITS = 9 };

static inline bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* The high bit of the first byte that is no digit, and of some behind it; 0 where all are digits. */
static inline uint64_t bytes_beyond_digits(uint64_t word)
{
    uint64_t values = word ^ UINT64_C(0x3030303030303030); /* of what is no digit, more than 9 */
    return (values | (values + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080);
}

/* The number that 8 digits write, the first of which is the lowest byte of `word`; -1 if one is none.
 *
 * Neighbours are added up, then pairs, then fours. Daniel Lemire, "Quickly parsing eight digits"
 * (2018).
 */
static inline int64_t eight_digits(uint64_t word)
{
    uint64_t values = word ^ UINT64_C(0x3030303030303030);
    if (bytes_beyond_digits(word) != 0)
        return -1;
    values = values * 10 + (values >> 8);
    const uint64_t pairs = UINT64_C(0x000000FF000000FF);
    values = (values & pairs) * UINT64_C(0x000F424000000064) +
             ((values >> 16) & pairs) * UINT64_C(0x0000271000000001);
    return (int64_t)(values >> 32);
}

/* The number that `text`, all digits and at most 19 of them, writes; -1 if it is none. */
MADE_FOR_EACH_CALL int64_t digits_within(span text, bool roomy)
{
    size_t length = span_length(text);
    if (length == 0 || length > MAX_DIGITS)
        return -1;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (roomy && length <= 8) {
        const uint64_t zeros = UINT64_C(0x3030303030303030);
        return eight_digits(((load_8(text.at) ^ zeros) << (64 - 8 * length)) ^ zeros);
    }
#endif
    uint64_t number = 0;
    for (size_t at = 0; at < length; at++) {
        if (!is_digit(text.at[at]))
            return -1;
        number = number * 10 + (uint64_t)(text.at[at] - '0');
    }
    return number > (uint64_t)INT64_MAX ? -1 : (int64_t)number;
}

static inline int64_t digits_of(span text)
{
    return digits_within(text, false);
}

/* Past the digits at the beginning of `rest`. */
MADE_FOR_EACH_CALL span past_digits(span rest, bool roomy)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (roomy && rest.at < rest.end) {
        uint64_t others = bytes_beyond_digits(load_8(rest.at));
        rest.at += others == 0 ? 8 : first_bit(others) / 8;
        if (others != 0)
            break;
    }
    if (roomy)
        return rest.at < rest.end ? rest : (span){rest.end, rest.end};
#endif
    while (rest.at != rest.end && is_digit(rest.at[0]))
        rest = span_skip(rest, 1);
    return rest;
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
