#include "tools/assay/chinese.h"

#include <fmt/core.h>

#include <map>

namespace assay {
namespace {

using Words = std::map<std::string_view, std::string_view>;

// The same word means the same everywhere.
const Words& StateWords() {
  static const Words kWords = {
      {"DRAFT", "草稿"},
      {"PROPOSED", "已提出"},
      {"AGREED", "已一致"},
      {"SIGNED", "已签署"},
      {"WITHDRAWN", "已撤回"},
      {"REQUESTED", "已申请"},
      {"APPLIED", "已生效"},
      {"REJECTED", "已驳回"},
      {"REVOKED", "已撤销"},
      {"ACCEPTED", "已接受"},
      {"EMPLOYEE", "员工"},
      {"MANAGER", "主管"},
      {"true", "是"},
      {"false", "否"},
      {"AdjustmentRequested", "申请调整"},
      {"AdjustmentApproved", "批准调整"},
      {"AdjustmentApplied", "调整生效"},
      {"AdjustmentRejected", "驳回调整"},
      {"AdjustmentRevoked", "撤销调整"},
  };
  return kWords;
}

const Words& Sentences() {
  static const Words kSentences = {
      {"NOT_FOUND", "找不到"},
      {"PERMISSION_DENIED", "无权执行"},
      {"ALREADY_EXISTS", "已经存在"},
      {"INVALID_ARGUMENT", "输入有误"},
      {"USAGE", "用法有误"},
      {"INTERRUPTED", "已中断"},
      {"UNAVAILABLE", "暂时不可用"},
      {"DATA_LOSS", "数据损坏"},
      {"FAILED_PRECONDITION", "条件不满足"},
      {"CONFLICT", "与他人的更改冲突"},
      {"COMMAND_ID_REUSED", "命令编号已被使用"},
      {"INVALID_ID", "编号无效"},
      {"INVALID_DAY", "日期无效"},
      {"INVALID_SPAN", "期间无效"},
      {"INVALID_ENUM", "选项无效"},
      {"INVALID_DECIMAL", "数值无效"},
      {"VALUE_OUT_OF_RANGE", "数值超出范围"},
      {"FIELD_REQUIRED", "缺少字段"},
      {"REASON_REQUIRED", "须说明原因"},
      {"TARGET_REQUIRED", "缺少目标"},
      {"DUPLICATE_ITEM", "指标重复"},
      {"UNIT_MISMATCH", "单位不一致"},
      {"WEIGHT_SUM_NOT_100", "权重合计不是 100 %"},
      {"FORMULA_ERROR", "公式有误"},
      {"ALLOCATION_OVER_100", "任职比例超过 100 %"},
      {"HEADCOUNT_EXCEEDED", "超出编制"},
      {"SPAN_OVERLAP", "期间重叠"},
      {"CYCLE_OVERLAP", "周期重叠"},
      {"CYCLE_LOCKED", "周期已锁定"},
      {"NOT_YOUR_TURN", "现在轮到对方"},
      {"ITEM_NOT_CONFIRMED", "有指标未经双方确认"},
      {"ALREADY_SIGNED", "已经签署"},
      {"AGREEMENT_IMMUTABLE", "已签署的协议不可更改"},
      {"SELF_ADJUSTMENT", "不得调整自己的得分"},
      {"FOUR_EYES_SAME_PERSON", "申请人与批准人不得为同一人"},
      {"CLOCK_SKEW", "时钟偏差过大"},
  };
  return kSentences;
}

const Words& Hints() {
  static const Words kHints = {
      {"check the id; what you may not see looks the same as what does not exist",
       "请检查编号；无权查看与不存在显示相同"},
      {"choose another id", "请换一个编号"},
      {"choose another day with --on", "请用 --on 另选日期"},
      {"read the newest terms, then answer them", "请先读最新条款再答复"},
      {"give the command an id of its own", "请给命令一个新的编号"},
      {"read the present state and send the command again", "请读取当前状态后重新提交"},
      {"run the same command again to go on", "再次运行同一命令即可继续"},
      {"correct it; no command was run", "请改正；没有执行任何命令"},
      {"correct it; no file was ingested", "请改正；没有读入任何文件"},
      {"correct the file; nothing was read or written", "请改正该文件；没有读写任何数据"},
      {"`assay run --help` lists the commands, --example NAME its fields",
       "`assay run --help` 列出所有命令，--example 名称 列出其字段"},
  };
  return kHints;
}

std::string_view Find(const Words& words, std::string_view word) {
  const auto found = words.find(word);
  return found == words.end() ? std::string_view() : found->second;
}

}  // namespace

std::string WordInChinese(const std::string& word) {
  const std::string_view chinese = Find(StateWords(), word);
  return chinese.empty() ? word : std::string(chinese);
}

Rejection InChinese(const Rejection& rejection) {
  Rejection chinese = rejection;
  const std::string_view sentence = Find(Sentences(), rejection.code);
  if (!sentence.empty()) chinese.message = fmt::format("{}: {}", sentence, rejection.message);
  const std::string_view hint = Find(Hints(), rejection.hint);
  if (!hint.empty()) chinese.hint = std::string(hint);
  return chinese;
}

}  // namespace assay
