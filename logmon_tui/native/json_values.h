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

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A decimal number as the double nearest to it, where that is one exact division away.
 *
 * William Clinger, "How to read floating point numbers accurately" (1990), the fast path.
 */
static inline bool any_decimal(span text, double *number)
{
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
    *number = power < 0 ? (double)mantissa / POWERS[-power] : (double)mantissa * POWERS[power];
    return true;
}

/* The same for 1 to 7 digits, a point, and 1 to 7 more: what most decimals are. `text` is roomy. */
MADE_FOR_EACH_CALL bool short_decimal(span text, double *number)
{
    few_digits whole = few_digits_at(text);
    if (whole.length == 0 || span_byte(text, whole.length) != '.')
        return false;
    span rest = span_skip(text, whole.length + 1);
    few_digits fraction = few_digits_at(rest);
    if (fraction.length == 0 || fraction.length != span_length(rest))
        return false;
    int64_t power = (int64_t)POWERS[fraction.length];
    *number = (double)(number_of_few(whole) * power + number_of_few(fraction)) / (double)power;
    return true;
}

MADE_FOR_EACH_CALL bool decimal_number(span text, bool roomy, double *number)
{
    return (roomy && short_decimal(text, number)) || any_decimal(text, number);
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
    span fraction = past_digits(text, roomy);
    span whole = span_up_to(text, fraction.at);
    *value = digits_within(whole, roomy);
    if (span_length(whole) > 10 || *value < (int64_t)EARLIEST_TIME || span_length(fraction) < 2)
        return false;
    if (fraction.at[0] != '.' || past_digits(span_skip(fraction, 1), roomy).at != fraction.end)
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

/* `1.2ms`, as Go writes a time: microseconds, given the `number` and the `name` of the unit. */
static inline bool span_with_unit(double number, span name, double *microseconds)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"ms", 1e3}, {"us", 1}, {"\xc2\xb5s", 1}, {"\xce\xbcs", 1}, {"ns", 1e-3},
                 {"s", 1e6},  {"m", 6e7}, {"h", 3.6e9}};
    if (span_byte(name, 0) == ' ')
        name = span_skip(name, 1);
    for (size_t at = 0; at < sizeof units / sizeof *units; at++) {
        size_t length = strlen(units[at].name);
        if (span_length(name) == length && are_same(name.at, (const uint8_t *)units[at].name, length)) {
            *microseconds = number * units[at].factor;
            return true;
        }
    }
    return false;
}

/* The plain decimal at the beginning of `text`: 1 to 12 digits, or with 1 to 9 more as fraction. It
 * is empty where there is none.
 */
MADE_FOR_EACH_CALL span plain_decimal(span text, bool roomy)
{
    span rest = past_digits(text, roomy), none = span_up_to(text, text.at);
    size_t digits = (size_t)(rest.at - text.at);
    if (digits < 1 || digits > MAX_SPAN_DIGITS)
        return none;
    if (span_byte(rest, 0) == '.') {
        span fraction = span_skip(rest, 1);
        rest = past_digits(fraction, roomy);
        digits = (size_t)(rest.at - fraction.at);
        if (digits < 1 || digits > MAX_FRACTION_DIGITS)
            return none;
    }
    return span_up_to(text, rest.at);
}

/* One time as a text, in the unit that it tells or in `unit`. */
MADE_FOR_EACH_CALL bool span_of_text(span text, bool roomy, int64_t unit, int64_t *microseconds)
{
    double number;
    *microseconds = -1;
    if (span_length(text) == 0 || span_is(text, '-'))
        return true;
    span decimal = plain_decimal(text, roomy), name = {decimal.end, text.end};
    if (decimal.at == decimal.end)
        return false;
    if (!decimal_number(decimal, roomy, &number))
        return false;
    if (name.at == name.end)
        number = number * 1000000 / (double)unit;
    else if (!span_with_unit(number, name, &number))
        return false;
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
            if (!span_of_text(part, roomy, unit, &one))
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
    else if (!decimal_number(value->text, roomy, &number))
        return false;
    if (number < LONGEST_SPAN)
        *microseconds = rounded_span(number * 1000000 / (double)unit);
    return true;
}

#endif
