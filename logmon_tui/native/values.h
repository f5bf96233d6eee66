/* Numbers as access logs write them. Every function takes a whole field, `roomy` as span.h says.
 *
 * What it accepts, and the value it gives, are those of the Python readings of the same name
 * (formats/model/converters.py), which are the reference: it may refuse more, never read otherwise.
 */
#ifndef LOGMON_VALUES_H
#define LOGMON_VALUES_H

#include "digits.h"
#include "span.h"

enum {
    MAX_AMOUNT_DIGITS = 15,
    MAX_SPAN_DIGITS = 12,
    KEPT_FRACTION_DIGITS = 6,
};

/* Of spans that are added up, so that no list overflows. */
#define MAX_SUMMED INT64_C(1000000000000000000)

MADE_FOR_EACH_CALL bool read_status(span text, bool roomy, bool or_none, int64_t *value)
{
    if (or_none && span_byte(text, 0) == '-') {
        *value = 0;
        return span_length(text) == 1 || (span_length(text) == 2 && text.at[1] == '1');
    }
    *value = digits_within(text, roomy);
    return span_length(text) == 3 && *value >= 0;
}

/* Bytes; `-` is `none`. */
MADE_FOR_EACH_CALL bool read_amount(span text, bool roomy, int64_t none, int64_t *value)
{
    if (span_is(text, '-')) {
        *value = none;
        return true;
    }
    *value = digits_within(text, roomy);
    return span_length(text) <= MAX_AMOUNT_DIGITS && *value >= 0;
}

/* Take the first part off a list as nginx writes it, `a, b : c`; false where there is none left. */
static inline bool next_part(span *list, span *part)
{
    if (list->at == NULL)
        return false;
    for (span rest = *list; rest.at != rest.end; rest = span_skip(rest, 1)) {
        size_t parting = span_starts_with(rest, (const uint8_t *)", ", 2)    ? 2
                         : span_starts_with(rest, (const uint8_t *)" : ", 3) ? 3
                                                                             : 0;
        if (parting > 0) {
            *part = span_up_to(*list, rest.at);
            *list = span_skip(rest, parting);
            return true;
        }
    }
    *part = *list;
    *list = (span){NULL, NULL};
    return true;
}

/* Microseconds, given how many of the unit are 10**6 of them; `-` and `-1` are unknown: -1. */
static inline bool read_span(span text, int64_t unit, bool whole_only, bool pointed, int64_t *value)
{
    if (span_byte(text, 0) == '-') {
        *value = -1;
        return span_length(text) == 1 || (span_length(text) == 2 && text.at[1] == '1');
    }
    span whole = span_up_to(text, span_find(text, '.'));
    size_t digits = span_length(whole);
    int64_t number = digits_of(whole);
    if (number < 0 || digits > MAX_SPAN_DIGITS)
        return false;
    span fraction = span_skip(text, digits);
    bool has_point = fraction.at != fraction.end;
    if (!is_fraction(fraction, false) || (has_point && whole_only) || (!has_point && pointed))
        return false;
    int64_t millionths = 0;
    for (size_t at = 1; at <= KEPT_FRACTION_DIGITS; at++) {
        int byte = span_byte(fraction, at);
        millionths = millionths * 10 + (byte < 0 ? 0 : byte - '0');
    }
    *value = (number * 1000000 + millionths) / unit;
    return true;
}

/* The sum of the spans of a list, of which at least one must be known. */
static inline bool read_spans(
    span list, int64_t unit, bool whole_only, bool pointed, int64_t *value)
{
    span part;
    int64_t one;
    *value = -1;
    while (next_part(&list, &part)) {
        if (!read_span(part, unit, whole_only, pointed, &one))
            return false;
        if (one >= 0)
            *value = one + (*value < 0 ? 0 : *value);
        if (*value > MAX_SUMMED)
            return false;
    }
    return true;
}

#endif
