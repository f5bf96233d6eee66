/* The columns that a scan fills: each line that fits becomes a row.
 *
 * All the memory is the caller's; nothing is written behind its `rows`.
 */
#ifndef LOGMON_COLUMNS_H
#define LOGMON_COLUMNS_H

#include "interner.h"
#include "scan.h"
#include "span.h"
#include "texts.h"

enum { MAX_TEXTS = 16, MAX_NUMBERS = 16, MAX_TOKENS = 64, BLOCK_ROWS = 32 };

_Static_assert((int)SHORT_OF_ROWS == (int)MAX_TEXTS, "what is short beside texts is no column of them");
_Static_assert(sizeof(text_entry) == SCAN_ENTRY_BYTES, "entries are laid out as library.py reads them");

/* What was found in a line. It becomes a row only when the whole line fits. */
typedef struct {
    span texts[MAX_TEXTS];
    int64_t numbers[MAX_NUMBERS];
} found_line;

/* The columns of a scan that is under way.
 *
 * Lines become rows by the block: so the waits for the interners' memory, which is too much for a
 * processor's cache, are for many texts at once.
 */
typedef struct {
    scan_memory *memory;
    text_table tables[MAX_TEXTS];
    uint32_t text_count;
    uint32_t number_count;
    uint32_t looked_at;
    uint32_t rows;
    uint32_t left;
    uint64_t lines[BLOCK_ROWS];
    int32_t of_bytes[MAX_TEXTS][UINT8_MAX + 1]; /* the numbers of texts of one byte, -1 at first */
    found_line found[BLOCK_ROWS];
} columns;

static inline bool is_column(int32_t column, uint32_t columns)
{
    return column >= 0 && (uint32_t)column < columns;
}

static inline bool is_sound_reading(uint8_t reading, int64_t parameter)
{
    return reading < READINGS && (reading != READ_SPAN || parameter > 0);
}

/* False where the interners are not as described. */
static inline bool begin(
    columns *to, scan_memory *memory, uint32_t text_count, uint32_t number_count)
{
    to->memory = memory;
    to->text_count = text_count;
    to->number_count = number_count;
    to->looked_at = to->rows = to->left = 0;
    for (uint32_t column = 0; column < text_count; column++) {
        if (!is_sound_interner(memory->interners[column]))
            return false;
        to->tables[column] = table_of(memory->interners[column]);
        memset(to->of_bytes[column], 0xFF, sizeof to->of_bytes[column]);
    }
    return true;
}

/* Where what is found in the next line goes. */
static inline found_line *next_found(columns *to)
{
    return &to->found[to->rows];
}

/* Note whether line `number` fits; false if the block is full, so that it is to be committed. */
static inline bool note(columns *to, uint64_t number, bool fits)
{
    scan_memory *memory = to->memory;
    if (fits)
        to->lines[to->rows++] = number;
    else
        memory->left[memory->left_count + to->left++] = (int64_t)number;
    to->looked_at++;
    return to->rows < BLOCK_ROWS;
}

static inline bool has_row(const columns *to)
{
    return to->memory->row_count + to->rows < to->memory->rows;
}

/* Where the number of a text of one byte stands, as many texts are: -1 if it is not known. */
static inline int32_t *number_of_byte(columns *to, uint32_t column, span text)
{
    return &to->of_bytes[column][text.at[0]];
}

/* Number the block's texts of a column; false where there is no room for one. */
static inline bool number_texts(columns *to, uint32_t column, int32_t *codes)
{
    scan_interner *interner = to->memory->interners[column];
    text_table *table = &to->tables[column];
    uint32_t hashes[BLOCK_ROWS], asked[BLOCK_ROWS], count = 0;
    for (uint32_t row = 0; row < to->rows; row++) {
        span text = to->found[row].texts[column];
        codes[row] = span_length(text) == 1 ? *number_of_byte(to, column, text) : -1;
        if (codes[row] >= 0)
            continue;
        hashes[count] = (uint32_t)hash_of(text, interner->seeds);
        FETCH(&table->slots[hashes[count] & table->mask]);
        asked[count++] = row;
    }
    for (uint32_t at = 0; at < count; at++) {
        uint32_t slot = table->slots[hashes[at] & table->mask];
        FETCH(&table->entries[slot == 0 ? 0 : slot - 1]);
    }
    for (uint32_t at = 0; at < count; at++) {
        uint32_t slot = table->slots[hashes[at] & table->mask];
        if (slot != 0)
            FETCH(interner->bytes + table->entries[slot - 1].start);
    }
    for (uint32_t at = 0; at < count; at++) {
        span text = to->found[asked[at]].texts[column];
        int32_t number = intern_hashed(interner, table, text, hashes[at]);
        if (number < 0) {
            to->memory->short_column = column;
            to->memory->short_length = span_length(text);
            return false;
        }
        codes[asked[at]] = number;
        if (span_length(text) == 1)
            *number_of_byte(to, column, text) = number;
    }
    return true;
}

/* Make rows of the block; false where there is no room for a text: then nothing is noted of it. */
static inline bool commit(columns *to)
{
    scan_memory *memory = to->memory;
    for (uint32_t column = 0; column < to->text_count; column++)
        if (!number_texts(to, column, &memory->codes[column * memory->rows + memory->row_count]))
            return false;
    for (uint32_t column = 0; column < to->number_count; column++)
        for (uint32_t row = 0; row < to->rows; row++)
            memory->numbers[column * memory->rows + memory->row_count + row] =
                to->found[row].numbers[column];
    for (uint32_t row = 0; row < to->rows; row++)
        memory->lines[memory->row_count + row] = (int64_t)to->lines[row];
    memory->row_count += to->rows;
    memory->left_count += to->left;
    memory->looked_at += to->looked_at;
    to->rows = to->left = to->looked_at = 0;
    return true;
}

#endif
