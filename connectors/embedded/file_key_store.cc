#include "connectors/embedded/file_key_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <utility>

#include "connectors/embedded/posix_file.h"
#include "connectors/embedded/random_bytes.h"
#include "engine/base/hash.h"

namespace assay {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSeedBytesMin = 16;
// Of file systems; the temporary name is longer than the final one.
constexpr size_t kNameBytesMax = 255 - 32;
constexpr std::string_view kEnding = ".key";
constexpr size_t kHiddenDigits = 32;
constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// As the files of version 0.1 are named.
std::string NameThatListsId(std::string_view key_id) {
  std::string name;
  for (const char c : key_id) {
    if (IsPlain(c)) {
      name.push_back(c);
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return name + ".key";
}

std::string HiddenName(std::string_view key_id) {
  constexpr std::string_view kZero("\0", 1);
  return Sha256({"assay-key-file", kZero, key_id}).Hex().substr(0, kHiddenDigits) + ".key";
}

bool IsHiddenName(std::string_view name) {
  return name.size() == kHiddenDigits + kEnding.size() &&
         name.find_first_not_of("0123456789abcdef") == kHiddenDigits;
}

// The id in a name that lists it; nothing when no id has this name.
std::optional<std::string> IdIn(std::string_view name) {
  name.remove_suffix(kEnding.size());
  std::string id;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      id.push_back(name[i]);
      continue;
    }
    const std::string_view digits = name.substr(i + 1, 2);
    uint8_t byte = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || read.ptr != digits.data() + 2) return std::nullopt;
    id.push_back(static_cast<char>(byte));
    i += 2;
  }
  if (id.empty() || NameThatListsId(id) != std::string(name) + std::string(kEnding)) {
    return std::nullopt;
  }
  return id;
}

absl::Status CheckThatOthersAreKeptOut(const std::string& dir) {
  struct stat found {};
  if (stat(dir.c_str(), &found) != 0) return ErrnoStatus(errno, "look at " + dir);
  if ((found.st_mode & kOfOthers) == 0) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "{} is open to other users (mode {:04o}), and whoever reads the keys reads all "
                    "that they seal: find out who could, then run `chmod -R go-rwx '{}'`",
                    dir, found.st_mode & 07777U, dir);
}

std::string FileContent(std::string_view key_id, std::string_view key) {
  constexpr std::string_view kZero("\0", 1);
  const Hash32 checksum = Sha256({"assay-key", kZero, key_id, kZero, key});
  return fmt::format("assay-key 1\n{}\n{}\n", ToHex(key), checksum.Hex());
}

std::optional<std::string> KeyIn(std::string_view content) {
  const size_t line = content.find('\n') + 1;
  auto key = FromHex(content.substr(line, 2 * kKeyBytes));
  return key.has_value() && key->size() == kKeyBytes ? key : std::nullopt;
}

std::string ListedName(std::string_view key_id) {
  return HiddenName(key_id).substr(0, kHiddenDigits);
}

absl::Status WriteFile(const std::string& path, int flags, const std::string& content) {
  ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path, O_WRONLY | O_CREAT | flags, 0600));
  ASSAY_RETURN_IF_ERROR(file.Overwrite(content));
  return file.Sync();
}

absl::Status Replaced(const std::string& path, std::string_view key) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "KEY_REPLACED: {} holds another key of {} than the one that was made: nothing "
                    "is sealed with it. Restore the file from a copy",
                    path, key);
}

absl::Status NotOnTheList(const std::string& path, const std::string& list) {
  return MakeStatus(
      absl::StatusCode::kDataLoss,
      "KEY_NOT_LISTED: {} is not on the list {}: somebody put it there, or the list "
      "is an older one. Nothing is opened or sealed with it. Restore the folder from its newest "
      "copy",
      path, list);
}

absl::Status Lost(const std::string& path, std::string_view key_id) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "KEY_LOST: {} is missing, and {} was sealed with it: no other key is made in "
                    "its place. Restore the file from a copy",
                    path, key_id);
}

absl::StatusOr<std::optional<std::string>> ReadSeed(const std::string& path) {
  const auto file = PosixFile::Open(path, O_RDONLY);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  ASSAY_RETURN_IF_ERROR(file.status());
  ASSAY_ASSIGN_OR_RETURN(std::string text, file->ReadAll());
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto seed = FromHex(text);
  if (!seed || seed->size() < kSeedBytesMin) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} is no seed: it must be hexadecimal digits of at least {} bytes", path,
                      kSeedBytesMin);
  }
  return seed;
}

}  // namespace

FileKeyStore::FileKeyStore(std::string dir, std::optional<std::string> seed)
    : dir_(std::move(dir)), seed_(std::move(seed)) {}

