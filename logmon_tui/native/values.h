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

/* Take a status of the usual form, before a `stop` that is no digit; `text` is roomy. */
MADE_FOR_EACH_CALL bool take_status(span *text, uint8_t stop, int64_t *value)
{
    few_digits digits = few_digits_at(*text);
    if (digits.length != 3 || span_byte(*text, 3) != stop)
        return false;
    *value = number_of_few(digits);
    *text = span_skip(*text, 3);
    return true;
}

/* The same for bytes. */
MADE_FOR_EACH_CALL bool take_amount(span *text, uint8_t stop, int64_t *value)
{
    few_digits digits = few_digits_at(*text);
    if (digits.length == 0 || span_byte(*text, digits.length) != stop)
        return false;
    *value = number_of_few(digits);
    *text = span_skip(*text, digits.length);
    return true;
}

/* Take the first part off a list as nginx writes it, `a, b : c`; false where there is none left. */
MADE_FOR_EACH_CALL bool next_part(span *list, bool roomy, span *part)
{
    if (list->at == NULL)
        return false;
    for (span rest = *list;; rest = span_skip(rest, 1)) {
        rest.at = span_find_near(rest, roomy, ' ', ' ');
        if (rest.at == rest.end)
            break;
        bool comma = rest.at != list->at && rest.at[-1] == ',';
        if (comma || span_starts_with(rest, (const uint8_t *)" : ", 3)) {
            *part = span_up_to(*list, rest.at - (comma ? 1 : 0));
            *list = span_skip(rest, comma ? 1 : 3);
            return true;
        }
    }
    *part = *list;
    *list = (span){NULL, NULL};
    return true;
}

/* Microseconds, given how many of the unit are 10**6 of them; `-` and `-1` are unknown: -1. */
MADE_FOR_EACH_CALL bool read_span(
    span text, bool roomy, int64_t unit, bool whole_only, bool pointed, int64_t *value)
{
    if (span_byte(text, 0) == '-') {
        *value = -1;
        return span_length(text) == 1 || (span_length(text) == 2 && text.at[1] == '1');
    }
    span fraction = past_digits(text, roomy);
    span whole = span_up_to(text, fraction.at);
    bool has_point = fraction.at != fraction.end;
    int64_t number = digits_within(whole, roomy);
    if (number < 0 || span_length(whole) > MAX_SPAN_DIGITS || (has_point ? whole_only : pointed))
        return false;
    int64_t millionths = millionths_of(fraction, roomy);
    if (millionths < 0)
        return false;
    *value = (number * 1000000 + millionths) / unit;
    return true;
}

/* Take a span of the usual form, before a `stop` that is no digit and no point; `text` is roomy. */
MADE_FOR_EACH_CALL bool take_span(
    span *text, uint8_t stop, int64_t unit, bool whole_only, bool pointed, int64_t *value)
{
    few_digits whole = few_digits_at(*text);
    span rest = span_skip(*text, whole.length);
    int64_t millionths = 0;
    if (span_byte(rest, 0) == '.' && !whole_only) {
        rest = span_skip(rest, 1);
        few_digits fraction = few_digits_at(rest);
        if (fraction.length == 0)
            return false;
        millionths = millionths_of_few(fraction);
        rest = span_skip(rest, fraction.length);
    } else if (pointed) {
        return false;
    }
    if (whole.length == 0 || span_byte(rest, 0) != stop)
        return false;
    *value = (number_of_few(whole) * 1000000 + millionths) / unit;
    *text = rest;
    return true;
}

/* The sum of the spans of a list, of which at least one must be known. */
MADE_FOR_EACH_CALL bool read_spans(
    span list, bool roomy, int64_t unit, bool whole_only, bool pointed, int64_t *value)
{
    span part;
    int64_t one;
    *value = -1;
    while (next_part(&list, roomy, &part)) {
        if (!read_span(part, roomy, unit, whole_only, pointed, &one))
            return false;
        if (one >= 0)
            *value = one + (*value < 0 ? 0 : *value);
        if (*value > MAX_SUMMED)
            return false;
    }
    return true;
}

#endif
