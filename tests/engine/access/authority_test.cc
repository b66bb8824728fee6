#include "engine/access/authority.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/engine/access/access_spec.h"

namespace assay::testing {
namespace {

// --- the permission matrix ---

// Columns of the matrix. The heads are of d1 (where p-own works) and of d2.
const std::vector<std::string_view> kActors = {"p-own",   "p-mgr",      "p-head1", "p-head2",
                                               "p-hr",    "p-exec",     "p-fin",   "p-aud",
                                               "p-admin", "client:erp", "p-none"};

// One letter per column: + may, - may not, 0 hears that the thing is not there.
struct MatrixRow {
  std::string_view expected;
  std::vector<std::string_view> commands;
};

const std::vector<MatrixRow> kMatrix = {
    // own, manager, head, other head, HR, executive, finance, auditor, admin, client, nobody
    {"+++++++++-+", {R"(found_company { company: "acme" admins: "p-a" })"}},
    {"--------+--",
     {R"(give_grant { grant: "g" to { person: "p-x" } role: ROLE_HR })",
      R"(confirm_grant { grant: "g" })", R"(revoke_grant { grant: "g" })", R"(upgrade_log { })",
      R"(rotate_log_key { })", R"(reject_revocation { grant: "g" })",
      R"(bind_source_key { person: "p-own" entity_type: "os-user" key: "bob" })",
      R"(bind_source_key { person: "p-own" entity_type: "oidc-user" key: "bob" })",
      R"(confirm_binding { person: "p-own" entity_type: "os-user" key: "bob" })",
      R"(reject_binding { person: "p-own" entity_type: "os-user" key: "bob" })",
      R"(end_source_key { person: "p-own" entity_type: "os-user" key: "bob" to: "2026-06-01" })"}},
    {"----++--+--", {R"(confirm_revocation { grant: "g" })"}},
    {"----+------",
     {R"(add_person { person: "p-x" })",
      R"(bind_source_key { person: "p-own" entity_type: "employee" })",
      R"(end_source_key { person: "p-own" entity_type: "employee" to: "2026-06-01" })",
      R"(create_unit { unit: "new" parent: "d1" from: "2026-06-01" })",
      R"(create_unit { unit: "new" from: "2026-06-01" })",
      R"(rename_unit { unit: "d1" from: "2026-06-01" })",
      R"(move_unit { unit: "d1" new_parent: "d2" from: "2026-06-01" })",
      R"(merge_units { sources: "d1" target: "d2" from: "2026-06-01" })",
      R"(retire_unit { unit: "d1" from: "2026-06-01" })",
      R"(create_position { position: "q" unit: "d1" from: "2026-06-01" })",
      R"(set_headcount { position: "q1" from: "2026-06-01" })",
      R"(retire_position { position: "q1" from: "2026-06-01" })",
      R"(start_assignment { assignment: "s" person: "p-own" position: "q1" })",
      R"(change_allocation { assignment: "s-own" from: "2026-06-01" })",
      R"(end_assignment { assignment: "s-own" to: "2026-06-01" })",
      R"(set_reporting_line { person: "p-own" manager: "p-mgr" })",
      R"(submit_metric { metric: "output@1" })",
      R"(publish_metric { metric: "output@1" })",
      R"(publish_curve { curve: "linear@1" })",
      R"(publish_template { template: "t@1" })",
      R"(publish_band_table { table: "b@1" })",
      R"(plan_cycle { cycle: "c2" })",
      R"(open_cycle { cycle: "c1" })",
      R"(close_intake { cycle: "c1" })",
      R"(lock_cycle { cycle: "c1" })",
      R"(publish_results { cycle: "c1" })",
      R"(open_agreement { agreement: "a" person: "p-own" position: "q1" cycle: "c1" })"}},
    {"-----------",
     {R"(claim_publisher { node: "n" })", R"(seal_cut { cycle: "c1" cut: 1 })", R"(note_heads { })",
      R"(claim_source { source: "erp" node: "n" partitions { } })"}},
    {"--+-+------",
     {R"(draft_metric { metric: "m@1" definition { owner_unit: "d1" } })",
      R"(edit_metric_draft { metric: "output@1" definition { owner_unit: "d1" } })"}},
    {"--+--------", {R"(sign_definition { metric: "output@1" })"}},
    {"------+----", {R"(sign_source { metric: "output@1" })"}},
    {"----+-+-+--",
     {R"(register_source { contract { source: "erp" } })", R"(pause_source { source: "erp" })",
      R"(resume_source { source: "erp" })"}},
    {"--++--+----",
     {R"(sign_contract { source: "erp" version: 2 })",
      R"(reject_contract { source: "erp" version: 2 })"}},
    {"+++0--0-0-0",
     {R"(propose_terms { agreement: "ag" })", R"(counter_terms { agreement: "ag" })",
      R"(accept_items { agreement: "ag" })", R"(reject_item { agreement: "ag" item: "out" })",
      R"(sign_agreement { agreement: "ag" })", R"(propose_amendment { agreement: "ag" })"}},
    {"-+-0+-0-0-0", {R"(withdraw_agreement { agreement: "ag" })"}},
    {"----++-----",
     {R"(request_adjustment { adjustment: "x" person: "p-own" cycle: "c1" delta: "1" })",
      R"(approve_adjustment { adjustment: "adj" })", R"(reject_adjustment { adjustment: "adj" })",
      R"(revoke_adjustment { adjustment: "adj" })"}},
};

AccessSpec WithEveryRole() {
  AccessSpec spec;
  spec.WithGrant("p-head1", "DEPARTMENT_HEAD", R"(units: "d1")")
      .WithGrant("p-head2", "DEPARTMENT_HEAD", R"(units: "d2")")
      .WithGrant("p-hr", "HR")
      .WithGrant("p-exec", "EXECUTIVE")
      .WithGrant("p-fin", "FINANCE")
      .WithGrant("p-aud", "AUDITOR")
      .WithGrant("p-admin", "ADMIN")
      .WithGrant("client:erp", "SOURCE_CLIENT");
  return spec;
}

char Cell(const Decision& outcome) {
  if (IsAccepted(outcome)) return '+';
  const std::string& code = std::get<Rejection>(outcome).code;
  if (code == "PERMISSION_DENIED") return '-';
  return code == "NOT_FOUND" ? '0' : '?';
}

TEST_CASE("every role may run exactly the commands that are its own", "[access][unit][SEC-04]") {
  AccessSpec spec = WithEveryRole();
  for (const MatrixRow& row : kMatrix) {
    REQUIRE(row.expected.size() == kActors.size());
    for (const std::string_view command : row.commands) {
      for (size_t i = 0; i < kActors.size(); ++i) {
        spec.When(kActors[i], command);
        INFO(kActors[i] << " runs " << command);
        CHECK(std::string(1, Cell(spec.Outcome())) == std::string(1, row.expected[i]));
      }
    }
  }
}

TEST_CASE("the permission matrix has a row for every command there is", "[access][unit]") {
  std::set<int> asked;
  for (const MatrixRow& row : kMatrix) {
    for (const std::string_view command : row.commands) {
      asked.insert(FromText<v1::Command>(command).body_case());
    }
  }
  const auto* body = v1::Command::descriptor()->FindOneofByName("body");
  REQUIRE(body != nullptr);
  for (int i = 0; i < body->field_count(); ++i) {
    INFO(body->field(i)->name());
    CHECK(asked.contains(body->field(i)->number()));
  }
}

// Columns of the matrix of scopes: everybody's only grant is for d1, or for d2.
const std::vector<std::string_view> kScoped = {"p-hr1",  "p-hr2",  "p-adm1", "p-ex1",
                                               "p-fin1", "p-fin2", "p-head1"};

// Commands of the matrix above that grants with units may run where their units cover the place; +
// for may. All others are for grants without units alone, or for nobody.
const std::vector<MatrixRow> kScopedMatrix = {
    // HR d1, HR d2, admin d1, executive d1, finance d1, finance d2, head d1
    {"+------",
     {R"(bind_source_key { person: "p-own" entity_type: "employee" })",
      R"(end_source_key { person: "p-own" entity_type: "employee" to: "2026-06-01" })",
      R"(create_unit { unit: "new" parent: "d1" from: "2026-06-01" })",
      R"(rename_unit { unit: "d1" from: "2026-06-01" })",
      R"(retire_unit { unit: "d1" from: "2026-06-01" })",
      R"(create_position { position: "q" unit: "d1" from: "2026-06-01" })",
      R"(set_headcount { position: "q1" from: "2026-06-01" })",
      R"(retire_position { position: "q1" from: "2026-06-01" })",
      R"(start_assignment { assignment: "s" person: "p-own" position: "q1" })",
      R"(change_allocation { assignment: "s-own" from: "2026-06-01" })",
      R"(end_assignment { assignment: "s-own" to: "2026-06-01" })",
      R"(set_reporting_line { person: "p-own" manager: "p-mgr" })",
      R"(submit_metric { metric: "output@1" })", R"(publish_metric { metric: "output@1" })",
      R"(open_agreement { agreement: "a" person: "p-own" position: "q1" cycle: "c1" })",
      R"(withdraw_agreement { agreement: "ag" })"}},
    {"+-----+",
     {R"(draft_metric { metric: "m@1" definition { owner_unit: "d1" } })",
      R"(edit_metric_draft { metric: "output@1" definition { owner_unit: "d1" } })"}},
    {"----+--", {R"(sign_source { metric: "output@1" })"}},
    {"------+",
     {R"(sign_definition { metric: "output@1" })", R"(propose_terms { agreement: "ag" })",
      R"(counter_terms { agreement: "ag" })", R"(accept_items { agreement: "ag" })",
      R"(reject_item { agreement: "ag" item: "out" })", R"(sign_agreement { agreement: "ag" })",
      R"(propose_amendment { agreement: "ag" })"}},
    {"+--+---",
     {R"(request_adjustment { adjustment: "x" person: "p-own" cycle: "c1" delta: "1" })",
      R"(approve_adjustment { adjustment: "adj" })", R"(reject_adjustment { adjustment: "adj" })",
      R"(revoke_adjustment { adjustment: "adj" })"}},
    {"------+",
     {R"(sign_contract { source: "erp" version: 2 })",
      R"(reject_contract { source: "erp" version: 2 })"}},
    {"+++++++", {R"(found_company { company: "acme" admins: "p-a" })"}},
};

TEST_CASE("a grant with units covers places and never the whole company", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-hr1", "HR", R"(units: "d1" limit: "1")")
      .WithGrant("p-hr2", "HR", R"(units: "d2")")
      .WithGrant("p-adm1", "ADMIN", R"(units: "d1")")
      .WithGrant("p-ex1", "EXECUTIVE", R"(units: "d1")")
      .WithGrant("p-fin1", "FINANCE", R"(units: "d1")")
      .WithGrant("p-fin2", "FINANCE", R"(units: "d2")")
      .WithGrant("p-head1", "DEPARTMENT_HEAD", R"(units: "d1")");
  auto adjustment = spec.Row<v1::AdjustmentState>("adjustment/adj");
  adjustment.set_delta("-1");
  spec.GivenRow("adjustment/adj", adjustment);
  std::map<std::string_view, std::string_view> expected;
  for (const MatrixRow& row : kScopedMatrix) {
    REQUIRE(row.expected.size() == kScoped.size());
    for (const std::string_view command : row.commands) expected[command] = row.expected;
  }
  size_t found = 0;
  for (const MatrixRow& row : kMatrix) {
    for (const std::string_view command : row.commands) {
      const auto scoped = expected.find(command);
      if (scoped != expected.end()) ++found;
      for (size_t i = 0; i < kScoped.size(); ++i) {
        spec.When(kScoped[i], command);
        INFO(kScoped[i] << " runs " << command);
        const bool may = scoped != expected.end() && scoped->second[i] == '+';
        CHECK(IsAccepted(spec.Outcome()) == may);
      }
    }
  }
  // The rows of both matrices are the same texts.
  CHECK(found == expected.size());
}

TEST_CASE("a machine client runs no command, whatever its grants", "[access][unit]") {
  AccessSpec spec;
  for (const char* role : {"HR", "ADMIN", "EXECUTIVE", "FINANCE", "DEPARTMENT_HEAD"}) {
    spec.WithGrant("client:erp", role);
  }
  for (const MatrixRow& row : kMatrix) {
    for (const std::string_view command : row.commands) {
      spec.When("client:erp", command).ThenRejected("PERMISSION_DENIED", "actor");
    }
  }
}

TEST_CASE("nobody in particular runs nothing but the founding", "[access][unit]") {
  AccessSpec spec;
  spec.When("", R"(found_company { company: "acme" admins: "p-a" })").ThenAccepted();
  spec.When("", R"(add_person { person: "p-x" })").ThenRejected("PERMISSION_DENIED", "actor");
  spec.When("", R"(sign_agreement { agreement: "ag" })").ThenRejected("PERMISSION_DENIED");
  spec.When("p-own", "").ThenRejected("PERMISSION_DENIED");
}

TEST_CASE("the engine may seal a cut, claim, pause a source, and nothing else", "[access][unit]") {
  AccessSpec spec;
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } seal_cut { cycle: "c1" })").ThenAccepted();
  spec.When("", R"(actor { via: AUTHENTICATION_HOME_ACCESS } seal_cut { cycle: "c1" })")
      .ThenRejected("PERMISSION_DENIED");
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } note_heads { })").ThenAccepted();
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } claim_publisher { node: "n" })")
      .ThenAccepted();
  spec.When("p-adm", R"(claim_publisher { node: "n" })").ThenRejected("PERMISSION_DENIED");
  CHECK(spec.Refusal().message == "the engine alone sends claimPublisher");
  CHECK(spec.Refusal().expected == "the engine");
  CHECK(spec.Refusal().hint == "nothing is to be sent: the engine does it by itself");
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } claim_source { node: "n" })")
      .ThenAccepted();
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } pause_source { source: "erp" })")
      .ThenAccepted();
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } resume_source { source: "erp" })")
      .ThenRejected("PERMISSION_DENIED");
  spec.When("", R"(actor { via: AUTHENTICATION_ENGINE } lock_cycle { cycle: "c1" })")
      .ThenRejected("PERMISSION_DENIED");
}

