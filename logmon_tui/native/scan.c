/* The scanner: the bytes of a log and the description of its format in, columns out.
 *
 * Line by line it goes from field to field, as the format's description says. A line in which a
 * text between fields, a number or a time is not just as described is left, by its number, to the
 * line parser in Python, which is the reference. So the scanner need not know every oddity; what
 * it accepts, it must read as the line parser does.
 *
 * It keeps no state, allocates nothing and writes only into the caller's memory: any number of
 * threads may scan at once, each with interners of its own. Bytes of the log are read through spans
 * alone (span.h).
 */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* for pread */
#define _FILE_OFFSET_BITS 64
#endif

#include "scan.h"

#include "columns.h"
#include "delimited.h"
#include "file_lines.h"
#include "hits.h"
#include "interner.h"
#include "json_lines.h"
#include "networks.h"
#include "requests.h"
#include "sketches.h"
#include "span.h"
#include "sums.h"
#include "tallies.h"
#include "wrappers.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__GNUC__)
#define EXPORTED __attribute__((visibility("default")))
#else
#define EXPORTED
#endif

EXPORTED uint32_t logmon_scan_version(void);
EXPORTED uint64_t logmon_find_lines(
    const uint8_t *chunk, uint64_t size, uint32_t *ends, uint64_t most);
EXPORTED int32_t logmon_scan(
    const scan_format *format, const uint8_t *chunk, const uint32_t *ends, const int64_t *among,
    uint64_t count, scan_memory *memory);
EXPORTED int32_t logmon_scan_json(
    const json_format *format, const uint8_t *chunk, const uint32_t *ends, uint64_t count,
    scan_memory *memory);
EXPORTED int32_t logmon_scan_file(
    const scan_format *format, const json_format *json, scan_file *file, scan_memory *memory);
EXPORTED int32_t logmon_unwrap(
    uint32_t wrapper, const uint8_t *chunk, const uint32_t *ends, uint64_t count,
    scan_insides *to);
EXPORTED int64_t logmon_intern(
    scan_interner *interner, const scan_texts *texts, uint64_t from, int32_t *numbers);
EXPORTED void logmon_fill_slots(const scan_interner *interner);
EXPORTED int32_t logmon_gather(const scan_texts *texts, uint8_t *out, uint64_t room);
EXPORTED int32_t logmon_find_bytes(
    const scan_texts *texts, const uint8_t *wanted, uint64_t wanted_count, uint8_t *found);
EXPORTED int32_t logmon_find_networks(
    const scan_texts *texts, uint64_t *numbers, uint8_t *versions);
EXPORTED int32_t logmon_split_requests(
    const scan_texts *texts, int32_t are_targets, scan_requests *to);
EXPORTED int32_t logmon_hash_texts(
    const scan_texts *texts, const uint64_t seeds[SEEDS], uint32_t *hashes);
EXPORTED int32_t logmon_stable_hashes(
    const scan_texts *texts, const uint64_t seeds[SEEDS], uint64_t *hashes);
EXPORTED int32_t logmon_sketch_pairs(
    const hashed_column *one, const hashed_column *other, const int32_t *owners, uint64_t count,
    uint64_t owner_count, uint8_t *registers);
EXPORTED void logmon_keep_memory(void);
EXPORTED void logmon_release_memory(void);
EXPORTED int32_t logmon_sum_by(
    const int32_t *codes, const int64_t *values, const uint8_t *classes, uint64_t count,
    const code_sums *to);
EXPORTED int32_t logmon_count_hits(
    const int64_t *status, const int64_t *sizes, uint64_t count, hit_counts *to);
EXPORTED int64_t logmon_tally(
    const int64_t *numbers, const int64_t *weights, uint64_t count, const number_tally *to);
EXPORTED int32_t logmon_add_by_group(
    const int32_t *codes, const int64_t *hits, uint64_t count, const code_groups *groups,
    int64_t sign, int64_t *sums);
EXPORTED int32_t logmon_map_codes(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int32_t *found);
EXPORTED int64_t logmon_find_numbered(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int64_t *rows, int64_t *found);
EXPORTED int32_t logmon_count_stretches(
    const int32_t *codes, const int64_t *hits, uint64_t count, const int32_t *numbers,
    uint64_t number_count, const stretch_counts *to);

uint32_t logmon_scan_version(void)
{
    return SCAN_VERSION;
}

/* Write where each line's newline stands; return how many there are, of which `most` are written. */
uint64_t logmon_find_lines(const uint8_t *chunk, uint64_t size, uint32_t *ends, uint64_t most)
{
    span rest = {chunk, chunk + size};
    uint64_t count = 0;
    for (;;) {
        const uint8_t *newline = span_find(rest, '\n');
        if (newline == rest.end)
            return count;
        span_fetch_ahead(span_up_to(rest, newline), rest.end);
        if (count < most)
            ends[count] = (uint32_t)(newline - chunk);
        count++;
        rest = span_skip(rest, (size_t)(newline - rest.at) + 1);
    }
}

