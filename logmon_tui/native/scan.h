/* The scanner's interface: what Python hands over, and gets back. See scanner.py. */
#ifndef LOGMON_SCAN_H
#define LOGMON_SCAN_H

#include <stdint.h>

#define SCAN_VERSION 13

enum reading {
    READ_TEXT,          /* told apart, not read */
    READ_NOTHING,       /* passed over */
    READ_CLF,           /* 22/Nov/2026:08:26:40 +0000 */
    READ_CLF_UTC,       /* 22/Nov/2026:08:26:40.123 */
    READ_ISO,           /* 2026-11-22T08:26:40.123456Z */
    READ_EPOCH,         /* 1795335999.123, or milli-, micro-, nanoseconds */
    READ_DATE,          /* 2026-11-22 */
    READ_TIME_OF_DAY,   /* 08:26:40 */
    READ_STATUS,        /* 200 */
    READ_STATUS_OR_NONE, /* or -, or -1 */
    READ_AMOUNT,        /* 5120, or - */
    READ_SPAN,          /* 0.123, or -, or -1 */
    READ_TIME,          /* of JSON: a text of one of those forms, or a number */
    READ_CTIME,         /* Sun Nov 22 08:26:40 2026 */
    READINGS
};

enum ending {
    ENDS_AT_STOP,   /* the first of the token's stops */
    ENDS_AT_QUOTE,  /* the first quote that no backslash precedes */
    ENDS_DOUBLED,   /* the first quote that is not doubled */
    ENDS_FIXED,     /* after `length` bytes */
    ENDS_WITH_LINE,
    ENDINGS
};

enum token_flag {
    FLAG_PADDED = 1,     /* more spaces may follow the text before it */
    FLAG_OPTIONAL = 2,   /* it may be empty */
    FLAG_LISTED = 4,     /* it may be several, `a, b : c`: the line parser reads those */
    FLAG_WHOLE = 8,      /* a span without a fraction */
    FLAG_POINTED = 16,   /* a span that always has one */
    FLAG_CUT_PORT = 32,  /* what stands behind the last colon is a port */
    FLAG_WITHOUT_PORT = 64, /* what looks like a host and a port is the host */
    FLAG_SEVERAL = 256,  /* spans that are added up */
    FLAG_NEEDED = 128,   /* a member of JSON without which a line is no hit */
};

enum wrapper {
    WRAP_KUBERNETES,
    WRAP_DOCKER_FILE,
    WRAP_COMPOSE,
    WRAP_KUBECTL,
    WRAP_RFC_5424,
    WRAP_RFC_3164,
    WRAP_RSYSLOG_FILE,
    WRAP_TIMESTAMPS,
    WRAP_QUOTES,
};

/* One field of a line. `column` numbers its output, among texts or among numbers. */
typedef struct {
    const uint8_t *before;   /* the text that parts it from the field before */
    const uint8_t *stops;
    int64_t parameter;       /* of an amount, the value of `-`; of a span, its unit */
    uint32_t before_length;
    uint32_t stops_length;
    uint32_t length;
    int32_t column;
    uint16_t flags;
    uint8_t reading;
    uint8_t ending;
} scan_token;

typedef struct {
    const scan_token *tokens;
    const uint8_t *tail;     /* the text behind the last token */
    uint32_t token_count;
    uint32_t tail_length;
    uint32_t text_count;
    uint32_t number_count;
} scan_format;

/* A name in a JSON object, or for the first node the object that a line is.
 *
 * `child_count` members are wanted of an object, from `first_child` on; of anything else none. Its
 * leaves, the wanted values in it, are those from `first_leaf` up to `end_leaf`. `lengths` has a
 * bit for each length of its children's names, modulo 64.
 */
typedef struct {
    const uint8_t *name;
    uint64_t lengths;
    uint32_t name_length;
    uint32_t first_child;
    uint32_t child_count;
    uint32_t first_leaf;
    uint32_t end_leaf;
} json_node;

/* A field: the first of the leaves `paths[first_path]` and following that is not null. */
typedef struct {
    int64_t parameter;
    uint32_t first_path;
    uint32_t path_count;
    int32_t column;
    uint16_t flags;
    uint8_t reading;
} json_field;

/* `mark_leaf`, unless it is negative, must be the text `mark`. */
typedef struct {
    const json_node *nodes;
    const json_field *fields;
    const uint32_t *paths;
    const uint8_t *mark;
    uint32_t node_count;
    uint32_t leaf_count;
    uint32_t field_count;
    uint32_t mark_length;
    uint32_t text_count;
    uint32_t number_count;
    uint32_t path_count;
    int32_t mark_leaf;
} json_format;

/* The size of a distinct text's entry, in bytes. */
#define SCAN_ENTRY_BYTES 16

/* Texts: number i stands from `starts[i]` up to `ends[i]` in `bytes`, which are `size` long. */
typedef struct {
    const uint8_t *bytes;
    const int64_t *starts;
    const int64_t *ends;
    uint64_t size;
    uint64_t count;
} scan_texts;

/* The memory of an interner, all the caller's: the distinct texts that it has met, one after the
 * other in `bytes`. It has room for `most` texts of `bytes_room` bytes in all, and 1 << `slot_bits`
 * slots, twice as many as texts at least. `count` texts of `used` bytes are there.
 */
