/* Times as access logs write them, as seconds since 1970. Every function takes a whole field.
 *
 * What it accepts, and the second it gives, are those of `Clock` in formats/model/converters.py, which is
 * the reference: it may refuse more, never read otherwise.
 */
#ifndef LOGMON_TIMES_H
#define LOGMON_TIMES_H

#include "day_cache.h"
#include "digits.h"
#include "span.h"

enum {
    CLF_LOCAL_LENGTH = 20,
    DATE_LENGTH = 10,
    CLOCK_LENGTH = 8,
    CTIME_LENGTH = 24,
    DATE_AND_CLOCK_LENGTH = 19,
    MIN_EPOCH_DIGITS = 9,
};

/* Days from 1970-01-01 to a day of the Gregorian calendar; Howard Hinnant's `days_from_civil`. */
static inline int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400; /* years are not negative here */
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static inline bool is_day(int64_t year, int64_t month, int64_t day)
{
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= lengths[month - 1] + (leap && month == 2 ? 1 : 0);
}

/* The month that three letters name, 0 if they name none. */
static inline int64_t month_named(const uint8_t *letters)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int64_t month = 0; month < 12; month++)
        if (memcmp(letters, names + month * 3, 3) == 0)
            return month + 1;
    return 0;
}

/* Seconds of `08:26:40` since midnight; -1 if it is no time. A leap second is the second after. */
static inline int64_t clock_seconds(span text)
{
    const uint64_t clock = UINT64_C(0x30303A30303A3030), colons = UINT64_C(0x0000FF0000FF0000);
    if (span_length(text) != CLOCK_LENGTH)
        return -1;
    uint64_t values = word_at(text.at) ^ clock; /* of digits what they write, of colons zero */
    if (bytes_beyond_digits(values ^ ZEROS) != 0 || (values & colons) != 0)
        return -1;
    uint64_t hour = (values & 0xF) * 10 + (values >> 8 & 0xF);
    uint64_t minute = (values >> 24 & 0xF) * 10 + (values >> 32 & 0xF);
    uint64_t second = (values >> 48 & 0xF) * 10 + (values >> 56 & 0xF);
    if (hour > 23 || minute > 59 || second > 60)
        return -1;
    return (int64_t)((hour * 60 + minute) * 60 + second);
}

/* `+0530` or, where `colon` says so, `+05:30`, in seconds east of UTC. */
static inline bool zone_seconds(span text, bool colon, int64_t *offset)
{
    size_t minutes_at = colon ? 4 : 3;
    if (span_length(text) != minutes_at + 2 || (colon && text.at[3] != ':'))
        return false;
    if (text.at[0] != '+' && text.at[0] != '-')
        return false;
    int64_t hours = two_digits(text.at + 1);
    int64_t minutes = two_digits(text.at + minutes_at);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *offset = (hours * 60 + minutes) * 60 * (text.at[0] == '-' ? -1 : 1);
    return true;
}

/* The second at which `22/Nov/2026` began, on the clock that wrote it. */
static inline bool clf_day(span text, day_cache *cache, int64_t *second)
{
    if (!day_is_cached(cache, text)) {
        if (span_length(text) != CLF_DAY_LENGTH || text.at[2] != '/' || text.at[6] != '/')
            return false;
        int64_t day = digits_at(text, 0, 2);
        int64_t month = month_named(text.at + 3);
        int64_t year = digits_at(text, 7, 4);
        if (!is_day(year, month, day))
            return false;
        cache_day(cache, text, days_from_civil(year, month, day) * 86400);
    }
    *second = cache->second;
    return true;
}

/* The second at which `2026-11-22` began, on the clock that wrote it. */
static inline bool iso_day(span text, day_cache *cache, int64_t *second)
{
    if (!day_is_cached(cache, text)) {
        if (span_length(text) != DATE_LENGTH || text.at[4] != '-' || text.at[7] != '-')
            return false;
        int64_t year = digits_at(text, 0, 4);
        int64_t month = digits_at(text, 5, 2);
        int64_t day = digits_at(text, 8, 2);
        if (!is_day(year, month, day))
            return false;
        cache_day(cache, text, days_from_civil(year, month, day) * 86400);
    }
    *second = cache->second;
    return true;
}

static inline bool clf_local(span text, day_cache *cache, int64_t *value)
{
    int64_t day, clock;
    if (span_length(text) != CLF_LOCAL_LENGTH || text.at[CLF_DAY_LENGTH] != ':')
        return false;
    if (!clf_day(span_first(text, CLF_DAY_LENGTH), cache, &day))
        return false;
    if ((clock = clock_seconds(span_skip(text, CLF_DAY_LENGTH + 1))) < 0)
        return false;
    *value = day + clock;
    return true;
}

static inline bool read_clf(span text, day_cache *cache, int64_t *value)
{
    int64_t local, offset;
    if (span_length(text) != CLF_LENGTH || text.at[CLF_LOCAL_LENGTH] != ' ')
        return false;
    if (moment_is_cached(cache, text, value))
        return true;
    if (!clf_local(span_first(text, CLF_LOCAL_LENGTH), cache, &local))
        return false;
    if (!zone_seconds(span_skip(text, CLF_LOCAL_LENGTH + 1), false, &offset))
        return false;
    *value = local - offset;
    cache_moment(cache, text, *value);
    return true;
}

