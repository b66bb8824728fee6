// The whole story of the demo company: two months, told in order.
//
//   18 May - 29 May   founding, people, sources, definitions; agreements for June are negotiated
//   June              facts in three parts; a promotion, transfers, a back-dated one, late bindings
//   2 July            June is locked; records of June that come on 3 July are held
//   3 - 8 July        adjustments, approvals, revocations; June is published, July opened
//   11 July           the facts of ten days of July

#pragma once

#include <string_view>
#include <vector>

#include "tools/assay/demo_company.h"
#include "tools/assay/demo_script.h"

namespace assay::demo {

// On the company's clock.
inline constexpr std::string_view kStoryStart = "2026-05-18 09:00";

// The steps behind the founding of the company, by ascending time. The same company gives the same
// steps.
[[nodiscard]] std::vector<Step> TellStory(const Company& company);

}  // namespace assay::demo