TEST_CASE("a refusal names the role that is needed and those that are there", "[access][unit]") {
  AccessSpec spec = WithEveryRole();
  spec.When("p-aud", R"(register_source { contract { source: "erp" } })");
  CHECK(spec.Refusal().path == "actor");
  CHECK(spec.Refusal().expected == "HR, FINANCE, ADMIN");
  CHECK(spec.Refusal().actual == "p-aud with AUDITOR");
  CHECK(spec.Refusal().message == "p-aud may not run registerSource");
  CHECK(spec.Refusal().rejection_class == RejectionClass::kAuth);
  spec.When("p-none", R"(lock_cycle { cycle: "c1" })");
  CHECK(spec.Refusal().expected == "HR");
  CHECK(spec.Refusal().actual == "p-none without a role");
}

// --- scopes ---

TEST_CASE("HR of a unit works below it and nowhere else", "[access][unit]") {
  struct Row {
    std::string_view command;
    std::string_view expected;  // empty = allowed
  };
  const std::vector<Row> rows = {
      {R"(create_unit { unit: "n" parent: "d11" from: "2026-06-01" })", ""},
      {R"(create_unit { unit: "n" parent: "d2" from: "2026-06-01" })", "HR for d2"},
      {R"(create_unit { unit: "n" from: "2026-06-01" })", "HR for the whole company"},
      {R"(rename_unit { unit: "d1" from: "2026-06-01" })", ""},
      {R"(rename_unit { unit: "co" from: "2026-06-01" })", "HR for co"},
      {R"(rename_unit { unit: "nowhere" from: "2026-06-01" })", "HR for nowhere"},
      {R"(move_unit { unit: "d11" new_parent: "d1" from: "2026-06-01" })", ""},
      {R"(move_unit { unit: "d11" new_parent: "d2" from: "2026-06-01" })", "HR for d11, d2"},
      {R"(merge_units { sources: "d11" target: "d1" from: "2026-06-01" })", ""},
      {R"(merge_units { sources: "d2" target: "d1" from: "2026-06-01" })", "HR for d1, d2"},
      {R"(retire_unit { unit: "d2" from: "2026-06-01" })", "HR for d2"},
      {R"(create_position { position: "q" unit: "d11" from: "x" })", ""},
      {R"(create_position { position: "q" unit: "d2" from: "x" })", "HR for d2"},
      {R"(set_headcount { position: "q11" from: "2026-06-01" })", ""},
      {R"(set_headcount { position: "q2" from: "2026-06-01" })", "HR for d2"},
      {R"(retire_position { position: "q2" from: "2026-06-01" })", "HR for d2"},
      {R"(start_assignment { position: "q11" span { from: "2026-06-01" } })", ""},
      {R"(start_assignment { position: "q2" span { from: "2026-06-01" } })", "HR for d2"},
      {R"(start_assignment { position: "none" })", "HR for the whole company"},
      {R"(change_allocation { assignment: "s-own" from: "2026-06-01" })", ""},
      {R"(change_allocation { assignment: "none" })", "HR for the whole company"},
      {R"(end_assignment { assignment: "s-own" to: "2026-06-01" })", ""},
      {R"(open_agreement { position: "q1" })", ""},
      {R"(open_agreement { position: "q2" })", "HR for d2"},
      {R"(withdraw_agreement { agreement: "ag" })", ""},
      {R"(set_reporting_line { person: "p-own" span { from: "2026-01-01" } })", ""},
      {R"(set_reporting_line { person: "p-mgr" span { from: "2026-01-01" } })",
       "HR for the whole company"},
      {R"(bind_source_key { person: "p-own" entity_type: "employee" })", ""},
      {R"(bind_source_key { person: "p-mgr" entity_type: "employee" })",
       "HR for the whole company"},
      {R"(bind_source_key { person: "p-own" entity_type: "os-user" })", "ADMIN"},
      // These have no place.
      {R"(add_person { person: "p-x" })", "HR for the whole company"},
      {R"(plan_cycle { cycle: "c2" })", "HR for the whole company"},
      {R"(publish_results { cycle: "c1" })", "HR for the whole company"},
  };
  AccessSpec spec;
  spec.WithGrant("p-hr1", "HR", R"(units: "d1")");
  for (const Row& row : rows) {
    INFO(row.command);
    spec.When("p-hr1", row.command);
    if (row.expected.empty()) {
      CHECK(IsAccepted(spec.Outcome()));
    } else {
      REQUIRE_FALSE(IsAccepted(spec.Outcome()));
      CHECK(spec.Refusal().code == "PERMISSION_DENIED");
      CHECK(spec.Refusal().expected == row.expected);
    }
  }
}

