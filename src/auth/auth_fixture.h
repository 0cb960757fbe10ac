#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "auth/signing_keys.h"
#include "core/clock.h"

namespace dunlin::auth {

/// Stands at 1,800,000,000 s until a test moves it.
class FixtureClock final : public Clock {
public:
    std::int64_t now_us() const override { return now_s * 1'000'000; }

    std::int64_t now_s = 1'800'000'000;
};

/// A folder of one test, removed with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "dunlin-auth-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

constexpr std::string_view fixture_secret = "a-secret-of-at-least-thirty-two-characters";

/// The keys of a project that has no pairs yet.
struct FixtureProject {
    std::unique_ptr<SigningKeys> load() const {
        auto loaded = SigningKeys::load(file(), std::string(fixture_secret), clock);
        EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
        return loaded ? std::move(*loaded) : nullptr;
    }
    std::filesystem::path file() const { return folder.path() / "signing_keys.json"; }

    TemporaryFolder folder;
    FixtureClock clock;
    std::unique_ptr<SigningKeys> keys = load();
};

}  // namespace dunlin::auth
