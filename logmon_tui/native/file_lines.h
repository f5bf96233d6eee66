/* Lines of a file, read by blocks while they are scanned.
 *
 * A block is small enough to stay in the processor's cache, so its lines are scanned where they
 * were read to, and nothing but columns is kept of them. Lines that are cut by a block's end are
 * moved to the front of the buffer, in front of the bytes that are read next.
 */
#ifndef LOGMON_FILE_LINES_H
#define LOGMON_FILE_LINES_H

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include "columns.h"
#include "delimited.h"
#include "json_lines.h"
#include "scan.h"
#include "span.h"

_Static_assert(sizeof(off_t) == sizeof(int64_t), "offsets of large files are known");

enum { LONGEST_READ = 1 << 30 };

static inline bool is_sound_file(const scan_file *file)
{
    return file->room > 0 && file->room <= UINT32_MAX && file->filled <= file->room &&
           file->at <= file->filled && file->left_used <= file->left_room && file->next <= file->end;
}

static inline span unscanned(const scan_file *file)
{
    return (span){file->buffer + file->at, file->buffer + file->filled};
}

/* Move the rest of the buffer to its front, and fill it up; false where that fails. */
static inline bool read_on(scan_file *file)
{
    span rest = unscanned(file);
    if (file->at > 0 && span_length(rest) > 0)
        memmove(file->buffer, rest.at, span_length(rest));
    file->filled -= file->at;
    file->at = 0;
    while (file->filled < file->room && file->next < file->end) {
        uint64_t wanted = (uint64_t)(file->end - file->next);
        if (wanted > file->room - file->filled)
            wanted = file->room - file->filled;
        ssize_t got = pread(
            file->descriptor, file->buffer + file->filled,
            wanted < LONGEST_READ ? (size_t)wanted : LONGEST_READ, file->next);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            file->error = errno;
            return false;
        }
        if (got == 0) /* it was truncated */
            file->end = file->next;
        file->next += got;
        file->filled += (uint64_t)got;
    }
    return true;
}

/* Keep a line that does not fit, with a newline, for the line parser; false where there is no room. */
static inline bool keep_left(scan_file *file, span line)
{
    size_t length = span_length(line);
    if (file->left_room - file->left_used <= length)
        return false;
    if (length > 0)
        memcpy(file->left_bytes + file->left_used, line.at, length);
    file->left_bytes[file->left_used + length] = '\n';
    file->left_used += length + 1;
    return true;
}

/* The next line in the buffer, without its newline; false where none is whole. */
static inline bool next_line(const scan_file *file, uint64_t at, span *line)
{
    span rest = {file->buffer + at, file->buffer + file->filled};
    const uint8_t *newline = span_find(rest, '\n');
    *line = span_up_to(rest, newline);
    return newline != rest.end;
}

/* Make rows of all lines before the place `at`; false where there is no room for a text. */
static inline bool settle(columns *to, scan_file *file, uint64_t at)
{
    if (!commit(to))
        return false;
    file->at = at;
    return true;
}

/* Tell that there is no room for rows, or for what is left. */
static inline int32_t short_of(scan_memory *memory, enum short_of what)
{
    memory->short_column = what;
    return FILE_SHORT;
}

/* Fill up a buffer without a whole line from `file->at` on, all lines before which are rows. */
static inline int32_t refill(scan_file *file)
{
    bool is_full = file->at == 0 && file->filled == file->room;
    bool is_cut = file->next == file->end && file->at < file->filled;
    if (is_full || is_cut)
        return FILE_UNUSUAL;
    if (file->next == file->end)
        return FILE_DONE;
    return read_on(file) ? FILE_GOES_ON : FILE_UNREADABLE;
}

/* Scan the lines of a part of a file, of which one of the two describes the format; the other is
 * NULL. Returns one of `enum file_scan`.
 */
static inline int32_t scan_file_lines(
    const scan_format *format, const json_format *json, scan_file *file, scan_memory *memory)
{
    columns to;
    if (!is_sound_file(file) || (json == NULL ? !is_sound_delimited(format) : !is_sound_json(json)))
        return FILE_UNSOUND;
    if (json == NULL ? !begin(&to, memory, format->text_count)
                     : !begin(&to, memory, json->text_count))
        return FILE_UNSOUND;
    day_cache day = {{0}, 0, 0, {0}, 0, 0};
    json_gaps gaps;
    line_steps steps;
    if (json == NULL)
        prepare(format, &steps);
    else
        forget_gaps(&gaps);
    for (uint64_t at = file->at;;) {
        span line;
        if (!next_line(file, at, &line)) {
            if (!settle(&to, file, at))
                return FILE_SHORT;
            int32_t ended = refill(file);
            if (ended != FILE_GOES_ON)
                return ended;
            at = 0;
            continue;
        }
        if (span_byte(line, 0) == 0)
            return FILE_UNUSUAL;
        if (!has_row(&to))
            return settle(&to, file, at) ? short_of(memory, SHORT_OF_ROWS) : FILE_SHORT;
        span text = bare(line);
        const uint8_t *end = file->buffer + file->filled;
        found_line found = next_found(&to);
        bool fits = json == NULL ? take_apart(&steps, text, end, &day, &found)
                                 : take_object_apart(json, text, end, &gaps, &day, &found);
        if (!fits) {
            if (!settle(&to, file, at))
                return FILE_SHORT;
            if (memory->left_count == file->most_left || !keep_left(file, line))
                return short_of(memory, SHORT_OF_LEFT);
        }
        at += span_length(line) + 1;
        bool goes_on = note(&to, memory->looked_at + to.looked_at, fits);
        if ((!goes_on || !fits) && !settle(&to, file, at))
            return FILE_SHORT;
    }
}

#endif
