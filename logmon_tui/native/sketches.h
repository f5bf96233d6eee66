/* Distinct counts: HyperLogLog registers of pairs of texts. metrics/sketch.py has the theory.
 *
 * The hash of a pair is made of the hashes of its texts, so each text is hashed once a log.
 */
#ifndef LOGMON_SKETCHES_H
#define LOGMON_SKETCHES_H

#include "span.h"

enum { REGISTER_BITS = 12, REGISTERS = 1 << REGISTER_BITS };

typedef struct {
    const int32_t *codes; /* of each row */
    const uint64_t *hashes;
    uint64_t count; /* of hashes */
} hashed_column;

/* The finaliser of splitmix64 (Sebastiano Vigna, public domain) on both hashes. */
static inline uint64_t paired(uint64_t one, uint64_t other)
{
    uint64_t mixed = one + other * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static inline void enter_hash(uint64_t hash, uint8_t registers[REGISTERS])
{
    uint64_t rest = (hash << REGISTER_BITS) | (1u << (REGISTER_BITS - 1));
    uint8_t rank = 1;
#if defined(__GNUC__)
    rank = (uint8_t)(rank + __builtin_clzll(rest));
#else
    for (; !(rest >> 63); rest <<= 1)
        rank++;
#endif
    uint8_t *place = &registers[hash >> (64 - REGISTER_BITS)];
    uint8_t known = *place;
    *place = known < rank ? rank : known; /* always written: faster than a branch */
}

#endif
