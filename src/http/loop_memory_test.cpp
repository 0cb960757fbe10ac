#include "http/loop_memory.h"

#include <gtest/gtest.h>

namespace dunlin::http {

TEST(LoopMemory, CountsASharedPieceOnce) {
    LoopMemory::Total bodies = 0, queues = 0;
    LoopMemory memory(100'000, bodies, queues);
    const auto piece = std::make_shared<const std::string>(10'000, 'a');
    constexpr std::size_t once = 10'000 + LoopMemory::piece_bytes;
    memory.hold(piece);
    EXPECT_EQ(memory.queue_bytes(), once + LoopMemory::place_bytes);
    for (int i = 0; i < 99; ++i) memory.hold(piece);
    EXPECT_EQ(memory.queue_bytes(), once + 100 * LoopMemory::place_bytes);
    EXPECT_FALSE(memory.is_over()) << "a hundred places of one piece are one piece";
    EXPECT_EQ(queues, memory.queue_bytes());
    for (int i = 0; i < 100; ++i) memory.release(piece);
    EXPECT_EQ(memory.queue_bytes(), 0u);
    EXPECT_EQ(queues, 0u);
}

TEST(LoopMemory, HasABound) {
    LoopMemory::Total bodies = 0, queues = 0;
    LoopMemory memory(80'000, bodies, queues);
    const auto piece = [](std::size_t size) {
        return std::make_shared<const std::string>(size, 'a');
    };
    const auto first = piece(60'000), second = piece(15'000), third = piece(6'000);
    memory.hold(first);
    EXPECT_TRUE(memory.is_relieved());
    memory.hold(second);
    EXPECT_FALSE(memory.is_over());
    EXPECT_FALSE(memory.is_relieved()) << "over seven eighths";
    memory.hold(third);
    EXPECT_TRUE(memory.is_over());
    EXPECT_FALSE(memory.change_body(0, 20'000)) << "no room for a large body";
    EXPECT_TRUE(memory.change_body(0, 16 * 1024)) << "small ones always pass";
    memory.release(first);
    EXPECT_TRUE(memory.is_relieved());
    EXPECT_FALSE(memory.change_body(20'000, 40'000)) << "bodies have half of it";
    EXPECT_TRUE(memory.change_body(40'000, 0));
    EXPECT_EQ(bodies, 16u * 1024);
    EXPECT_TRUE(memory.change_body(16 * 1024, 20'000));
}

}  // namespace dunlin::http
