/* Delimited lines: goes from field to field, as the format's description says.
 *
 * A line in which a text between fields, a number or a time is not just as described does not fit.
 */
#ifndef LOGMON_DELIMITED_H
#define LOGMON_DELIMITED_H

#include "columns.h"
#include "hosts.h"
#include "scan.h"
#include "span.h"
#include "times.h"
#include "values.h"

/* Where the quote stands that ends a quoted field: no backslash precedes it. */
static inline const uint8_t *closing_quote(span text)
{
    span rest = text;
    rest.at = span_find_near(text, '"', '\\');
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

static inline const uint8_t *first_stop(span text, const scan_token *token)
{
    if (token->stops_length == 1)
        return span_find_near(text, token->stops[0], token->stops[0]);
    if (token->stops_length == 2)
        return span_find_near(text, token->stops[0], token->stops[1]);
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

static inline bool read_number(const scan_token *token, span field, day_cache *day, int64_t *value)
{
    switch (token->reading) {
    case READ_CLF:
        return read_clf(field, day, value);
    case READ_CLF_UTC:
        return read_clf_utc(field, day, value);
    case READ_ISO:
        return read_iso(field, day, value);
    case READ_EPOCH:
        return read_epoch(field, value);
    case READ_DATE:
        return read_date(field, day, value);
    case READ_TIME_OF_DAY:
        return read_time_of_day(field, value);
    case READ_STATUS:
        return read_status(field, false, value);
    case READ_STATUS_OR_NONE:
        return read_status(field, true, value);
    case READ_AMOUNT:
        return read_amount(field, token->parameter, value);
    case READ_SPAN:
        return ((token->flags & FLAG_SEVERAL) != 0 ? read_spans : read_span)(
            field, token->parameter, (token->flags & FLAG_WHOLE) != 0,
            (token->flags & FLAG_POINTED) != 0, value);
    default:
        return false;
    }
}

/* Find where `token` ends in `rest`, which begins with it. False where it does not end. */
static inline bool end_of_token(const scan_token *token, span rest, span *field)
{
    const uint8_t *end;
    switch (token->ending) {
    case ENDS_AT_STOP:
        end = first_stop(rest, token);
        break;
    case ENDS_AT_QUOTE:
        end = closing_quote(rest);
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
        return false;
    }
    *field = span_up_to(rest, end);
    bool may_be_empty = (token->flags & FLAG_OPTIONAL) != 0 || token->ending == ENDS_AT_QUOTE ||
                        token->ending == ENDS_DOUBLED || token->ending == ENDS_WITH_LINE;
    if (field->at == field->end && !may_be_empty)
        return false;
    return (token->flags & FLAG_LISTED) == 0 || token->ending != ENDS_AT_STOP ||
           !list_goes_on(rest, *field);
}

/* The text before each token as one word, and which of its bits count; none where it is longer. */
typedef struct {
    uint64_t words[MAX_TOKENS];
    uint64_t masks[MAX_TOKENS];
} short_texts;

static inline void shorten_texts(const scan_format *format, short_texts *to)
{
    static const uint8_t all[sizeof(uint64_t)] = {255, 255, 255, 255, 255, 255, 255, 255};
    for (uint32_t number = 0; number < format->token_count; number++) {
        const scan_token *token = &format->tokens[number];
        bool is_short = token->before_length > 0 && token->before_length <= sizeof(uint64_t);
        size_t length = is_short ? token->before_length : 0;
        to->words[number] = to->masks[number] = 0;
        memcpy(&to->words[number], token->before, length);
        memcpy(&to->masks[number], all, length);
    }
}

/* Whether `rest` begins with the text before a token. */
static inline bool follows(const scan_format *format, const short_texts *texts, uint32_t number, span rest)
{
    if (texts->masks[number] != 0 && span_length(rest) >= sizeof(uint64_t))
        return ((load_8(rest.at) ^ texts->words[number]) & texts->masks[number]) == 0;
    const scan_token *token = &format->tokens[number];
    return span_starts_with(rest, token->before, token->before_length);
}

/* Take `line` apart; false where it does not fit. */
static inline bool take_apart(
    const scan_format *format, const short_texts *texts, span line, day_cache *day, found_line *found)
{
    span rest = line;
    for (uint32_t number = 0; number < format->token_count; number++) {
        const scan_token *token = &format->tokens[number];
        if (!follows(format, texts, number, rest))
            return false;
        rest = span_skip(rest, token->before_length);
        while ((token->flags & FLAG_PADDED) != 0 && span_byte(rest, 0) == ' ')
            rest = span_skip(rest, 1);
        span field;
        if (!end_of_token(token, rest, &field))
            return false;
        rest = span_skip(rest, span_length(field));
        if (token->reading == READ_NOTHING)
            continue;
        if (token->reading == READ_TEXT)
            found->texts[token->column] = host_of(field, token->flags);
        else if (!read_number(token, field, day, &found->numbers[token->column]))
            return false;
    }
    return span_length(rest) == format->tail_length &&
           span_starts_with(rest, format->tail, format->tail_length);
}

static inline bool is_sound_delimited(const scan_format *format)
{
    if (format->token_count > MAX_TOKENS || format->text_count > MAX_TEXTS ||
        format->number_count > MAX_NUMBERS)
        return false;
    for (uint32_t number = 0; number < format->token_count; number++) {
        const scan_token *token = &format->tokens[number];
        uint32_t columns = token->reading == READ_TEXT ? format->text_count : format->number_count;
        if (token->ending >= ENDINGS || !is_sound_reading(token->reading, token->parameter))
            return false;
        if (token->reading != READ_NOTHING && !is_column(token->column, columns))
            return false;
    }
    return true;
}

#endif
