/* Hosts without the port behind them, as formats/model/transforms.py has it. */
#ifndef LOGMON_HOSTS_H
#define LOGMON_HOSTS_H

#include "digits.h"
#include "scan.h"
#include "span.h"

enum { MAX_PORT_DIGITS = 5 };

/* `host:port`, `[host]:port` as the host; what has no port behind its last colon as it is. */
static inline span without_port(span text)
{
    for (size_t digits = 0; digits <= MAX_PORT_DIGITS && digits < span_length(text); digits++) {
        const uint8_t *colon = text.end - digits - 1;
        if (*colon != ':')
            continue;
        span host = span_up_to(text, colon);
        if (span_byte(host, 0) == '[') {
            host = span_skip(host, 1);
            if (host.at != host.end && host.end[-1] == ']')
                host.end -= 1;
        }
        return host;
    }
    return text;
}

/* Whether `text` is a colon and what can be a port. */
static inline bool is_port(span text)
{
    size_t length = span_length(text);
    return length >= 2 && length <= 1 + MAX_PORT_DIGITS && text.at[0] == ':' &&
           digits_of(span_skip(text, 1)) >= 0;
}

/* `host:port`, `[host]:port` and `[::1]` as the host, as `_without_port` there. */
MADE_FOR_EACH_CALL span without_likely_port(span text, bool roomy)
{
    if (span_byte(text, 0) == '[') {
        span inside = span_skip(text, 1);
        const uint8_t *bracket = span_find(inside, ']');
        if (bracket != inside.end) {
            span behind = span_skip((span){bracket, text.end}, 1);
            inside = span_up_to(inside, bracket);
            if (is_port(behind))
                return inside.at == inside.end ? text : inside;
            if (behind.at == behind.end && span_find(inside, ':') != inside.end)
                return inside;
        }
    }
    const uint8_t *colon = span_find_near(text, roomy, ':', ':');
    bool ported = colon != text.at && is_port((span){colon, text.end});
    return ported ? span_up_to(text, colon) : text;
}

MADE_FOR_EACH_CALL span host_of(span text, bool roomy, uint32_t flags)
{
    if ((flags & FLAG_CUT_PORT) != 0)
        return without_port(text);
    return (flags & FLAG_WITHOUT_PORT) != 0 ? without_likely_port(text, roomy) : text;
}

#endif
