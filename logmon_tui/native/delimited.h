/* Delimited lines: goes from field to field, as the format's description says.
 *
 * A line in which a text between fields, a number or a time is not just as described does not fit.
 */
#ifndef LOGMON_DELIMITED_H
#define LOGMON_DELIMITED_H

#include "columns.h"
#include "field_ends.h"
#include "hosts.h"
#include "scan.h"
#include "span.h"
#include "steps.h"
#include "times.h"
#include "values.h"

MADE_FOR_EACH_CALL bool read_number(
    const scan_token *token, span field, bool roomy, day_cache *day, int64_t *value)
{
    bool whole = (token->flags & FLAG_WHOLE) != 0, pointed = (token->flags & FLAG_POINTED) != 0;
    switch (token->reading) {
    case READ_CLF:
        return read_clf(field, day, value);
    case READ_CLF_UTC:
        return read_clf_utc(field, roomy, day, value);
    case READ_ISO:
        return read_iso(field, roomy, day, value);
    case READ_EPOCH:
        return read_epoch(field, roomy, value);
    case READ_DATE:
        return read_date(field, day, value);
    case READ_TIME_OF_DAY:
        return read_time_of_day(field, value);
    case READ_CTIME:
        return read_ctime(field, day, value);
    case READ_STATUS:
        return read_status(field, roomy, false, value);
    case READ_STATUS_OR_NONE:
        return read_status(field, roomy, true, value);
    case READ_AMOUNT:
        return read_amount(field, roomy, token->parameter, value);
    case READ_SPAN:
        return (token->flags & FLAG_SEVERAL) != 0
                   ? read_spans(field, roomy, token->parameter, whole, pointed, value)
                   : read_span(field, roomy, token->parameter, whole, pointed, value);
    default:
        return false;
    }
}

/* Go past the text before a field; false where it does not stand there. */
MADE_FOR_EACH_CALL bool begin_field(const step *step, span *rest, bool roomy)
{
    if (roomy && step->is_plain) {
        bool same = ((load_8(rest->at) ^ step->word) & step->mask) == 0;
        rest->at += step->before_length;
        return same && rest->at <= rest->end;
    }
    if (!span_starts_with(*rest, step->before, step->before_length))
        return false;
    *rest = span_skip(*rest, step->before_length);
    if (step->token != NULL && (step->token->flags & FLAG_PADDED) != 0)
        while (span_byte(*rest, 0) == ' ')
            *rest = span_skip(*rest, 1);
    return true;
}

/* Go past what stands before the next `stop`. */
MADE_FOR_EACH_CALL span next_field(span *rest, bool roomy, uint8_t stop)
{
    span part = {rest->at, span_find_near(*rest, roomy, stop, stop)};
    rest->at = part.end;
    return part;
}

MADE_FOR_EACH_CALL span next_word(span *rest, bool roomy)
{
    return next_field(rest, roomy, ' ');
}

/* Read a field of any kind; false where it is not as described. */
MADE_FOR_EACH_CALL bool read_as_told(
    const step *step, span field, bool roomy, day_cache *day, const found_line *found)
{
    const scan_token *token = step->token;
    if (token->reading == READ_TEXT)
        *found_text(found, step->column) = host_of(field, roomy, token->flags);
    else if (token->reading != READ_NOTHING)
        return read_number(token, field, roomy, day, found_number(found, step->column));
    return true;
}

/* Go past a field up to its stop, which is read; false where it is not as described. */
CALLED bool take_part(
    const step *step, span *rest, bool roomy, day_cache *day, const found_line *found)
{
    span field = next_field(rest, roomy, step->stop);
    return field.at != field.end && read_as_told(step, field, roomy, day, found);
}

/* Go past a field of any kind, which is read; false where it is not as described. */
CALLED bool take_as_told(
    const step *step, span *rest, bool roomy, day_cache *day, const found_line *found)
{
    span field = {rest->at, end_of_token(step->token, *rest, roomy)};
    if (field.end == NULL)
        return false;
    rest->at = field.end;
    return read_as_told(step, field, roomy, day, found);
}

