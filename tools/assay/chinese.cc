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
      {"GIVEN", "已授予"},
      {"BOUND", "已绑定"},
      {"ENDED", "已到期"},
      {"LEFT", "已离职"},
      {"REVOCATION_PROPOSED", "撤销待签署"},
      {"GRANT_PROPOSED", "授权待确认"},
      {"LOGIN_PROPOSED", "登录待确认"},
      {"UNKNOWN_PERSON", "查无此人"},
      {"ADMIN", "管理员"},
      {"HR", "人力资源"},
      {"EXECUTIVE", "高层"},
      {"DEPARTMENT_HEAD", "部门负责人"},
      {"FINANCE", "财务"},
      {"AUDITOR", "审计"},
      {"SOURCE_CLIENT", "数据来源系统"},
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
      {"UNAUTHENTICATED", "无法确认您的身份"},
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
      {"ADJUST_OUT_OF_AUTHORITY", "超出调整权限"},
      {"ADJUSTMENT_LIMIT", "超出调整次数"},
      {"VERSION_REQUIRED", "须注明所答复的版本"},
      {"VERSION_STALE", "该版本已不是最新版本"},
      {"ROUND_STALE", "该版本已不是最新版本"},
      {"CONTRACT_DIFFERS", "契约与其文本不一致"},
      {"CONTRACT_INVALID", "来源契约有误"},
      {"CONTRACT_NOT_PENDING", "没有待签署的契约版本"},
      {"MEASURE_IN_USE", "已发布的指标正在使用该度量"},
      {"MEASURE_UNIT_IN_USE", "已发布的指标正在使用该度量的单位"},
      {"REMARK_UNREADABLE", "调整说明无法读取，不能批准"},
      {"SEALED_BY_CALLER", "加密字段只能由系统生成"},
      {"SEALED_FORM", "加密字段格式有误"},
      {"SIGNER_CONFLICT", "两份签署不得出自同一人"},
      {"TEXT_TOO_LONG", "文本过长"},
      {"ADJUSTMENT_BUDGET", "超出调整预算"},
      {"UNKNOWN_PERSON", "查无此人，不能授权"},
      {"LAST_ADMIN", "须至少保留一名管理员"},
      {"ALREADY_PROPOSED", "已提出，正在等待签署"},
      {"ALREADY_GIVEN", "授权已经生效"},
      {"ALREADY_REVOKED", "授权已经撤销"},
      {"REVOCATION_NOT_PROPOSED", "没有待签署的撤销"},
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
      {"keep it; what is measured in another way is a measure of another name",
       "请保留该度量；口径不同的请另立度量名称"},
      {"give what comes in the other unit a measure of another name, and use it in the "
       "next version of the metric",
       "请为另一单位的数据另立度量名称，并在指标的下一版本中使用"},
      {"leave the contract out: it is read from the text", "请不要另写 contract：系统会从文本读取"},
      {"read the newest content, then name its revision", "请先阅读最新内容，再注明其修订号"},
      {"restore the key from a copy; or reject it, and let it be requested again",
       "请从备份恢复密钥；或驳回后重新申请"},
      {"let the other side sign", "请由另一方签署"},
      {"the other side signs for itself", "另一方须由本人签署"},
      {"give the command an id of its own", "请给命令一个新的编号"},
      {"an admin can give the role that is expected", "请由管理员授予所需角色"},
      {"ask somebody whose grant covers it", "请由权限范围足够的人办理"},
      {"nothing is to be sent: the engine does it by itself", "无需提交，系统会自动执行"},
      {"add the person first (addPerson)", "请先添加该人员（addPerson）"},
      {"ask another admin", "请由另一名管理员办理"},
      {"ask somebody else; a delegate counts as the delegator",
       "请由他人办理；受托人视同委托人本人"},
      {"confirm it (confirmBinding) or refuse it (rejectBinding) first",
       "请先确认（confirmBinding）或驳回（rejectBinding）"},
      {"sign it (confirmRevocation) or refuse it (rejectRevocation)",
       "请签署（confirmRevocation）或驳回（rejectRevocation）"},
      {"propose it first (revokeGrant)", "请先提出撤销（revokeGrant）"},
      {"the revocation of an admin is signed by another admin or, where there is none, by an "
       "executive and by HR",
       "撤销管理员须由另一名管理员签署；没有其他管理员时，由高层和人力资源各一人共同签署"},
      {"revoke or reject others first, or ask somebody with points left",
       "请先撤销或驳回其他调整，或由仍有额度的人办理"},
      {"revoke one first, or let the company raise the cycle's limit",
       "请先撤销一项，或由公司提高该周期的次数上限"},
      {"requester, subject and approvers are different people, and a delegate counts as the "
       "delegator",
       "申请人、被调整人与批准人须为不同的人，受托人视同委托人本人"},
      {"give another person the role of an admin first", "请先授予另一人管理员角色"},
      {"leave the bound out", "请去掉该限制"},
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
