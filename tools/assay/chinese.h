// What --lang zh-CN says besides the titles, which stand beside the English ones (Session::Say):
// states, and the sentence and hint of an error by their code.

#pragma once

#include <string>
#include <string_view>

#include "engine/event/decision.h"

namespace assay {

// "SIGNED" -> "已签署"; a word without a Chinese one stays.
[[nodiscard]] std::string WordInChinese(const std::string& word);

// The refusal with the Chinese sentence of its code before its own, which has the particulars, and
// with its hint in Chinese where there is one. What scripts read stays: code, path, expected,
// actual.
[[nodiscard]] Rejection InChinese(const Rejection& rejection);

}  // namespace assay
