/* A fuzz target: each input is scanned by every preset's description, in a buffer of just its size.
 *
 * Built with AddressSanitizer and UndefinedBehaviorSanitizer, so that a byte read too far, or an
 * overflow, ends it. What the scan tells is checked as far as that can be done without a reference:
 * each line is a row or left, and each code has a text. `fuzz_formats.h` is made from the presets.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../logmon_tui/native/scan.c"
#include "fuzz_formats.h"

enum { SLOTS = 1 << 16, MOST_LINES = 4096 };

static void check(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static void check_rows(const scan_memory *memory, int64_t found, uint64_t lines, uint64_t size,
                       uint32_t texts)
{
    check(found >= 0 && (uint64_t)found <= lines, "no more rows than lines");
    for (uint32_t column = 0; column < texts; column++) {
        const text_entry *entries = (const text_entry *)memory->entries + column * memory->rows;
        for (int64_t row = 0; row < found; row++) {
            int32_t code = memory->codes[column * memory->rows + (uint64_t)row];
            check(code >= 0 && (uint32_t)code < memory->text_counts[column], "a code has a text");
            check((uint64_t)entries[code].start + entries[code].length <= size, "texts are inside");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *chunk = malloc(size + 1);
    if (chunk == NULL)
        return 0;
    memcpy(chunk, data, size);
    chunk[size] = '\n';
    size++;
    static uint32_t ends[MOST_LINES], slots[MOST_TEXTS * SLOTS], counts[MOST_TEXTS];
    static int64_t rows[MOST_LINES], left[MOST_LINES], numbers[MOST_NUMBERS * MOST_LINES];
    static int32_t codes[MOST_TEXTS * MOST_LINES];
    static text_entry entries[MOST_TEXTS * MOST_LINES];
    uint64_t lines = logmon_find_lines(chunk, size, ends, MOST_LINES);
    if (lines <= MOST_LINES) {
        scan_memory memory = {rows, numbers, codes, entries, slots, counts, left,
                              lines, SLOTS, {1, 3, 5}};
        for (size_t at = 0; at < DELIMITED_FORMATS; at++) {
            const scan_format *format = &delimited_formats[at];
            int64_t found = logmon_scan(format, chunk, size, ends, NULL, lines, &memory);
            check_rows(&memory, found, lines, size, format->text_count);
        }
        for (size_t at = 0; at < JSON_FORMATS; at++) {
            const json_format *format = &json_formats[at];
            int64_t found = logmon_scan_json(format, chunk, size, ends, lines, &memory);
            check_rows(&memory, found, lines, size, format->text_count);
        }
    }
    free(chunk);
    return 0;
}
