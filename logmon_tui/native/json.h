/* JSON lines: finds the wanted members of one object a line, and checks all the rest.
 *
 * A line is taken only where every decoder would see the same (RFC 8259): no control character in a
 * text, no escape but the RFC's and none of half a character, no number but the RFC's, nothing
 * nested deeper than MAX_NESTED. There is no recursion: what is open is a bit in a word. Of a
 * member that is there twice the last counts, as decoders have it.
 */
#ifndef LOGMON_JSON_H
#define LOGMON_JSON_H

#include "digits.h"
#include "span.h"

enum { MAX_NESTED = 64 };

enum json_kind {
    JSON_NONE,   /* null, or not there */
    JSON_TEXT,   /* `text` is what stands between the quotes */
    JSON_NUMBER, /* `text` is the number */
    JSON_OTHER,  /* anything else */
};

typedef struct {
    span text;
    uint8_t kind;
    bool escaped; /* a backslash stands in the text */
    bool listed;  /* it is the first item of a list */
} json_value;

static inline span json_past_space(span rest)
{
    while (rest.at != rest.end &&
           (rest.at[0] == ' ' || rest.at[0] == '\t' || rest.at[0] == '\r' || rest.at[0] == '\n'))
        rest = span_skip(rest, 1);
    return rest;
}

