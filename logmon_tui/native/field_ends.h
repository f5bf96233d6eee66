/* Where a field of a delimited line ends: at a quote, at one of some bytes, or with the line. */
#ifndef LOGMON_FIELD_ENDS_H
#define LOGMON_FIELD_ENDS_H

#include "scan.h"
#include "span.h"

/* Where the quote stands that ends a quoted field: no backslash precedes it. */
static inline const uint8_t *closing_quote(span text, bool roomy)
{
    span rest = text;
    rest.at = span_find_far(text, roomy, '"', '\\');
    while (rest.at != rest.end && rest.at[0] != '"') {
        size_t step = rest.at[0] == '\\' ? 2 : 1;
        if (step > span_length(rest))
            return rest.end;
        rest = span_skip(rest, step);
    }
    return rest.at;
}

/* Where the quote stands that ends a field in which quotes are doubled. */
static inline const uint8_t *undoubled_quote(span text)
{
    span rest = text;
    for (;;) {
        const uint8_t *quote = span_find(rest, '"');
        if (quote == rest.end)
            return quote;
        rest = span_skip(rest, (size_t)(quote - rest.at));
        if (span_byte(rest, 1) != '"')
            return quote;
        rest = span_skip(rest, 2);
    }
}

static inline const uint8_t *first_stop(span text, bool roomy, const scan_token *token)
{
    if (token->stops_length == 1)
        return span_find_near(text, roomy, token->stops[0], token->stops[0]);
    if (token->stops_length == 2)
        return span_find_near(text, roomy, token->stops[0], token->stops[1]);
    for (span rest = text; rest.at != rest.end; rest = span_skip(rest, 1))
        for (uint32_t at = 0; at < token->stops_length; at++)
            if (rest.at[0] == token->stops[at])
                return rest.at;
    return text.end;
}

/* Whether a list of values, `a, b : c`, does not end at the stop where `field` does. */
static inline bool list_goes_on(span line, span field)
{
    span rest = {field.end, line.end};
    int here = span_byte(rest, 0), next = span_byte(rest, 1), then = span_byte(rest, 2);
    bool after_comma = field.at != field.end && field.end[-1] == ',';
    return (here == ' ' && after_comma) || (here == ',' && next == ' ') ||
           (here == ' ' && next == ':' && then == ' ');
}

/* Where `token` ends in `rest`, which begins with it. NULL where it does not end. */
static inline const uint8_t *end_of_token(const scan_token *token, span rest, bool roomy)
{
    const uint8_t *end;
    switch (token->ending) {
    case ENDS_AT_STOP:
        end = first_stop(rest, roomy, token);
        break;
    case ENDS_AT_QUOTE:
        end = closing_quote(rest, roomy);
        break;
    case ENDS_DOUBLED:
        end = undoubled_quote(rest);
        break;
    case ENDS_FIXED:
        end = span_first(rest, token->length).end;
        break;
    case ENDS_WITH_LINE:
        end = rest.end;
        break;
    default:
        return NULL;
    }
    bool may_be_empty = (token->flags & FLAG_OPTIONAL) != 0 || token->ending == ENDS_AT_QUOTE ||
                        token->ending == ENDS_DOUBLED || token->ending == ENDS_WITH_LINE;
    if (end == rest.at && !may_be_empty)
        return NULL;
    bool goes_on = (token->flags & FLAG_LISTED) != 0 && token->ending == ENDS_AT_STOP &&
                   list_goes_on(rest, span_up_to(rest, end));
    return goes_on ? NULL : end;
}

#endif
