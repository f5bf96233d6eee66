/* What container and system loggers put before each line, as formats/wrapped/wrapped_format.py describes it.
 *
 * Each `take_` goes past one thing at the beginning of `rest`; where that is not there it returns
 * false, and `rest` may stand anywhere. No line holds a newline. In every description what repeats
 * ends at a byte that it cannot hold, so the first try is the only one that can fit.
 */
#ifndef LOGMON_PREFIXES_H
#define LOGMON_PREFIXES_H

#include "digits.h"
#include "json.h"
#include "scan.h"
#include "span.h"

static inline bool take(span *rest, const char *text)
{
    return json_word(rest, text, strlen(text));
}

/* Go past a text if it is there. */
static inline void take_optional(span *rest, const char *text)
{
    (void)take(rest, text);
}

/* Take as many bytes as `lowest` has, each between that of `lowest` and that of `highest`. */
static inline bool take_shape(span *rest, const char *lowest, const char *highest)
{
    size_t length = strlen(lowest);
    if (span_length(*rest) < length)
        return false;
    uint32_t wrong = 0;
    for (size_t at = 0; at < length; at++)
        wrong |= (uint32_t)(rest->at[at] < (uint8_t)lowest[at]) |
                 (uint32_t)(rest->at[at] > (uint8_t)highest[at]);
    *rest = span_skip(*rest, length);
    return wrong == 0;
}

/* Take 1 to `most` bytes up to the first of `stops`. */
static inline bool take_run(span *rest, size_t most, const char *stops)
{
    span within = span_first(*rest, most + 1);
    const uint8_t *stop = span_find_any(within, stops);
    if (stop == within.end || stop == within.at)
        return false;
    *rest = span_skip(*rest, (size_t)(stop - within.at));
    return true;
}

/* Take 1 to `most` bytes and the space behind them. */
static inline bool take_word(span *rest, size_t most)
{
    return take_run(rest, most, " ") && take(rest, " ");
}

/* `2026-11-22T08:26:40.123456Z ` */
static inline bool take_instant(span *rest)
{
    if (!take_shape(rest, "0000-00-00T00:00:00", "9999-99-99T99:99:99"))
        return false;
    if (take(rest, ".")) {
        span digits = span_first(*rest, MAX_FRACTION_DIGITS);
        size_t length = (size_t)(past_digits(digits, false).at - digits.at);
        if (length == 0)
            return false;
        *rest = span_skip(*rest, length);
    }
    if (take(rest, "Z "))
        return true;
    if (!take(rest, "+") && !take(rest, "-"))
        return false;
    if (!take_shape(rest, "00", "99"))
        return false;
    take_optional(rest, ":");
    return take_shape(rest, "00 ", "99 ");
}

/* `<190>`, which may be missing. */
static inline void take_priority(span *rest)
{
    span left = *rest;
    if (!take(&left, "<"))
        return;
    span digits = span_first(left, 3);
    size_t length = (size_t)(past_digits(digits, false).at - digits.at);
    left = span_skip(left, length);
    if (length > 0 && take(&left, ">"))
        *rest = left;
}

/* `nginx[812]: ` */
static inline bool take_tag(span *rest)
{
    if (!take_run(rest, 64, " :[\"{"))
        return false;
    if (take(rest, "[") && !(take_run(rest, 64, "] ") && take(rest, "]")))
        return false;
    return take(rest, ": ");
}

/* The colour of a terminal's text: `ESC [36;1m`, which may be missing. */
static inline void take_colour(span *rest)
{
    span left = *rest;
    if (!take(&left, "\x1b["))
        return;
    for (size_t at = 0; at < 16 && (is_digit(span_byte(left, 0)) || span_byte(left, 0) == ';'); at++)
        left = span_skip(left, 1);
    if (take(&left, "m"))
        *rest = left;
}

/* `2026-11-22T08:26:40.123456789Z stdout F `; with P the line goes on in the next. */
static inline bool take_kubernetes(span *rest, bool marked, bool *part)
{
    if (!take_instant(rest) || !(take(rest, "stdout ") || take(rest, "stderr ")))
        return false;
    *part = span_byte(*rest, 0) == 'P' && !marked;
    if (!take(rest, "F") && !take(rest, "P"))
        return false;
    if (span_byte(*rest, 0) == ':')
        *rest = (span){span_find(*rest, ' '), rest->end};
    return take(rest, " ");
}

