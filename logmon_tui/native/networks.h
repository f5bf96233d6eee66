/* The networks of clients, as formats/clients.py has them: the /24 of IPv4, the /64 of IPv6. */
#ifndef LOGMON_NETWORKS_H
#define LOGMON_NETWORKS_H

#include <arpa/inet.h>

#include "span.h"

/* What a client is: an address as most logs write it, or anything else. */
enum { NO_PLAIN_ADDRESS = 0, PLAIN_IPV4 = 4, PLAIN_IPV6 = 6 };

enum { MAX_IPV6 = 45, IPV6_BYTES = 16 };

/* The bytes of `1.2.3.4`, none of which has a leading zero. */
static inline bool ipv4_of(span text, uint8_t bytes[4])
{
    for (size_t number = 0; number < 4; number++) {
        if (number > 0) {
            if (text.at == text.end || *text.at != '.')
                return false;
            text = span_skip(text, 1);
        }
        uint32_t value = 0;
        size_t digits = 0;
        for (; digits < 3 && text.at != text.end && *text.at >= '0' && *text.at <= '9'; digits++) {
            value = 10 * value + (uint32_t)(*text.at - '0');
            text = span_skip(text, 1);
        }
        uint32_t least = digits == 3 ? 100 : digits == 2 ? 10 : 0;
        if (digits == 0 || value < least || value > 255)
            return false;
        bytes[number] = (uint8_t)value;
    }
    return text.at == text.end;
}

static inline bool ipv6_of(span text, uint8_t bytes[IPV6_BYTES])
{
    char copy[MAX_IPV6 + 1];
    size_t length = span_length(text);
    if (length > MAX_IPV6 || span_find(text, ':') == text.end)
        return false;
    memcpy(copy, text.at, length);
    copy[length] = '\0'; /* a text with such a byte inside would seem shorter */
    return strlen(copy) == length && inet_pton(AF_INET6, copy, bytes) == 1;
}

static inline uint64_t big_endian(const uint8_t *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t at = 0; at < count; at++)
        number = number << 8 | bytes[at];
    return number;
}

/* Write the number of a client's network, its first 24 or 64 bits, and tell what the client is. */
static inline uint8_t network_of(span client, uint64_t *number)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF}; /* RFC 4291, 2.5.5.2 */
    uint8_t bytes[IPV6_BYTES];
    *number = 0;
    if (ipv4_of(client, bytes)) {
        *number = big_endian(bytes, 3);
        return PLAIN_IPV4;
    }
    if (!ipv6_of(client, bytes))
        return NO_PLAIN_ADDRESS;
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        *number = big_endian(bytes + sizeof mapped, 3);
        return PLAIN_IPV4;
    }
    *number = big_endian(bytes, 8);
    return PLAIN_IPV6;
}

#endif
