/* SPDX-License-Identifier: Apache-2.0
 *
 * One file, read once at the start and only appended to afterwards. The chain of hashes makes a
 * record say that everything before it is what was written. A crash can tear only the record that
 * was being written, since each is synced before the next begins: a last record that ends at or
 * beyond the file's end, or zeros where the file grew before its blocks were written, is such a
 * torn one. Anything else that does not read is damage, and a changed head cannot pass a whole
 * tail off as one record, since it carries its complement.
 */
#include "signer/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "crypto/hash.h"
#include "signer/id_set.h"
#include "signer/journal_entry.h"

#define MAGIC "vrxjrnl1"
#define MAGIC_LEN 8
#define HEAD 4
#define RECORD_MAX (HEAD + VRX_LIMIT_JOURNAL_ENTRY + VRX_SHA256)

struct hour_count {
    struct vrx_municipality_code municipality;
    int64_t hour;
    uint64_t count;
};

/* Where the last entry about a recent application stands. */
struct recent {
    uint8_t application[VRX_ID];
    int64_t time;
    off_t at; /* of the encoding */
    size_t len;
};

struct vrx_journal {
    int fd;
    bool failed; /* a write or sync failed: what the disk holds is unknown */
    uint8_t chain[VRX_SHA256];
    struct vrx_id_set used;
    uint64_t unfinished; /* intents less certificates */
    uint64_t directory_version;
    struct recent *recent; /* in order of time, but for what a clock that goes back makes */
    size_t recent_len;
    size_t recent_capacity;
    off_t end;                /* of the file */
    struct hour_count *hours; /* one a municipality that ever asked */
    size_t hour_len;
};

static struct vrx_result disk_error(void) {
    return vrx_fail(errno == ENOSPC || errno == EDQUOT ? VRX_DISK_FULL : VRX_DISK_FAILED);
}

/* Index ---------------------------------------------------------------------------------------- */

static struct hour_count *find_hour(
    const struct vrx_journal *journal, const struct vrx_municipality_code *municipality) {
    for (size_t i = 0; i < journal->hour_len; i++)
        if (vrx_municipality_code_equal(&journal->hours[i].municipality, municipality))
            return &journal->hours[i];
    return NULL;
}

/* Drops what is not recent any more, where the array is full; then there is room for one. */
static struct vrx_result reserve_recent(struct vrx_journal *journal, int64_t now) {
    size_t kept = 0;
    if (journal->recent_len < journal->recent_capacity)
        return vrx_ok();
    for (size_t i = 0; i < journal->recent_len; i++)
        if (journal->recent[i].time > now - VRX_JOURNAL_RECENT)
            journal->recent[kept++] = journal->recent[i];
    journal->recent_len = kept;
    if (journal->recent_capacity && 2 * kept <= journal->recent_capacity)
        return vrx_ok();
    const size_t capacity = journal->recent_capacity ? 2 * journal->recent_capacity : 64;
    struct recent *grown = realloc(journal->recent, capacity * sizeof *grown);
    if (!grown)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    journal->recent = grown;
    journal->recent_capacity = capacity;
    return vrx_ok();
}

/* The newest first: who asks again does so soon. */
static struct recent *find_recent(
    const struct vrx_journal *journal, const uint8_t application[VRX_ID]) {
    for (size_t i = journal->recent_len; i-- > 0;)
        if (memcmp(journal->recent[i].application, application, VRX_ID) == 0)
            return &journal->recent[i];
    return NULL;
}

/* An application's later entry takes its earlier one's place; its intent is its first. */
static void learn_recent(
    struct vrx_journal *journal, const struct vrx_journal_entry *entry, off_t at, size_t len) {
    if (entry->kind == VRX_JOURNAL_DIRECTORY)
        return;
    struct recent *recent =
        entry->kind == VRX_JOURNAL_INTENT ? NULL : find_recent(journal, entry->application);
    if (!recent)
        recent = &journal->recent[journal->recent_len++];
    memcpy(recent->application, entry->application, VRX_ID);
    recent->time = entry->time;
    recent->at = at;
    recent->len = len;
}