absl::StatusOr<std::unique_ptr<FileKeyStore>> FileKeyStore::Open(const std::string& dir) {
  if (mkdir(dir.c_str(), 0700) == 0) {
    ASSAY_ASSIGN_OR_RETURN(PosixFile parent, PosixFile::Open(dir + "/..", O_RDONLY | O_DIRECTORY));
    ASSAY_RETURN_IF_ERROR(parent.Sync());
  } else if (errno != EEXIST) {
    return ErrnoStatus(errno, "create " + dir);
  }
  ASSAY_RETURN_IF_ERROR(CheckThatOthersAreKeptOut(dir));
  ASSAY_ASSIGN_OR_RETURN(auto seed, ReadSeed(dir + "/SEED"));
  return std::unique_ptr<FileKeyStore>(new FileKeyStore(dir, std::move(seed)));
}

absl::StatusOr<std::string> FileKeyStore::Key(std::string_view key_id, bool create) {
  const std::string name = NameThatListsId(key_id);
  if (key_id.empty() || name.size() > kNameBytesMax) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "{} is not a usable key id", name);
  }
  const std::lock_guard lock(mutex_);
  if (const auto known = keys_.find(key_id); known != keys_.end()) return known->second;
  auto key = Find(key_id);
  if (create) {
    if (absl::IsNotFound(key.status())) {
      ASSAY_ASSIGN_OR_RETURN(const std::string path, PathOfNew(key_id));
      ASSAY_ASSIGN_OR_RETURN(KeyList* const list, List());
      const absl::Status made =
          list != nullptr ? MakeListed(key_id, path, *list) : Make(key_id, path);
      if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
      key = Find(key_id);
    }
    // Also for a key that was there: whoever is making it may not have come to this line yet.
    if (key.ok()) ASSAY_RETURN_IF_ERROR(SyncDirectory());
  }
  if (!key.ok()) return key;
  ASSAY_ASSIGN_OR_RETURN(const bool is_listed, IsListed(key_id, PathOf(key_id), *key));
  if (!is_listed) ASSAY_RETURN_IF_ERROR(ListFound(key_id, *key));
  keys_.emplace(key_id, *key);
  return key;
}

std::string FileKeyStore::PathOf(std::string_view key_id) const {
  std::string old_path = dir_ + "/" + NameThatListsId(key_id);
  std::string path = dir_ + "/" + HiddenName(key_id);
  const bool is_old = access(path.c_str(), F_OK) != 0 && access(old_path.c_str(), F_OK) == 0;
  return is_old ? old_path : path;
}

absl::StatusOr<KeyList*> FileKeyStore::List() {
  if (!has_looked_for_list_) {
    ASSAY_ASSIGN_OR_RETURN(list_, KeyList::Load(dir_));
    has_looked_for_list_ = true;
  }
  return list_.has_value() ? &*list_ : nullptr;
}

absl::StatusOr<bool> FileKeyStore::IsListed(std::string_view key_id, const std::string& path,
                                            const std::string& key) {
  ASSAY_ASSIGN_OR_RETURN(KeyList* const list, List());
  if (list == nullptr) return true;
  const KeyList::Key here{ListedName(key_id), key};
  std::string print = list->Fingerprint(here);
  auto listed = list->PrintOf(here.name);
  // Another process may have made it since.
  if (!listed.has_value() || *listed != print) {
    ASSAY_RETURN_IF_ERROR(list->Refresh());
    print = list->Fingerprint(here);
    listed = list->PrintOf(here.name);
  }
  if (!listed.has_value()) return false;
  if (*listed == print) return true;
  return Replaced(path, key_id);
}

absl::Status FileKeyStore::ListFound(std::string_view key_id, const std::string& key) {
  const std::string path = PathOf(key_id);
  // Programs of version 0.1 that share the folder keep no list, and their files are named so.
  if (path != dir_ + "/" + NameThatListsId(key_id)) return NotOnTheList(path, list_->Path());
  if (!keeps_list_) return absl::OkStatus();
  ASSAY_ASSIGN_OR_RETURN(const PosixFile lock, KeyList::Lock(dir_));
  ASSAY_ASSIGN_OR_RETURN(const bool is_listed, IsListed(key_id, path, key));
  if (is_listed) return absl::OkStatus();
  return list_->Append(/*was_found=*/true, {ListedName(key_id), key});
}

