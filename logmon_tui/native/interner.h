/* Numbers texts, whatever chunks they come from: equal texts get the same number.
 *
 * The interner owns a copy of each distinct text. Where its room does not suffice, whoever numbers
 * texts stops, and is called again with more.
 */
#ifndef LOGMON_INTERNER_H
#define LOGMON_INTERNER_H

#include "scan.h"
#include "span.h"
#include "texts.h"

enum { MAX_SLOT_BITS = 31 };

/* Text number `at`; false where it does not stand within the bytes. */
static inline bool text_at(const scan_texts *texts, uint64_t at, span *text)
{
    int64_t start = texts->starts[at], end = texts->ends[at];
    if (start < 0 || end < start || (uint64_t)end > texts->size || end - start > INT32_MAX)
        return false;
    *text = (span){texts->bytes + start, texts->bytes + end};
    return true;
}

static inline bool is_sound_interner(const scan_interner *interner)
{
    return interner->slot_bits <= MAX_SLOT_BITS && interner->used <= interner->bytes_room &&
           interner->count <= interner->most &&
           interner->most <= ((uint64_t)1 << interner->slot_bits) / 2;
}

static inline text_table table_of(const scan_interner *interner)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << interner->slot_bits) - 1);
    return (text_table){interner->entries, interner->slots, mask, (uint32_t)interner->count};
}

/* The number of `text`; -1 where there is no room for it. `table` is that of the interner. */
static inline int32_t intern_hashed(
    scan_interner *interner, text_table *table, span text, uint32_t hash)
{
    uint32_t slot;
    const text_entry *entry = entry_of(table, text, hash, interner->bytes, &slot);
    if (entry != NULL)
        return (int32_t)(entry - table->entries);
    size_t length = span_length(text);
    if (table->count == interner->most || length > interner->bytes_room - interner->used)
        return -1;
    if (length > 0)
        memcpy(interner->bytes + interner->used, text.at, length);
    uint32_t number = enter(table, slot, interner->used, text, hash);
    interner->used += length;
    interner->count = table->count;
    return (int32_t)number;
}

static inline int32_t intern_one(scan_interner *interner, text_table *table, span text)
{
    return intern_hashed(interner, table, text, (uint32_t)hash_of(text, interner->seeds));
}

/* Number the texts from place `from` on; return the place of the first that there is no room for,
 * -1 where one does not stand within the bytes.
 */
static inline int64_t intern(
    scan_interner *interner, const scan_texts *texts, uint64_t from, int32_t *numbers)
{
    text_table table = table_of(interner);
    for (uint64_t at = from; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text))
            return -1;
        numbers[at] = intern_one(interner, &table, text);
        if (numbers[at] < 0)
            return (int64_t)at;
    }
    return (int64_t)texts->count;
}

/* Copy the texts one after the other into `out`, of `room` bytes; false where they do not fit. */
static inline bool gather(const scan_texts *texts, uint8_t *out, uint64_t room)
{
    for (uint64_t at = 0; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text) || span_length(text) > room)
            return false;
        size_t length = span_length(text);
        if (length > 0)
            memcpy(out, text.at, length);
        out += length;
        room -= length;
    }
    return true;
}

#endif