/* So that learn cannot fail for this entry: the intent's row of hours, NULL for other kinds. */
static struct vrx_result reserve(struct vrx_journal *journal, const struct vrx_journal_entry *entry,
    struct hour_count **ret_hour) {
    VRX_TRY(reserve_recent(journal, entry->time));
    if (entry->kind != VRX_JOURNAL_INTENT) {
        *ret_hour = NULL;
        return vrx_ok();
    }
    VRX_TRY(vrx_id_set_reserve(&journal->used));
    struct hour_count *hour = find_hour(journal, &entry->municipality);
    if (!hour) {
        hour = realloc(journal->hours, (journal->hour_len + 1) * sizeof *hour);
        if (!hour)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        journal->hours = hour;
        hour += journal->hour_len++;
        *hour = (struct hour_count){.municipality = entry->municipality};
    }
    *ret_hour = hour;
    return vrx_ok();
}

/* at, len: where the encoding stands in the file. */
static void learn(struct vrx_journal *journal, const struct vrx_journal_entry *entry,
    struct hour_count *hour, off_t at, size_t len) {
    learn_recent(journal, entry, at, len);
    if (entry->kind == VRX_JOURNAL_DIRECTORY)
        journal->directory_version = entry->directory_version;
    else if (!hour)
        journal->unfinished--;
    if (!hour)
        return;
    journal->unfinished++;
    vrx_id_set_add(&journal->used, entry->application);
    if (hour->hour != entry->time / 3600)
        *hour =
            (struct hour_count){.municipality = entry->municipality, .hour = entry->time / 3600};
    hour->count++;
}

bool vrx_journal_is_used(const struct vrx_journal *journal, const uint8_t application[VRX_ID]) {
    return vrx_id_set_has(&journal->used, application);
}

uint64_t vrx_journal_hour_count(const struct vrx_journal *journal,
    const struct vrx_municipality_code *municipality, int64_t now) {
    const struct hour_count *hour = find_hour(journal, municipality);
    return hour && hour->hour == now / 3600 ? hour->count : 0;
}

uint64_t vrx_journal_unfinished(const struct vrx_journal *journal) {
    return journal->unfinished;
}

uint64_t vrx_journal_directory_version(const struct vrx_journal *journal) {
    return journal->directory_version;
}

/* Reading -------------------------------------------------------------------------------------- */

struct scan {
    struct vrx_result (*visit)(void *context, const struct vrx_journal_entry *entry);
    size_t len; /* of the entry, which ends before good */
    void *context;
    FILE *file;
    off_t good; /* end of the last record that was read */
    off_t end;  /* of the file */
    uint8_t chain[VRX_SHA256];
    struct vrx_journal_entry entry; /* that visit sees */
};

static struct vrx_result next_chain(
    const uint8_t chain[VRX_SHA256], struct vrx_view record, uint8_t ret_chain[VRX_SHA256]) {
    const struct vrx_view parts[] = {vrx_view_of(chain, VRX_SHA256), record};
    return vrx_sha256_parts(parts, 2, ret_chain);
}

static void put_head(uint8_t head[HEAD], size_t len) {
    vrx_put_u16(head, (uint16_t)len);
    vrx_put_u16(head + 2, (uint16_t)~len);
}

/* False where no record's head stands. */
static bool take_head(const uint8_t head[HEAD], size_t *ret_len) {
    uint32_t both = vrx_get_u32(head);
    *ret_len = both >> 16;
    return (both >> 16 ^ (both & 0xffff)) == 0xffff && *ret_len &&
           *ret_len <= VRX_LIMIT_JOURNAL_ENTRY;
}

