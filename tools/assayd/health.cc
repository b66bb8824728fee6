#include "tools/assayd/health.h"

#include "engine/base/shown_text.h"

namespace assay {

HttpResponse AnswerHealth(const HttpRequest& request, const Readiness& readiness,
                          const std::function<std::string()>& metrics) {
  const std::string_view path = request.Path();
  if (path != "/livez" && path != "/readyz" && path != "/metrics") {
    return {.status = 404, .body = "there are /livez, /readyz and /metrics\n"};
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return {.status = 405, .body = "only GET\n", .headers = {{"Allow", "GET, HEAD"}}};
  }
  if (path == "/livez") return {.body = "alive\n"};
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics()};
  }
  const Readiness::Now now = readiness.Get();
  return {.status = now.Ready() ? 200 : 503, .body = PlainText(now.ToString()) + "\n"};
}

}  // namespace assay
