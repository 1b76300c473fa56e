// The functions SQLite calls: each asks the disk first, and then the system's.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

#include "store/sqlite/testing/fault_disk_impl.h"

namespace harmonia::store::sqlite::testing {
namespace {

using Disk = FaultDisk::Impl;

// What SQLite allocates for an open file; the system's file lies right behind it.
struct FaultFile {
  sqlite3_file head;
  Disk* disk;
  DiskFile kind;
  DiskImage* image;  // null: no power is simulated, or a temporary file

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& self(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return self(file).real(); }

int failed(Disk& disk, int reason, int code) {
  disk.last_errno = reason;
  return code;
}

// The end of a call that must fail; half of what it was to write is written already.
int perform(FaultFile& file, DiskFault fault, int io_code) {
  Disk& disk = *file.disk;
  switch (fault) {
    case DiskFault::io_error: return failed(disk, EIO, io_code);
    case DiskFault::full:
    case DiskFault::short_write: return failed(disk, ENOSPC, SQLITE_FULL);
    case DiskFault::kill: kill(getpid(), SIGKILL); break;
    case DiskFault::power_cut: disk.cut_power(disk.seed_of_cut + disk.faults); break;
  }
  return failed(disk, EIO, io_code);
}

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  FaultFile& mine = self(file);
  std::lock_guard lock(mine.disk->mutex);
  if (auto fault = mine.disk->judge(DiskCall::read, mine.kind))
    return perform(mine, *fault, SQLITE_IOERR_READ);
  return real(file)->pMethods->xRead(real(file), out, size, offset);
}

int write_through(FaultFile& file, const void* bytes, int size, sqlite3_int64 offset) {
  int code = file.real()->pMethods->xWrite(file.real(), bytes, size, offset);
  if (code == SQLITE_OK && file.image != nullptr && size > 0)
    file.image->write(offset, {static_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  return code;
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  FaultFile& mine = self(file);
  std::lock_guard lock(mine.disk->mutex);
  auto fault = mine.disk->judge(DiskCall::write, mine.kind);
  if (!fault) return write_through(mine, bytes, size, offset);
  bool is_partial = *fault != DiskFault::io_error && *fault != DiskFault::full;
  if (is_partial) static_cast<void>(write_through(mine, bytes, size / 2, offset));
  return perform(mine, *fault, SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  FaultFile& mine = self(file);
  std::lock_guard lock(mine.disk->mutex);
  if (auto fault = mine.disk->judge(DiskCall::truncate, mine.kind))
    return perform(mine, *fault, SQLITE_IOERR_TRUNCATE);
  int code = real(file)->pMethods->xTruncate(real(file), size);
  if (code == SQLITE_OK && mine.image != nullptr) mine.image->truncate(size);
  return code;
}

int sync_file(sqlite3_file* file, int flags) {
  FaultFile& mine = self(file);
  std::lock_guard lock(mine.disk->mutex);
  bool was_off = mine.disk->is_off;
  if (auto fault = mine.disk->judge(DiskCall::sync, mine.kind)) {
    bool marks_clean = *fault != DiskFault::power_cut && !was_off;
    if (marks_clean && mine.image != nullptr) mine.image->sync(false);
    return perform(mine, *fault, SQLITE_IOERR_FSYNC);
  }
  // Simulated power needs no real one.
  if (mine.image == nullptr) return real(file)->pMethods->xSync(real(file), flags);
  mine.image->sync(true);
  return SQLITE_OK;
}

int size_of(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int is_reserved(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size_of(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: without memory maps, which would write past us.
const sqlite3_io_methods methods = {
    2,           close_file,  read_file,    write_file, truncate_file,  sync_file,       size_of,
    lock_file,   unlock_file, is_reserved,  control,    sector_size_of, characteristics, map_shared,
    lock_shared, barrier,     unmap_shared, nullptr,    nullptr};

Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

DiskFile kind_of(int flags) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return DiskFile::database;
  if ((flags & SQLITE_OPEN_WAL) != 0) return DiskFile::wal;
  return DiskFile::any;
}

std::string content_of(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) return {};
  std::string content(static_cast<std::size_t>(size), '\0');
  static_cast<void>(file->pMethods->xRead(file, content.data(), static_cast<int>(size), 0));
  return content;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  FaultFile& mine = self(file);
  mine = {.head = {}, .disk = &disk, .kind = kind_of(flags), .image = nullptr};
  std::lock_guard lock(disk.mutex);
  if (auto fault = disk.judge(DiskCall::open, mine.kind))
    return perform(mine, *fault, SQLITE_CANTOPEN);
  int code = disk.base->xOpen(disk.base, path, mine.real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  mine.head.pMethods = &methods;
  if (disk.power == FaultDisk::Power::simulated && mine.kind != DiskFile::any) {
    auto found = disk.images.find(path);
    if (found == disk.images.end())
      found =
          disk.images.try_emplace(path, content_of(mine.real()), mine.kind == DiskFile::wal).first;
    mine.image = &found->second;
  }
  return code;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Disk& disk = disk_of(vfs);
  std::lock_guard lock(disk.mutex);
  if (disk.is_off) return failed(disk, EIO, SQLITE_IOERR_DELETE);
  disk.images.erase(path);
  return disk.base->xDelete(disk.base, path, sync_directory);
}

int last_errno(sqlite3_vfs* vfs, int, char*) { return disk_of(vfs).last_errno; }

}  // namespace

void install(Disk& disk) {
  disk.base = sqlite3_vfs_find(nullptr);
  ASSERT(disk.base != nullptr);
  disk.vfs = *disk.base;
  disk.vfs.pNext = nullptr;
  disk.vfs.zName = "harmonia-faults";
  disk.vfs.szOsFile = static_cast<int>(sizeof(FaultFile)) + disk.base->szOsFile;
  disk.vfs.pAppData = &disk;
  disk.vfs.xOpen = open_file;
  disk.vfs.xDelete = delete_file;
  disk.vfs.xGetLastError = last_errno;
  ASSERT(sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK);
}

}  // namespace harmonia::store::sqlite::testing
