// Files that their owner alone may read: a home holds the scores of a company.

#pragma once

#include <string>

#include "engine/base/status.h"

namespace assay {

// Makes the directory, whatever the umask, for its owner alone; the folders above it as usual. One
// that is there stays as it is. UNAVAILABLE when the disk refuses.
[[nodiscard]] absl::Status MakePrivateDirectory(const std::string& path);

// Writes the file whole or not at all, also after a power loss. UNAVAILABLE when the disk refuses.
[[nodiscard]] absl::Status WritePrivateFile(const std::string& path, const std::string& text);

// Closes a home to other users: of the home itself nobody else may list, make or remove files, and
// its folders, their files and its own files are its owner's. What is closed already costs a look
// at each. Whether others may pass through the home (its x bits) is left as it is: so they reach
// the socket, if that lets them in. The keys are another matter (FileKeyStore).
//
// FAILED_PRECONDITION when something is open to others and this user may not close it, with what to
// do. What is not there is left out.
[[nodiscard]] absl::Status KeepHomePrivate(const std::string& home);

}  // namespace assay
