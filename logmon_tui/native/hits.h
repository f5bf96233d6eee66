/* What is counted of all hits of a batch, in one pass over their columns. */
#ifndef LOGMON_HITS_H
#define LOGMON_HITS_H

#include "scan.h"
#include "sums.h"

/* Count hits by status code and by the group of their size; see `hit_counts` of scan.h.
 *
 * False where a status code is out of bounds.
 */
static inline bool count_hits(
    const int64_t *status, const int64_t *sizes, uint64_t count, hit_counts *to)
{
    hit_counts found = *to; /* so that no count can seem to change it */
    for (uint64_t row = 0; row < count; row++) {
        uint64_t code = (uint64_t)status[row], size = (uint64_t)sizes[row];
        if (code >= STATUS_CODES)
            return false;
        found.by_status[code]++;
        found.classes[row] = (uint8_t)(code / 100);
        found.sum = wrapped_sum(found.sum, sizes[row]);
        found.largest = sizes[row] > found.largest ? sizes[row] : found.largest;
        if (size < found.groups.count && found.groups.of[size] < found.group_count)
            found.by_group[found.groups.of[size]]++;
        else
            found.beyond[found.beyond_count++] = sizes[row];
    }
    *to = found;
    return true;
}

#endif
