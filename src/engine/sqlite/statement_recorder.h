#pragma once

#include <string>
#include <vector>

/// For tests: every statement text that SQLite is given in this process, by whichever connection.
namespace dunlin::engine {

/// Records while it exists. Only connections opened meanwhile are heard. One at a time.
class StatementRecorder {
public:
    StatementRecorder();
    ~StatementRecorder();
    StatementRecorder(const StatementRecorder&) = delete;
    StatementRecorder& operator=(const StatementRecorder&) = delete;

    /// The texts since the last call, without repetitions; values are not in them.
    std::vector<std::string> take();
};

}  // namespace dunlin::engine
