/* What values of JSON mean: times, statuses, amounts and spans (formats/json/json_converters.py).
 *
 * As in values.h, whatever is not plain is refused, and left to the reference.
 */
#ifndef LOGMON_JSON_VALUES_H
#define LOGMON_JSON_VALUES_H

#include "json.h"
#include "times.h"
#include "values.h"

enum { MAX_EXACT_DIGITS = 15, MAX_EXACT_POWER = 22, MAX_WHOLE_DIGITS = 19 };

static const double EARLIEST_TIME = 1e8, LONGEST_SPAN = 1e18;

/* A whole number of at most 19 digits, `negative` or not. False for `-0` and fractions. */
MADE_FOR_EACH_CALL bool whole_number(span text, bool roomy, bool *negative, int64_t *number)
{
    *negative = span_byte(text, 0) == '-';
    span digits = *negative ? span_skip(text, 1) : text;
    *number = digits_within(digits, roomy);
    return *number >= 0 && span_length(digits) <= MAX_WHOLE_DIGITS && !(*negative && *number == 0);
}

/* A decimal number as the double nearest to it, where that is one exact division away.
 *
 * William Clinger, "How to read floating point numbers accurately" (1990), the fast path.
 */
static inline bool decimal_number(span text, double *number)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t mantissa = 0;
    int digits = 0, power = 0;
    bool fraction = false;
    span rest = text;
    for (; is_digit(span_byte(rest, 0)) || (span_byte(rest, 0) == '.' && !fraction);
         rest = span_skip(rest, 1)) {
        if (rest.at[0] == '.') {
            fraction = true;
            continue;
        }
        mantissa = mantissa * 10 + (uint64_t)(rest.at[0] - '0');
        digits += mantissa > 0;
        power -= fraction;
        if (digits > MAX_EXACT_DIGITS || power < -MAX_EXACT_POWER)
            return false;
    }
    if ((span_byte(rest, 0) | 0x20) == 'e') {
        rest = span_skip(rest, 1);
        int sign = span_byte(rest, 0) == '-' ? -1 : 1;
        if (span_byte(rest, 0) == '-' || span_byte(rest, 0) == '+')
            rest = span_skip(rest, 1);
        int64_t exponent = digits_of(rest);
        if (exponent < 0 || exponent > MAX_EXACT_POWER)
            return false;
        power += sign * (int)exponent;
        rest.at = rest.end;
    }
    if (rest.at != rest.end || power < -MAX_EXACT_POWER || power > MAX_EXACT_POWER)
        return false;
    *number = power < 0 ? (double)mantissa / powers[-power] : (double)mantissa * powers[power];
    return true;
}

/* A time told by a number: seconds, milli-, micro- or nanoseconds since 1970. */
MADE_FOR_EACH_CALL bool json_epoch(span text, bool roomy, int64_t *value)
{
    bool negative;
    int64_t number;
    if (whole_number(text, roomy, &negative, &number)) {
        if (negative || (double)number < EARLIEST_TIME)
            return false;
        int64_t divisor = number < 100000000000         ? 1
                          : number < 100000000000000    ? 1000
                          : number < 100000000000000000 ? 1000000
                                                        : 1000000000;
        *value = number / divisor;
        return true;
    }
    span whole = span_up_to(text, span_find(text, '.'));
    span fraction = span_skip(text, span_length(whole));
    *value = digits_of(whole);
    if (span_length(whole) > 10 || *value < (int64_t)EARLIEST_TIME || span_length(fraction) < 2)
        return false;
    for (size_t at = 1; at < span_length(fraction); at++)
        if (!is_digit(fraction.at[at]))
            return false;
    /* The nearest double may be the next second, which is then the one that decoders see. */
    return !span_starts_with(span_skip(fraction, 1), (const uint8_t *)"99999", 5);
}

MADE_FOR_EACH_CALL bool json_time(
    const json_value *value, bool roomy, day_cache *day, int64_t *second)
{
    if (value->kind == JSON_NUMBER)
        return json_epoch(value->text, roomy, second);
    if (value->kind != JSON_TEXT || value->escaped)
        return false;
    return read_iso(value->text, roomy, day, second) || read_clf(value->text, day, second) ||
           read_epoch(value->text, roomy, second);
}

MADE_FOR_EACH_CALL bool json_status(
    const json_value *value, bool roomy, bool unsent, int64_t *status)
{
    bool negative;
    *status = 0;
    if (value->kind == JSON_NONE)
        return unsent;
    if (value->kind == JSON_NUMBER)
        return whole_number(value->text, roomy, &negative, status) && !negative &&
               (*status == 0 || (*status >= 100 && *status <= 999));
    if (value->kind != JSON_TEXT || value->escaped)
        return false;
    size_t length = span_length(value->text);
    *status = digits_of(value->text);
    return (length == 3 && *status >= 100) || (length >= 1 && length <= 3 && *status == 0);
}