MADE_FOR_EACH_CALL bool read_clf_utc(span text, bool roomy, day_cache *cache, int64_t *value)
{
    if (span_length(text) < CLF_LOCAL_LENGTH)
        return false;
    span local = {text.at, text.at + CLF_LOCAL_LENGTH};
    if (!is_fraction(span_skip(text, CLF_LOCAL_LENGTH), roomy, false))
        return false;
    if (moment_is_cached(cache, local, value))
        return true;
    if (!clf_local(local, cache, value))
        return false;
    cache_moment(cache, local, *value);
    return true;
}

/* Whether a name begins, as `Sun` and `Nov` do. */
static inline bool begins_name(const uint8_t *at)
{
    return at[0] >= 'A' && at[0] <= 'Z' && at[1] >= 'a' && at[1] <= 'z' && at[2] >= 'a' &&
           at[2] <= 'z' && at[3] == ' ';
}

/* `Sun Nov  1 08:26:40 2026`; which day of the week it was is not looked at. */
static inline bool read_ctime(span text, day_cache *cache, int64_t *value)
{
    int64_t day, clock;
    const uint8_t *at = text.at;
    if (span_length(text) != CTIME_LENGTH)
        return false;
    if (moment_is_cached(cache, text, value))
        return true;
    if (!begins_name(at) || !begins_name(at + 4))
        return false;
    if (at[10] != ' ' || at[19] != ' ')
        return false;
    uint8_t date[CLF_DAY_LENGTH] = {at[8] == ' ' ? '0' : at[8], at[9], '/'};
    memcpy(date + 3, at + 4, 3);
    date[6] = '/';
    memcpy(date + 7, at + 20, 4);
    if (!clf_day((span){date, date + CLF_DAY_LENGTH}, cache, &day))
        return false;
    if ((clock = clock_seconds(span_first(span_skip(text, 11), CLOCK_LENGTH))) < 0)
        return false;
    *value = day + clock;
    cache_moment(cache, text, *value);
    return true;
}

/* `2026-11-22T08:26:40`, on the clock that wrote it. */
static inline bool iso_local(span text, day_cache *cache, int64_t *value)
{
    int64_t day, clock;
    if (moment_is_cached(cache, text, value))
        return true;
    if (text.at[DATE_LENGTH] != 'T' && text.at[DATE_LENGTH] != ' ')
        return false;
    if (!iso_day(span_first(text, DATE_LENGTH), cache, &day))
        return false;
    if ((clock = clock_seconds(span_skip(text, DATE_LENGTH + 1))) < 0)
        return false;
    *value = day + clock;
    cache_moment(cache, text, *value);
    return true;
}

MADE_FOR_EACH_CALL bool read_iso(span text, bool roomy, day_cache *cache, int64_t *value)
{
    int64_t local, offset = 0;
    if (span_length(text) < DATE_AND_CLOCK_LENGTH)
        return false;
    if (!iso_local((span){text.at, text.at + DATE_AND_CLOCK_LENGTH}, cache, &local))
        return false;
    span rest = span_skip(text, DATE_AND_CLOCK_LENGTH);
    size_t length = span_length(rest);
    if (length >= 1 && rest.at[length - 1] == 'Z') {
        rest = span_first(rest, length - 1);
    } else if (length >= 5 && (rest.at[length - 5] == '+' || rest.at[length - 5] == '-')) {
        if (!zone_seconds(span_skip(rest, length - 5), false, &offset))
            return false;
        rest = span_first(rest, length - 5);
    } else if (length >= 6 && (rest.at[length - 6] == '+' || rest.at[length - 6] == '-')) {
        if (!zone_seconds(span_skip(rest, length - 6), true, &offset))
            return false;
        rest = span_first(rest, length - 6);
    }
    if (!is_fraction(rest, roomy, true))
        return false;
    *value = local - offset;
    return true;
}

static inline bool read_date(span text, day_cache *cache, int64_t *value)
{
    return iso_day(text, cache, value);
}

static inline bool read_time_of_day(span text, int64_t *value)
{
    *value = clock_seconds(text);
    return *value >= 0;
}

/* Seconds since 1970, or milli-, micro- or nanoseconds, told by the number of digits. */
MADE_FOR_EACH_CALL bool read_epoch(span text, bool roomy, int64_t *value)
{
    span fraction = past_digits(text, roomy);
    span whole = span_up_to(text, fraction.at);
    size_t digits = span_length(whole);
    int64_t number = digits_within(whole, roomy);
    if (number < 0 || digits < MIN_EPOCH_DIGITS || !is_fraction(fraction, roomy, false))
        return false;
    int64_t divisor = digits <= 11 ? 1 : digits <= 14 ? 1000 : digits <= 17 ? 1000000 : 1000000000;
    *value = number / divisor;
    return true;
}

#endif
