// A directory that is gone with the test, and a store with rows in it.

#pragma once

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "projections/store/overlay.h"
#include "projections/store/store.h"

namespace assay::testing {

class Directory {
 public:
  Directory() {
    static std::atomic<int> number{0};
    path_ = (std::filesystem::temp_directory_path() /
             ("assay-test-" + std::to_string(::getpid()) + "-" + std::to_string(number++)))
                .string();
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const std::string& Path() const { return path_; }
  [[nodiscard]] std::string Sub(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct ScratchStore {
  ScratchStore() {
    auto opened = Store::Open(directory.Sub("views"));
    REQUIRE(opened.ok());
    store = *std::move(opened);
    rows = std::make_unique<Overlay>(*store);
  }
  // Writes everything back, so that the next read is from the tables.
  void WriteBack() {
    Batch batch(*store);
    rows->Drain(batch);
    REQUIRE(store->Write(batch).ok());
  }

  Directory directory;
  std::unique_ptr<Store> store;
  std::unique_ptr<Overlay> rows;
};

}  // namespace assay::testing
