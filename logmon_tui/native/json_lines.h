/* JSON lines: finds the wanted members of one object a line, and reads them.
 *
 * Of a member that is there twice the last counts, as decoders have it.
 */
#ifndef LOGMON_JSON_LINES_H
#define LOGMON_JSON_LINES_H

#include "columns.h"
#include "hosts.h"
#include "json.h"
#include "json_values.h"
#include "scan.h"
#include "span.h"

enum { MAX_NODES = 256, MAX_LEAVES = 64, MAX_WANTED_DEPTH = 8 };

/* Where the wanted members were found in the line before: lines are like each other. */
typedef struct {
    uint16_t next[MAX_NODES];
} json_hints;

/* Take a value that is wanted: of a list its first item, in place of an object that it is one. */
static inline bool json_wanted(span *rest, json_value *value)
{
    int byte = span_byte(*rest, 0);
    value->listed = byte == '[';
    if (byte == '{') {
        value->kind = JSON_OTHER;
        return json_skip(rest);
    }
    if (byte != '[')
        return json_scalar(rest, value);
    span items = json_past_space(span_skip(*rest, 1));
    int first = span_byte(items, 0);
    if (first != '{' && first != '[' && first != ']' && !json_scalar(&items, value))
        return false;
    if (first == '{' || first == '[' || first == ']' || value->kind == JSON_NONE)
        value->kind = JSON_OTHER;
    return json_skip(rest);
}

/* The wanted member of `node` with that name, -1 if it is none. */
static inline int32_t wanted_member(
    const json_format *format, uint32_t node, span name, json_hints *hints)
{
    const json_node *parent = &format->nodes[node];
    size_t length = span_length(name);
    uint32_t count = parent->child_count;
    if ((parent->lengths >> (length & 63) & 1) == 0)
        return -1;
    uint32_t place = hints->next[node];
    for (uint32_t tried = 0; tried < count; tried++, place++) {
        if (place >= count)
            place = 0;
        const json_node *child = &format->nodes[parent->first_child + place];
        if (child->name_length == length &&
            (length == 0 || memcmp(child->name, name.at, length) == 0)) {
            hints->next[node] = (uint16_t)(place + 1);
            return (int32_t)(parent->first_child + place);
        }
    }
    return -1;
}

/* Find the values of the wanted members of the object that `line` is. */
static inline bool json_members(
    const json_format *format, span line, json_hints *hints, json_value values[MAX_LEAVES])
{
    uint32_t open[MAX_WANTED_DEPTH] = {0};
    uint32_t depth = 0;
    span rest = json_past_space(line);
    for (uint32_t leaf = 0; leaf < format->leaf_count; leaf++)
        values[leaf].kind = JSON_NONE;
    if (span_byte(rest, 0) != '{')
        return false;
    rest = json_past_space(span_skip(rest, 1));
    bool closes = span_byte(rest, 0) == '}';
    for (;;) {
        while (closes) {
            rest = json_past_space(span_skip(rest, 1));
            if (depth == 0)
                return rest.at == rest.end;
            depth--;
            closes = span_byte(rest, 0) == '}';
            if (!closes && span_byte(rest, 0) != ',')
                return false;
            if (!closes)
                rest = json_past_space(span_skip(rest, 1));
        }
        span name;
        bool escaped;
        if (!json_name(&rest, &name, &escaped) || escaped)
            return false;
        int32_t member = wanted_member(format, open[depth], name, hints);
        if (member < 0) {
            if (!json_skip(&rest))
                return false;
        } else {
            const json_node *node = &format->nodes[member];
            for (uint32_t leaf = node->first_leaf; leaf < node->end_leaf; leaf++)
                values[leaf].kind = JSON_NONE;
            if (node->child_count == 0) {
                if (!json_wanted(&rest, &values[node->first_leaf]))
                    return false;
            } else if (span_byte(rest, 0) != '{') {
                if (!json_skip(&rest))
                    return false;
            } else {
                if (++depth == MAX_WANTED_DEPTH)
                    return false;
                open[depth] = (uint32_t)member;
                rest = json_past_space(span_skip(rest, 1));
                closes = span_byte(rest, 0) == '}';
                continue;
            }
        }
        rest = json_past_space(rest);
        closes = span_byte(rest, 0) == '}';
        if (!closes && span_byte(rest, 0) != ',')
            return false;
        if (!closes)
            rest = json_past_space(span_skip(rest, 1));
    }
}

static inline bool read_member(const json_field *field, const json_value *value, day_cache *day,
                        const found_line *found)
{
    if (field->reading == READ_TEXT) {
        span *text = found_text(found, field->column);
        bool negative;
        int64_t number;
        if (value->kind == JSON_TEXT) {
            *text = value->escaped ? value->text : host_of(value->text, field->flags);
            return true;
        }
        if (value->kind == JSON_NUMBER) {
            *text = value->text;
            return whole_number(value->text, &negative, &number);
        }
        return (field->flags & FLAG_NEEDED) == 0;
    }
    int64_t *number = found_number(found, field->column);
    switch (field->reading) {
    case READ_TIME:
        return json_time(value, day, number);
    case READ_STATUS:
        return json_status(value, false, number);
    case READ_STATUS_OR_NONE:
        return json_status(value, true, number);
    case READ_AMOUNT:
        return json_amount(value, field->parameter, number);
    case READ_SPAN:
        return json_span(value, field->parameter, number);
    default:
        return false;
    }
}

/* Take a line of JSON apart; false where it does not fit. */
static inline bool take_object_apart(
    const json_format *format, span line, json_hints *hints, day_cache *day, const found_line *found)
{
    static const json_value nothing = {{NULL, NULL}, JSON_NONE, false, false};
    json_value values[MAX_LEAVES];
    if (!json_members(format, line, hints, values))
        return false;
    if (format->mark_leaf >= 0) {
        const json_value *mark = &values[format->mark_leaf];
        if (mark->kind != JSON_TEXT || mark->escaped || mark->listed ||
            span_length(mark->text) != format->mark_length ||
            !span_starts_with(mark->text, format->mark, format->mark_length))
            return false;
    }
    for (uint32_t number = 0; number < format->field_count; number++) {
        const json_field *field = &format->fields[number];
        const json_value *value = &nothing;
        for (uint32_t path = 0; path < field->path_count && value->kind == JSON_NONE; path++)
            value = &values[format->paths[field->first_path + path]];
        if (field->reading == READ_TEXT)
            *found_text(found, field->column) = span_first(line, 0); /* empty where there is none */
        if (!read_member(field, value, day, found))
            return false;
    }
    return true;
}

static inline bool is_sound_json(const json_format *format)
{
    if (format->node_count > MAX_NODES || format->leaf_count > MAX_LEAVES ||
        format->text_count > MAX_TEXTS || format->number_count > MAX_NUMBERS ||
        format->node_count == 0 || format->mark_leaf >= (int32_t)format->leaf_count)
        return false;
    for (uint32_t number = 0; number < format->node_count; number++) {
        const json_node *node = &format->nodes[number];
        if (node->first_leaf > node->end_leaf || node->end_leaf > format->leaf_count ||
            (node->child_count == 0 && number > 0 && node->first_leaf == node->end_leaf) ||
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
            field->path_count > format->path_count - field->first_path ||
            !is_column(field->column, columns))
            return false;
    }
    return true;
}

#endif
