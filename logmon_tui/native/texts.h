/* Distinct texts: a hash table that gives each text its number.
 *
 * Whoever sends requests chooses the texts, so the hash is seeded anew in each process: nobody can
 * choose texts that collide. The caller gives all the memory, and sees to it that it suffices.
 */
#ifndef LOGMON_TEXTS_H
#define LOGMON_TEXTS_H

#include "span.h"

enum { SEEDS = 3 };

typedef struct {
    uint64_t start;  /* offset at which the text stands in the table's bytes */
    uint32_t length;
    uint32_t hash;
} text_entry;

/* `slots` hold numbers of entries + 1, 0 where empty; `mask` + 1 of them are in use. */
typedef struct {
    text_entry *entries;
    uint32_t *slots;
    uint32_t mask;
    uint32_t count;
} text_table;

/* Multiply and fold: the mixing step of wyhash (Wang Yi, public domain). */
static inline uint64_t mix(uint64_t one, uint64_t other)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (one & 0xFFFFFFFFu) * (other & 0xFFFFFFFFu);
    uint64_t left = (one >> 32) * (other & 0xFFFFFFFFu);
    uint64_t right = (one & 0xFFFFFFFFu) * (other >> 32);
    uint64_t high = (one >> 32) * (other >> 32);
    uint64_t middle = (low >> 32) + (left & 0xFFFFFFFFu) + (right & 0xFFFFFFFFu);
    return ((middle << 32) | (low & 0xFFFFFFFFu)) ^
           (high + (left >> 32) + (right >> 32) + (middle >> 32));
#endif
}

static inline uint64_t hash_of(span text, const uint64_t seeds[SEEDS])
{
    size_t length = span_length(text);
    const uint8_t *at = text.at;
    uint64_t low = 0, high = 0, state = seeds[0];
    if (length > 16) {
        size_t left = length;
        for (; left > 16; left -= 16, at += 16)
            state = mix(load_8(at) ^ seeds[1], load_8(at + 8) ^ state);
        low = load_8(text.end - 16);
        high = load_8(text.end - 8);
    } else if (length >= 8) {
        low = load_8(at);
        high = load_8(text.end - 8);
    } else if (length >= 4) {
        low = load_4(at);
        high = load_4(text.end - 4);
    } else if (length > 0) {
        low = (uint64_t)at[0] << 16 | (uint64_t)at[length / 2] << 8 | at[length - 1];
    }
    return mix(seeds[2] ^ length, mix(low ^ seeds[1], high ^ state));
}

/* Enter every text into the slots, which hold at least twice as many. */
static inline void fill_slots(text_table *table)
{
    memset(table->slots, 0, ((size_t)table->mask + 1) * sizeof *table->slots);
    for (uint32_t number = 0; number < table->count; number++) {
        uint32_t slot = table->entries[number].hash & table->mask;
        while (table->slots[slot] != 0)
            slot = (slot + 1) & table->mask;
        table->slots[slot] = number + 1;
    }
}

/* The slot of `text`, which is empty where the table does not have it. Texts stand in `bytes`. */
static inline uint32_t *slot_of(
    const text_table *table, span text, uint32_t hash, const uint8_t *bytes)
{
    size_t length = span_length(text);
    uint32_t slot = hash & table->mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & table->mask) {
        const text_entry *entry = &table->entries[table->slots[slot] - 1];
        if (entry->hash == hash && entry->length == length &&
            are_same(bytes + entry->start, text.at, length))
            break;
    }
    return &table->slots[slot];
}

/* Enter a text, which stands at `start`, into its empty slot; return its number. */
static inline uint32_t enter(
    text_table *table, uint32_t *slot, uint64_t start, span text, uint32_t hash)
{
    uint32_t number = table->count++;
    table->entries[number] = (text_entry){start, (uint32_t)span_length(text), hash};
    *slot = number + 1;
    return number;
}

#endif