MADE_FOR_EACH_CALL bool json_amount(const json_value *value, bool roomy, int64_t none, int64_t *amount)
{
    bool negative;
    int64_t number;
    *amount = none;
    if (value->kind == JSON_TEXT) {
        if (value->escaped)
            return false;
        number = digits_of(value->text);
        if (number >= 0 && span_length(value->text) <= MAX_AMOUNT_DIGITS)
            *amount = number;
        return true;
    }
    if (value->kind != JSON_NUMBER)
        return true;
    if (!whole_number(value->text, roomy, &negative, &number))
        return false;
    if (!negative && number < 1000000000000000)
        *amount = number;
    return true;
}

/* Of a time, which is never negative. */
static inline int64_t rounded_span(double microseconds)
{
    return microseconds < LONGEST_SPAN ? (int64_t)(microseconds + 0.5) : -1;
}

/* `1.2ms`, as Go writes a time: microseconds. */
static inline bool span_with_unit(span text, double *microseconds)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"ms", 1e3}, {"us", 1}, {"\xc2\xb5s", 1}, {"\xce\xbcs", 1}, {"ns", 1e-3},
                 {"s", 1e6},  {"m", 6e7}, {"h", 3.6e9}};
    span rest = past_digits(text, false);
    if (span_byte(rest, 0) == '.')
        rest = past_digits(span_skip(rest, 1), false);
    span number = span_up_to(text, rest.at);
    if (span_byte(rest, 0) == ' ')
        rest = span_skip(rest, 1);
    for (size_t at = 0; at < sizeof units / sizeof *units; at++) {
        size_t length = strlen(units[at].name);
        if (span_length(rest) == length && memcmp(rest.at, units[at].name, length) == 0) {
            double size;
            if (!decimal_number(number, &size))
                return false;
            *microseconds = size * units[at].factor;
            return true;
        }
    }
    return false;
}

/* Whether `text` begins as a plain decimal does: 1 to 12 digits, or with 1 to 9 more as fraction. */
static inline bool is_plain_decimal(span text, bool whole_text)
{
    span rest = past_digits(text, false);
    size_t digits = (size_t)(rest.at - text.at);
    if (digits < 1 || digits > MAX_SPAN_DIGITS)
        return false;
    if (span_byte(rest, 0) == '.') {
        span fraction = span_skip(rest, 1);
        rest = past_digits(fraction, false);
        digits = (size_t)(rest.at - fraction.at);
        if (digits < 1 || digits > MAX_FRACTION_DIGITS)
            return false;
    }
    return !whole_text || rest.at == rest.end;
}

/* One time as a text, in the unit that it tells or in `unit`. */
static inline bool span_of_text(span text, int64_t unit, int64_t *microseconds)
{
    double number;
    *microseconds = -1;
    if (span_length(text) == 0 || span_is(text, '-'))
        return true;
    if (!is_plain_decimal(text, false))
        return false;
    if (is_plain_decimal(text, true)) {
        if (!decimal_number(text, &number))
            return false;
        number = number * 1000000 / (double)unit;
    } else if (!span_with_unit(text, &number)) {
        return false;
    }
    *microseconds = rounded_span(number);
    return true;
}

MADE_FOR_EACH_CALL bool json_span(
    const json_value *value, bool roomy, int64_t unit, int64_t *microseconds)
{
    double number;
    *microseconds = -1;
    if (value->kind == JSON_TEXT) {
        span list = value->text, part;
        int64_t one;
        if (value->escaped)
            return false;
        while (next_part(&list, roomy, &part)) {
            if (!span_of_text(part, unit, &one))
                return false;
            if (one >= 0)
                *microseconds = one + (*microseconds < 0 ? 0 : *microseconds);
            if (*microseconds > MAX_SUMMED)
                return false;
        }
        return true;
    }
    if (value->kind != JSON_NUMBER)
        return true;
    if (span_byte(value->text, 0) == '-')
        return false;
    int64_t whole = digits_within(value->text, roomy);
    if (whole >= 0 && span_length(value->text) <= MAX_EXACT_DIGITS)
        number = (double)whole;
    else if (!decimal_number(value->text, &number))
        return false;
    if (number < LONGEST_SPAN)
        *microseconds = rounded_span(number * 1000000 / (double)unit);
    return true;
}

#endif
