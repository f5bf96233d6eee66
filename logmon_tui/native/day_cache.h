/* The times that were worked out last: lines follow each other within a day, many within a second. */
#ifndef LOGMON_DAY_CACHE_H
#define LOGMON_DAY_CACHE_H

#include "span.h"

/* Bytes of the longest texts that are cached, `22/Nov/2026` and `22/Nov/2026:08:26:40 +0000`. */
enum { CLF_DAY_LENGTH = 11, CLF_LENGTH = 26 };

/* The last day, and the last moment, a time to the second. No two forms of a day, or of a moment,
 * have the same length. Nothing is known at first: all is zero.
 */
typedef struct {
    uint8_t text[CLF_DAY_LENGTH];
    uint8_t length;
    uint8_t moment_length;
    uint8_t moment[CLF_LENGTH];
    int64_t second;
    int64_t moment_second;
} day_cache;

static inline bool moment_is_cached(const day_cache *cache, span text, int64_t *second)
{
    size_t length = span_length(text);
    *second = cache->moment_second;
    return length == cache->moment_length && are_same(cache->moment, text.at, length);
}

static inline void cache_moment(day_cache *cache, span text, int64_t second)
{
    memcpy(cache->moment, text.at, span_length(text));
    cache->moment_length = (uint8_t)span_length(text);
    cache->moment_second = second;
}

static inline bool day_is_cached(const day_cache *cache, span text)
{
    size_t length = span_length(text);
    return length > 0 && length == cache->length && are_same(cache->text, text.at, length);
}

static inline void cache_day(day_cache *cache, span text, int64_t second)
{
    memcpy(cache->text, text.at, span_length(text));
    cache->length = (uint8_t)span_length(text);
    cache->second = second;
}

#endif
