/* Request lines and targets of the usual form, as formats/model/values.py takes them apart.
 *
 * What is of another form is told so, and left to Python.
 */
#ifndef LOGMON_REQUESTS_H
#define LOGMON_REQUESTS_H

#include "digits.h"
#include "interner.h"
#include "scan.h"
#include "span.h"

typedef struct {
    span method;
    span path;
    span section;
} request_parts;

/* Whether a byte may stand in a token (RFC 9110, section 5.6.2). */
static inline bool is_token_byte(uint8_t byte)
{
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
        return true;
    if (byte >= '0' && byte <= '9')
        return true;
    return byte > ' ' && byte < 0x7F && memchr("!#$%&'*+.^_`|~-", byte, 15) != NULL;
}

static inline bool is_token(span text)
{
    for (span rest = text; rest.at != rest.end; rest = span_skip(rest, 1))
        if (!is_token_byte(rest.at[0]))
            return false;
    return text.at != text.end;
}

/* Cut ` HTTP/1.1` or ` HTTP/2` off the end of `text`; false where neither stands there. */
static inline bool cut_version(span *text)
{
    static const uint8_t name[] = {' ', 'H', 'T', 'T', 'P', '/'};
    enum { SHORT = sizeof name + 1, LONG = sizeof name + 3 };
    size_t length = span_length(*text);
    for (size_t version = SHORT; version <= LONG && version <= length; version += LONG - SHORT) {
        span end = span_skip(*text, length - version);
        bool digits = is_digit(span_byte(end, sizeof name)) &&
                      (version == SHORT ||
                       (span_byte(end, SHORT) == '.' && is_digit(span_byte(end, SHORT + 1))));
        if (digits && span_starts_with(end, name, sizeof name)) {
            text->end = end.at;
            return true;
        }
    }
    return false;
}

/* Tell path and section of a target that is a path and perhaps a query: no scheme, no space. */
static inline bool usual_target(span target, request_parts *parts)
{
    if (span_byte(target, 0) != '/' || span_find(target, ' ') != target.end)
        return false;
    span path = span_up_to(target, span_find(target, '?'));
    path = span_up_to(path, span_find(path, '#'));
    parts->path = path;
    parts->section = span_up_to(path, span_find(span_skip(path, 1), '/'));
    return true;
}

static inline bool usual_request(span request, request_parts *parts)
{
    span rest = request;
    if (!cut_version(&rest))
        return false;
    const uint8_t *space = span_find(rest, ' ');
    if (space == rest.end)
        return false;
    parts->method = span_up_to(rest, space);
    return is_token(parts->method) &&
           usual_target(span_skip((span){space, rest.end}, 1), parts);
}

enum { PARTS = 3 };

/* Take requests, or targets, apart, and number the parts.
 *
 * Returns 1; 0 where there is no room for a part, -1 where the memory is not as described.
 */
static inline int32_t split_requests(const scan_texts *texts, bool are_targets, scan_requests *to)
{
    text_table tables[PARTS];
    for (uint32_t part = 0; part < PARTS; part++) {
        if (!is_sound_interner(to->interners[part]))
            return -1;
        tables[part] = table_of(to->interners[part]);
    }
    for (uint64_t at = to->looked_at; at < texts->count; at = ++to->looked_at) {
        span text;
        if (!text_at(texts, at, &text))
            return -1;
        span nothing = span_first(text, 0);
        request_parts told = {nothing, nothing, nothing};
        bool usual = are_targets ? usual_target(text, &told) : usual_request(text, &told);
        span parts[PARTS] = {told.method, told.path, told.section};
        for (uint32_t part = 0; part < PARTS; part++) {
            int32_t number = usual ? intern_one(to->interners[part], &tables[part], parts[part]) : -1;
            if (usual && number < 0) {
                to->short_part = part;
                to->short_length = span_length(parts[part]);
                return 0;
            }
            to->numbers[part * texts->count + at] = number;
        }
    }
    return 1;
}

#endif