/* Go past that many parts, each up to the next `stop`; false where one is empty, or missing. */
MADE_FOR_EACH_CALL bool skip_parts_singly(span *rest, bool roomy, uint8_t stop, uint32_t parts)
{
    for (;;) {
        span part = next_field(rest, roomy, stop);
        if (part.at == part.end)
            return false;
        if (--parts == 0)
            return true;
        if (rest->at == rest->end)
            return false;
        *rest = span_skip(*rest, 1);
    }
}

/* The same, with all the stops of a block found at once. */
MADE_FOR_EACH_CALL bool skip_parts(span *rest, bool roomy, uint8_t stop, uint32_t parts)
{
    if (!roomy)
        return skip_parts_singly(rest, roomy, stop, parts);
    const uint8_t *start = rest->at; /* of the part that is to end */
    for (const uint8_t *at = start; at < rest->end; at += BLOCK)
        for (uint32_t bits = bits_of(at, stop, stop); bits != 0; bits &= bits - 1) {
            const uint8_t *place = at + first_bit(bits);
            if (place >= rest->end)
                break;
            if (place == start)
                return false;
            if (--parts == 0) {
                rest->at = place;
                return true;
            }
            start = place + 1;
        }
    rest->at = rest->end;
    return parts == 1 && start != rest->end;
}

/* Go past a field, which is read; false where it is not as described. */
MADE_FOR_EACH_CALL bool take_field(
    const step *step, span *rest, bool roomy, day_cache *day, const found_line *found)
{
    span field = *rest;
    switch (step->kind) {
    case STEP_SKIP:
        field = next_word(rest, roomy);
        return field.at != field.end;
    case STEP_WORD:
        field = *found_text(found, step->column) = next_word(rest, roomy);
        return field.at != field.end;
    case STEP_QUOTED:
        field.end = rest->at = closing_quote(field, roomy);
        *found_text(found, step->column) = field;
        return true;
    case STEP_CLF:
        field.end = rest->at = span_first(field, CLF_LENGTH).end;
        return read_clf(field, day, found_number(found, step->column));
    case STEP_STATUS:
        return (roomy && take_status(rest, step->stop, found_number(found, step->column))) ||
               take_part(step, rest, roomy, day, found);
    case STEP_AMOUNT:
        return (roomy && take_amount(rest, step->stop, found_number(found, step->column))) ||
               take_part(step, rest, roomy, day, found);
    case STEP_SPAN:
        return (roomy && take_span(
                             rest, step->stop, step->token->parameter,
                             (step->token->flags & FLAG_WHOLE) != 0,
                             (step->token->flags & FLAG_POINTED) != 0,
                             found_number(found, step->column))) ||
               take_part(step, rest, roomy, day, found);
    case STEP_SKIP_PARTS:
        return skip_parts(rest, roomy, step->stop, step->parts);
    case STEP_PART:
        field = *found_text(found, step->column) = next_field(rest, roomy, step->stop);
        return field.at != field.end;
    case STEP_READ_PART:
        return take_part(step, rest, roomy, day, found);
    default:
        return take_as_told(step, rest, roomy, day, found);
    }
}

/* Take `line` apart; false where it does not fit. */
MADE_FOR_EACH_CALL bool take_apart_within(
    const line_steps *steps, span line, bool roomy, day_cache *day, const found_line *found)
{
    span rest = line;
    const step *end = steps->steps + steps->count;
    for (const step *step = steps->steps; step < end; step++)
        if (!begin_field(step, &rest, roomy) || !take_field(step, &rest, roomy, day, found))
            return false;
    return begin_field(&steps->tail, &rest, roomy) && rest.at == rest.end;
}

static bool take_last_apart(
    const line_steps *steps, span line, day_cache *day, const found_line *found)
{
    return take_apart_within(steps, line, false, day, found);
}

/* Take `line` apart; false where it does not fit. The bytes up to `readable_end` can be read.
 *
 * But for the last lines of a buffer, so many can be read that it need not be asked each time.
 */
static inline bool take_apart(
    const line_steps *steps, span line, const uint8_t *readable_end, day_cache *day,
    const found_line *found)
{
    return is_roomy(line, readable_end) ? take_apart_within(steps, line, true, day, found)
                                        : take_last_apart(steps, line, day, found);
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
