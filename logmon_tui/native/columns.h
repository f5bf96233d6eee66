/* The columns that a scan fills: each line that fits becomes a row.
 *
 * All the memory is the caller's; nothing is written behind its `rows`.
 */
#ifndef LOGMON_COLUMNS_H
#define LOGMON_COLUMNS_H

#include "scan.h"
#include "span.h"
#include "texts.h"

enum { MOST_TEXTS = 16, MOST_NUMBERS = 16, MOST_TOKENS = 64 };

_Static_assert(sizeof(text_entry) == SCAN_ENTRY_BYTES, "entries are laid out as library.py reads them");

/* What was found in a line. It becomes a row only when the whole line fits. */
typedef struct {
    span texts[MOST_TEXTS];
    int64_t numbers[MOST_NUMBERS];
} found_line;

/* The columns of a scan that is under way. */
typedef struct {
    scan_memory *memory;
    const uint8_t *chunk;
    text_table tables[MOST_TEXTS];
    uint32_t text_count;
    uint32_t number_count;
    uint64_t row;
    uint64_t left;
} columns;

static inline bool is_column(int32_t column, uint32_t columns)
{
    return column >= 0 && (uint32_t)column < columns;
}

static inline bool is_sound_reading(uint8_t reading, int64_t parameter)
{
    return reading < READINGS && (reading != READ_SPAN || parameter > 0);
}

static inline bool begin(columns *to, scan_memory *memory, const uint8_t *chunk, uint64_t size,
                  uint32_t text_count, uint32_t number_count)
{
    if (size > INT32_MAX || memory->slots_each < FIRST_SLOTS)
        return false;
    to->memory = memory;
    to->chunk = chunk;
    to->text_count = text_count;
    to->number_count = number_count;
    to->row = to->left = 0;
    for (uint32_t column = 0; column < text_count; column++) {
        to->tables[column] = empty_table((text_entry *)memory->entries + column * memory->rows,
                                         memory->slots + column * memory->slots_each);
    }
    return true;
}

static inline void keep(columns *to, uint64_t number, const found_line *found)
{
    const scan_memory *memory = to->memory;
    for (uint32_t column = 0; column < to->number_count; column++)
        memory->numbers[column * memory->rows + to->row] = found->numbers[column];
    for (uint32_t column = 0; column < to->text_count; column++)
        memory->codes[column * memory->rows + to->row] = (int32_t)number_of(
            &to->tables[column], found->texts[column], to->chunk, memory->seeds);
    memory->lines[to->row++] = (int64_t)number;
}

static inline int64_t end(columns *to)
{
    for (uint32_t column = 0; column < to->text_count; column++)
        to->memory->text_counts[column] = to->tables[column].count;
    return (int64_t)to->row;
}

#endif
