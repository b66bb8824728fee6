#include "connectors/embedded/key_list.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "connectors/embedded/private_files.h"
#include "connectors/embedded/random_bytes.h"

namespace assay {
namespace {

constexpr std::string_view kTitle = "assay-keys 1";
constexpr std::string_view kMade = "made ";
constexpr std::string_view kFound = "found";
constexpr size_t kDigits = 32;
constexpr size_t kMacBytes = 32;
constexpr int kWithoutIndex = 8;
constexpr size_t kHeaderBytes = kTitle.size() + 1 + kDigits + 1;
// Kind, name, fingerprint, tag.
constexpr size_t kNameAt = kMade.size() + 1;
constexpr size_t kPrintAt = kNameAt + kDigits + 1;
constexpr size_t kTagAt = kPrintAt + kDigits + 1;
constexpr size_t kLineBytes = kTagAt + kDigits + 1;

std::string PathOf(const std::string& dir) { return dir + "/KEYS"; }
std::string MacPathOf(const std::string& dir) { return dir + "/KEYS.mac"; }
std::string FirstPathOf(const std::string& dir) { return dir + "/KEYS.first"; }

absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path) {
  const auto file = PosixFile::Open(path, O_RDONLY);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  ASSAY_RETURN_IF_ERROR(file.status());
  ASSAY_ASSIGN_OR_RETURN(std::string text, file->ReadAll());
  return text;
}

absl::Status SyncDirectory(const std::string& dir) {
  ASSAY_ASSIGN_OR_RETURN(PosixFile directory, PosixFile::Open(dir, O_RDONLY | O_DIRECTORY));
  return directory.Sync();
}

absl::Status Gone(const std::string& gone, const std::string& there) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} is missing: without it nobody can say whether a key was replaced. Restore "
                    "it from a copy; if there is none and every key is right, remove {} too: then "
                    "the next call that writes lists the keys that are here",
                    gone, there);
}

}  // namespace

std::string KeyList::Path() const { return PathOf(dir_); }

absl::Status KeyList::Damaged(std::string_view what) const {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "{} is not what was written ({}): restore it from a copy", Path(), what);
}

absl::StatusOr<std::optional<KeyList>> KeyList::Load(const std::string& dir) {
  ASSAY_ASSIGN_OR_RETURN(const auto mac_text, ReadIfThere(MacPathOf(dir)));
  ASSAY_ASSIGN_OR_RETURN(auto text, ReadIfThere(PathOf(dir)));
  if (!mac_text.has_value()) {
    if (!text.has_value()) return std::nullopt;
    return Gone(MacPathOf(dir), PathOf(dir));
  }
  const auto mac = FromHex(std::string_view(*mac_text).substr(0, 2 * kMacBytes));
  if (!mac.has_value() || mac->size() != kMacBytes || *mac_text != ToHex(*mac) + "\n") {
    return MakeStatus(absl::StatusCode::kDataLoss, "{} is damaged: restore it from a copy",
                      MacPathOf(dir));
  }
  if (!text.has_value()) {
    // Others may have finished it between the two looks.
    if (access(FirstPathOf(dir).c_str(), F_OK) == 0) return std::nullopt;
    ASSAY_ASSIGN_OR_RETURN(text, ReadIfThere(PathOf(dir)));
    if (!text.has_value()) return Gone(PathOf(dir), MacPathOf(dir));
  }
  KeyList list(dir, *mac);
  if (!text->starts_with(list.Header())) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "{} was not written with the key {}: one of them was replaced, restore the "
                      "folder from a copy",
                      list.Path(), MacPathOf(dir));
  }
  list.text_ = *std::move(text);
  return list;
}

absl::StatusOr<PosixFile> KeyList::Lock(const std::string& dir) {
  ASSAY_ASSIGN_OR_RETURN(PosixFile file,
                         PosixFile::Open(dir + "/KEYS.lock", O_RDWR | O_CREAT, 0600));
  while (flock(file.Descriptor(), LOCK_EX) != 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "lock " + dir + "/KEYS.lock");
  }
  return file;
}

// The list is whole under another name before its key is there, and gets its name after it: so
// neither is ever without the other but while it is made.
absl::StatusOr<KeyList> KeyList::Begin(const std::string& dir, const std::vector<Key>& found) {
  ASSAY_ASSIGN_OR_RETURN(const auto kept, ReadIfThere(MacPathOf(dir)));
  std::string mac;
  if (kept.has_value()) {
    // Load has checked it.
    mac = FromHex(std::string_view(*kept).substr(0, 2 * kMacBytes)).value_or("");
  } else {
    ASSAY_ASSIGN_OR_RETURN(mac, RandomBytes(kMacBytes));
  }
  KeyList list(dir, mac);
  list.text_ = list.Header();
  for (const Key& key : found) {
    list.text_ += list.NewLine(list.TagBefore(list.Lines()), /*was_found=*/true, key);
  }
  ASSAY_RETURN_IF_ERROR(WritePrivateFile(FirstPathOf(dir), list.text_));
  ASSAY_RETURN_IF_ERROR(SyncDirectory(dir));
  if (!kept.has_value()) {
    ASSAY_RETURN_IF_ERROR(WritePrivateFile(MacPathOf(dir), ToHex(mac) + "\n"));
  }
  if (rename(FirstPathOf(dir).c_str(), PathOf(dir).c_str()) != 0) {
    return ErrnoStatus(errno, "name " + PathOf(dir));
  }
  ASSAY_RETURN_IF_ERROR(SyncDirectory(dir));
  return list;
}