static inline bool is_hex(int byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* The character that the letter behind a backslash means, 0 where it means none by itself. */
static inline uint8_t escaped_byte(int letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return (uint8_t)letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* How long the escape at the beginning of `rest` is; 0 where it is none, or half a character. */
static inline size_t escape_length(span rest)
{
    int letter = span_byte(rest, 1);
    if (letter != 'u')
        return escaped_byte(letter) != 0 ? 2 : 0;
    for (size_t at = 2; at < 6; at++)
        if (!is_hex(span_byte(rest, at)))
            return 0;
    int high = rest.at[2] | 0x20, next = rest.at[3] | 0x20;
    bool surrogate = high == 'd' && (next == '8' || next == '9' || next >= 'a');
    return surrogate ? 0 : 6;
}

/* A bit for each of 16 bytes that is a quote, a backslash or a control character. */
static inline uint32_t special_bits(const uint8_t *at)
{
    return bits_of_or_up_to(at, '"', '\\', 0x1F);
}

/* Past the bytes of a text that are no quote, no backslash and no control character. */
MADE_FOR_EACH_CALL span past_plain_text(span rest, bool roomy)
{
    for (; roomy ? rest.at < rest.end : span_length(rest) >= BLOCK; rest.at += BLOCK) {
        uint32_t bits = special_bits(rest.at);
        if (bits != 0) {
            rest.at += first_bit(bits);
            break;
        }
    }
    if (roomy)
        return rest.at < rest.end ? rest : (span){rest.end, rest.end};
    while (rest.at != rest.end && rest.at[0] >= 0x20 && rest.at[0] != '"' && rest.at[0] != '\\')
        rest = span_skip(rest, 1);
    return rest;
}

/* Take what is left of a text, behind its first quote, and the quote that ends it. */
MADE_FOR_EACH_CALL bool json_text_left(span *rest, bool roomy, span *text, bool *escaped)
{
    span left = *rest;
    text->at = left.at;
    *escaped = false;
    for (;;) {
        left = past_plain_text(left, roomy);
        int byte = span_byte(left, 0);
        if (byte == '"') {
            text->end = left.at;
            *rest = span_skip(left, 1);
            return true;
        }
        size_t length = byte == '\\' ? escape_length(left) : 0;
        if (length == 0)
            return false;
        *escaped = true;
        left = span_skip(left, length);
    }
}

/* Take the text at the beginning of `rest`, without its quotes. */
MADE_FOR_EACH_CALL bool json_text_within(span *rest, bool roomy, span *text, bool *escaped)
{
    if (span_byte(*rest, 0) != '"')
        return false;
    *rest = span_skip(*rest, 1);
    return json_text_left(rest, roomy, text, escaped);
}

static inline bool json_text(span *rest, span *text, bool *escaped)
{
    return json_text_within(rest, false, text, escaped);
}

/* Take the number at the beginning of `rest` (RFC 8259, section 6). */
MADE_FOR_EACH_CALL bool json_number(span *rest, bool roomy, span *text)
{
    span left = *rest;
    if (span_byte(left, 0) == '-')
        left = span_skip(left, 1);
    span whole = left;
    left = past_digits(left, roomy);
    if (left.at == whole.at || (whole.at[0] == '0' && left.at - whole.at > 1))
        return false;
    if (span_byte(left, 0) == '.') {
        span fraction = span_skip(left, 1);
        left = past_digits(fraction, roomy);
        if (left.at == fraction.at)
            return false;
    }
    if ((span_byte(left, 0) | 0x20) == 'e') {
        left = span_skip(left, 1);
        if (span_byte(left, 0) == '+' || span_byte(left, 0) == '-')
            left = span_skip(left, 1);
        span exponent = left;
        left = past_digits(exponent, roomy);
        if (left.at == exponent.at)
            return false;
    }
    *text = span_up_to(*rest, left.at);
    *rest = left;
    return true;
}

static inline bool json_word(span *rest, const char *word, size_t length)
{
    if (!span_starts_with(*rest, (const uint8_t *)word, length))
        return false;
    *rest = span_skip(*rest, length);
    return true;
}

/* Take what is left of a value that is a text, behind its first quote. */
MADE_FOR_EACH_CALL bool json_text_value(span *rest, bool roomy, json_value *value)
{
    value->kind = JSON_TEXT;
    return json_text_left(rest, roomy, &value->text, &value->escaped);
}

/* Take a value that is neither an object nor a list. */
MADE_FOR_EACH_CALL bool json_scalar_within(span *rest, bool roomy, json_value *value)
{
    int byte = span_byte(*rest, 0);
    value->escaped = false;
    value->kind = JSON_OTHER;
    if (byte == '"') {
        value->kind = JSON_TEXT;
        return json_text_within(rest, roomy, &value->text, &value->escaped);
    }
    if (byte == '-' || is_digit(byte)) {
        value->kind = JSON_NUMBER;
        return json_number(rest, roomy, &value->text);
    }
    if (byte == 'n') {
        value->kind = JSON_NONE;
        return json_word(rest, "null", 4);
    }
    return byte == 't' ? json_word(rest, "true", 4) : json_word(rest, "false", 5);
}

static inline bool json_scalar(span *rest, json_value *value)
{
    return json_scalar_within(rest, false, value);
}

/* Take the name of a member and the colon behind it. */
static inline bool json_name(span *rest, span *name, bool *escaped)
{
    if (!json_text(rest, name, escaped))
        return false;
    *rest = json_past_space(*rest);
    if (span_byte(*rest, 0) != ':')
        return false;
    *rest = json_past_space(span_skip(*rest, 1));
    return true;
}

/* Go past the value at the beginning of `rest`, whatever it is. */
static inline bool json_skip(span *rest)
{
    uint64_t objects = 0; /* a bit for each open object, or list, the innermost lowest */
    uint32_t open = 0;
    for (;;) {
        int byte = span_byte(*rest, 0);
        bool closed = false; /* the value that was open last has just been closed */
        if (byte == '{' || byte == '[') {
            if (open == MAX_NESTED)
                return false;
            objects = objects << 1 | (byte == '{' ? 1 : 0);
            open++;
            *rest = json_past_space(span_skip(*rest, 1));
            if (span_byte(*rest, 0) != (byte == '{' ? '}' : ']')) {
                span name;
                bool escaped;
                if (byte == '{' && !json_name(rest, &name, &escaped))
                    return false;
                continue;
            }
            closed = true;
        } else {
            json_value value;
            if (!json_scalar(rest, &value))
                return false;
        }
        for (;;) {
            if (closed) {
                *rest = span_skip(*rest, 1);
                objects >>= 1;
                open--;
            }
            if (open == 0)
                return true;
            *rest = json_past_space(*rest);
            int next = span_byte(*rest, 0);
            if (next == ',')
                break;
            if (next != ((objects & 1) != 0 ? '}' : ']'))
                return false;
            closed = true;
        }
        *rest = json_past_space(span_skip(*rest, 1));
        span name;
        bool escaped;
        if ((objects & 1) != 0 && !json_name(rest, &name, &escaped))
            return false;
    }
}

#endif