/* What does not read at scan->good: a torn last record, or damage. got: bytes of it read. */
static struct vrx_result judge_rest(const struct scan *scan, const uint8_t *record, size_t got) {
    off_t rest = scan->end - scan->good;
    size_t len = 0;
    if (ferror(scan->file))
        return vrx_fail(VRX_DISK_FAILED);
    if (got < HEAD || (vrx_get_u32(record) == 0 && rest <= (off_t)RECORD_MAX))
        return vrx_ok();
    if (take_head(record, &len) && rest <= (off_t)(HEAD + len + VRX_SHA256))
        return vrx_ok();
    return vrx_refuse(VRX_VAULT_DAMAGED, "journal.h: chain");
}

/* *ret_read is false at the end of what is whole. */
static struct vrx_result read_record(
    struct scan *scan, uint8_t record[RECORD_MAX], struct vrx_view *ret_entry, bool *ret_read) {
    uint8_t chain[VRX_SHA256];
    size_t len = 0;
    *ret_read = false;
    size_t got = fread(record, 1, HEAD, scan->file);
    if (got != HEAD || !take_head(record, &len))
        return judge_rest(scan, record, got);
    got += fread(record + HEAD, 1, len + VRX_SHA256, scan->file);
    if (got != HEAD + len + VRX_SHA256)
        return judge_rest(scan, record, got);
    VRX_TRY(next_chain(scan->chain, vrx_view_of(record, HEAD + len), chain));
    if (memcmp(chain, record + HEAD + len, VRX_SHA256) != 0)
        return judge_rest(scan, record, got);
    memcpy(scan->chain, chain, VRX_SHA256);
    scan->good += (off_t)got;
    *ret_entry = vrx_view_of(record + HEAD, len);
    *ret_read = true;
    return vrx_ok();
}

static struct vrx_result scan_records(struct scan *scan) {
    uint8_t record[RECORD_MAX];
    for (;;) {
        struct vrx_view bytes;
        bool read = false;
        VRX_TRY(read_record(scan, record, &bytes, &read));
        if (!read)
            return vrx_ok();
        if (!vrx_is_ok(vrx_journal_entry_decode(bytes, &scan->entry)))
            return vrx_refuse(VRX_VAULT_DAMAGED, "journal.cddl: an entry of another version");
        scan->len = bytes.len;
        VRX_TRY(scan->visit(scan->context, &scan->entry));
    }
}

/* Reads the whole file behind fd, which stays open. */
static struct vrx_result scan_file(int fd, struct scan *scan) {
    char magic[MAGIC_LEN];
    struct stat status;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    scan->file = copy < 0 ? NULL : fdopen(copy, "rb");
    if (!scan->file) {
        if (copy >= 0)
            close(copy);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    struct vrx_result result = vrx_fail(VRX_DISK_FAILED);
    if (fstat(fd, &status) == 0 && fseeko(scan->file, 0, SEEK_SET) == 0) {
        scan->end = status.st_size;
        scan->good = MAGIC_LEN;
        result = vrx_sha256(vrx_view_of(MAGIC, MAGIC_LEN), scan->chain);
        if (vrx_is_ok(result) && (fread(magic, 1, MAGIC_LEN, scan->file) != MAGIC_LEN ||
                                     memcmp(magic, MAGIC, MAGIC_LEN) != 0))
            result = vrx_refuse(VRX_VAULT_DAMAGED, "journal.h: not a journal");
        if (vrx_is_ok(result))
            result = scan_records(scan);
    }
    (void)fclose(scan->file); /* read only */
    scan->file = NULL;
    return result;
}

static int open_in(const char *folder, int flags) {
    int fd = -1;
    int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd >= 0) {
        fd = openat(folder_fd, "journal", flags | O_CLOEXEC | O_NOFOLLOW, 0600);
        /* The name itself must survive a crash, too. */
        if (fd >= 0 && (flags & O_CREAT) && fsync(folder_fd) != 0) {
            close(fd);
            fd = -1;
        }
        close(folder_fd);
    }
    return fd;
}