absl::Status KeyList::Refresh() {
  ASSAY_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(Path(), O_RDONLY));
  struct stat now {};
  if (fstat(file.Descriptor(), &now) != 0) return ErrnoStatus(errno, "look at " + Path());
  const auto size = static_cast<size_t>(now.st_size);
  const size_t known = kHeaderBytes + Lines() * kLineBytes;
  std::string last(kDigits, '\0');
  // Usually nothing or a few lines came; where what is known is not there any more, all is read.
  const bool goes_on =
      size >= known &&
      pread(file.Descriptor(), last.data(), kDigits, static_cast<off_t>(known - 1 - kDigits)) ==
          static_cast<ssize_t>(kDigits) &&
      last == TagBefore(Lines());
  if (!goes_on) {
    ASSAY_ASSIGN_OR_RETURN(text_, file.ReadAll());
    indexed_ = 0;
    by_name_.clear();
    if (text_.starts_with(Header())) return absl::OkStatus();
    text_ = Header();
    // The whole folder may have been copied here from another node, with its list.
    ASSAY_ASSIGN_OR_RETURN(auto copied, Load(dir_));
    if (!copied.has_value()) return Damaged("line 1");
    *this = *std::move(copied);
    return absl::OkStatus();
  }
  text_.resize(known);
  std::string more(size - known, '\0');
  const ssize_t got = pread(file.Descriptor(), more.data(), more.size(), static_cast<off_t>(known));
  if (got < 0) return ErrnoStatus(errno, "read " + Path());
  text_.append(more, 0, static_cast<size_t>(got));
  return absl::OkStatus();
}

absl::Status KeyList::Append(bool was_found, const Key& key) {
  size_t lines = Lines();
  // A power loss may leave a last line whose bytes are not those that were written.
  if (lines > 0 && !IsWhole(lines - 1)) --lines;
  if (lines > 0 && !IsWhole(lines - 1)) return Damaged(fmt::format("line {}", lines + 1));
  const size_t end = kHeaderBytes + lines * kLineBytes;
  const std::string line = NewLine(TagBefore(lines), was_found, key);
  ASSAY_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(Path(), O_WRONLY));
  if (ftruncate(file.Descriptor(), static_cast<off_t>(end)) != 0) {
    return ErrnoStatus(errno, "cut " + Path());
  }
  const ssize_t put = pwrite(file.Descriptor(), line.data(), line.size(), static_cast<off_t>(end));
  if (put != static_cast<ssize_t>(line.size())) {
    return ErrnoStatus(put < 0 ? errno : ENOSPC, "write " + Path());
  }
  ASSAY_RETURN_IF_ERROR(file.Sync());
  text_.resize(end);
  text_ += line;
  if (indexed_ > lines) {
    indexed_ = 0;
    by_name_.clear();
  }
  return absl::OkStatus();
}

std::optional<std::string_view> KeyList::PrintOf(std::string_view name) {
  // Most calls need three or four keys of them all.
  if (++looked_for_ <= kWithoutIndex) {
    for (size_t i = Lines(); i > 0; --i) {
      if (LineAt(i - 1).substr(kNameAt, kDigits) == name) {
        return LineAt(i - 1).substr(kPrintAt, kDigits);
      }
    }
    return std::nullopt;
  }
  for (const size_t lines = Lines(); indexed_ < lines; ++indexed_) {
    by_name_[std::string(LineAt(indexed_).substr(kNameAt, kDigits))] = indexed_;
  }
  const auto line = by_name_.find(std::string(name));
  if (line == by_name_.end()) return std::nullopt;
  return LineAt(line->second).substr(kPrintAt, kDigits);
}

std::string KeyList::Fingerprint(const Key& key) const {
  constexpr std::string_view kZero("\0", 1);
  return mac_.Tag({"assay-key-print", kZero, key.name, kZero, key.key}).Hex().substr(0, kDigits);
}

absl::StatusOr<std::vector<KeyList::Line>> KeyList::CheckedLines() const {
  std::vector<Line> lines;
  const size_t count = Lines();
  for (size_t i = 0; i < count; ++i) {
    if (!IsWhole(i)) {
      if (i + 1 == count) break;
      return Damaged(fmt::format("line {}", i + 2));
    }
    const std::string_view line = LineAt(i);
    lines.push_back({line.starts_with(kFound), std::string(line.substr(kNameAt, kDigits)),
                     std::string(line.substr(kPrintAt, kDigits))});
  }
  return lines;
}

std::string KeyList::Tag(std::string_view before, std::string_view text) const {
  return mac_.Tag({before, text}).Hex().substr(0, kDigits);
}

std::string KeyList::Header() const { return fmt::format("{} {}\n", kTitle, Tag("", kTitle)); }

std::string KeyList::NewLine(std::string_view before, bool was_found, const Key& key) const {
  const std::string text =
      fmt::format("{} {} {}", was_found ? kFound : kMade, key.name, Fingerprint(key));
  return fmt::format("{} {}\n", text, Tag(before, text));
}

size_t KeyList::Lines() const { return (text_.size() - kHeaderBytes) / kLineBytes; }

std::string_view KeyList::LineAt(size_t index) const {
  return std::string_view(text_).substr(kHeaderBytes + index * kLineBytes, kLineBytes);
}

std::string_view KeyList::TagBefore(size_t index) const {
  return std::string_view(text_).substr(kHeaderBytes + index * kLineBytes - 1 - kDigits, kDigits);
}

bool KeyList::IsWhole(size_t index) const {
  const std::string_view line = LineAt(index);
  return line == fmt::format("{} {}\n", line.substr(0, kTagAt - 1),
                             Tag(TagBefore(index), line.substr(0, kTagAt - 1)));
}

}  // namespace assay
