/* A fuzz target: each input is scanned by every preset's description, in a buffer of just its size.
 *
 * Built with AddressSanitizer and UndefinedBehaviorSanitizer, so that a byte read too far, or an
 * overflow, ends it. What the scan tells is checked as far as that can be done without a reference:
 * each line is a row or left, and each code has a text. `fuzz_formats.h` is made from the presets.
 */
#define _POSIX_C_SOURCE 200809L /* as the scanner does */
#define _FILE_OFFSET_BITS 64

#include <stdio.h>
#include <stdlib.h>

#include "../../logmon_tui/native/scan.c"
#include "fuzz_formats.h"

enum { SLOT_BITS = 13, SLOTS = 1 << SLOT_BITS, MAX_LINES = 4096 };

static void check(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

/* An interner with memory of its own: in turn one with plenty, and one that has to ask for more. */
typedef struct {
    scan_interner interner;
    uint32_t slots[SLOTS];
    text_entry entries[MAX_LINES];
    uint8_t *bytes;
} table;

static bool begin_table(table *to, uint64_t size, bool scarce)
{
    memset(to->slots, 0, sizeof to->slots);
    to->bytes = malloc(size);
    to->interner = (scan_interner){to->entries, to->slots, to->bytes, MAX_LINES, size, 0, 0,
                                   {1, 3, 5}, SLOT_BITS};
    if (scarce) {
        to->interner.most = 1;
        to->interner.bytes_room = size < 8 ? size : 8;
    }
    return to->bytes != NULL;
}

/* Give all the room there is; the scan asked for some. */
static void make_room(table *to, uint64_t size)
{
    check(to->interner.most < MAX_LINES, "what has all the room asks for none");
    to->interner.most = MAX_LINES;
    to->interner.bytes_room = size;
}

static void check_rows(const scan_memory *memory, int32_t done, uint64_t lines)
{
    check(done == 1 && memory->looked_at == lines, "all lines are looked at");
    check(memory->row_count + memory->left_count == lines, "each is a row or left");
}

static void check_codes(const scan_memory *memory, uint32_t texts)
{
    for (uint32_t column = 0; column < texts; column++) {
        const scan_interner *interner = memory->interners[column];
        const text_entry *entries = interner->entries;
        for (uint64_t row = 0; row < memory->row_count; row++) {
            int32_t code = memory->codes[column * memory->rows + row];
            check(code >= 0 && (uint64_t)code < interner->count, "a code has a text");
            check(entries[code].start + entries[code].length <= interner->used, "which is inside");
        }
    }
}

/* Numbers counted, by class and by group too; and those found that have a further number. */
static void check_sums(
    const int32_t *numbers, const int64_t *values, uint64_t lines, uint64_t most)
{
    enum { CLASSES = 2 };
    static int64_t sums[(2 + CLASSES) * MAX_LINES], by_group[GROUPS], rows[MAX_LINES], found[MAX_LINES];
    static uint16_t groups[MAX_LINES];
    static int32_t further[MAX_LINES], mapped[MAX_LINES];
    static int64_t status[MAX_LINES], by_status[STATUS_CODES];
    static uint8_t classes[MAX_LINES];
    for (uint64_t at = 0; at < lines; at++)
        status[at] = numbers[at] % STATUS_CODES;
    for (uint64_t at = 0; at < most; at++) {
        groups[at] = (uint16_t)(0 - at);
        further[at] = at % 2 == 0 ? (int32_t)at : -1;
    }
    code_groups of = {groups, most};
    hit_counts hits = {classes, by_status, by_group, rows, of, GROUPS, 0, 0, 0};
    check(logmon_count_hits(status, values, lines, &hits), "all are counted at once");
    check(hits.beyond_count <= lines, "and sizes without a group are told");
    code_sums to = {sums, most, 3, CLASSES, 4}, narrow = {sums, most, 2, CLASSES, 4};
    check(logmon_sum_by(numbers, values, classes, lines, &to), "numbers are counted");
    check(!logmon_sum_by(numbers, values, classes, lines, &narrow), "where they have room");
    check(logmon_add_by_group(numbers, NULL, lines, &of, 1, by_group), "and by group");
    check(logmon_add_by_group(numbers, values, lines, &of, -1, by_group), "or taken off");
    int64_t count = logmon_find_numbered(numbers, lines, further, most, rows, found);
    check(count >= 0 && (uint64_t)count <= lines, "those with a number are found");
    for (int64_t at = 0; at < count; at++)
        check(found[at] == numbers[rows[at]] && found[at] % 2 == 0, "and no others");
    check(logmon_map_codes(numbers, lines, further, most, mapped), "each has a further number");
    for (uint64_t at = 0; at < lines; at++)
        check(mapped[at] == further[numbers[at]], "which is its own");
    int64_t ends[2] = {(int64_t)(lines / 2), (int64_t)lines}, beyond[2] = {0, (int64_t)lines + 1};
    stretch_counts by_stretch = {sums, ends, 2, most + 1}, too_far = {sums, beyond, 2, most + 1};
    check(logmon_count_stretches(numbers, NULL, lines, further, most, &by_stretch), "by stretch");
    check(!logmon_count_stretches(numbers, NULL, lines, further, most, &too_far), "not beyond");
    code_sums none = {sums, 0, 3, CLASSES, 4};
    code_groups nowhere = {groups, 0};
    check(!logmon_sum_by(numbers, values, classes, lines, &none) &&
              !logmon_add_by_group(numbers, NULL, lines, &nowhere, 1, by_group) &&
              !logmon_map_codes(numbers, lines, further, 0, mapped) &&
              logmon_find_numbered(numbers, lines, further, 0, rows, found) == -1,
          "a number out of bounds is found");
}

/* The lines of a chunk as texts: numbered, copied, looked into and taken apart as requests. */
static void check_texts(const uint8_t *chunk, size_t size, const uint32_t *ends, uint64_t lines)
{
    static int64_t starts[MAX_LINES], stops[MAX_LINES];
    static int32_t numbers[MAX_LINES];
    static uint32_t slots[2 * MAX_LINES];
    static text_entry entries[MAX_LINES];
    static uint8_t flags[MAX_LINES];
    for (uint64_t at = 0; at < lines; at++) {
        starts[at] = at == 0 ? 0 : (int64_t)ends[at - 1] + 1;
        stops[at] = (int64_t)ends[at];
    }
    scan_texts texts = {chunk, starts, stops, size, lines};
    uint8_t *kept = malloc(size);
    if (kept == NULL)
        return;
    memset(slots, 0, sizeof slots);
    scan_interner interner = {entries, slots, kept, MAX_LINES, size, 0, 0, {1, 3, 5}, 13};
    check(logmon_intern(&interner, &texts, 0, numbers) == (int64_t)lines, "all are numbered");
    for (uint64_t at = 0; at < lines; at++) {
        const text_entry *entry = &entries[numbers[at]];
        check(entry->length == (uint64_t)(stops[at] - starts[at]), "a number's text is as long");
        check(memcmp(kept + entry->start, chunk + starts[at], entry->length) == 0, "and the same");
    }
    check_sums(numbers, starts, lines, interner.count);
    check(logmon_gather(&texts, kept, size) == 1, "all are copied");
    check(logmon_find_bytes(&texts, (const uint8_t *)"/\"", 2, flags) == 1, "all are looked into");
    static uint64_t networks[MAX_LINES];
    check(logmon_find_networks(&texts, networks, flags) == 1, "all are read as addresses");
    for (uint64_t at = 0; at < lines; at++)
        check(flags[at] == 6 || networks[at] < 1 << 24, "a network of IPv4 has 24 bits");
    static int32_t parts[PARTS * MAX_LINES];
    static table tables[PARTS];
    for (int32_t are_targets = 0; are_targets < 2; are_targets++) {
        scan_requests to = {parts, {NULL, NULL, NULL}, 0, 0, 0};
        for (uint32_t part = 0; part < PARTS; part++) {
            check(begin_table(&tables[part], size, part == 1), "there is memory");
            to.interners[part] = &tables[part].interner;
        }
        int32_t done;
        while ((done = logmon_split_requests(&texts, are_targets, &to)) == 0)
            make_room(&tables[to.short_part], size);
        check(done == 1, "all are taken apart");
        for (uint64_t at = 0; at < PARTS * lines; at++) {
            if (parts[at] < 0)
                continue;
            const table *of = &tables[at / lines];
            check((uint64_t)parts[at] < of->interner.count, "a part has a text");
            const text_entry *entry = &of->entries[parts[at]];
            check(entry->start + entry->length <= of->interner.used, "which is inside");
        }
        for (uint32_t part = 0; part < PARTS; part++)
            free(tables[part].bytes);
    }
    free(kept);
}

/* What is inside of the lines of a chunk, in memory of just its size, and in half of it. */
static void check_insides(const uint8_t *chunk, size_t size, const uint32_t *ends, uint64_t lines)
{
    static int64_t cut[MAX_LINES], left[MAX_LINES], left_at[MAX_LINES];
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

/* Scan the lines by one of the formats, with more room for each column that asks for it. */
static void check_scan(
    size_t number, const uint8_t *chunk, size_t size, const uint32_t *ends, uint64_t lines)
{
    static int64_t rows[MAX_LINES], left[MAX_LINES], numbers[MAX_NUMBERS * MAX_LINES];
    static int32_t codes[MAX_TEXTS * MAX_LINES];
    static table tables[MAX_TEXTS];
    bool is_json = number >= DELIMITED_FORMATS;
    const json_format *json = &json_formats[is_json ? number - DELIMITED_FORMATS : 0];
    const scan_format *format = &delimited_formats[is_json ? 0 : number];
    uint32_t texts = is_json ? json->text_count : format->text_count;
    scan_interner *interners[MAX_TEXTS];
    for (uint32_t column = 0; column < texts; column++) {
        check(begin_table(&tables[column], size, column % 2 == 1), "there is memory");
        interners[column] = &tables[column].interner;
    }
    scan_memory memory = {rows, numbers, codes, left, interners, lines, 0, 0, 0, 0, 0};
    for (;;) {
        int32_t done = is_json ? logmon_scan_json(json, chunk, ends, lines, &memory)
                               : logmon_scan(format, chunk, ends, NULL, lines, &memory);
        if (done != 0) {
            check_rows(&memory, done, lines);
            break;
        }
        make_room(&tables[memory.short_column], size);
    }
    check_codes(&memory, texts);
    for (uint32_t column = 0; column < texts; column++)
        free(tables[column].bytes);
}

static int written(const uint8_t *chunk, size_t size)
{
    static FILE *file;
    if (file == NULL)
        file = tmpfile();
    check(file != NULL && ftruncate(fileno(file), 0) == 0, "there is a file");
    check(pwrite(fileno(file), chunk, size, 0) == (ssize_t)size, "which can be written");
    return fileno(file);
}

/* The same lines read from a file by small blocks, each in a buffer of just that size. */
static void check_file(size_t number, int descriptor, size_t size, uint64_t lines, size_t block)
{
    static int64_t rows[MAX_LINES], left[MAX_LINES], numbers[MAX_NUMBERS * MAX_LINES];
    static int32_t codes[MAX_TEXTS * MAX_LINES];
    static table tables[MAX_TEXTS];
    bool is_json = number >= DELIMITED_FORMATS;
    const json_format *json = is_json ? &json_formats[number - DELIMITED_FORMATS] : NULL;
    const scan_format *format = is_json ? NULL : &delimited_formats[number];
    uint32_t texts = is_json ? json->text_count : format->text_count;
    scan_interner *interners[MAX_TEXTS];
    for (uint32_t column = 0; column < texts; column++) {
        check(begin_table(&tables[column], size, column % 2 == 1), "there is memory");
        interners[column] = &tables[column].interner;
    }
    uint8_t *buffer = malloc(block), *kept = malloc(size);
    check(buffer != NULL && kept != NULL, "there is memory");
    scan_memory memory = {rows, numbers, codes, left, interners, MAX_LINES, 0, 0, 0, 0, 0};
    scan_file file = {buffer, kept, 0, (int64_t)size + 1, block, 0, 0, 0, 0, 0, descriptor, 0};
    int32_t done;
    while ((done = logmon_scan_file(format, json, &file, &memory)) == FILE_SHORT) {
        if (memory.short_column < texts) {
            make_room(&tables[memory.short_column], size);
            continue;
        }
        check(memory.short_column == SHORT_OF_LEFT && file.left_room < size, "it is short of room");
        file.left_room = size;
        file.most_left = MAX_LINES;
    }
    check(done == FILE_DONE || done == FILE_UNUSUAL, "a file is read to its end");
    if (done == FILE_DONE)
        check_rows(&memory, 1, lines);
    check_codes(&memory, texts);
    for (uint32_t column = 0; column < texts; column++)
        free(tables[column].bytes);
    free(buffer);
    free(kept);
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
    static uint32_t ends[MAX_LINES];
    uint64_t lines = logmon_find_lines(chunk, size, ends, MAX_LINES);
    if (lines <= MAX_LINES) {
        for (size_t at = 0; at < DELIMITED_FORMATS + JSON_FORMATS; at++)
            check_scan(at, chunk, size, ends, lines);
        int descriptor = written(chunk, size);
        for (size_t at = 0; at < DELIMITED_FORMATS + JSON_FORMATS; at++)
            check_file(at, descriptor, size, lines, 1 + size / (1 + at % 3));
        check_texts(chunk, size, ends, lines);
        check_insides(chunk, size, ends, lines);
    }
    free(chunk);
    return 0;
}