typedef struct {
    void *entries;
    uint32_t *slots;
    uint8_t *bytes;
    uint64_t most;
    uint64_t bytes_room;
    uint64_t count;
    uint64_t used;
    uint64_t seeds[3];
    uint32_t slot_bits;
} scan_interner;

/* The memory of a scan, all the caller's. `rows` lines fit at most.
 *
 * `lines` gets the numbers of the lines that fit; `numbers` is [number_count][rows], `codes`
 * [text_count][rows]: what the text columns' `interners` number the texts. `left` gets the numbers
 * of the lines that do not fit, and holds as many as the lines that are looked at.
 *
 * A scan goes on behind the lines that were `looked_at`, where it stopped for want of room for a
 * text: one of `short_length` bytes in `short_column`.
 */
typedef struct {
    int64_t *lines;
    int64_t *numbers;
    int32_t *codes;
    int64_t *left;
    scan_interner **interners;
    uint64_t rows;
    uint64_t looked_at;
    uint64_t row_count;
    uint64_t left_count;
    uint64_t short_column;
    uint64_t short_length;
} scan_memory;

/* What a scan of a file has no room for, beside texts: `short_column` is one of these. */
enum short_of { SHORT_OF_ROWS = 16, SHORT_OF_LEFT };

/* The part of an open file up to the offset `end`, of which the bytes from `next` on are not read.
 *
 * The memory is all the caller's. `buffer`, of `room` bytes, holds `filled` bytes, of which the
 * scan has looked at `at`. Lines that do not fit are kept with their newlines in `left_bytes`, of
 * which `left_used` bytes are in use; `most_left` of them have room in the scan's memory. `error`
 * is why the file cannot be read, as errno tells it.
 */
typedef struct {
    uint8_t *buffer;
    uint8_t *left_bytes;
    int64_t next;
    int64_t end;
    uint64_t room;
    uint64_t filled;
    uint64_t at;
    uint64_t left_room;
    uint64_t left_used;
    uint64_t most_left;
    int32_t descriptor;
    int32_t error;
} scan_file;

/* How a scan of a file ended, or why it stopped. */
enum file_scan {
    FILE_UNREADABLE = -2, /* see `error` */
    FILE_UNSOUND = -1,    /* the format or the memory is not as described */
    FILE_SHORT = 0,       /* there is no room for something: call again with more */
    FILE_DONE = 1,
    FILE_UNUSUAL = 2,     /* a line is very long, begins with NULs or has no end */
    FILE_GOES_ON = 3,     /* within the scanner alone */
};

/* Where requests that were taken apart go, all the caller's memory, for `count` of them: `numbers`
 * is [3][count], of the method, path and section of each, as their `interners` number them; -1
 * where it is of no usual form. The first `looked_at` are there already; `short_part` has no room
 * for a text of `short_length` bytes.
 */
typedef struct {
    int32_t *numbers;
    scan_interner *interners[3];
    uint64_t looked_at;
    uint64_t short_part;
    uint64_t short_length;
} scan_requests;

/* What is inside of lines, all the caller's memory: each ended by a newline in `bytes`, but those
 * that go on in the next line, whose numbers `cut` gets. `left` gets the numbers of the lines that
 * are left to Python, and `left_at` where in `bytes` they belong. `room` is as many bytes as the
 * chunk has; the other three have room for all lines.
 */
typedef struct {
    uint8_t *bytes;
    int64_t *cut;
    int64_t *left;
    int64_t *left_at;
    uint64_t room;
    uint64_t used;
    uint64_t cut_count;
    uint64_t left_count;
} scan_insides;

/* Sums by code, of the shape [code_count][width]: the sum of the values of its rows, and then 32-bit
 * numbers, two in each of the others: its rows, and those of each class of status codes from
 * `first_class` on, of which there may be none.
 */
typedef struct {
    int64_t *sums;
    uint64_t code_count;
    uint64_t width;
    uint64_t class_count;
    uint64_t first_class;
} code_sums;

/* Where a tally of numbers goes, all the caller's memory: the distinct numbers and the sums of
 * their weights, with room for one of each row. The `1 << slot_bits` slots are zero.
 */
typedef struct {
    uint32_t *slots;
    int64_t *numbers;
    int64_t *sums;
    uint64_t seeds[2];
    uint64_t slot_bits;
} number_tally;

/* The number of groups that codes may have: so few that their sums stay in a near cache. */
enum { GROUPS = 1 << 15 };

/* The group of each of `count` codes. */
typedef struct {
    const uint16_t *of;
    uint64_t count;
} code_groups;

/* Status codes have three digits. */
enum { STATUS_CODES = 1000 };

/* What is counted of hits: `classes`, the class of each one's status code; how many have each
 * status code, and each group of sizes; the sum of their sizes and the largest one. Sizes below
 * `groups.count` have a group; the others are written to `beyond`, which has room for all.
 */
typedef struct {
    uint8_t *classes;
    int64_t *by_status;
    int64_t *by_group;
    int64_t *beyond;
    code_groups groups;
    uint64_t group_count;
    uint64_t beyond_count;
    int64_t sum;
    int64_t largest;
} hit_counts;

/* Counts by stretch and number, of the shape [stretches][numbers]. A stretch has the rows after
 * those of the one before it, up to its own of the `ends`.
 */
typedef struct {
    int64_t *counts;
    const int64_t *ends;
    uint64_t stretches;
    uint64_t numbers;
} stretch_counts;

#endif
