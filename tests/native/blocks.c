/* Compares what blocks.h asks of many bytes at once with the same asked of one byte after the other.
 *
 * Exits with 1 where the two differ.
 */
#include "blocks.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 200000, LONGEST = 70 };

static uint64_t state = 88172645463325252u;

/* George Marsaglia, "Xorshift RNGs" (2003). */
static uint64_t any(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static uint8_t any_byte(void)
{
    static const uint8_t likely[] = {0, 1, 0x1F, 0x20, 0x21, '"', '\\', 0x7F, 0x80, 0x81, 0xFF};
    return any() % 4 == 0 ? (uint8_t)any() : likely[any() % sizeof likely];
}

static void expect(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s differs\n", what);
    exit(1);
}

static void compare(const uint8_t *at, const uint8_t *second)
{
    uint8_t one = any_byte(), other = any_byte(), highest = any_byte() & 0x7F;
    uint32_t equal = 0, beyond = 0, within = 0, shared = 0;
    for (uint32_t place = 0; place < BLOCK; place++) {
        uint32_t bit = UINT32_C(1) << place;
        equal |= at[place] == one || at[place] == other ? bit : 0;
        beyond |= at[place] >= 0x80 ? bit : 0;
        within |= at[place] <= highest ? bit : 0;
        shared |= at[place] == second[place] ? bit : 0;
    }
    expect(bits_of(at, one, other) == equal, "bits_of");
    expect(bits_beyond_ascii(at) == beyond, "bits_beyond_ascii");
    expect(bits_of_or_up_to(at, one, other, highest) == (equal | within), "bits_of_or_up_to");
    expect(bits_shared(at, second) == shared, "bits_shared");
}

int main(void)
{
    uint8_t first[LONGEST], second[LONGEST];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t place = 0; place < LONGEST; place++)
            first[place] = second[place] = any_byte();
        size_t length = BLOCK + any() % (LONGEST - BLOCK + 1);
        for (uint64_t changes = any() % 3; changes > 0; changes--)
            second[any() % LONGEST] = any_byte();
        expect(are_same_blocks(first, second, length) == (memcmp(first, second, length) == 0),
               "are_same_blocks");
        size_t at = any() % (LONGEST - BLOCK + 1);
        compare(first + at, second + at);
    }
    return 0;
}
