/* Digits as numbers. Nothing here reads a number that an int64 has no room for. */
#ifndef LOGMON_DIGITS_H
#define LOGMON_DIGITS_H

#include "span.h"

enum { MAX_DIGITS = 19, MAX_FRACTION_DIGITS = 9, KEPT_FRACTION_DIGITS = 6 };

static const uint64_t ZEROS = EACH_BYTE * '0';

static inline bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* The high bit of the first byte that is no digit, and of some behind it; 0 where all are digits. */
static inline uint64_t bytes_beyond_digits(uint64_t word)
{
    uint64_t values = word ^ ZEROS; /* of what is no digit, more than 9 */
    return (values | (values + EACH_BYTE * 0x76)) & (EACH_BYTE * 0x80);
}

/* The number of 8 digits, given the values of each, that of the first one in the lowest byte.
 *
 * Neighbours are added up, then pairs, then fours. Daniel Lemire, "Quickly parsing eight digits"
 * (2018).
 */
static inline int64_t number_of(uint64_t values)
{
    const uint64_t pairs = UINT64_C(0x000000FF000000FF);
    values = values * 10 + (values >> 8);
    values = (values & pairs) * UINT64_C(0x000F424000000064) +
             ((values >> 16) & pairs) * UINT64_C(0x0000271000000001);
    return (int64_t)(values >> 32);
}

/* The number that the first `length` bytes of a word write, 1 to 8 of them; -1 if one is no digit. */
MADE_FOR_EACH_CALL int64_t first_digits(uint64_t word, size_t length)
{
    uint64_t values = (word ^ ZEROS) << (64 - 8 * length); /* zeros stand before them */
    return bytes_beyond_digits(values ^ ZEROS) != 0 ? -1 : number_of(values);
}

/* The number that `text`, all digits and at most 19 of them, writes; -1 if it is none. */
MADE_FOR_EACH_CALL int64_t digits_within(span text, bool roomy)
{
    size_t length = span_length(text);
    if (length == 0 || length > MAX_DIGITS)
        return -1;
    if (length == 8 || (roomy && length < 8))
        return first_digits(word_at(text.at), length);
    if (length > 8 && length <= 16) {
        int64_t high = first_digits(word_at(text.at), length - 8);
        int64_t low = first_digits(word_at(text.end - 8), 8);
        return high < 0 || low < 0 ? -1 : high * 100000000 + low;
    }
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

/* A few digits, as most numbers have: the values of `length` of them, the first in the lowest byte.
 * What is behind those may be anything.
 */
typedef struct {
    uint64_t values;
    size_t length;
} few_digits;

/* The digits at the beginning of `text`, which is roomy, where they are 1 to 7; else the length is 0.
 * They may go on behind its end.
 */
MADE_FOR_EACH_CALL few_digits few_digits_at(span text)
{
    uint64_t word = word_at(text.at), others = bytes_beyond_digits(word);
    return (few_digits){word ^ ZEROS, others == 0 ? 0 : first_bit(others) / 8};
}

MADE_FOR_EACH_CALL int64_t number_of_few(few_digits digits)
{
    return number_of(digits.values << (64 - 8 * digits.length));
}

/* The millionths that the digits of a fraction write, cut off behind them. */
MADE_FOR_EACH_CALL int64_t millionths_of_few(few_digits digits)
{
    uint64_t kept = digits.values & ((UINT64_C(1) << (8 * digits.length)) - 1);
    return number_of(kept << (64 - 8 * KEPT_FRACTION_DIGITS));
}

/* Past the digits at the beginning of `rest`. */
MADE_FOR_EACH_CALL span past_digits(span rest, bool roomy)
{
    while (roomy && rest.at < rest.end) {
        uint64_t others = bytes_beyond_digits(word_at(rest.at));
        rest.at += others == 0 ? 8 : first_bit(others) / 8;
        if (others != 0)
            break;
    }
    if (roomy)
        return rest.at < rest.end ? rest : (span){rest.end, rest.end};
    while (rest.at != rest.end && is_digit(rest.at[0]))
        rest = span_skip(rest, 1);
    return rest;
}

/* Two digits, as a number; -1 if one of them is none. */
static inline int64_t two_digits(const uint8_t *at)
{
    return is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

/* `count` digits at `offset`, as a number; -1 if one of them is none. */
static inline int64_t digits_at(span text, size_t offset, size_t count)
{
    if (span_length(text) < offset + count)
        return -1;
    return digits_of(span_first(span_skip(text, offset), count));
}

/* Whether `text` is empty, or a point (or a comma, where allowed) and 1 to 9 digits. */
MADE_FOR_EACH_CALL bool is_fraction(span text, bool roomy, bool comma)
{
    if (text.at == text.end)
        return true;
    size_t length = span_length(text);
    if (text.at[0] != '.' && !(comma && text.at[0] == ','))
        return false;
    if (length < 2 || length > 1 + MAX_FRACTION_DIGITS)
        return false;
    return past_digits(span_skip(text, 1), roomy).at == text.end;
}

/* The millionths that such a fraction with a point writes, cut off behind them; -1 if it is none. */
MADE_FOR_EACH_CALL int64_t millionths_of(span fraction, bool roomy)
{
    if (!is_fraction(fraction, roomy, false))
        return -1;
    if (fraction.at == fraction.end)
        return 0;
    span digits = span_first(span_skip(fraction, 1), KEPT_FRACTION_DIGITS);
    size_t length = span_length(digits);
    if (roomy)
        return millionths_of_few((few_digits){word_at(digits.at) ^ ZEROS, length});
    int64_t number = 0;
    for (size_t at = 0; at < KEPT_FRACTION_DIGITS; at++)
        number = number * 10 + (at < length ? digits.at[at] - '0' : 0);
    return number;
}

#endif
