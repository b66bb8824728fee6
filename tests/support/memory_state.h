// The state of the decisions in memory: what domains are tested on.

#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/event/state.h"

namespace assay::testing {

// Notes every stream that was read, as the recording reader of the commit loop does.
class MemoryState : public StateStore {
 public:
  bool Get(std::string_view stream, google::protobuf::MessageLite* state) override {
    reads.insert(std::string(stream));
    const auto row = rows.find(std::string(stream));
    if (row == rows.end()) {
      state->Clear();
      return false;
    }
    return state->ParseFromString(row->second);
  }
  std::vector<v1::Member> Members(std::string_view set_stream) override {
    reads.insert(std::string(set_stream));
    std::vector<v1::Member> members;
    for (const auto& [id, member] : sets[std::string(set_stream)]) members.push_back(member);
    return members;
  }
  std::vector<std::string> Streams(std::string_view prefix) override {
    std::vector<std::string> found;
    for (auto row = rows.lower_bound(std::string(prefix));
         row != rows.end() && row->first.starts_with(prefix); ++row) {
      found.push_back(row->first);
    }
    return found;
  }
  absl::Status status() const override { return failure; }

  void Put(std::string_view stream, const google::protobuf::MessageLite& state) override {
    rows[std::string(stream)] = state.SerializeAsString();
  }
  void PutMember(std::string_view set_stream, const v1::Member& member) override {
    sets[std::string(set_stream)][member.id()] = member;
  }
  void EraseMember(std::string_view set_stream, std::string_view id) override {
    sets[std::string(set_stream)].erase(std::string(id));
  }

  std::map<std::string, std::string> rows;
  std::map<std::string, std::map<std::string, v1::Member>> sets;
  std::set<std::string> reads;
  absl::Status failure;
};

}  // namespace assay::testing
