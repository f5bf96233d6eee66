/* The steps through a delimited line: its fields, with what would be worked out for each line anew. */
#ifndef LOGMON_STEPS_H
#define LOGMON_STEPS_H

#include "columns.h"
#include "digits.h"
#include "scan.h"
#include "span.h"
#include "times.h"

/* What is to be done for a field. Most fields are of one of the first kinds, for which all is known
 * without a look at the token; STEP_AS_TOLD is any other. Words end at spaces, parts at a byte that
 * may be another.
 */
enum step_kind {
    STEP_SKIP,
    STEP_WORD,
    STEP_QUOTED,
    STEP_CLF,
    STEP_STATUS,
    STEP_AMOUNT,
    STEP_SPAN,
    STEP_SKIP_PARTS,
    STEP_PART,
    STEP_READ_PART,
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
    uint32_t parts; /* that are skipped, parted by nothing but their stop */
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
    bool is_host = (token->flags & (FLAG_CUT_PORT | FLAG_WITHOUT_PORT)) != 0;
    bool to_stop = token->ending == ENDS_AT_STOP && token->stops_length == 1;
    bool to_space = to_stop && token->stops[0] == ' ';
    if ((token->flags & (FLAG_OPTIONAL | FLAG_LISTED)) != 0)
        return STEP_AS_TOLD;
    if (token->ending == ENDS_AT_QUOTE && token->reading == READ_TEXT && !is_host)
        return STEP_QUOTED;
    if (token->ending == ENDS_FIXED && token->length == CLF_LENGTH && token->reading == READ_CLF)
        return STEP_CLF;
    if (!to_stop)
        return STEP_AS_TOLD;
    if (is_digit(token->stops[0]) || token->stops[0] == '.' || (token->flags & FLAG_SEVERAL) != 0)
        return STEP_READ_PART;
    switch (token->reading) {
    case READ_NOTHING:
        return to_space ? STEP_SKIP : STEP_SKIP_PARTS;
    case READ_TEXT:
        return is_host ? STEP_READ_PART : to_space ? STEP_WORD : STEP_PART;
    case READ_STATUS:
    case READ_STATUS_OR_NONE:
        return STEP_STATUS;
    case READ_AMOUNT:
        return STEP_AMOUNT;
    case READ_SPAN:
        return STEP_SPAN;
    default:
        return STEP_READ_PART;
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

/* Whether nothing but the last step's stop parts from its field one that is skipped like it. */
static inline bool is_skipped_too(const step *last, const step *next)
{
    return (last->kind == STEP_SKIP || last->kind == STEP_SKIP_PARTS) &&
           (next->kind == STEP_SKIP || next->kind == STEP_SKIP_PARTS) && next->stop == last->stop &&
           next->is_plain && next->before_length == 1 && next->before[0] == next->stop;
}

static inline void prepare(const scan_format *format, line_steps *to)
{
    to->count = 0;
    to->tail = step_past(format->tail, format->tail_length, NULL);
    for (uint32_t number = 0; number < format->token_count; number++) {
        const scan_token *token = &format->tokens[number];
        step *last = to->count > 0 ? &to->steps[to->count - 1] : NULL;
        step *next = &to->steps[to->count];
        *next = step_past(token->before, token->before_length, token);
        next->column = token->column;
        next->kind = (uint8_t)kind_of(token);
        next->stop = token->stops_length > 0 ? token->stops[0] : 0;
        next->parts = 1;
        if (last != NULL && is_skipped_too(last, next)) {
            last->kind = STEP_SKIP_PARTS;
            last->parts++;
        } else {
            to->count++;
        }
    }
}

#endif
