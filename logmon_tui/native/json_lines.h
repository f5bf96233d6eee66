/* JSON lines: finds the wanted members of one object a line, and reads them.
 *
 * Of a member that is there twice the last counts, as decoders have it: such lines are left to the
 * line parser.
 */
#ifndef LOGMON_JSON_LINES_H
#define LOGMON_JSON_LINES_H

#include "columns.h"
#include "hosts.h"
#include "json.h"
#include "json_gaps.h"
#include "json_values.h"
#include "scan.h"
#include "span.h"

/* Find the values of the wanted members of the object that `line` is, and which of them are there.
 *
 * False where it is none, or a wanted member is there twice. The last of `values` is of no use.
 */
MADE_FOR_EACH_CALL bool json_members(
    const json_format *format, span line, bool roomy, json_gaps *known,
    json_value values[MAX_LEAVES + 1], uint64_t *there)
{
    uint64_t seen = 0;
    span rest = line;
    if (known->is_full)
        forget_gaps(known);
    for (json_gap *gap = known->gaps;;) {
        gap = next_gap(format, known, gap, &rest, roomy);
        if (gap == NULL || (gap->before & seen) != 0)
            return false;
        seen |= gap->leaves;
        for (uint64_t others = gap->others; others != 0; others &= others - 1)
            values[first_bit(others)].kind = JSON_OTHER;
        if (gap->is_last) {
            *there = seen;
            return true;
        }
        json_value *value = &values[gap->leaf];
        if (!(gap->is_text ? json_text_value(&rest, roomy, value)
                           : json_scalar_within(&rest, roomy, value)))
            return false;
        value->listed = gap->listed;
        if (value->listed && value->kind == JSON_NONE)
            value->kind = JSON_OTHER;
    }
}

/* The value of a leaf, if it is `there`. */
static inline const json_value *value_of(const json_value *values, uint64_t there, uint32_t leaf)
{
    static const json_value nothing = {{NULL, NULL}, JSON_NONE, false, false};
    return (there >> leaf & 1) != 0 ? &values[leaf] : &nothing;
}

MADE_FOR_EACH_CALL bool read_member(
    const json_field *field, const json_value *value, bool roomy, day_cache *day,
    const found_line *found)
{
    if (field->reading == READ_TEXT) {
        span *text = found_text(found, field->column);
        bool negative;
        int64_t number;
        if (value->kind == JSON_TEXT) {
            *text = value->escaped ? value->text : host_of(value->text, roomy, field->flags);
            return true;
        }
        if (value->kind == JSON_NUMBER) {
            *text = value->text;
            return whole_number(value->text, roomy, &negative, &number);
        }
        return (field->flags & FLAG_NEEDED) == 0;
    }
    int64_t *number = found_number(found, field->column);
    switch (field->reading) {
    case READ_TIME:
        return json_time(value, roomy, day, number);
    case READ_STATUS:
        return json_status(value, roomy, false, number);
    case READ_STATUS_OR_NONE:
        return json_status(value, roomy, true, number);
    case READ_AMOUNT:
        return json_amount(value, roomy, field->parameter, number);
    case READ_SPAN:
        return json_span(value, roomy, field->parameter, number);
    default:
        return false;
    }
}

MADE_FOR_EACH_CALL bool take_object_apart_within(
    const json_format *format, span line, bool roomy, json_gaps *known, day_cache *day,
    const found_line *found)
{
    json_value values[MAX_LEAVES + 1];
    uint64_t there;
    if (!json_members(format, line, roomy, known, values, &there))
        return false;
    if (format->mark_leaf >= 0) {
        const json_value *mark = value_of(values, there, (uint32_t)format->mark_leaf);
        if (mark->kind != JSON_TEXT || mark->escaped || mark->listed ||
            span_length(mark->text) != format->mark_length ||
            !span_starts_with(mark->text, format->mark, format->mark_length))
            return false;
    }
    for (uint32_t number = 0; number < format->field_count; number++) {
        const json_field *field = &format->fields[number];
        const uint32_t *path = format->paths + field->first_path, *end = path + field->path_count;
        const json_value *value = value_of(values, there, *path);
        while (value->kind == JSON_NONE && ++path < end)
            value = value_of(values, there, *path);
        if (field->reading == READ_TEXT)
            *found_text(found, field->column) = span_first(line, 0); /* empty where there is none */
        if (!read_member(field, value, roomy, day, found))
            return false;
    }
    return true;
}

static bool take_last_object_apart(
    const json_format *format, span line, json_gaps *known, day_cache *day, const found_line *found)
{
    return take_object_apart_within(format, line, false, known, day, found);
}

/* Take a line of JSON apart; false where it does not fit. The bytes up to `readable_end` can be read.
 *
 * As with delimited lines, that need not be asked each time but for the last lines of a buffer.
 */
static inline bool take_object_apart(
    const json_format *format, span line, const uint8_t *readable_end, json_gaps *known,
    day_cache *day, const found_line *found)
{
    return is_roomy(line, readable_end)
               ? take_object_apart_within(format, line, true, known, day, found)
               : take_last_object_apart(format, line, known, day, found);
}

/* Whether a format is as described. A member that is no object must have just one leaf: nothing else
 * of `values` is written when it is there.
 */
static inline bool is_sound_json(const json_format *format)
{
    if (format->node_count > MAX_NODES || format->leaf_count > MAX_LEAVES ||
        format->text_count > MAX_TEXTS || format->number_count > MAX_NUMBERS ||
        format->node_count == 0 || format->mark_leaf >= (int32_t)format->leaf_count)
        return false;
    for (uint32_t number = 0; number < format->node_count; number++) {
        const json_node *node = &format->nodes[number];
        if (node->first_leaf > node->end_leaf || node->end_leaf > format->leaf_count ||
            (node->child_count == 0 && number > 0 && node->end_leaf - node->first_leaf != 1) ||
            node->first_child > format->node_count ||
            node->child_count > format->node_count - node->first_child)
            return false;
    }
    for (uint32_t number = 0; number < format->path_count; number++)
        if (format->paths[number] >= format->leaf_count)
            return false;
    for (uint32_t number = 0; number < format->field_count; number++) {
        const json_field *field = &format->fields[number];
        uint32_t columns = field->reading == READ_TEXT ? format->text_count : format->number_count;
        if (!is_sound_reading(field->reading, field->parameter) ||
            field->first_path > format->path_count ||
            field->path_count == 0 || field->path_count > format->path_count - field->first_path ||
            !is_column(field->column, columns))
            return false;
    }
    return true;
}

#endif
