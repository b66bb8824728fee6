// The verbs of the command line. Each prints its data and gives the exit code of the process.

#pragma once

#include <string>
#include <vector>

#include "tools/assay/session.h"

namespace assay {

// --- verbs_home.cc: making and keeping a home ---
int RunInit(const Session& session, const std::string& company,
            const std::vector<std::string>& admins, int32_t facts_partitions, bool strict);
int RunStatus(const Session& session);
int RunDigest(const Session& session);
int RunRebuild(const Session& session);
int RunJournalInfo(const Session& session);
int RunJournalCopy(const Session& session, const std::string& from, const std::string& to);
int RunConfigShow(const Session& session, bool origin);

// --- verbs_write.cc: what changes the log ---
int RunCommands(const Session& session, const std::vector<std::string>& files, bool keep_going);
// Prints a document of the command `name`, to be filled in.
int RunExample(const Session& session, const std::string& name);
int RunIngest(const Session& session, const std::string& source,
              const std::vector<std::string>& files);
int RunSourceAdd(const Session& session, const std::string& contract);
int RunSourceList(const Session& session);
// `home` = whether the session's home is asked which version of the contract maps.
int RunSourceCheck(const Session& session, const std::string& contract, const std::string& file,
                   bool home);

// --- verbs_source.cc ---
int RunSourceShow(const Session& session, const std::string& source);
// Says on the errors which version of the contract's source maps in the session's home, where it is
// another one than `contract`.
absl::Status TellWhatMaps(const Session& session, const v1::SourceContract& contract);

// --- verify.cc ---
struct VerifyOptions {
  // Decide every applied command again.
  bool decisions = false;
  // Leave out what needs the keys: originals are not compared with their records.
  bool quick = false;
  // A file of heads to compare with; empty = none.
  std::string against;
};
int RunVerify(const Session& session, const VerifyOptions& options);

// --- demo.cc ---
int RunDemo(const Session& session, int people, int64_t seed);

// --- verbs_score.cc ---
int RunScoreList(const Session& session, const std::string& cycle, const std::string& unit);
int RunScoreShow(const Session& session, const std::string& cycle, const std::string& person);
int RunScoreExplain(const Session& session, const std::string& cycle, const std::string& person,
                    const std::string& item, bool all);

// --- verbs_check.cc ---
// `home` = whether the tree is compared with the one that the session's home computes anew.
int RunScoreCheck(const Session& session, const std::string& file, bool home);

// --- verbs_show.cc ---
int RunOrgShow(const Session& session, const std::string& unit);
int RunAgreementShow(const Session& session, const std::string& agreement);
int RunAdjustmentList(const Session& session, const std::string& person, const std::string& cycle);
int RunAdjustmentShow(const Session& session, const std::string& adjustment);
int RunLateList(const Session& session, const std::string& cycle);
int RunRejectionList(const Session& session, const std::string& source);
int RunRejectionShow(const Session& session, const std::string& id);
// `journal`: "decisions", "facts" or "outputs".
int RunLogShow(const Session& session, const std::string& journal, int64_t from, int64_t to,
               const std::string& stream);
// Records without a right tag, by partition and position.
int RunLogForeign(const Session& session);
// `halts_older`: nodes of an older release, which wrote in the last day, may halt.
int RunLogUpgrade(const Session& session, bool halts_older);
// Takes a key into use, or with `retire`, the id of one, ends its use.
int RunLogRotateKey(const Session& session, const std::string& retire);

// --- verbs_grant.cc: who may act, and who acts as whom ---
int RunGrantList(const Session& session, const std::string& person);
int RunLoginList(const Session& session, const std::string& person);

// --- verbs_topic.cc ---
int RunTopicList(const Session& session);
// `version` of the program. The document is JSON, whatever the format of the session.
int RunTopicAsyncApi(const Session& session, const std::string& version);

}  // namespace assay
