/* Sums by code, in memory of the caller. A code that is out of bounds is found before it is used. */
#ifndef LOGMON_SUMS_H
#define LOGMON_SUMS_H

#include "scan.h"
#include "span.h"

/* Rows after the present one whose sums are fetched: most are no longer in the near caches. */
enum { ROWS_AHEAD = 24 };

/* Whether `code` is one of `count` codes, from 0 on. */
static inline bool is_code_of(int32_t code, uint64_t count)
{
    return code >= 0 && (uint64_t)code < count;
}

/* A sum that is too large for an int64 wraps around. */
static inline int64_t wrapped_sum(int64_t one, int64_t other)
{
    return (int64_t)((uint64_t)one + (uint64_t)other);
}

/* Whether all codes are of `code_count` codes. Loops are faster where they need not look. */
static inline bool are_codes_of(const int32_t *codes, uint64_t count, uint64_t code_count)
{
    uint32_t most = 0; /* a negative one is larger than all others */
    for (uint64_t row = 0; row < count; row++)
        most = (uint32_t)codes[row] > most ? (uint32_t)codes[row] : most;
    return count == 0 || (most <= INT32_MAX && most < code_count);
}

/* Count the rows of each code, sum up their values, and count the classes of their status codes. */
static inline bool sum_by(
    const int32_t *codes, const int64_t *values, const uint8_t *classes, uint64_t count,
    const code_sums *to)
{
    const code_sums sums = *to; /* so that no sum can seem to change it */
    if (sums.width < 1 + (2 + sums.class_count) / 2 || !are_codes_of(codes, count, sums.code_count))
        return false;
    for (uint64_t row = 0; row < count; row++) {
        if (count - row > ROWS_AHEAD)
            FETCH(&sums.sums[(uint64_t)codes[row + ROWS_AHEAD] * sums.width]);
        int64_t *own = &sums.sums[(uint64_t)codes[row] * sums.width];
        uint32_t *counts = (uint32_t *)(own + 1);
        own[0] = wrapped_sum(own[0], values[row]);
        counts[0]++;
        if (sums.class_count == 0)
            continue;
        uint64_t place = classes[row] - sums.first_class;
        bool counted = place < sums.class_count;
        counts[1 + (counted ? place : 0)] += counted; /* faster than a branch */
    }
    return true;
}

/* Add the hits of rows to the sums of their groups: the row's code has a group, modulo GROUPS.
 *
 * Where `hits` is NULL, each row has one. `sign` is -1 to take them off.
 */
static inline bool add_by_group(
    const int32_t *codes, const int64_t *hits, uint64_t count, const code_groups *groups,
    int64_t sign, int64_t sums[GROUPS])
{
    const uint16_t *group_of = groups->of; /* so that no sum can seem to change it */
    if (!are_codes_of(codes, count, groups->count))
        return false;
    for (uint64_t row = 0; row < count; row++) {
        int64_t *sum = &sums[group_of[codes[row]] & (GROUPS - 1)];
        int64_t more = hits == NULL ? 1 : hits[row];
        *sum = wrapped_sum(*sum, sign < 0 ? (int64_t)(0 - (uint64_t)more) : more);
    }
    return true;
}

/* Tell the number of each row's code. */
static inline bool map_codes(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int32_t *found)
{
    for (uint64_t row = 0; row < count; row++) {
        if (!is_code_of(codes[row], number_count))
            return false;
        found[row] = numbers[codes[row]];
    }
    return true;
}

/* Find the rows whose codes have a number that is not negative; write which rows, and the numbers.
 *
 * Returns how many there are, -1 where a code is out of bounds.
 */
static inline int64_t find_numbered(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int64_t *rows, int64_t *found)
{
    int64_t written = 0;
    for (uint64_t row = 0; row < count; row++) {
        if (!is_code_of(codes[row], number_count))
            return -1;
        rows[written] = (int64_t)row; /* overwritten unless it is one: faster than a branch */
        found[written] = numbers[codes[row]];
        written += found[written] >= 0;
    }
    return written;
}

/* Count hits by stretch and number. Each code has a number; those of -1 are counted as the last.
 *
 * Where `hits` is NULL, each row has one. False where a code, a number or an end is out of bounds.
 */
static inline bool count_stretches(
    const int32_t *codes, const int64_t *hits, uint64_t count, const int32_t *numbers,
    uint64_t number_count, const stretch_counts *to)
{
    const stretch_counts known = *to; /* so that no count can seem to change it */
    uint64_t row = 0;
    for (uint64_t stretch = 0; stretch < known.stretches; stretch++) {
        int64_t *own = &known.counts[stretch * known.numbers];
        if (known.ends[stretch] < 0 || (uint64_t)known.ends[stretch] > count)
            return false;
        for (; row < (uint64_t)known.ends[stretch]; row++) {
            if (!is_code_of(codes[row], number_count))
                return false;
            int32_t number = numbers[codes[row]];
            uint64_t place = number < 0 ? known.numbers - 1 : (uint64_t)number;
            if (place >= known.numbers)
                return false;
            own[place] = wrapped_sum(own[place], hits == NULL ? 1 : hits[row]);
        }
    }
    return true;
}

#endif