absl::Status FileKeyStore::MakeListed(std::string_view key_id, const std::string& path,
                                      KeyList& list) {
  ASSAY_ASSIGN_OR_RETURN(const PosixFile lock, KeyList::Lock(dir_));
  ASSAY_RETURN_IF_ERROR(list.Refresh());
  const std::string fresh = path + ".new";
  if (const auto print = list.PrintOf(ListedName(key_id)); print.has_value()) {
    // Named by somebody else meanwhile, or interrupted before it was.
    if (Find(key_id).ok()) return absl::OkStatus();
    const auto key = Load(key_id, fresh);
    if (!key.ok() || list.Fingerprint({ListedName(key_id), *key}) != *print) {
      return Lost(path, key_id);
    }
  } else {
    if (Find(key_id).ok()) return absl::OkStatus();
    ASSAY_ASSIGN_OR_RETURN(const std::string key, NewKey(key_id));
    ASSAY_RETURN_IF_ERROR(WriteFile(fresh, O_TRUNC, FileContent(key_id, key)));
    ASSAY_RETURN_IF_ERROR(SyncDirectory());
    ASSAY_RETURN_IF_ERROR(list.Append(/*was_found=*/false, {ListedName(key_id), key}));
  }
  const bool is_named = link(fresh.c_str(), path.c_str()) == 0;
  const int error = errno;
  if (!is_named && error != EEXIST) return ErrnoStatus(error, "create " + path);
  unlink(fresh.c_str());
  if (is_named || path != dir_ + "/" + NameThatListsId(key_id)) return absl::OkStatus();
  // A program of version 0.1, which takes no lock, was faster: its key is the one that counts.
  ASSAY_ASSIGN_OR_RETURN(const std::string key, Load(key_id, path));
  return list.Append(/*was_found=*/true, {ListedName(key_id), key});
}

absl::StatusOr<std::vector<FileKeyStore::KeyFile>> FileKeyStore::KeysHere() const {
  std::vector<KeyFile> keys;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(dir_, error)) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(kEnding)) continue;
    const auto id = IsHiddenName(name) ? std::nullopt : IdIn(name);
    if (!IsHiddenName(name) && !id.has_value()) continue;
    ASSAY_ASSIGN_OR_RETURN(const PosixFile opened, PosixFile::Open(file.path(), O_RDONLY));
    ASSAY_ASSIGN_OR_RETURN(const std::string content, opened.ReadAll());
    // What is damaged is told by whoever needs it.
    if (const auto key = KeyIn(content); key.has_value()) {
      keys.push_back({id.has_value() ? ListedName(*id) : name.substr(0, kHiddenDigits), *key,
                      file.path().string(), id.has_value()});
    }
  }
  if (error) return ErrnoStatus(error.value(), "list " + dir_);
  return keys;
}

absl::Status FileKeyStore::KeepList() {
  const std::lock_guard lock(mutex_);
  ASSAY_ASSIGN_OR_RETURN(const KeyList* list, List());
  if (list == nullptr) {
    ASSAY_ASSIGN_OR_RETURN(const PosixFile held, KeyList::Lock(dir_));
    // Another process may have begun it since.
    has_looked_for_list_ = false;
    ASSAY_ASSIGN_OR_RETURN(list, List());
    if (list == nullptr) {
      std::vector<KeyList::Key> found;
      ASSAY_ASSIGN_OR_RETURN(const auto files, KeysHere());
      for (const KeyFile& file : files) found.push_back({file.name, file.key});
      ASSAY_ASSIGN_OR_RETURN(list_, KeyList::Begin(dir_, found));
    }
  }
  keeps_list_ = true;
  return absl::OkStatus();
}

absl::StatusOr<FileKeyStore::Audit> FileKeyStore::CompareWithList() {
  const std::lock_guard lock(mutex_);
  // Before the list is read: what is made meanwhile is on it first.
  ASSAY_ASSIGN_OR_RETURN(const auto files, KeysHere());
  Audit audit;
  ASSAY_ASSIGN_OR_RETURN(const auto list, KeyList::Load(dir_));
  if (!list.has_value()) return audit;
  audit.has_list = true;
  ASSAY_ASSIGN_OR_RETURN(const auto lines, list->CheckedLines());
  std::map<std::string, KeyList::Line> newest;
  for (const KeyList::Line& line : lines) newest[line.name] = line;
  audit.listed = static_cast<int64_t>(newest.size());
  std::set<std::string> here;
  for (const KeyFile& file : files) {
    here.insert(file.name);
    const auto line = newest.find(file.name);
    if (line == newest.end()) {
      if (!file.is_of_older) return NotOnTheList(file.path, list->Path());
      ++audit.unlisted;
    } else if (line->second.print != list->Fingerprint({file.name, file.key})) {
      return Replaced(file.path, file.name);
    }
  }
  for (const auto& [name, line] : newest) {
    audit.found += line.was_found ? 1 : 0;
    if (!here.contains(name)) audit.lost.push_back(name + std::string(kEnding));
  }
  return audit;
}

absl::StatusOr<std::string> FileKeyStore::Find(std::string_view key_id) const {
  auto key = Load(key_id, dir_ + "/" + HiddenName(key_id));
  if (!absl::IsNotFound(key.status())) return key;
  return Load(key_id, dir_ + "/" + NameThatListsId(key_id));
}