struct vrx_result vrx_journal_each(const char *folder,
    struct vrx_result (*visit)(void *context, const struct vrx_journal_entry *entry),
    void *context) {
    struct scan scan = {.visit = visit, .context = context};
    int fd = open_in(folder, O_RDONLY);
    if (fd < 0)
        return vrx_refuse(VRX_FILE_REFUSED, "journal.h: FOLDER/journal");
    struct vrx_result result = scan_file(fd, &scan);
    close(fd);
    return result;
}

/* Writing -------------------------------------------------------------------------------------- */

static struct vrx_result write_durably(struct vrx_journal *journal, struct vrx_view bytes) {
    while (bytes.len) {
        ssize_t put = write(journal->fd, bytes.ptr, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return disk_error();
        bytes = vrx_view_slice(bytes, (size_t)put, bytes.len);
    }
    return fdatasync(journal->fd) == 0 ? vrx_ok() : disk_error();
}

/* The magic is written to an empty file, or to one whose creation was cut short. */
static struct vrx_result begin_file(struct vrx_journal *journal) {
    struct stat status;
    if (fstat(journal->fd, &status) != 0)
        return vrx_fail(VRX_DISK_FAILED);
    if (status.st_size >= MAGIC_LEN)
        return vrx_ok();
    if (ftruncate(journal->fd, 0) != 0)
        return disk_error();
    return write_durably(journal, vrx_view_of(MAGIC, MAGIC_LEN));
}

struct loading {
    struct vrx_journal *journal;
    struct scan scan;
};

static struct vrx_result load_entry(void *context, const struct vrx_journal_entry *entry) {
    struct loading *loading = context;
    struct hour_count *hour = NULL;
    const struct scan *scan = &loading->scan;
    VRX_TRY(reserve(loading->journal, entry, &hour));
    learn(loading->journal, entry, hour, scan->good - VRX_SHA256 - (off_t)scan->len, scan->len);
    return vrx_ok();
}

static struct vrx_result load(struct vrx_journal *journal, size_t *ret_torn) {
    struct loading loading = {.journal = journal};
    struct scan *scan = &loading.scan;
    scan->visit = load_entry;
    scan->context = &loading;
    VRX_TRY(vrx_id_set_init(&journal->used));
    VRX_TRY(begin_file(journal));
    VRX_TRY(scan_file(journal->fd, scan));
    memcpy(journal->chain, scan->chain, VRX_SHA256);
    if (scan->end > scan->good && ftruncate(journal->fd, scan->good) != 0)
        return disk_error();
    if (lseek(journal->fd, 0, SEEK_END) != scan->good || fdatasync(journal->fd) != 0)
        return disk_error();
    journal->end = scan->good;
    if (ret_torn)
        *ret_torn = (size_t)(scan->end - scan->good);
    return vrx_ok();
}

static struct vrx_result open_and_load(
    struct vrx_journal *journal, const char *folder, size_t *ret_torn) {
    journal->fd = open_in(folder, O_RDWR | O_CREAT);
    if (journal->fd < 0)
        return vrx_refuse(VRX_FILE_REFUSED, "journal.h: FOLDER/journal");
    if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0)
        return vrx_refuse(VRX_ALREADY_EXISTS, "journal.h: one process");
    return load(journal, ret_torn);
}

struct vrx_result vrx_journal_open(
    const char *folder, size_t *ret_torn, struct vrx_journal **ret_journal) {
    struct vrx_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = open_and_load(journal, folder, ret_torn);
    if (vrx_is_ok(result))
        *ret_journal = journal;
    else
        vrx_journal_free(&journal);
    return result;
}