/* `web-1  | ` */
static inline bool take_compose(span *rest)
{
    take_colour(rest);
    for (size_t length = 0;; length++) {
        int byte = span_byte(*rest, 0);
        bool fits = is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
                    (length > 0 && (byte == '_' || byte == '.' || byte == '-'));
        if (!fits && length == 0)
            return false;
        if (!fits)
            break;
        if (length == 128)
            return false;
        *rest = span_skip(*rest, 1);
    }
    size_t spaces = 0;
    for (; span_byte(*rest, 0) == ' '; spaces++)
        *rest = span_skip(*rest, 1);
    if (spaces == 0 || spaces > 256 || !take(rest, "|"))
        return false;
    take_optional(rest, "\x1b[0m");
    if (!take(rest, " "))
        return false;
    take_colour(rest);
    return true;
}

/* `[pod/nginx-7c5ddbdf54-x2x7l/nginx] ` */
static inline bool take_kubectl(span *rest)
{
    return take(rest, "[pod/") && take_run(rest, 253, "/ ]") && take(rest, "/") &&
           take_run(rest, 253, "/ ]") && take(rest, "] ");
}

/* `[id name="value"]`, one or several, without a space behind. */
static inline bool take_structured_data(span *rest)
{
    do {
        if (!take(rest, "[") || !take_run(rest, 32, " ]\"="))
            return false;
        while (take(rest, " ")) {
            if (!take_run(rest, 32, " ]\"=") || !take(rest, "=\""))
                return false;
            for (;;) {
                const uint8_t *stop = span_find_near(*rest, false, '"', '\\');
                if (stop == rest->end || span_find(span_up_to(*rest, stop), ']') != stop)
                    return false;
                bool escape = *stop == '\\';
                *rest = (span){stop, rest->end};
                if (!escape)
                    break;
                if (span_length(*rest) < 2)
                    return false;
                *rest = span_skip(*rest, 2);
            }
            *rest = span_skip(*rest, 1);
        }
        if (!take(rest, "]"))
            return false;
    } while (span_byte(*rest, 0) == '[');
    return true;
}

/* `<190>1 2026-11-22T08:26:40.123456+00:00 host nginx 812 - - ` */
static inline bool take_rfc_5424(span *rest)
{
    take_priority(rest);
    if (!take(rest, "1 ") || !(take(rest, "- ") || take_instant(rest)))
        return false;
    if (!take_word(rest, 255) || !take_word(rest, 48) || !take_word(rest, 128) ||
        !take_word(rest, 32))
        return false;
    if (!take(rest, "-") && !take_structured_data(rest))
        return false;
    if (!take(rest, " "))
        return false;
    take_optional(rest, "\xef\xbb\xbf");
    return true;
}

/* `<190>Nov 22 08:26:40 host nginx[812]: `, or without the host. */
static inline bool take_rfc_3164(span *rest)
{
    take_priority(rest);
    int tens = span_byte(*rest, 4);
    if ((tens != ' ' && !is_digit(tens)) ||
        !take_shape(rest, "Aaa  0 00:00:00 ", "Zzz 99 99:99:99 "))
        return false;
    span left = *rest;
    if (take_tag(&left)) {
        *rest = left;
        return true;
    }
    return take_word(rest, 255) && take_tag(rest);
}

/* `2026-11-22T08:26:40.123456+00:00 host nginx[812]: ` */
static inline bool take_rsyslog_file(span *rest)
{
    take_priority(rest);
    return take_instant(rest) && take_word(rest, 255) && take_tag(rest);
}

/* Take what a logger put before a line; `part` tells that the next line goes on with this one. */
static inline bool take_prefix(uint32_t wrapper, span *rest, bool *part)
{
    bool marked = take(rest, "\xef\xbb\xbf");
    switch (wrapper) {
    case WRAP_KUBERNETES:
        return take_kubernetes(rest, marked, part);
    case WRAP_COMPOSE:
        return take_compose(rest);
    case WRAP_KUBECTL:
        return take_kubectl(rest);
    case WRAP_RFC_5424:
        return take_rfc_5424(rest);
    case WRAP_RFC_3164:
        return take_rfc_3164(rest);
    case WRAP_RSYSLOG_FILE:
        return take_rsyslog_file(rest);
    case WRAP_TIMESTAMPS:
        return take_instant(rest);
    default:
        return false;
    }
}

#endif