absl::StatusOr<std::string> FileKeyStore::PathOfNew(std::string_view key_id) {
  if (!names_are_hidden_) {
    ASSAY_ASSIGN_OR_RETURN(const auto listing, NamesThatListIds());
    if (!listing.empty()) return dir_ + "/" + NameThatListsId(key_id);
    names_are_hidden_ = true;
  }
  return dir_ + "/" + HiddenName(key_id);
}

absl::StatusOr<std::vector<std::string>> FileKeyStore::NamesThatListIds() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(dir_, error)) {
    std::string name = file.path().filename().string();
    if (name.ends_with(kEnding) && !IsHiddenName(name)) names.push_back(std::move(name));
  }
  if (error) return ErrnoStatus(error.value(), "list " + dir_);
  return names;
}

absl::Status FileKeyStore::HideNames() {
  const std::lock_guard lock(mutex_);
  ASSAY_ASSIGN_OR_RETURN(const auto names, NamesThatListIds());
  for (const std::string& name : names) {
    const auto id = IdIn(name);
    // Another file that somebody put here; no key has this name.
    if (!id.has_value()) continue;
    const std::string old_path = dir_ + "/" + name;
    const std::string path = dir_ + "/" + HiddenName(*id);
    if (link(old_path.c_str(), path.c_str()) != 0 && errno != EEXIST) {
      return ErrnoStatus(errno, "name " + path);
    }
    // Linked by an interrupted call, or written by another hand.
    const auto kept = Load(*id, path);
    const auto old = Load(*id, old_path);
    // A damaged one stays damaged under its new name, where its error names it.
    const bool is_same = kept.ok() == old.ok() && (!kept.ok() || *kept == *old);
    if (!is_same) {
      return MakeStatus(absl::StatusCode::kDataLoss,
                        "{} and {} hold different keys of one id, and nobody knows which is right: "
                        "restore the folder from a copy",
                        old_path, path);
    }
    ASSAY_RETURN_IF_ERROR(SyncDirectory());
    if (unlink(old_path.c_str()) != 0) return ErrnoStatus(errno, "remove " + old_path);
  }
  if (names.empty()) return absl::OkStatus();
  return SyncDirectory();
}

absl::StatusOr<std::string> FileKeyStore::Load(std::string_view key_id,
                                               const std::string& path) const {
  ASSAY_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(path, O_RDONLY));
  ASSAY_ASSIGN_OR_RETURN(const std::string content, file.ReadAll());
  auto key = KeyIn(content);
  // Compared as written: another spelling of the same digits is damage as well.
  if (!key.has_value() || FileContent(key_id, *key) != content) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} is damaged: restore it from a copy, what it sealed cannot be read", path);
  }
  return *std::move(key);
}

absl::StatusOr<std::string> FileKeyStore::NewKey(std::string_view key_id) const {
  if (seed_) return HmacSha256(*seed_, {key_id}).ToString();
  return RandomBytes(kKeyBytes);
}

absl::Status FileKeyStore::Make(std::string_view key_id, const std::string& path) const {
  ASSAY_ASSIGN_OR_RETURN(const std::string key, NewKey(key_id));
  ASSAY_ASSIGN_OR_RETURN(const std::string suffix, RandomBytes(8));
  const std::string temporary = fmt::format("{}.{}.tmp", path, ToHex(suffix));
  absl::Status status = WriteFile(temporary, O_EXCL, FileContent(key_id, key));
  // A link never replaces: the first key that gets the name stays.
  if (status.ok() && link(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "create " + path);
  }
  unlink(temporary.c_str());
  return status;
}

absl::StatusOr<std::string> FileKeyStore::Note(std::string_view name) const {
  ASSAY_ASSIGN_OR_RETURN(const PosixFile file,
                         PosixFile::Open(fmt::format("{}/{}", dir_, name), O_RDONLY));
  return file.ReadAll();
}

absl::Status FileKeyStore::PutNote(std::string_view name, const std::string& text) {
  const std::string path = fmt::format("{}/{}", dir_, name);
  ASSAY_ASSIGN_OR_RETURN(const std::string suffix, RandomBytes(8));
  const std::string temporary = fmt::format("{}.{}.tmp", path, ToHex(suffix));
  absl::Status status = WriteFile(temporary, O_EXCL, text);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, "replace " + path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncDirectory();
}

absl::Status FileKeyStore::RemoveNote(std::string_view name) {
  const std::string path = fmt::format("{}/{}", dir_, name);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus(errno, "remove " + path);
  return SyncDirectory();
}

absl::Status FileKeyStore::SyncDirectory() const {
  ASSAY_ASSIGN_OR_RETURN(PosixFile directory, PosixFile::Open(dir_, O_RDONLY | O_DIRECTORY));
  return directory.Sync();
}

}  // namespace assay