TEST_CASE("one grant must cover all units of a command, two halves do not", "[access][unit]") {
  AccessSpec spec;
  const auto move = R"(move_unit { unit: "d11" new_parent: "d2" from: "2026-06-01" })";
  spec.WithGrant("p-x", "HR", R"(units: "d1")").WithGrant("p-x", "HR", R"(units: "d2")");
  spec.When("p-x", move).ThenRejected("PERMISSION_DENIED");
  spec.WithGrant("p-x", "HR", R"(units: "d1" units: "d2")");
  spec.When("p-x", move).ThenAccepted();
}

TEST_CASE("a scope is judged on the tree of the command's own day", "[access][unit]") {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "unit/d11" unit_moved { unit: "d11" new_parent: "d2"
                                                     from: "2026-09-01" old_parent: "d1" })");
  spec.WithGrant("p-hr1", "HR", R"(units: "d1")");
  spec.When("p-hr1", R"(rename_unit { unit: "d11" from: "2026-08-31" })").ThenAccepted();
  spec.When("p-hr1", R"(rename_unit { unit: "d11" from: "2026-09-01" })")
      .ThenRejected("PERMISSION_DENIED");
}

TEST_CASE("after a merge the scope over the target covers what it took over", "[access][unit]") {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "unit/d1" units_merged { source: "d1" target: "d2"
                                                      from: "2026-07-01" })");
  spec.WithGrant("p-hr1", "HR", R"(units: "d1")").WithGrant("p-hr2", "HR", R"(units: "d2")");
  const auto june = R"(set_headcount { position: "q1" from: "2026-06-30" })";
  const auto july = R"(set_headcount { position: "q1" from: "2026-07-01" })";
  spec.When("p-hr1", june).ThenAccepted();
  spec.When("p-hr2", june).ThenRejected("PERMISSION_DENIED");
  spec.When("p-hr1", july).ThenRejected("PERMISSION_DENIED");
  spec.When("p-hr2", july).ThenAccepted();
}

