// A cluster behind TLS with SASL/SCRAM-SHA-512, for the journal and for a source: what works, and
// what is said when the password or the authority is wrong.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/kafka/own_broker.h"
#include "tests/kafka/topic_writer.h"
#include "tests/scenario/company.h"
#include "tests/scenario/program.h"
#include "tests/tools/assayd/daemon.h"

namespace assay::testing {
namespace {

using Lines = std::vector<std::string>;

// Settings by their names, once for the environment and once for assay.yaml.
struct Access {
  std::string authority;
  std::string password_file;

  [[nodiscard]] Lines Environment(const std::string& prefix) const {
    return {prefix + "_SECURITY_PROTOCOL=SASL_SSL", prefix + "_SSL_CA_LOCATION=" + authority,
            prefix + "_SASL_MECHANISM=SCRAM-SHA-512", prefix + "_SASL_USERNAME=assay",
            prefix + "_SASL_PASSWORD_FILE=" + password_file};
  }
  [[nodiscard]] std::string Yaml() const {
    return fmt::format(
        "{{security.protocol: SASL_SSL, ssl.ca.location: \"{}\", sasl.mechanism: SCRAM-SHA-512, "
        "sasl.username: assay, sasl.password.file: \"{}\"}}",
        authority, password_file);
  }
  [[nodiscard]] KafkaSecurity Security(const std::string& password) const {
    return {{"security.protocol", "SASL_SSL"},
            {"ssl.ca.location", authority},
            {"sasl.mechanism", "SCRAM-SHA-512"},
            {"sasl.username", "assay"},
            {"sasl.password", password}};
  }
};

Ended InitAt(const ScratchDirectory& scratch, const std::string& address, const Lines& environment,
             const std::string& home) {
  const Program program(scratch.path(), environment);
  return program.Run({"--home", home, "--journal", "kafka://" + address, "init", "--company",
                      "acme", "--admin", "p-admin", "--partitions", "1"});
}

// Waits for a call's output to hold the text.
void Await(const Program& program, const std::vector<std::string>& words, const std::string& text) {
  Ended ended;
  for (int i = 0; i < 400; ++i) {
    ended = program.Run(words);
    if (ended.out.find(text) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  FAIL("expected " << text << ", found " << ended.out << ended.err);
}

// The door of a broker, as who may pass it knows it and as two who may not.
struct Door {
  OwnBroker broker{"--secure"};
  ScratchDirectory scratch;
  std::string address = broker.Line("tls/bootstrap");
  Access right{broker.Path("tls/ca.pem"), broker.Path("tls/password")};
  Access wrong_password{right.authority, scratch.Path("password")};
  // A certificate, but of no authority that signed this one.
  Access wrong_authority{broker.Path("tls/server.crt"), right.password_file};

  Door() { std::ofstream(wrong_password.password_file) << "guess\n"; }
};

std::string Refused(const Door& door, const Lines& environment) {
  const Ended ended = InitAt(door.scratch, door.address, environment, "refused");
  CHECK(ended.code != 0);
  return ended.err;
}

void CheckJournal(const Door& door) {
  const std::string by_password = Refused(door, door.wrong_password.Environment("ASSAY_KAFKA"));
  INFO(by_password);
  CHECK(by_password.find("FAILED_PRECONDITION") != std::string::npos);
  CHECK(by_password.find("SASL") != std::string::npos);
  CHECK(by_password.find("redentials") != std::string::npos);
  CHECK(by_password.find("guess") == std::string::npos);
  const std::string by_authority = Refused(door, door.wrong_authority.Environment("ASSAY_KAFKA"));
  INFO(by_authority);
  CHECK(by_authority.find("certificate verify failed") != std::string::npos);
  const std::string by_plain = Refused(door, {});
  INFO(by_plain);
  CHECK(by_plain.find(door.address) != std::string::npos);
  // By the environment, and from then on by assay.yaml.
  const Ended founded =
      InitAt(door.scratch, door.address, door.right.Environment("ASSAY_KAFKA"), "home");
  INFO(founded.err);
  REQUIRE(founded.code == 0);
  const Program program(door.scratch.path());
  program.Write("home/assay.yaml", fmt::format("journal: \"kafka://{}\"\nkafka: {}\n", door.address,
                                               door.right.Yaml()));
  CHECK(program.Run({"--home", "home", "status"}).code == 0);
}

// Of a home whose journal is elsewhere.
void CheckSource(const Door& door) {
  TopicWriter writer(door.address, door.right.Security(door.broker.Line("tls/password")));
  writer.Make("erp.orders", 1);
  writer.Put("erp.orders", 0, "1",
             R"({"record": "r", "rev": 1, "day": "2026-06-10", "emp": "E1"})");
  writer.Flush();
  const Program program(door.scratch.path());
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--home", "plain"});
    REQUIRE(program.Run(words).code == 0);
  };
  call({"init", "--company", "acme", "--admin", "p-admin"});
  std::string contract = Contract("erp", {"output pcs"});
  const std::string file = "{format: csv}";
  contract.replace(contract.find(file), file.size(), "{kafka: {topic: erp.orders, format: json}}");
  program.Write("contract.yaml", contract);
  program.Write("founding.yaml", Founding());
  call({"run", "founding.yaml"});
  call({"source", "add", "contract.yaml"});
  const auto settings = [&](const Access& access) {
    program.Write("plain/assay.yaml",
                  fmt::format("journal: \"embedded:\"\nsources: {{erp: {{brokers: \"{}\", kafka: "
                              "{}}}}}\n",
                              door.address, access.Yaml()));
  };
  settings(door.wrong_password);
  {
    const Daemon daemon(door.scratch.path(), {"--home", "plain"});
    daemon.Await("\"not reading\"");
    CHECK(daemon.LogText().find("SASL") != std::string::npos);
  }
  settings(door.right);
  const Daemon daemon(door.scratch.path(), {"--home", "plain"});
  daemon.AwaitReady();
  Await(program, {"--home", "plain", "-o", "ndjson", "status"}, "\"applied\":1");
}

TEST_CASE("journal and source are reached through TLS with SCRAM, and refusals say why",
          "[kafka][secure]") {
  PreferMemory();
  const char* const version = std::getenv("ASSAY_KAFKA_VERSION");
  if (version != nullptr && version[0] == '4') {
    WARN("left out: Kafka 4 refuses the SCRAM of librdkafka 2.0.2 (README, limitations)");
    return;
  }
  const Door door;
  CheckJournal(door);
  CheckSource(door);
}

}  // namespace
}  // namespace assay::testing
