// What a storage engine says of a fault, in words that a person can act on.
//
// Its own sentences name parts of its inside ("MANIFEST", "block checksum mismatch: stored = ...");
// who runs a home needs to know which file, where in it, and what is the matter.

#pragma once

#include <string>
#include <string_view>

namespace assay {

// `said` is the engine's sentence, with the file and the error of the operating system in it where
// it knows them: "the table file 000012.sst, at byte 4096: its checksum is wrong". The files that
// only say which others there are have no names of their own here: "the list of its files".
[[nodiscard]] std::string StorageFaultWords(std::string_view said);

}  // namespace assay
