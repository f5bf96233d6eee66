/* Takes off what loggers put around lines; formats/wrapped/wrapped_format.py is the reference.
 *
 * A line that is not in the wrapper stays as it is. What Docker's log files do not usually have is
 * left to Python.
 */
#ifndef LOGMON_WRAPPERS_H
#define LOGMON_WRAPPERS_H

#include "json.h"
#include "prefixes.h"
#include "scan.h"
#include "span.h"

/* Bytes to write to: `at` is where the next goes. Whoever writes knows that there is room. */
static inline void put(uint8_t **at, span text)
{
    size_t length = span_length(text);
    if (length > 0)
        memcpy(*at, text.at, length);
    *at += length;
}

/* Whether `text` is UTF-8 (RFC 3629): nothing longer than needed, no half characters. */
static inline bool is_utf_8(span text)
{
    span rest = text;
    while (rest.at != rest.end) {
        if (span_length(rest) >= BLOCK && bits_beyond_ascii(rest.at) == 0) {
            rest = span_skip(rest, BLOCK);
            continue;
        }
        uint32_t first = rest.at[0];
        size_t more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || span_length(rest) < more + 1)
            return false;
        int lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        for (size_t at = 1; at <= more; at++, lowest = 0x80, highest = 0xBF)
            if (rest.at[at] < lowest || rest.at[at] > highest)
                return false;
        rest = span_skip(rest, more + 1);
    }
    return true;
}

