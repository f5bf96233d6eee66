/* JSON lines: what stands between the scalars of a line, the values that are no object and no list.
 *
 * Lines of a log are like each other: the same names mostly follow each other. So each gap between
 * two scalars is kept with what it means, and is first compared with the gaps that followed the
 * same one in the lines before. Only a gap that is new there is taken apart.
 */
#ifndef LOGMON_JSON_GAPS_H
#define LOGMON_JSON_GAPS_H

#include "json_gap.h"
#include "scan.h"
#include "span.h"

enum { MAX_GAPS = 255, GAP_BYTES = 8192, MAX_GAP_LENGTH = 255, GAP_SLOTS = 256 };

/* The gaps of the lines before. The first one stands for the beginning of every line. */
typedef struct {
    uint32_t count;
    uint32_t used;
    bool is_full;
    json_gap passing; /* one for which there is no room */
    uint8_t slots[GAP_SLOTS];
    json_gap gaps[MAX_GAPS];
    uint8_t bytes[GAP_BYTES + BLOCK]; /* so that a block can be read wherever a gap begins */
} json_gaps;

static inline void forget_gaps(json_gaps *known)
{
    known->count = 1;
    known->used = 0;
    known->is_full = false;
    known->gaps[0] = (json_gap){.leaf = NO_LEAF};
    memset(known->slots, 0, sizeof known->slots);
}

/* Whether both mean the same, wherever they stand. */
static inline bool is_same_gap(const json_gap *one, const json_gap *other)
{
    const json_place *place = &one->place, *other_place = &other->place;
    return place->objects == other_place->objects && place->node == other_place->node &&
           place->open == other_place->open && place->wanted == other_place->wanted &&
           one->leaves == other->leaves && one->before == other->before && one->others == other->others &&
           one->leaf == other->leaf && one->listed == other->listed &&
           one->is_text == other->is_text && one->is_last == other->is_last && one->length == other->length;
}

/* Keep a gap with its text; the one for which there is no room is kept until the next one. */
static inline json_gap *keep_gap(json_gaps *known, const json_gap *gap, span text)
{
    uint32_t hash = 0;
    for (const uint8_t *at = text.at; at < text.end; at++)
        hash = hash * 31 + *at;
    uint8_t *slot = &known->slots[hash % GAP_SLOTS];
    json_gap *there = &known->gaps[*slot];
    if (*slot != 0 && is_same_gap(there, gap) &&
        span_starts_with(text, there->text, there->length))
        return there;
    known->is_full = known->count == MAX_GAPS || GAP_BYTES - known->used < gap->length;
    if (known->is_full) {
        known->passing = *gap;
        return &known->passing;
    }
    there = &known->gaps[known->count];
    *there = *gap;
    there->text = memcpy(known->bytes + known->used, text.at, gap->length);
    known->used += gap->length;
    *slot = (uint8_t)known->count++;
    return there;
}

/* Take the gap apart that follows the gap `before`; NULL where there is none. */
static json_gap *new_gap(const json_format *format, json_gaps *known, json_gap *before, span *rest)
{
    gap_reader reader = {.format = format, .gap = {.place = before->place, .leaf = NO_LEAF}};
    bool is_first = before == known->gaps;
    span text = *rest;
    reader.is_node = is_first;
    if (!take_gap(&reader, rest, is_first))
        return NULL;
    reader.gap.is_text = span_byte(*rest, 0) == '"';
    if (reader.gap.is_text)
        *rest = span_skip(*rest, 1);
    text.end = rest->at;
    if (span_length(text) > MAX_GAP_LENGTH) {
        known->passing = reader.gap;
        return &known->passing;
    }
    reader.gap.length = (uint16_t)span_length(text);
    json_gap *gap = keep_gap(known, &reader.gap, text);
    if (gap != &known->passing) {
        before->guesses[1] = before->guesses[0];
        before->guesses[0] = gap;
    }
    return gap;
}

static inline bool begins_other_scalar(int byte)
{
    return is_digit(byte) || byte == '-' || byte == 'n' || byte == 't' || byte == 'f';
}

/* Whether a gap stands at the beginning of `rest`, with that behind it which must follow. */
MADE_FOR_EACH_CALL bool is_gap(const json_gap *gap, span rest, bool roomy)
{
    size_t length = gap->length;
    if (span_length(rest) < length)
        return false;
    if (roomy && length <= BLOCK) {
        uint32_t needed = (UINT32_C(1) << length) - 1;
        if ((bits_shared(rest.at, gap->text) & needed) != needed)
            return false;
    } else if (!(roomy ? are_same_blocks : are_same)(rest.at, gap->text, length)) {
        return false;
    }
    if (gap->is_text)
        return true;
    int byte = span_byte(rest, length);
    return gap->is_last ? byte < 0 : begins_other_scalar(byte);
}

/* Take the gap that follows the gap `before`; NULL where there is none. */
MADE_FOR_EACH_CALL json_gap *next_gap(
    const json_format *format, json_gaps *known, json_gap *before, span *rest, bool roomy)
{
    for (int number = 0; number < GUESSES; number++) {
        json_gap *gap = before->guesses[number];
        if (gap == NULL || !is_gap(gap, *rest, roomy))
            continue;
        if (number > 0) {
            before->guesses[number] = before->guesses[0];
            before->guesses[0] = gap;
        }
        rest->at += gap->length;
        return gap;
    }
    return new_gap(format, known, before, rest);
}

#endif