static inline span line_at(const uint8_t *chunk, const uint32_t *ends, uint64_t number)
{
    uint64_t start = number == 0 ? 0 : (uint64_t)ends[number - 1] + 1;
    return bare((span){chunk + start, chunk + ends[number]});
}

/* Scan the lines with the numbers `among`, or all where that is NULL: `count` of them.
 *
 * Returns 1 when all were looked at, 0 where there is no room for a text: then call again with
 * more. -1 where the format or the memory is not as described.
 */
int32_t logmon_scan(
    const scan_format *format, const uint8_t *chunk, const uint32_t *ends, const int64_t *among,
    uint64_t count, scan_memory *memory)
{
    columns to;
    if (!is_sound_delimited(format) ||
        !begin(&to, memory, format->text_count))
        return -1;
    day_cache day = {{0}, 0, 0, {0}, 0, 0};
    line_steps steps;
    prepare(format, &steps);
    uint64_t last = count == 0 ? 0 : among == NULL ? count - 1 : (uint64_t)among[count - 1];
    for (uint64_t place = memory->looked_at; place < count; place++) {
        uint64_t number = among == NULL ? place : (uint64_t)among[place];
        span line = line_at(chunk, ends, number);
        const uint8_t *end = chunk + ends[last];
        span_fetch_ahead(line, end);
        found_line found = next_found(&to);
        bool fits = has_row(&to) && take_apart(&steps, line, end, &day, &found);
        if (!note(&to, number, fits) && !commit(&to))
            return 0;
    }
    return commit(&to);
}

/* The same for all lines of a chunk, each a JSON object. */
int32_t logmon_scan_json(
    const json_format *format, const uint8_t *chunk, const uint32_t *ends, uint64_t count,
    scan_memory *memory)
{
    columns to;
    if (!is_sound_json(format) || !begin(&to, memory, format->text_count))
        return -1;
    day_cache day = {{0}, 0, 0, {0}, 0, 0};
    json_gaps gaps;
    forget_gaps(&gaps);
    for (uint64_t number = memory->looked_at; number < count; number++) {
        span line = line_at(chunk, ends, number);
        const uint8_t *end = chunk + ends[count - 1];
        span_fetch_ahead(line, end);
        found_line found = next_found(&to);
        bool fits = has_row(&to) && take_object_apart(format, line, end, &gaps, &day, &found);
        if (!note(&to, number, fits) && !commit(&to))
            return 0;
    }
    return commit(&to);
}

/* Scan the lines of a part of a file: see file_lines.h. */
int32_t logmon_scan_file(
    const scan_format *format, const json_format *json, scan_file *file, scan_memory *memory)
{
    return scan_file_lines(format, json, file, memory);
}

/* Take what a logger put around lines off; 0 where there is no room for what is inside. */
int32_t logmon_unwrap(
    uint32_t wrapper, const uint8_t *chunk, const uint32_t *ends, uint64_t count,
    scan_insides *to)
{
    return unwrap(wrapper, chunk, ends, count, to);
}

/* Number texts by an interner: see interner.h. -1 where its memory is not as described. */
int64_t logmon_intern(
    scan_interner *interner, const scan_texts *texts, uint64_t from, int32_t *numbers)
{
    return is_sound_interner(interner) ? intern(interner, texts, from, numbers) : -1;
}

/* Enter an interner's texts into its slots, of which there are more than there were. */
void logmon_fill_slots(const scan_interner *interner)
{
    text_table table = table_of(interner);
    if (is_sound_interner(interner))
        fill_slots(&table);
}

/* Copy texts one after the other; 0 where they do not fit. */
int32_t logmon_gather(const scan_texts *texts, uint8_t *out, uint64_t room)
{
    return gather(texts, out, room);
}

/* Tell of each text whether one of the `wanted` bytes stands in it; 0 where one is out of bounds. */
int32_t logmon_find_bytes(
    const scan_texts *texts, const uint8_t *wanted, uint64_t wanted_count, uint8_t *found)
{
    for (uint64_t at = 0; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text))
            return 0;
        found[at] = 0;
        for (uint64_t place = 0; place < wanted_count; place++)
            found[at] |= span_find(text, wanted[place]) != text.end;
    }
    return 1;
}

/* Tell the network of each text, and its version, 0 where it is none; 0 where one is out of bounds. */
int32_t logmon_find_networks(const scan_texts *texts, uint64_t *numbers, uint8_t *versions)
{
    for (uint64_t at = 0; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text))
            return 0;
        versions[at] = network_of(text, &numbers[at]);
    }
    return 1;
}

