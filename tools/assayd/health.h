// GET /livez, /readyz and /metrics, for who keeps the service running.

#pragma once

#include <functional>
#include <string>

#include "connectors/http/message.h"
#include "tools/assayd/readiness.h"

namespace assay {

// /livez is 200 while the process answers. /readyz is 200 while the views follow the journal, and
// 503 with the reason else. /metrics is what `metrics` gives, in the text format of Prometheus.
// All else is 404, or 405 for another method than GET and HEAD. Thread-safe.
[[nodiscard]] HttpResponse AnswerHealth(const HttpRequest& request, const Readiness& readiness,
                                        const std::function<std::string()>& metrics);

}  // namespace assay