TEST_CASE("who has left runs nothing by grants", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-own", "HR");
  spec.When("p-own", R"(lock_cycle { cycle: "c1" })").ThenAccepted();
  spec.GivenEvent(R"(stream: "assignment/s-own" assignment_ended {
                       assignment: "s-own" to: "2026-06-01" })");
  spec.When("p-own", R"(lock_cycle { cycle: "c1" })").ThenRejected("PERMISSION_DENIED");
  CHECK(spec.Refusal().actual == "p-own without a role");
  spec.At("2026-05-31T12:00:00Z").When("p-own", R"(lock_cycle { cycle: "c1" })").ThenAccepted();
}

TEST_CASE("a grant for the whole company reads no unit", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-hr", "HR");
  spec.When("p-hr", R"(rename_unit { unit: "d11" from: "2026-06-01" })").ThenAccepted();
  CHECK(spec.state.reads ==
        std::set<std::string>{"grants/p-hr", "grant/g-1", "person/p-hr/assignments"});
  spec.WithGrant("p-hr1", "HR", R"(units: "d1")");
  spec.When("p-hr1", R"(rename_unit { unit: "d11" from: "2026-06-01" })").ThenAccepted();
  CHECK(spec.state.reads == std::set<std::string>{"grants/p-hr1", "grant/g-2",
                                                  "person/p-hr1/assignments", "unit/d11", "unit/d1",
                                                  "unit/co"});
}