/* Write the character that an escape of JSON means; never more bytes than the escape has. */
static inline void put_escaped(uint8_t **at, span escape)
{
    uint32_t code = 0;
    if (span_length(escape) == 2) {
        *(*at)++ = escaped_byte(escape.at[1]);
        return;
    }
    for (size_t place = 2; place < 6; place++) {
        uint32_t digit = escape.at[place];
        code = code << 4 | (is_digit((int)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    if (code < 0x80) {
        *(*at)++ = (uint8_t)code;
        return;
    }
    if (code < 0x800) {
        *(*at)++ = (uint8_t)(0xC0 | code >> 6);
    } else {
        *(*at)++ = (uint8_t)(0xE0 | code >> 12);
        *(*at)++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    }
    *(*at)++ = (uint8_t)(0x80 | (code & 0x3F));
}

/* Go past plain text, and write it. Up to a block more is written, where what follows goes: there
 * is room, for no more was written so far than read.
 */
static inline void put_plain(span *rest, uint8_t **at)
{
    for (; span_length(*rest) >= BLOCK; *rest = span_skip(*rest, BLOCK), *at += BLOCK) {
        uint32_t bits = special_bits(rest->at);
        memcpy(*at, rest->at, BLOCK);
        if (bits != 0) {
            *rest = span_skip(*rest, first_bit(bits));
            *at += first_bit(bits);
            return;
        }
    }
    span left = past_plain_text(*rest, false);
    put(at, span_up_to(*rest, left.at));
    *rest = left;
}

/* Take the text at the beginning of `rest`, and write what it means. */
static inline bool take_logged(span *rest, uint8_t **at)
{
    if (!take(rest, "\""))
        return false;
    for (;;) {
        put_plain(rest, at);
        int byte = span_byte(*rest, 0);
        size_t length = byte == '\\' ? escape_length(*rest) : 0;
        if (byte == '"')
            *rest = span_skip(*rest, 1);
        if (length == 0)
            return byte == '"';
        put_escaped(at, span_first(*rest, length));
        *rest = span_skip(*rest, length);
    }
}

static inline bool is_named(span name, const char *wanted)
{
    return span_length(name) == strlen(wanted) && take(&name, wanted);
}

/* Write the text that a line of Docker's log file holds, with its newline; false where the line is
 * not as Docker writes it.
 */
static inline bool put_docker_text(span line, uint8_t **at)
{
    bool logged = false, timed = false;
    span rest = line;
    if (!take(&rest, "{") || !is_utf_8(line))
        return false;
    do {
        span name, time;
        bool escaped;
        if (!json_name(&rest, &name, &escaped) || escaped)
            return false;
        if (is_named(name, "log")) {
            if (logged || !take_logged(&rest, at))
                return false;
            logged = true;
        } else if (is_named(name, "time")) {
            if (!json_text(&rest, &time, &escaped))
                return false;
            timed = true;
        } else if (!json_skip(&rest)) {
            return false;
        }
    } while (take(&rest, ","));
    return logged && timed && take(&rest, "}") && rest.at == rest.end;
}

enum quoting { QUOTES_ALONE, QUOTES_ESCAPED, QUOTES_DOUBLED };

/* How quotes stand in what a pair of them is around. */
static inline enum quoting quoting_of(span inside)
{
    bool escaped = true, doubled = true, quotes = false;
    for (span rest = inside; escaped && rest.at != rest.end;) {
        rest.at = span_find_near(rest, false, '"', '\\');
        bool fits = span_length(rest) >= 2 && rest.at[0] == '\\';
        escaped = fits || rest.at == rest.end;
        quotes |= fits && rest.at[1] == '"';
        rest = span_skip(rest, fits ? 2 : 0);
    }
    if (escaped)
        return quotes ? QUOTES_ESCAPED : QUOTES_ALONE;
    for (span rest = inside; doubled && rest.at != rest.end;) {
        rest.at = span_find_near(rest, false, '"', '"');
        bool fits = span_length(rest) >= 2 && rest.at[1] == '"';
        doubled = fits || rest.at == rest.end;
        rest = span_skip(rest, fits ? 2 : 0);
    }
    return doubled ? QUOTES_DOUBLED : QUOTES_ALONE;
}

/* Write what stands in a pair of quotes around a line; the line as it is where there is none. */
static inline void put_quoted(span line, uint8_t **at)
{
    span inside = line;
    if (inside.at != inside.end && inside.end[-1] == '\r')
        inside.end -= 1;
    if (span_length(inside) < 2 || inside.at[0] != '"' || inside.end[-1] != '"') {
        put(at, line);
        return;
    }
    inside = (span){inside.at + 1, inside.end - 1};
    enum quoting quoting = quoting_of(inside);
    uint8_t mark = quoting == QUOTES_ESCAPED ? '\\' : '"';
    while (quoting != QUOTES_ALONE && inside.at != inside.end) {
        span plain = span_up_to(inside, span_find_near(inside, false, mark, mark));
        put(at, plain);
        inside = span_skip(inside, span_length(plain));
        int next = span_byte(inside, 1);
        if (next == '"' || (next == '\\' && mark == '\\'))
            inside = span_skip(inside, 1);
        put(at, span_first(inside, 1));
        inside = span_skip(inside, span_length(span_first(inside, 1)));
    }
    put(at, inside);
}

/* Write what is in `line`; false where that is for Python to say, and what was written is none. */
static inline bool put_inside(uint32_t wrapper, span line, uint8_t **at, bool *part)
{
    uint8_t *begin = *at;
    *part = false;
    if (wrapper == WRAP_QUOTES) {
        put_quoted(line, at);
    } else if (wrapper != WRAP_DOCKER_FILE) {
        span rest = line;
        put(at, take_prefix(wrapper, &rest, part) ? rest : line);
    } else if (span_byte(line, 0) != '{') {
        put(at, line);
    } else {
        if (!put_docker_text(line, at))
            return false;
        const uint8_t *newline = span_find((span){begin, *at}, '\n');
        *part = newline == *at;
        if (!*part && newline + 1 != *at)
            return false;
        if (!*part)
            *at -= 1;
    }
    return true;
}

/* Write what is in every line of a chunk; false where there is no room for it. */
static inline bool unwrap(
    uint32_t wrapper, const uint8_t *chunk, const uint32_t *ends, uint64_t count, scan_insides *to)
{
    uint8_t *at = to->bytes;
    const uint8_t *start = chunk;
    to->cut_count = to->left_count = 0;
    for (uint64_t number = 0; number < count; number++) {
        span line = {start, chunk + ends[number]};
        uint8_t *begin = at;
        bool part;
        if (span_length(line) >= to->room - (uint64_t)(at - to->bytes))
            return false;
        if (!put_inside(wrapper, line, &at, &part)) {
            at = begin;
            to->left[to->left_count] = (int64_t)number;
            to->left_at[to->left_count++] = at - to->bytes;
        } else if (part && number + 1 < count) {
            to->cut[to->cut_count++] = (int64_t)number;
        } else {
            *at++ = '\n'; /* what the last line goes on with cannot be seen from here */
        }
        start = line.end + 1;
    }
    to->used = (uint64_t)(at - to->bytes);
    return true;
}

#endif