/* Take request lines apart, or targets: see requests.h. */
int32_t logmon_split_requests(const scan_texts *texts, int32_t are_targets, scan_requests *to)
{
    return split_requests(texts, are_targets != 0, to);
}

/* Tell the hash of each text; 0 where one is out of bounds. */
int32_t logmon_hash_texts(const scan_texts *texts, const uint64_t seeds[SEEDS], uint32_t *hashes)
{
    for (uint64_t at = 0; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text))
            return 0;
        hashes[at] = (uint32_t)hash_of(text, seeds);
    }
    return 1;
}

/* Tell the whole hash of each text; 0 where one is out of bounds. */
int32_t logmon_stable_hashes(
    const scan_texts *texts, const uint64_t seeds[SEEDS], uint64_t *hashes)
{
    for (uint64_t at = 0; at < texts->count; at++) {
        span text;
        if (!text_at(texts, at, &text))
            return 0;
        hashes[at] = hash_of(text, seeds);
    }
    return 1;
}

/* Enter the pair of each row into the registers of its owner; 0 where a code is out of bounds.
 *
 * `registers` has the shape [owner_count][REGISTERS]. Where `owners` is NULL, all are the first's.
 */
int32_t logmon_sketch_pairs(
    const hashed_column *one, const hashed_column *other, const int32_t *owners, uint64_t count,
    uint64_t owner_count, uint8_t *registers)
{
    if (!are_codes_of(one->codes, count, one->count) ||
        !are_codes_of(other->codes, count, other->count) ||
        (owners == NULL ? owner_count == 0 : !are_codes_of(owners, count, owner_count)))
        return 0;
    for (uint64_t row = 0; row < count; row++) {
        if (count - row > ROWS_AHEAD)
            FETCH(&one->hashes[one->codes[row + ROWS_AHEAD]]);
        uint64_t hash = paired(one->hashes[one->codes[row]], other->hashes[other->codes[row]]);
        uint64_t owner = owners == NULL ? 0 : (uint64_t)owners[row];
        enter_hash(hash, registers + owner * REGISTERS);
    }
    return 1;
}

/* Have freed memory kept for what is allocated next: the system would fill it with zeros first. */
void logmon_keep_memory(void)
{
#if defined(__GLIBC__)
    enum { MAPPED_FROM = 32 << 20, KEPT = 64 << 20 };
    mallopt(M_ARENA_MAX, 1); /* what one thread frees, any other may have */
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}

/* Give freed memory back to the system, where the C library keeps much of it: glibc does. */
void logmon_release_memory(void)
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

/* Sum up by code: see sums.h. 0 where a code is out of bounds. */
int32_t logmon_sum_by(
    const int32_t *codes, const int64_t *values, const uint8_t *classes, uint64_t count,
    const code_sums *to)
{
    return sum_by(codes, values, classes, count, to);
}

/* Count hits by status code and size: see hits.h. 0 where a status code is out of bounds. */
int32_t logmon_count_hits(
    const int64_t *status, const int64_t *sizes, uint64_t count, hit_counts *to)
{
    return count_hits(status, sizes, count, to);
}

/* Sum up the weights of each number: see tallies.h. -1 where the memory is not as described. */
int64_t logmon_tally(
    const int64_t *numbers, const int64_t *weights, uint64_t count, const number_tally *to)
{
    return is_sound_tally(count, to) ? (int64_t)tally(numbers, weights, count, to) : -1;
}

/* Add hits to the sums of groups; 0 where a code is out of bounds. */
int32_t logmon_add_by_group(
    const int32_t *codes, const int64_t *hits, uint64_t count, const code_groups *groups,
    int64_t sign, int64_t *sums)
{
    return add_by_group(codes, hits, count, groups, sign, sums);
}

/* Tell the number of each code; 0 where a code is out of bounds. */
int32_t logmon_map_codes(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int32_t *found)
{
    return map_codes(codes, count, numbers, number_count, found);
}

/* Find the rows whose codes have numbers: see sums.h. `rows` and `found` have room for all. */
int64_t logmon_find_numbered(
    const int32_t *codes, uint64_t count, const int32_t *numbers, uint64_t number_count,
    int64_t *rows, int64_t *found)
{
    return find_numbered(codes, count, numbers, number_count, rows, found);
}

/* Count hits by stretch and number: see sums.h. 0 where something is out of bounds. */
int32_t logmon_count_stretches(
    const int32_t *codes, const int64_t *hits, uint64_t count, const int32_t *numbers,
    uint64_t number_count, const stretch_counts *to)
{
    return count_stretches(codes, hits, count, numbers, number_count, to);
}