TEST_CASE("a head drafts and edits the metrics of the own unit only", "[access][unit]") {
  AccessSpec spec;
  spec.WithGrant("p-head", "DEPARTMENT_HEAD", R"(units: "d1")");
  spec.When("p-head", R"(draft_metric { metric: "m@1" definition { owner_unit: "d11" } })")
      .ThenAccepted();
  spec.When("p-head", R"(draft_metric { metric: "m@1" definition { owner_unit: "co" } })")
      .ThenRejected("PERMISSION_DENIED");
  // Neither taking a metric over nor giving it away is an edit of one's own.
  spec.When("p-head", R"(edit_metric_draft { metric: "output@1" definition { owner_unit: "d2" } })")
      .ThenRejected("PERMISSION_DENIED");
  spec.GivenRow("metric/sales@1", FromText<v1::MetricState>(R"(definition { owner_unit: "d2" })"));
  spec.When("p-head", R"(edit_metric_draft { metric: "sales@1" definition { owner_unit: "d1" } })")
      .ThenRejected("PERMISSION_DENIED");
  spec.When("p-head", R"(sign_definition { metric: "sales@1" })").ThenRejected("PERMISSION_DENIED");
  // What is not there is for the domain to say.
  spec.When("p-head", R"(sign_definition { metric: "none@1" })").ThenAccepted();
}

