/* Sums by code, in memory of the caller. A code that is out of bounds is found before it is used. */
#ifndef LOGMON_SUMS_H
#define LOGMON_SUMS_H

#include "scan.h"

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

/* Count the rows of each code, sum up their values, and count the classes of their status codes. */
static inline bool sum_by(
    const int32_t *codes, const int64_t *values, const int64_t *status, uint64_t count,
    const code_sums *to)
{
    for (uint64_t row = 0; row < count; row++) {
        if (!is_code_of(codes[row], to->code_count))
            return false;
        uint64_t code = (uint64_t)codes[row];
        to->hits[code]++;
        to->values[code] = wrapped_sum(to->values[code], values[row]);
        if (to->class_count == 0)
            continue;
        uint64_t place = (uint64_t)status[row] / 100 - to->first_class;
        if (place < to->class_count)
            to->classes[code * to->class_count + place]++;
    }
    return true;
}

/* Add the hits of rows to the sums of their groups: the row's code has a group.
 *
 * Where `hits` is NULL, each row has one. `sign` is -1 to take them off.
 */
static inline bool add_by_group(
    const int32_t *codes, const int64_t *hits, uint64_t count, const code_groups *groups,
    int64_t sign, int64_t sums[GROUPS])
{
    for (uint64_t row = 0; row < count; row++) {
        if (!is_code_of(codes[row], groups->count))
            return false;
        int64_t *sum = &sums[groups->of[codes[row]]];
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

#endif
