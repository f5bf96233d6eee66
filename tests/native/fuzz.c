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

/* The lines of a chunk as texts: numbered, copied, looked into and taken apart as requests. */
static void check_texts(const uint8_t *chunk, size_t size, const uint32_t *ends, uint64_t lines)
{
    static int64_t starts[MOST_LINES], stops[MOST_LINES];
    static int64_t hits[MOST_LINES], sums[MOST_LINES];
    static int32_t numbers[MOST_LINES];
    static uint32_t slots[2 * MOST_LINES];
    static text_entry entries[MOST_LINES];
    static uint8_t flags[MOST_LINES];
    for (uint64_t at = 0; at < lines; at++) {
        starts[at] = at == 0 ? 0 : (int64_t)ends[at - 1] + 1;
        stops[at] = (int64_t)ends[at];
    }
    scan_texts texts = {chunk, starts, stops, size, lines};
    uint8_t *kept = malloc(size);
    if (kept == NULL)
        return;
    memset(slots, 0, sizeof slots);
    scan_interner interner = {entries, slots, kept, MOST_LINES, size, 0, 0, {1, 3, 5}, 13};
    check(logmon_intern(&interner, &texts, 0, numbers) == (int64_t)lines, "all are numbered");
    for (uint64_t at = 0; at < lines; at++) {
        const text_entry *entry = &entries[numbers[at]];
        check(entry->length == (uint64_t)(stops[at] - starts[at]), "a number's text is as long");
        check(memcmp(kept + entry->start, chunk + starts[at], entry->length) == 0, "and the same");
    }
    check(logmon_sum_by(numbers, starts, lines, interner.count, hits, sums), "numbers are counted");
    check(logmon_gather(&texts, kept, size) == 1, "all are copied");
    check(logmon_find_bytes(&texts, (const uint8_t *)"/\"", 2, flags) == 1, "all are looked into");
    static int32_t parts[PARTS * MOST_LINES];
    static text_entry of_parts[PARTS * MOST_LINES];
    static uint32_t slots_of_parts[PARTS * SLOTS], counts[PARTS];
    scan_requests to = {parts, of_parts, slots_of_parts, counts, SLOTS, {1, 3, 5}};
    for (int32_t are_targets = 0; are_targets < 2; are_targets++) {
        check(logmon_split_requests(&texts, are_targets, &to) == 1, "all are taken apart");
        for (uint64_t at = 0; at < PARTS * lines; at++) {
            if (parts[at] < 0)
                continue;
            check(parts[at] < (int32_t)counts[at / lines], "a part has a text");
            const text_entry *entry = &of_parts[at / lines * lines + (uint64_t)parts[at]];
            check(entry->start + entry->length <= size, "which is inside");
        }
    }
    free(kept);
}

/* What is inside of the lines of a chunk, in memory of just its size, and in half of it. */
static void check_insides(const uint8_t *chunk, size_t size, const uint32_t *ends, uint64_t lines)
{
    static int64_t cut[MOST_LINES], left[MOST_LINES], left_at[MOST_LINES];
    for (uint32_t wrapper = 0; wrapper <= WRAP_QUOTES + 1; wrapper++) {
        for (size_t room = size; room > 0; room = room == size ? size / 2 : 0) {
            uint8_t *bytes = malloc(room);
            if (bytes == NULL)
                return;
            scan_insides to = {bytes, cut, left, left_at, room, 0, 0, 0};
            bool fits = logmon_unwrap(wrapper, chunk, ends, lines, &to);
            check(fits || room < size, "what is inside is no longer than its line");
            if (fits) {
                uint64_t newlines = 0;
                for (uint64_t at = 0; at < to.used; at++)
                    newlines += bytes[at] == '\n';
                check(newlines + to.cut_count + to.left_count == lines, "each line is told once");
                check(to.used <= room, "no more is used than there is");
            }
            for (uint64_t at = 0; fits && at < to.left_count; at++)
                check(left_at[at] >= 0 && (uint64_t)left_at[at] <= to.used &&
                          (uint64_t)left[at] < lines,
                      "what is left belongs into what was written");
            free(bytes);
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
        check_texts(chunk, size, ends, lines);
        check_insides(chunk, size, ends, lines);
    }
    free(chunk);
    return 0;
}
