// A cluster behind TLS, with SASL/SCRAM-SHA-512 or certificates of its clients, for the journal and
// for a source: what works, and what is said when the password, the authority or the certificate is
// wrong.

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
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
struct Certificate {
  std::string authority;
  std::string own;
  std::string key;

  [[nodiscard]] Lines Environment() const {
    return {"ASSAY_KAFKA_SECURITY_PROTOCOL=SSL", "ASSAY_KAFKA_SSL_CA_LOCATION=" + authority,
            "ASSAY_KAFKA_SSL_CERTIFICATE_LOCATION=" + own, "ASSAY_KAFKA_SSL_KEY_LOCATION=" + key};
  }
  [[nodiscard]] std::string Yaml() const {
    return fmt::format(
        "{{security.protocol: SSL, ssl.ca.location: \"{}\", ssl.certificate.location: \"{}\", "
        "ssl.key.location: \"{}\"}}",
        authority, own, key);
  }
  [[nodiscard]] KafkaSecurity Security() const {
    return {{"security.protocol", "SSL"},
            {"ssl.ca.location", authority},
            {"ssl.certificate.location", own},
            {"ssl.key.location", key}};
  }
};

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
  for (int i = 0; i < 2'400; ++i) {
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
  Access wrong_authority{broker.Path("tls/server.pem"), right.password_file};

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

// A source behind a door, as assay.yaml says it who may not pass and who may.
struct SourceDoor {
  std::string address;
  std::string wrong;
  std::string right;
  KafkaSecurity security;
  // What is said of who may not.
  std::string refusal;
};

// Of a home whose journal is elsewhere.
void CheckSource(const SourceDoor& door) {
  const ScratchDirectory scratch;
  TopicWriter writer(door.address, door.security);
  writer.Make("erp.orders", 1);
  writer.Put("erp.orders", 0, "1",
             R"({"record": "r", "rev": 1, "day": "2026-06-10", "emp": "E1"})");
  writer.Flush();
  const Program program(scratch.path());
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
  const auto settings = [&](const std::string& access) {
    program.Write("plain/assay.yaml",
                  fmt::format("journal: \"embedded:\"\nsources: {{erp: {{brokers: \"{}\", kafka: "
                              "{}}}}}\n",
                              door.address, access));
  };
  settings(door.wrong);
  {
    const Daemon daemon(scratch.path(), {"--home", "plain"});
    daemon.Await("\"not reading\"");
    CHECK(daemon.LogText().find(door.refusal) != std::string::npos);
  }
  settings(door.right);
  const Daemon daemon(scratch.path(), {"--home", "plain"});
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
  CheckSource({.address = door.address,
               .wrong = door.wrong_password.Yaml(),
               .right = door.right.Yaml(),
               .security = door.right.Security(door.broker.Line("tls/password")),
               .refusal = "SASL"});
}

TEST_CASE("journal and source are reached through TLS with a certificate, and refusals say why",
          "[kafka][secure]") {
  PreferMemory();
  const OwnBroker broker("--secure");
  const ScratchDirectory scratch;
  const std::string address = broker.Line("tls/mutual");
  const Certificate right{broker.Path("tls/ca.pem"), broker.Path("tls/client.pem"),
                          broker.Path("tls/client.key")};
  const auto refused = [&](const Lines& environment) {
    const Ended ended = InitAt(scratch, address, environment, "refused");
    CHECK(ended.code != 0);
    return ended.err;
  };
  Lines none = right.Environment();
  none.resize(2);
  const std::string by_none = refused(none);
  INFO(by_none);
  CHECK(by_none.find("FAILED_PRECONDITION") != std::string::npos);
  CHECK(by_none.find("the broker wants a certificate that it trusts") != std::string::npos);
  // Nobody that the broker trusts has signed it.
  const Certificate stranger{right.authority, scratch.Path("own.pem"), scratch.Path("own.key")};
  REQUIRE(std::system(fmt::format("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=stranger "
                                  "-out {} -keyout {} 2>/dev/null",
                                  stranger.own, stranger.key)
                          .c_str()) == 0);
  const std::string by_stranger = refused(stranger.Environment());
  INFO(by_stranger);
  CHECK(by_stranger.find("the broker wants a certificate that it trusts") != std::string::npos);
  const std::string by_key =
      refused(Certificate{right.authority, right.own, broker.Path("tls/server.key")}.Environment());
  INFO(by_key);
  CHECK(by_key.find("ssl.key.location") != std::string::npos);
  const Ended founded = InitAt(scratch, address, right.Environment(), "home");
  INFO(founded.err);
  REQUIRE(founded.code == 0);
  const Program program(scratch.path());
  program.Write("home/assay.yaml",
                fmt::format("journal: \"kafka://{}\"\nkafka: {}\n", address, right.Yaml()));
  CHECK(program.Run({"--home", "home", "status"}).code == 0);
  CheckSource({.address = address,
               .wrong = stranger.Yaml(),
               .right = right.Yaml(),
               .security = right.Security(),
               .refusal = "the broker wants a certificate that it trusts"});
}

// Rights of who comes with the certificate of `client`.
void Allow(const OwnBroker& broker, const std::string& words) {
  const char* const version = std::getenv("ASSAY_KAFKA_VERSION");
  const bool is_later = version != nullptr && version[0] >= '4';
  broker.Tool((is_later ? "AclCommand " : "kafka.admin.AclCommand ") + words + " --topic '*'");
}

TEST_CASE("a node that loses the right to see settings of its topics goes on, one without it ends",
          "[kafka][secure]") {
  PreferMemory();
  const OwnBroker broker("--secure");
  const ScratchDirectory scratch;
  const std::string address = broker.Line("tls/mutual");
  const Certificate right{broker.Path("tls/ca.pem"), broker.Path("tls/client.pem"),
                          broker.Path("tls/client.key")};
  REQUIRE(InitAt(scratch, address, right.Environment(), "home").code == 0);
  const Program program(scratch.path());
  program.Write("home/assay.yaml", fmt::format("journal: \"kafka://{}\"\nkafka: {}\n"
                                               "publish: none\n",
                                               address, right.Yaml()));
  std::optional<Daemon> first(std::in_place, scratch.path());
  const Daemon& daemon = *first;
  daemon.AwaitReady();
  CHECK(daemon.LogText().find("journal not as expected") == std::string::npos);
  // The rights that the README names, and then one of them less.
  Allow(broker,
        "--add --allow-principal User:CN=client --operation Read --operation Write "
        "--operation DescribeConfigs");
  Allow(broker, "--remove --force --allow-principal User:CN=client --operation DescribeConfigs");
  const std::string settings =
      "the right DescribeConfigs shows the settings of assay.decisions: Broker: Topic "
      "authorization failed (TOPIC_AUTHORIZATION_FAILED)";
  daemon.Await("\"message\":\"journal not as expected\"");
  INFO(daemon.LogText());
  CHECK(daemon.LogText().find(settings) != std::string::npos);
  CHECK(daemon.Get("/readyz").status == 200);
  program.Write("founding.yaml", Founding());
  CHECK(program.Run({"--home", "home", "run", "founding.yaml"}).code == 0);
  // A node that starts has never seen the settings: it does not open the topics.
  first.reset();
  const Ended refused = program.Run({"--home", "home", "status"});
  CHECK(refused.code == 1);
  CHECK(refused.err == "error FAILED_PRECONDITION: " + settings + "\n");
  Daemon second(scratch.path());
  CHECK(second.Ended() == 1);
  CHECK(second.LogText().find(settings) != std::string::npos);
  // With the right again it opens them.
  Allow(broker, "--add --allow-principal User:CN=client --operation DescribeConfigs");
  const Daemon third(scratch.path());
  third.AwaitReady();
  CHECK(third.LogText().find("journal not as expected") == std::string::npos);
  CHECK(program.Run({"--home", "home", "status"}).code == 0);
}

}  // namespace
}  // namespace assay::testing
