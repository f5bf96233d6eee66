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

enum { MAX_TEXTS = 16, MAX_NUMBERS = 16, MAX_TOKENS = 64, BLOCK_ROWS = 64 };

_Static_assert((int)SHORT_OF_ROWS == (int)MAX_TEXTS, "what is short beside texts is no column of them");
_Static_assert(sizeof(text_entry) == SCAN_ENTRY_BYTES, "entries are laid out as library.py reads them");

/* The columns of a scan that is under way.
 *
 * Numbers go into the caller's memory at once, texts are numbered by the block: so the waits for
 * the interners' memory, which is too much for a processor's cache, are for many texts at once.
 */
typedef struct {
    scan_memory *memory;
    text_table tables[MAX_TEXTS];
    uint32_t text_count;
    uint32_t looked_at;
    uint32_t rows;
    uint32_t left;
    int32_t of_bytes[MAX_TEXTS][UINT8_MAX + 1]; /* the numbers of texts of one byte, -1 at first */
    int32_t usual[MAX_TEXTS]; /* the number that most texts of the last block had, -1 if none */
    span texts[MAX_TEXTS][BLOCK_ROWS];
} columns;

/* Where what is found in a line goes. It becomes a row only when the whole line fits. */
typedef struct {
    span *texts;
    int64_t *numbers;
    uint64_t rows;
} found_line;

static inline span *found_text(const found_line *found, int32_t column)
{
    return &found->texts[(size_t)column * BLOCK_ROWS];
}

static inline int64_t *found_number(const found_line *found, int32_t column)
{
    return &found->numbers[(size_t)column * found->rows];
}

static inline bool is_column(int32_t column, uint32_t columns)
{
    return column >= 0 && (uint32_t)column < columns;
}

static inline bool is_sound_reading(uint8_t reading, int64_t parameter)
{
    return reading < READINGS && (reading != READ_SPAN || parameter > 0);
}

/* False where the interners are not as described. */
static inline bool begin(columns *to, scan_memory *memory, uint32_t text_count)
{
    to->memory = memory;
    to->text_count = text_count;
    to->looked_at = to->rows = to->left = 0;
    for (uint32_t column = 0; column < text_count; column++) {
        if (!is_sound_interner(memory->interners[column]))
            return false;
        to->tables[column] = table_of(memory->interners[column]);
        memset(to->of_bytes[column], 0xFF, sizeof to->of_bytes[column]);
        to->usual[column] = -1;
    }
    return true;
}

/* Where what is found in the next line goes, for which there must be a row. */
static inline found_line next_found(columns *to)
{
    const scan_memory *memory = to->memory;
    int64_t *numbers = memory->numbers + memory->row_count + to->rows;
    return (found_line){&to->texts[0][to->rows], numbers, memory->rows};
}

/* Note whether line `number` fits; false if the block is full, so that it is to be committed. */
static inline bool note(columns *to, uint64_t number, bool fits)
{
    scan_memory *memory = to->memory;
    if (fits)
        memory->lines[memory->row_count + to->rows++] = (int64_t)number;
    else
        memory->left[memory->left_count + to->left++] = (int64_t)number;
    to->looked_at++;
    return to->rows < BLOCK_ROWS;
}

static inline bool has_row(const columns *to)
{
    return to->memory->row_count + to->rows < to->memory->rows;
}

/* A text of the block whose number is not known without a look at its table. */
typedef struct {
    const text_entry *entry; /* most likely its own; NULL if it has none */
    uint32_t hash;
    uint32_t row;
} asked_text;

/* Tell the numbers of texts of one byte, as many texts are, and of the usual one: hosts, for
 * example, may hardly vary. List the others, and return how many.
 */
static inline uint32_t ask(
    const columns *to, uint32_t column, int32_t *codes, asked_text asked[BLOCK_ROWS])
{
    const text_table *table = &to->tables[column];
    const int32_t *of_bytes = to->of_bytes[column];
    const span *texts = to->texts[column];
    const scan_interner *interner = to->memory->interners[column];
    const int32_t usual = to->usual[column];
    const text_entry *usual_entry = usual < 0 ? NULL : &table->entries[usual];
    uint32_t count = 0, rows = to->rows;
    for (uint32_t row = 0; row < rows; row++) {
        span text = texts[row];
        if (span_length(text) == 1 && (codes[row] = of_bytes[text.at[0]]) >= 0)
            continue;
        if (usual_entry != NULL && is_of(usual_entry, text, interner->bytes)) {
            codes[row] = usual;
            continue;
        }
        uint32_t hash = (uint32_t)hash_of(text, interner->seeds);
        FETCH(&table->slots[hash & table->mask]);
        asked[count++] = (asked_text){NULL, hash, row};
    }
    return count;
}

enum { SMALL_TABLE = 1 << 12 }; /* slots of a table that stays in a processor's cache */

/* Find the entries of texts, most likely, and have them fetched with their bytes. */
static inline void fetch(
    const text_table *table, const uint8_t *bytes, asked_text *asked, const asked_text *end)
{
    for (asked_text *one = asked; one < end; one++) {
        uint32_t slot = one->hash & table->mask;
        one->entry = likely_entry(table, one->hash, &slot);
        FETCH(one->entry);
    }
    for (const asked_text *one = asked; one < end; one++)
        if (one->entry != NULL) {
            FETCH(bytes + one->entry->start);
            FETCH(bytes + one->entry->start + one->entry->length);
        }
}

/* The number that three of four rows have, at least, if it is the last one's; -1 if it is not. */
static inline int32_t usual_of(const int32_t *codes, uint32_t rows)
{
    uint32_t same = 0;
    for (uint32_t row = 0; row < rows; row++)
        same += codes[row] == codes[rows - 1];
    return rows > 0 && 4 * same >= 3 * rows ? codes[rows - 1] : -1;
}

/* Number the block's texts of a column; false where there is no room for one. */
static inline bool number_texts(columns *to, uint32_t column, int32_t *codes)
{
    scan_interner *interner = to->memory->interners[column];
    text_table *table = &to->tables[column];
    const span *texts = to->texts[column];
    const uint8_t *bytes = interner->bytes;
    asked_text asked[BLOCK_ROWS];
    const asked_text *end = asked + ask(to, column, codes, asked);
    if (table->mask >= SMALL_TABLE)
        fetch(table, bytes, asked, end);
    for (const asked_text *one = asked; one < end; one++) {
        span text = texts[one->row];
        int32_t number;
        if (one->entry != NULL && is_of(one->entry, text, bytes)) {
            number = (int32_t)(one->entry - table->entries);
        } else if ((number = intern_hashed(interner, table, text, one->hash)) < 0) {
            to->memory->short_column = column;
            to->memory->short_length = span_length(text);
            return false;
        }
        codes[one->row] = number;
        if (span_length(text) == 1)
            to->of_bytes[column][text.at[0]] = number;
    }
    to->usual[column] = usual_of(codes, to->rows);
    return true;
}

/* Make rows of the block; false where there is no room for a text: then nothing is noted of it. */
static inline bool commit(columns *to)
{
    scan_memory *memory = to->memory;
    for (uint32_t column = 0; column < to->text_count; column++)
        if (!number_texts(to, column, &memory->codes[column * memory->rows + memory->row_count]))
            return false;
    memory->row_count += to->rows;
    memory->left_count += to->left;
    memory->looked_at += to->looked_at;
    to->rows = to->left = to->looked_at = 0;
    return true;
}

#endif
