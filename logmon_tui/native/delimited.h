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
#include "times.h"
#include "values.h"

MADE_FOR_EACH_CALL bool read_number(
    const scan_token *token, span field, bool roomy, day_cache *day, int64_t *value)
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
    case READ_CTIME:
        return read_ctime(field, day, value);
    case READ_STATUS:
        return read_status(field, roomy, false, value);
    case READ_STATUS_OR_NONE:
        return read_status(field, roomy, true, value);
    case READ_AMOUNT:
        return read_amount(field, roomy, token->parameter, value);
    case READ_SPAN:
        return ((token->flags & FLAG_SEVERAL) != 0 ? read_spans : read_span)(
            field, token->parameter, (token->flags & FLAG_WHOLE) != 0,
            (token->flags & FLAG_POINTED) != 0, value);
    default:
        return false;
    }
}

/* What is to be done for a field. Most fields are of one of the first kinds, for which all is known
 * without a look at the token; STEP_AS_TOLD is any other. Words end at spaces, parts at another byte.
 */
enum step_kind {
    STEP_SKIP,
    STEP_WORD,
    STEP_QUOTED,
    STEP_CLF,
    STEP_STATUS,
    STEP_AMOUNT,
    STEP_SKIP_PART,
    STEP_PART,
    STEP_AS_TOLD,
};

/* A token, with what else would have to be worked out for each line anew. */
typedef struct {
    const scan_token *token;
    const uint8_t *before;
    uint64_t word; /* the text before it, where that is short, and which of the bits count */
    uint64_t mask;
    uint32_t before_length;
    int32_t column;
    uint8_t kind;
    uint8_t stop;
    bool is_plain; /* the text before it is short, and no spaces may follow it */
} step;

/* The steps through a line: its tokens, and what follows them. */
typedef struct {
    step steps[MAX_TOKENS];
    step tail;
    uint32_t count;
} line_steps;

static inline enum step_kind kind_of(const scan_token *token)
{
    uint32_t unusual = FLAG_OPTIONAL | FLAG_LISTED | FLAG_CUT_PORT | FLAG_WITHOUT_PORT;
    bool to_stop = token->ending == ENDS_AT_STOP && token->stops_length == 1;
    bool to_space = to_stop && token->stops[0] == ' ';
    if ((token->flags & unusual) != 0)
        return STEP_AS_TOLD;
    if (token->ending == ENDS_AT_QUOTE && token->reading == READ_TEXT)
        return STEP_QUOTED;
    if (token->ending == ENDS_FIXED && token->length == CLF_LENGTH && token->reading == READ_CLF)
        return STEP_CLF;
    switch (to_stop ? token->reading : READINGS) {
    case READ_NOTHING:
        return to_space ? STEP_SKIP : STEP_SKIP_PART;
    case READ_TEXT:
        return to_space ? STEP_WORD : STEP_PART;
    case READ_STATUS:
        return to_space ? STEP_STATUS : STEP_AS_TOLD;
    case READ_AMOUNT:
        return to_space ? STEP_AMOUNT : STEP_AS_TOLD;
    default:
        return STEP_AS_TOLD;
    }
}

/* The step to what is behind a text; `token` may be NULL. */
static inline step step_past(const uint8_t *before, uint32_t length, const scan_token *token)
{
    step to = {.token = token, .before = before, .before_length = length};
    to.is_plain = length <= sizeof to.word && (token == NULL || (token->flags & FLAG_PADDED) == 0);
    if (length <= sizeof to.word) {
        memcpy(&to.word, before, length);
        memset(&to.mask, 0xFF, length);
    }
    return to;
}

static inline void prepare(const scan_format *format, line_steps *to)
{
    to->count = format->token_count;
    to->tail = step_past(format->tail, format->tail_length, NULL);
    for (uint32_t number = 0; number < format->token_count; number++) {
        const scan_token *token = &format->tokens[number];
        step *next = &to->steps[number];
        *next = step_past(token->before, token->before_length, token);
        next->column = token->column;
        next->kind = (uint8_t)kind_of(token);
        next->stop = token->stops_length > 0 ? token->stops[0] : 0;
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

/* Go past a field of any kind, which is read; false where it is not as described. */
MADE_FOR_EACH_CALL bool take_as_told(
    const step *step, span *rest, bool roomy, day_cache *day, const found_line *found)
{
    const scan_token *token = step->token;
    span field = {rest->at, end_of_token(token, *rest, roomy)};
    if (field.end == NULL)
        return false;
    rest->at = field.end;
    if (token->reading == READ_TEXT)
        *found_text(found, step->column) = host_of(field, token->flags);
    else if (token->reading != READ_NOTHING)
        return read_number(token, field, roomy, day, found_number(found, step->column));
    return true;
}

/* Go past what stands before the next `stop`, of which there must be something. */
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
        field = next_word(rest, roomy);
        return read_status(field, roomy, false, found_number(found, step->column));
    case STEP_AMOUNT:
        field = next_word(rest, roomy);
        return read_amount(
            field, roomy, step->token->parameter, found_number(found, step->column));
    case STEP_SKIP_PART:
        field = next_field(rest, roomy, step->stop);
        return field.at != field.end;
    case STEP_PART:
        field = *found_text(found, step->column) = next_field(rest, roomy, step->stop);
        return field.at != field.end;
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
