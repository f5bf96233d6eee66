/* Tallies: how often each of many numbers is there, in memory of the caller. */
#ifndef LOGMON_TALLIES_H
#define LOGMON_TALLIES_H

#include "scan.h"
#include "sums.h"

/* Sum up the weights of each distinct number, 1 for each row where `weights` is NULL.
 *
 * `to->slots` are all zero, twice as many as rows at least. Returns how many numbers there are.
 */
static inline uint64_t tally(
    const int64_t *numbers, const int64_t *weights, uint64_t count, const number_tally *to)
{
    const number_tally found = *to; /* so that no sum can seem to change it */
    const uint64_t mask = (UINT64_C(1) << found.slot_bits) - 1;
    uint64_t written = 0;
    for (uint64_t row = 0; row < count; row++) {
        uint64_t number = (uint64_t)numbers[row];
        uint64_t slot = ((number ^ found.seeds[0]) * found.seeds[1]) >> (64 - found.slot_bits);
        while (found.slots[slot] != 0 && found.numbers[found.slots[slot] - 1] != numbers[row])
            slot = (slot + 1) & mask;
        if (found.slots[slot] == 0) {
            found.numbers[written] = numbers[row];
            found.sums[written] = 0;
            found.slots[slot] = (uint32_t)++written;
        }
        int64_t *sum = &found.sums[found.slots[slot] - 1];
        *sum = wrapped_sum(*sum, weights == NULL ? 1 : weights[row]);
    }
    return written;
}

static inline bool is_sound_tally(uint64_t count, const number_tally *to)
{
    return to->slot_bits > 0 && to->slot_bits < 32 && (UINT64_C(1) << to->slot_bits) >= 2 * count;
}

#endif
