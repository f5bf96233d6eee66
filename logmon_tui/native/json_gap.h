/* JSON lines: what a gap between two scalars of a line means, the values that are no object and no
 * list: which members are named in it, what it opens and closes.
 */
#ifndef LOGMON_JSON_GAP_H
#define LOGMON_JSON_GAP_H

#include "json.h"
#include "scan.h"
#include "span.h"

enum { MAX_NODES = 256, MAX_LEAVES = 64, NO_LEAF = MAX_LEAVES, GUESSES = 2 };

/* Where in a line a gap ends: what is open there. */
typedef struct {
    uint64_t objects; /* a bit for each open object, or list, the innermost lowest */
    uint16_t node;    /* of the innermost wanted object */
    uint8_t open;
    uint8_t wanted; /* the outermost of them that are wanted objects */
} json_place;

/* A gap, behind which a scalar stands, the value of `leaf`, or of NO_LEAF. The quote before a text is
 * a part of the gap.
 */
typedef struct json_gap {
    const uint8_t *text;
    struct json_gap *guesses[GUESSES]; /* the gaps that followed it last; NULL for none */
    json_place place;
    uint64_t leaves; /* a bit for each leaf that is named in it */
    uint64_t before; /* a bit for each that was named before, if a name in it is there twice */
    uint64_t others; /* a bit for each of these whose value is an object, or a list without scalars */
    uint16_t length;
    uint8_t leaf;
    bool listed;  /* the scalar is the first item of a list */
    bool is_text; /* the scalar is a text */
    bool is_last; /* the line ends behind it */
} json_gap;

/* The member of `parent` with that name, 0 if it has none. */
static inline uint32_t wanted_member(const json_format *format, const json_node *parent, span name)
{
    size_t length = span_length(name);
    if ((parent->lengths >> (length & 63) & 1) == 0)
        return 0;
    for (uint32_t number = 0; number < parent->child_count; number++) {
        const json_node *child = &format->nodes[parent->first_child + number];
        if (child->name_length == length && are_same(child->name, name.at, length))
            return parent->first_child + number;
    }
    return 0;
}

static inline uint16_t parent_of(const json_format *format, uint32_t node)
{
    uint32_t parent = 0;
    while (parent + 1 < format->node_count &&
           node - format->nodes[parent].first_child >= format->nodes[parent].child_count)
        parent++;
    return (uint16_t)parent;
}

/* A gap that is being taken apart, and what is known of the value that comes next in it. */
typedef struct {
    const json_format *format;
    json_gap gap;
    uint32_t node; /* it is a wanted object, if it is one */
    bool is_node;
} gap_reader;

/* The leaves that a node has, a bit for each. */
static inline uint64_t leaves_of(const json_node *node)
{
    uint64_t leaves = 0;
    for (uint32_t leaf = node->first_leaf; leaf < node->end_leaf; leaf++)
        leaves |= UINT64_C(1) << leaf;
    return leaves;
}

/* Take the name of a member; false where it is none, or is there twice. */
static inline bool take_name(gap_reader *reader, span *rest)
{
    json_gap *gap = &reader->gap;
    span name;
    bool escaped;
    if (!json_name(rest, &name, &escaped))
        return false;
    if (gap->place.wanted < gap->place.open)
        return true;
    if (escaped)
        return false;
    const json_node *nodes = reader->format->nodes;
    uint32_t member = wanted_member(reader->format, &nodes[gap->place.node], name);
    if (member == 0)
        return true;
    uint64_t leaves = leaves_of(&nodes[member]);
    if ((gap->leaves & leaves) != 0)
        return false;
    gap->before |= leaves;
    reader->node = member;
    reader->is_node = nodes[member].child_count > 0;
    if (!reader->is_node) {
        gap->leaf = (uint8_t)nodes[member].first_leaf;
        gap->leaves |= leaves;
    }
    return true;
}

/* The value of the leaf that was named last is none of the scalars that follow. */
static inline void pass_leaf(json_gap *gap)
{
    if (gap->leaf != NO_LEAF)
        gap->others |= UINT64_C(1) << gap->leaf;
    gap->leaf = NO_LEAF;
    gap->listed = false;
}

/* Go into the object or list at the beginning of `rest`; `is_empty` tells that it ends at once. */
static inline bool open_value(gap_reader *reader, span *rest, bool *is_empty)
{
    json_gap *gap = &reader->gap;
    json_place *place = &gap->place;
    bool is_object = span_byte(*rest, 0) == '{';
    if (place->open == MAX_NESTED)
        return false;
    if (is_object && reader->is_node) {
        place->node = (uint16_t)reader->node;
        place->wanted++;
    } else if (!is_object && gap->leaf != NO_LEAF && !gap->listed) {
        gap->listed = true;
    } else {
        pass_leaf(gap);
    }
    reader->is_node = false;
    place->objects = place->objects << 1 | (is_object ? 1 : 0);
    place->open++;
    *rest = json_past_space(span_skip(*rest, 1));
    *is_empty = span_byte(*rest, 0) == (is_object ? '}' : ']');
    if (*is_empty)
        pass_leaf(gap);
    return *is_empty || !is_object || take_name(reader, rest);
}

static inline void close_value(gap_reader *reader, span *rest)
{
    json_place *place = &reader->gap.place;
    place->objects >>= 1;
    place->open--;
    if (place->wanted > place->open) {
        place->wanted = place->open;
        place->node = parent_of(reader->format, place->node);
    }
    *rest = json_past_space(span_skip(*rest, 1));
}

/* Take the gap at the beginning of `rest` apart, which stands behind a scalar, or is the first. */
static inline bool take_gap(gap_reader *reader, span *rest, bool is_first)
{
    json_place *place = &reader->gap.place;
    bool behind_value = !is_first;
    *rest = json_past_space(*rest);
    for (;;) {
        int byte = span_byte(*rest, 0);
        if (!behind_value) {
            if (byte != '{' && (byte != '[' || is_first))
                return !is_first;
            is_first = false;
            if (!open_value(reader, rest, &behind_value))
                return false;
            continue;
        }
        if (place->open == 0) {
            reader->gap.is_last = true;
            return rest->at == rest->end;
        }
        bool in_object = (place->objects & 1) != 0;
        if (byte == (in_object ? '}' : ']')) {
            close_value(reader, rest);
            continue;
        }
        if (byte != ',')
            return false;
        behind_value = false;
        *rest = json_past_space(span_skip(*rest, 1));
        if (in_object && !take_name(reader, rest))
            return false;
    }
}

#endif
