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

/* `mask` + 1 of the `slots` are in use. Each has in the bits of `mask` the number of an entry + 1, 0
 * where it is empty; its other bits are those of the text's hash that do not tell its place. So
 * that a slot is another text's is mostly known without a look at the entry.
 */
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

static inline uint64_t last_mix(
    uint64_t low, uint64_t high, uint64_t state, size_t length, const uint64_t seeds[SEEDS])
{
    return mix(seeds[2] ^ length, mix(low ^ seeds[1], high ^ state));
}

static inline uint64_t hash_of(span text, const uint64_t seeds[SEEDS])
{
    size_t length = span_length(text);
    const uint8_t *at = text.at;
    uint64_t state = seeds[0];
    if (length > 16) {
        const uint8_t *last = text.end - 16;
        for (; at < last; at += 16)
            state = mix(load_8(at) ^ seeds[1], load_8(at + 8) ^ state);
        return last_mix(load_8(last), load_8(last + 8), state, length, seeds);
    }
    if (length >= 8)
        return last_mix(load_8(at), load_8(text.end - 8), state, length, seeds);
    if (length >= 4)
        return last_mix(load_4(at), load_4(text.end - 4), state, length, seeds);
    if (length == 0)
        return last_mix(0, 0, state, 0, seeds);
    uint64_t low = (uint64_t)at[0] << 16 | (uint64_t)at[length / 2] << 8 | at[length - 1];
    return last_mix(low, 0, state, length, seeds);
}

/* A slot for the entry `number`. */
static inline uint32_t slot_for(const text_table *table, uint32_t number, uint32_t hash)
{
    return (number + 1) | (hash & ~table->mask);
}

/* Enter every text into the slots, which hold at least twice as many. */
static inline void fill_slots(text_table *table)
{
    memset(table->slots, 0, ((size_t)table->mask + 1) * sizeof *table->slots);
    for (uint32_t number = 0; number < table->count; number++) {
        uint32_t hash = table->entries[number].hash, at = hash & table->mask;
        while (table->slots[at] != 0)
            at = (at + 1) & table->mask;
        table->slots[at] = slot_for(table, number, hash);
    }
}

/* The entry of the first text with about this hash from the slot `at` on; NULL if there is none.
 *
 * `at` becomes its slot, or the empty slot before which there is none.
 */
static inline const text_entry *likely_entry(const text_table *table, uint32_t hash, uint32_t *at)
{
    for (;; *at = (*at + 1) & table->mask) {
        uint32_t slot = table->slots[*at];
        if ((slot & table->mask) == 0)
            return NULL;
        if (((slot ^ hash) & ~table->mask) == 0)
            return &table->entries[(slot & table->mask) - 1];
    }
}

/* Whether the text of an entry is `text`. Texts stand in `bytes`. */
static inline bool is_of(const text_entry *entry, span text, const uint8_t *bytes)
{
    return entry->length == span_length(text) &&
           are_same(bytes + entry->start, text.at, span_length(text));
}

/* The entry of `text`; NULL where the table does not have it: then `at` becomes its empty slot. */
static inline const text_entry *entry_of(
    const text_table *table, span text, uint32_t hash, const uint8_t *bytes, uint32_t *at)
{
    *at = hash & table->mask;
    const text_entry *entry;
    while ((entry = likely_entry(table, hash, at)) != NULL && !is_of(entry, text, bytes))
        *at = (*at + 1) & table->mask;
    return entry;
}

/* Enter a text, which stands at `start`, into its empty slot `at`; return its number. */
static inline uint32_t enter(
    text_table *table, uint32_t at, uint64_t start, span text, uint32_t hash)
{
    uint32_t number = table->count++;
    table->entries[number] = (text_entry){start, (uint32_t)span_length(text), hash};
    table->slots[at] = slot_for(table, number, hash);
    return number;
}

#endif
