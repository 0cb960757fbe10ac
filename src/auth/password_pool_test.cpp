#include "auth/password_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>
#include <vector>

#include "auth/password_hash.h"

namespace dunlin::auth {

namespace asio = boost::asio;

namespace {

/// The answer, and the thread on which the caller went on.
template <typename T>
struct Outcome {
    Result<T> result;
    std::thread::id thread;
};

asio::awaitable<Outcome<std::string>> hash_on(PasswordPool& pool, std::string password) {
    auto result = co_await pool.hash(std::move(password));
    co_return Outcome<std::string>{std::move(result), std::this_thread::get_id()};
}

asio::awaitable<Outcome<bool>> verify_on(PasswordPool& pool, std::string password,
                                         std::string stored) {
    auto result = co_await pool.verify(std::move(password), std::move(stored));
    co_return Outcome<bool>{std::move(result), std::this_thread::get_id()};
}

template <typename T>
Outcome<T> run(asio::awaitable<Outcome<T>> coroutine) {
    asio::io_context loop;
    auto outcome = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
    loop.run();
    return outcome.get();
}

}  // namespace

TEST(PasswordPool, HashesAndVerifiesAndResumesItsCaller) {
    PasswordPool pool(2, 10);
    const auto hash = run(hash_on(pool, "trombone"));
    ASSERT_TRUE(hash.result);
    EXPECT_EQ(hash.thread, std::this_thread::get_id());
    EXPECT_TRUE(verify_password("trombone", *hash.result));
    struct Case {
        const char* why;
        std::string password, stored;
        bool same;
    };
    const Case cases[] = {
        {"the password", "trombone", *hash.result, true},
        {"another", "trumpet", *hash.result, false},
        {"nobody", "trombone", "", false},
        {"nobody, empty", "", "", false},
        {"unknown form", "trombone", "trombone", false},
        {"longer than a short string", std::string(60, 'x'), *hash.result, false},
    };
    for (const Case& c : cases) {
        const auto verified = run(verify_on(pool, c.password, c.stored));
        ASSERT_TRUE(verified.result) << c.why;
        EXPECT_EQ(*verified.result, c.same) << c.why;
        EXPECT_EQ(verified.thread, std::this_thread::get_id()) << c.why;
    }
}

TEST(PasswordPool, RefusesWhatDoesNotFitAndAnswersEverybody) {
    PasswordPool pool(1, 2);
    asio::io_context loop;
    std::vector<std::future<Outcome<bool>>> outcomes;
    for (int i = 0; i < 50; ++i) {
        outcomes.push_back(asio::co_spawn(loop, verify_on(pool, "trombone", ""), asio::use_future));
    }
    loop.run();
    int done = 0;
    for (auto& future : outcomes) {
        const auto outcome = future.get();
        EXPECT_EQ(outcome.thread, std::this_thread::get_id());
        if (outcome.result) {
            ++done;
            continue;
        }
        EXPECT_EQ(outcome.result.error().code, ErrorCode::Unavailable);
        EXPECT_EQ(outcome.result.error().message, "too many sign-ins at once");
    }
    // They come faster than 50 hashes are made: the thread's own, two that wait, hardly more.
    EXPECT_GE(done, 2);
    EXPECT_LT(done, 50);
}

TEST(PasswordPool, WithoutAQueueNobodyWaits) {
    PasswordPool pool(1, 0);
    const auto hash = run(hash_on(pool, "trombone"));
    ASSERT_FALSE(hash.result);
    EXPECT_EQ(hash.result.error().message, "too many sign-ins at once");
}

TEST(PasswordPool, StoppingAnswersWhatWaits) {
    PasswordPool pool(1, 100);
    asio::io_context loop;
    std::vector<std::future<Outcome<std::string>>> outcomes;
    for (int i = 0; i < 20; ++i) {
        outcomes.push_back(asio::co_spawn(loop, hash_on(pool, "trombone"), asio::use_future));
    }
    loop.poll();
    pool.stop();
    pool.stop();
    loop.restart();
    loop.run();
    int refused = 0;
    for (auto& future : outcomes) {
        const auto outcome = future.get();
        if (outcome.result) continue;
        EXPECT_EQ(outcome.result.error().message, "the server is shutting down");
        ++refused;
    }
    EXPECT_GE(refused, 1) << "one thread does not make 20 hashes while they are queued";
    EXPECT_FALSE(run(hash_on(pool, "trombone")).result) << "and from then on";
}

}  // namespace dunlin::auth