// --- agreements ---

TEST_CASE("an agreement that one may not see answers as one that is not there", "[access][unit]") {
  AccessSpec spec = WithEveryRole();
  spec.When("p-head2", R"(sign_agreement { agreement: "ag" })");
  const Rejection unseen = spec.Refusal();
  spec.state.rows.erase("agreement/ag");
  spec.When("p-own", R"(sign_agreement { agreement: "ag" })");
  const Rejection& absent = spec.Refusal();
  CHECK(unseen.code == "NOT_FOUND");
  CHECK(unseen.path == "signAgreement.agreement");
  CHECK(unseen.code == absent.code);
  CHECK(unseen.rejection_class == absent.rejection_class);
  CHECK(unseen.path == absent.path);
  CHECK(unseen.expected == absent.expected);
  CHECK(unseen.actual == absent.actual);
  CHECK(unseen.message == absent.message);
  CHECK(unseen.hint == absent.hint);
}

TEST_CASE("the manager of today negotiates, not the one of yesterday", "[access][unit]") {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "person/p-own" reporting_line_set {
                       person: "p-own" manager: "p-other" line: REPORTING_LINE_SOLID
                       span { from: "2026-06-01" } })");
  spec.When("p-mgr", R"(counter_terms { agreement: "ag" })").ThenRejected("NOT_FOUND");
  spec.When("p-other", R"(counter_terms { agreement: "ag" })").ThenAccepted();
  spec.At("2026-05-31T23:00:00Z");
  spec.When("p-mgr", R"(counter_terms { agreement: "ag" })").ThenAccepted();
}

TEST_CASE("a dotted line gives no authority over an agreement", "[access][unit]") {
  AccessSpec spec;
  spec.GivenEvent(R"(stream: "person/p-own" reporting_line_set {
                       person: "p-own" manager: "p-other" line: REPORTING_LINE_DOTTED
                       span { from: "2026-01-01" } })");
  spec.When("p-other", R"(counter_terms { agreement: "ag" })").ThenRejected("NOT_FOUND");
}

}  // namespace
}  // namespace assay::testing