void vrx_journal_free(struct vrx_journal **journal) {
    if (!*journal)
        return;
    if ((*journal)->fd >= 0)
        close((*journal)->fd);
    vrx_id_set_done(&(*journal)->used);
    free((*journal)->hours);
    free((*journal)->recent);
    free(*journal);
    *journal = NULL;
}

static struct vrx_result check_state(
    const struct vrx_journal *journal, const struct vrx_journal_entry *entry) {
    bool used =
        entry->kind != VRX_JOURNAL_DIRECTORY && vrx_id_set_has(&journal->used, entry->application);
    if (journal->failed)
        return vrx_refuse(VRX_DISK_FAILED, "journal.h: an earlier write failed");
    if (entry->kind == VRX_JOURNAL_INTENT && used)
        return vrx_refuse(VRX_APPLICATION_USED, "journal.h: an application is used once");
    if (entry->kind >= VRX_JOURNAL_ISSUED && !used)
        return vrx_refuse(VRX_WRONG_STATE, "journal.h: issued without intent");
    return vrx_ok();
}

struct vrx_result vrx_journal_append(
    struct vrx_journal *journal, const struct vrx_journal_entry *entry) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer record = {.limit = RECORD_MAX};
    uint8_t chain[VRX_SHA256];
    uint8_t *head = NULL;
    struct hour_count *hour = NULL;
    VRX_TRY(check_state(journal, entry));
    VRX_TRY(reserve(journal, entry, &hour));
    VRX_TRY(vrx_buffer_extend(&record, HEAD, &head));
    VRX_TRY(vrx_journal_entry_encode(entry, &record));
    if (record.len - HEAD > VRX_LIMIT_JOURNAL_ENTRY)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "journal.h: entry");
    put_head(record.ptr, record.len - HEAD);
    VRX_TRY(next_chain(journal->chain, vrx_buffer_view(&record), chain));
    VRX_TRY(vrx_buffer_append(&record, vrx_view_of(chain, sizeof chain)));
    struct vrx_result result = write_durably(journal, vrx_buffer_view(&record));
    journal->failed = !vrx_is_ok(result);
    VRX_TRY(result);
    memcpy(journal->chain, chain, sizeof chain);
    learn(journal, entry, hour, journal->end + HEAD, record.len - HEAD - VRX_SHA256);
    journal->end += (off_t)record.len;
    return vrx_ok();
}

/* Leaves the file's place where it has read. */
static struct vrx_result read_at(
    const struct vrx_journal *journal, off_t at, uint8_t *out, size_t len) {
    size_t got = 0;
    ssize_t more = lseek(journal->fd, at, SEEK_SET) == at ? 1 : -1;
    while (more > 0 && got < len) {
        more = read(journal->fd, out + got, len - got);
        if (more < 0 && errno == EINTR)
            more = 1;
        else if (more > 0)
            got += (size_t)more;
    }
    return got == len ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

struct vrx_result vrx_journal_recall(struct vrx_journal *journal, const uint8_t application[VRX_ID],
    struct vrx_buffer *bytes, struct vrx_journal_entry *ret_entry) {
    const struct recent *recent = find_recent(journal, application);
    struct vrx_journal_entry entry;
    uint8_t *out = NULL;
    if (!recent)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_TRY(vrx_buffer_extend(bytes, recent->len, &out));
    struct vrx_result result = read_at(journal, recent->at, out, recent->len);
    if (lseek(journal->fd, 0, SEEK_END) != journal->end) {
        journal->failed = true; /* what is appended now would stand in the wrong place */
        return vrx_fail(VRX_DISK_FAILED);
    }
    VRX_TRY(result);
    if (!vrx_is_ok(vrx_journal_entry_decode(vrx_view_of(out, recent->len), &entry)) ||
        memcmp(entry.application, application, VRX_ID) != 0)
        return vrx_refuse(VRX_VAULT_DAMAGED, "journal.h: an entry reads otherwise than before");
    *ret_entry = entry;
    return vrx_ok();
}
